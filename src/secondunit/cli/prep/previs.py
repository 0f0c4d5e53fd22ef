"""``secondunit prep previs``, ``prep cameras`` and ``prep lineage``."""

from pathlib import Path
from typing import Annotated

import typer

from secondunit.cli.console import answer, progress
from secondunit.cli.new import JsonFlag, ShowArgument, typed

ShotArgument = Annotated[str, typer.Argument(metavar="SHOT", help="The shot, as SEQ_0010.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("previs", help=_PREVIS)(previs)
    app.command("cameras", help=_CAMERAS)(cameras)
    app.command("lineage", help=_LINEAGE)(lineage)


_PREVIS = """Previs a shot: animatic with burn-ins, techvis sheet (PDF), USD scene, .chan camera, control passes.

The first run writes prep/previs/SHOT/previs.toml with good guesses from the shot list and the set. Edit it and run
again: each change makes a new version. Stop it with Ctrl-C; the next run goes on from the frames that are whole.

Examples:

  secondunit prep previs SHOW SEQ_0010

  secondunit prep previs SHOW SEQ_0010 --camera from_blender.usdc

  secondunit shot init SHOW SEQ_0010 --from-previs
"""

_CAMERAS = """List the cameras and formats that previs knows, with their filmbacks and where the numbers come from.

Example:

  secondunit prep cameras
"""

_LINEAGE = """Show what a shot came through, by the record: panel, previs, shot, takes, versions.

Example:

  secondunit prep lineage SHOW SEQ_0010
"""


def previs(
    show: ShowArgument,
    shot: ShotArgument,
    camera: Annotated[
        Path | None,
        typer.Option(help="A camera changed elsewhere, USD or .chan: used from now on.", show_default=False),
    ] = None,
    control: Annotated[bool, typer.Option("--control/--no-control", help="Control passes for a generator.")] = True,
    workers: Annotated[int, typer.Option(min=0, help="Worker processes; 0 is one for each core.")] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Previs a shot."""
    from secondunit.show.prep.previs import make_previs
    from secondunit.show.store.show import open_show

    with progress(quiet=as_json) as show_progress:
        result = make_previs(
            open_show(show), shot, camera=camera, control=control, workers=workers or None, progress=show_progress
        )
    lines = [
        *(
            [f"brief:    {result.brief}, guessed from the shot list: edit it and run this again"]
            if result.begun
            else []
        ),
        *(f"note: {note}" for note in result.notes),
        f"previs {result.version} of {shot}",
        f"animatic: {result.animatic}",
        f"techvis:  {result.techvis}",
        f"scene:    {result.usd}",
        f"camera:   {result.chan}",
        *([f"control:  {result.control}"] if result.control else []),
        f"next: secondunit shot init {typed(show)} {shot} --from-previs",
    ]
    answer(result.as_json(), as_json=as_json, text="\n".join(lines))


def cameras(as_json: JsonFlag = False) -> None:
    """List cameras."""
    from secondunit.prep.previs.bodies import BODIES

    rows = [
        {
            "name": b.name,
            "width_mm": b.width_mm,
            "height_mm": b.height_mm,
            "photosites": b.photosites,
            "source": b.source,
        }
        for b in BODIES.values()
    ]
    wide = max(len(b.name) for b in BODIES.values())
    lines = [f"{b.name:<{wide}}  {b.width_mm:6.2f} x {b.height_mm:5.2f} mm  {b.source}" for b in BODIES.values()]
    answer(rows, as_json=as_json, text="\n".join(lines))


def lineage(show: ShowArgument, shot: ShotArgument, as_json: JsonFlag = False) -> None:
    """Show a shot's lineage."""
    from secondunit.show.prep.lineage import lineage_of
    from secondunit.show.store.show import open_show

    steps = lineage_of(open_show(show), shot)
    lines = []
    for step in steps:
        came = ", ".join(f"{kind} {digest[:17] if ' ' in digest else digest[:12]}" for kind, digest in step.comes_from)
        said = f"{step.at[:16]}  {step.what:<8}{step.name:<18}{step.digest[:12]}"
        lines.append(said + (f"  from {came}" if came else ""))
    nothing = f"nothing of {shot} is on record yet: secondunit prep previs {typed(show)} {shot}"
    answer([s.as_json() for s in steps], as_json=as_json, text="\n".join(lines) or nothing)
