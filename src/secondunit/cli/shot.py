"""``secondunit shot``: init, layout, take, finish."""

from pathlib import Path
from typing import Annotated, Any

import typer

from secondunit.cli.console import answer, progress
from secondunit.cli.new import JsonFlag, ShowArgument, typed
from secondunit.core.errors import BriefError

app = typer.Typer(help="Shots: from a plate to takes and a finished shot.", no_args_is_help=True)

ShotArgument = Annotated[str, typer.Argument(metavar="SHOT", help="The shot, as SEQ_0010.", show_default=False)]
WorkersOption = Annotated[int, typer.Option(min=0, help="Worker processes; 0 is one for each core.")]


@app.command("init")
def init(
    show: ShowArgument,
    shot: ShotArgument,
    plate: Annotated[str, typer.Option(help="A still, one file of a sequence (or ####, %04d), or a movie.")] = "",
    from_previs: Annotated[
        bool, typer.Option("--from-previs", help="Take layout, camera, timing from the previs; the plate may follow.")
    ] = False,
    colour_space: Annotated[str, typer.Option(help="An OCIO colour space; auto says aloud what it takes.")] = "auto",
    frames: Annotated[int, typer.Option(min=0, help="Length of a still, or the most of a moving plate.")] = 72,
    hold_frame: Annotated[int, typer.Option(min=0, help="Hold this frame of a movie as a still.")] = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Write shot.toml anew; the old one is kept beside it.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Begin a shot: shot.toml with best guesses, and layout.png, the guess drawn over the plate.

    Examples:

      secondunit shot init SHOW SEQ_0010 --plate building.jpg

      secondunit shot init SHOW SEQ_0020 --plate 'scans/street.####.exr' --colour-space ACEScg

      secondunit shot init SHOW SEQ_0010 --from-previs
    """
    from secondunit.show import init_shot, open_show

    after = f"next: look at it, edit shot.toml, then secondunit shot layout {typed(show)} {shot}"
    if from_previs:
        from secondunit.show.prep.from_previs import init_from_previs

        with progress(quiet=as_json) as show_progress:
            begun = init_from_previs(
                open_show(show), shot, plate=plate, colour_space=colour_space, force=force, progress=show_progress
            )
        _tell_layout(begun, as_json=as_json, after=after)
        return
    if not plate:
        raise BriefError("no plate is named", fix="say --plate FILE, or --from-previs to begin from the previs")
    result = init_shot(
        open_show(show),
        shot,
        plate=plate,
        colour_space=colour_space,
        frames=frames,
        hold_frame=hold_frame,
        force=force,
    )
    _tell_layout(result, as_json=as_json, after=after)


@app.command("layout")
def layout(show: ShowArgument, shot: ShotArgument, as_json: JsonFlag = False) -> None:
    """Draw layout.png again after editing shot.toml, and write the scene as USD.

    Example:

      secondunit shot layout SHOW SEQ_0010
    """
    from secondunit.show import layout_shot, open_show

    result = layout_shot(open_show(show), shot)
    _tell_layout(result, as_json=as_json, after=f"next: secondunit shot take {typed(show)} {shot} --takes 4 --draft")


@app.command("take")
def take(
    show: ShowArgument,
    shot: ShotArgument,
    takes: Annotated[int, typer.Option(min=1, max=99, help="How many; the first is the brief as it stands.")] = 1,
    draft: Annotated[bool, typer.Option("--draft/--full", help="Half of each side, or the plate's own size.")] = True,
    vary: Annotated[str, typer.Option(help="Axes to vary, by commas.")] = "motion,dust,wind,detail",
    workers: WorkersOption = 0,
    as_json: JsonFlag = False,
) -> None:
    """Make takes to choose from, each its own folder with frames, movie and contact sheet.

    Stop it with Ctrl-C; the next run goes on from the frames that are whole.

    Examples:

      secondunit shot take SHOW SEQ_0010 --takes 4 --draft

      secondunit shot take SHOW SEQ_0010 --takes 3 --vary motion
    """
    from secondunit.show import open_show
    from secondunit.show import take as make

    axes = [axis.strip() for axis in vary.split(",") if axis.strip()]
    with progress(quiet=as_json) as show_progress:
        results = make(
            open_show(show),
            shot,
            takes=takes,
            draft=draft,
            vary_axes=axes,
            workers=workers or None,
            progress=show_progress,
        )
    lines = [f"take {r.take.number}: {r.description}, {r.folder}" for r in results]
    if results[0].side_by_side is not None:
        lines.append(f"side by side: {results[0].side_by_side}")
    lines += _findings([f for r in results for f in r.take.findings])
    number = results[0].take.number
    what = f"{typed(show)} {shot} --take {number}"
    lines.append(f"who must approve a final: secondunit clearance why {what}")
    lines.append(f"then, to finish it:        secondunit shot finish {what}")
    answer([r.as_json() for r in results], as_json=as_json, text="\n".join(lines))


@app.command("finish")
def finish(
    show: ShowArgument,
    shot: ShotArgument,
    take: Annotated[int, typer.Option(min=1, help="The take to finish.", show_default=False)],
    workers: WorkersOption = 0,
    keys: Annotated[Path | None, typer.Option(help="Folder of the show's private keys.")] = None,
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Ask for their passphrase.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Finish a take at the plate's size from its own simulation, once everybody who must has approved it.

    It is signed, verified and put on record before it is published.

    Example:

      secondunit shot finish SHOW SEQ_0010 --take 2
    """
    from secondunit.show import finish as make
    from secondunit.show import open_show

    secret = str(typer.prompt("passphrase", hide_input=True)) if passphrase else ""
    with progress(quiet=as_json) as show_progress:
        result = make(
            open_show(show),
            shot,
            take=take,
            workers=workers or None,
            progress=show_progress,
            keys=keys,
            passphrase=secret,
        )
    lines = [f"finished take {take}: {result.folder}", f"movie: {result.movie}"]
    answer(result.as_json(), as_json=as_json, text="\n".join(lines + _findings(list(result.take.findings))))


def _findings(findings: list[Any]) -> list[str]:
    return [f"{f.severity}: {f.check}: {f.message}" for f in findings]


def _tell_layout(result: Any, *, as_json: bool, after: str) -> None:
    lines = [
        *result.notes,
        *_findings(list(result.findings)),
        f"layout: {result.sheet}",
        f"scene:  {result.usd}",
        after,
    ]
    answer(result.as_json(), as_json=as_json, text="\n".join(lines))
