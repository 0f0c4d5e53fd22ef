"""``secondunit shot``: init, layout, take, enhance, finish."""

from pathlib import Path
from typing import Annotated, Any

import typer

from secondunit.cli.console import answer, progress, tell
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
    vary: Annotated[
        str, typer.Option(help="Axes to vary, by commas: motion, turbulence, dust, wind, detail.")
    ] = "motion,dust,wind,detail",
    macro: Annotated[int, typer.Option(min=0, help="Added to the macro seed: how it breaks and falls.")] = 0,
    meso: Annotated[int, typer.Option(min=0, help="Added to the meso seed: the same fall, other billows.")] = 0,
    micro: Annotated[int, typer.Option(min=0, help="Added to the micro seed: fine structure alone.")] = 0,
    workers: WorkersOption = 0,
    as_json: JsonFlag = False,
) -> None:
    """Make takes to choose from, each its own folder with frames, movie and contact sheet.

    Stop it with Ctrl-C; the next run goes on from the frames that are whole.

    Examples:

      secondunit shot take SHOW SEQ_0010 --takes 4 --draft

      secondunit shot take SHOW SEQ_0010 --takes 3 --vary motion

      secondunit shot take SHOW SEQ_0010 --macro 2 --meso 1 --micro 5
    """
    from secondunit.core.take import Axes
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
            base=Axes(motion=macro, turbulence=meso, detail=micro),
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


@app.command("options")
def options(
    show: ShowArgument,
    shot: ShotArgument,
    take: Annotated[int, typer.Option(min=1, help="The take.", show_default=False)],
    micro: Annotated[str, typer.Option(help="What to add to its micro seed: a range, or numbers by commas.")] = "0-8",
    frame: Annotated[int, typer.Option(min=0, help="Which frame; 0 takes one well into the collapse.")] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Draw one frame of a take with many micro seeds, side by side, in seconds.

    Nothing but the fine structure differs. Take one with: secondunit shot take SHOW SHOT --micro N

    Example:

      secondunit shot options SHOW SEQ_0010 --take 1 --micro 0-8
    """
    from secondunit.show import micro_options, open_show

    with progress(quiet=as_json) as show_progress:
        result = micro_options(
            open_show(show),
            shot,
            take=take,
            offsets=_numbers(micro),
            frame=frame or None,
            progress=show_progress,
        )
    answer(result.as_json(), as_json=as_json, text=f"options: {result.sheet} ({result.seconds} s)")


def _numbers(text: str) -> tuple[int, ...]:
    """Read ``0-3,7`` as 0, 1, 2, 3, 7."""
    from secondunit.core.errors import BriefError

    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()) or int(last or first) - int(first) > 99:
            raise BriefError(f"{text!r} is no list of seeds", fix="write 0-8, or 0,3,7")
        found += range(int(first), int(last or first) + 1)
    return tuple(found)


@app.command("enhance")
def enhance(
    show: ShowArgument,
    shot: ShotArgument,
    take: Annotated[int, typer.Option(min=1, help="The take to draw over; it stays as it is.", show_default=False)],
    backend: Annotated[str, typer.Option(help="diffusers or comfyui; [clip] where left out.")] = "",
    model: Annotated[str, typer.Option(help="Folder of weights, or the model's file at the server.")] = "",
    server: Annotated[str, typer.Option(help="Address of a ComfyUI server.")] = "",
    seed: Annotated[int, typer.Option(min=-1, help="Another result; -1 is the brief's.")] = -1,
    steps: Annotated[int, typer.Option(min=0, help="Of the model's sampler; 0 is the brief's.")] = 0,
    strength: Annotated[float, typer.Option(min=-1, max=1, help="LTX-Video: how far it may leave our render.")] = -1.0,
    only_say: Annotated[bool, typer.Option("--only-say", help="Say what would run; run nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Draw a take's dust anew with a large video model of your own: a take beside the first, never needed.

    It says licence and memory before it runs, downloads nothing, and tells why where it cannot. See
    docs/big-models.md. Stop it with Ctrl-C; whole stretches are kept.

    Examples:

      secondunit shot enhance SHOW SEQ_0010 --take 2 --backend diffusers --model /models/wan-vace --only-say

      secondunit shot enhance SHOW SEQ_0010 --take 2 --backend comfyui --seed 7
    """
    from secondunit.show import describe_clip, open_show
    from secondunit.show import enhance as make

    changes: dict[str, Any] = {
        key: value
        for key, value, unsaid in (
            ("backend", backend, ""),
            ("model", model, ""),
            ("server", server, ""),
            ("seed", seed, -1),
            ("steps", steps, 0),
            ("strength", strength, -1.0),
        )
        if value != unsaid
    }
    opened = open_show(show)
    if only_say:
        statement = describe_clip(opened, shot, take=take, changes=changes)
        answer({"said": list(statement.lines())}, as_json=as_json, text="\n".join(statement.lines()))
        return
    with progress(quiet=as_json) as show_progress:
        result = make(opened, shot, take=take, changes=changes, progress=show_progress, tell=None if as_json else tell)
    number = result.take.number
    lines = [f"take {number}: dust of take {take} by {backend or 'the model of [clip]'}, {result.folder}"]
    lines += [f"movie: {result.movie}", *_findings(list(result.take.findings))]
    answer(result.as_json(), as_json=as_json, text="\n".join(lines))


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
