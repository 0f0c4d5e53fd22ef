"""``secondunit prep boards``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from secondunit.cli.console import answer, progress
from secondunit.cli.new import JsonFlag, ShowArgument


class StyleName(StrEnum):
    """How boards are drawn."""

    pencil = "pencil"
    ink = "ink"
    marker = "marker"


class Paper(StrEnum):
    """What pages are printed on."""

    a4 = "a4"
    letter = "letter"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("boards", help=_BOARDS)(boards)


_BOARDS = """Draw the shot list: panels, PDF pages, an animatic, an OTIO timeline, a Storyboarder project.

Panels are staged in three dimensions and drawn. Edit prep/boards/SHOT/panel.toml to move the camera, figures or
arrows, or put your own drawing.png there: it takes the panel's place and is never overwritten.

Examples:

  secondunit prep boards SHOW

  secondunit prep boards SHOW --scene 4 --style ink

  secondunit prep boards SHOW --import-storyboarder boards.storyboarder
"""


def boards(
    show: ShowArgument,
    scene: Annotated[str, typer.Option(help="One scene, by its number; all where left out.")] = "",
    style: Annotated[StyleName, typer.Option(help="How they are drawn.")] = StyleName.pencil,
    aspect: Annotated[float, typer.Option(help="Of the frame lines: 1.78, 1.85, 2.39.")] = 1.85,
    per_page: Annotated[int, typer.Option(help="Panels a page: 1, 4, 6 or 9.")] = 6,
    paper: Annotated[Paper, typer.Option(help="Paper of the pages.")] = Paper.a4,
    width: Annotated[int, typer.Option(min=0, help="Panel width in pixels; 0 is 1600.")] = 0,
    again: Annotated[bool, typer.Option("--again", help="Draw panels that have not changed as well.")] = False,
    movie: Annotated[bool, typer.Option("--movie/--no-movie", help="Write the animatic.")] = True,
    workers: Annotated[int, typer.Option(min=0, help="Worker processes; 0 is one for each core.")] = 0,
    import_storyboarder: Annotated[
        Path | None, typer.Option(help="Take drawings from a Storyboarder project first.", show_default=False)
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Draw the boards."""
    from secondunit.show.prep.boards import BoardOptions, make_boards
    from secondunit.show.prep.boards import import_storyboarder as take_in
    from secondunit.show.store.show import open_show

    opened = open_show(show)
    came = take_in(opened, import_storyboarder) if import_storyboarder is not None else None
    options = BoardOptions(
        scene=scene, style=style.value, aspect=aspect, per_page=per_page, paper=paper.value, width=width, again=again,
        movie=movie, workers=workers,
    )  # fmt: skip
    with progress(quiet=as_json) as tell:
        result = make_boards(opened, options, progress=tell)
    value = result.as_json()
    lines = []
    if came is not None:
        value["imported"] = {"taken": dict(came.taken), "same": list(came.same), "unmatched": list(came.unmatched)}
        lines.append(f"from Storyboarder: {len(came.taken)} drawings taken, {len(came.same)} as they were")
        if came.unmatched:
            lines.append(f"  boards that belong to no shot: {', '.join(map(str, came.unmatched))}")
    fates = [fate for _, fate in result.boards]
    said = ", ".join(f"{fates.count(f)} {f}" for f in ("drawn", "kept", "own drawing") if f in fates)
    lines.append(f"{len(fates)} boards: {said}; {result.pages} pages, {result.frames} frames")
    lines += [f"note: {warning}" for warning in result.warnings]
    lines += [str(f) for f in result.files if f.suffix != ".png"]
    answer(value, as_json=as_json, text="\n".join(lines))
