"""``secondunit demo``: a building collapses in a real photograph."""

from pathlib import Path
from typing import Annotated

import typer

from secondunit.cli.console import answer, progress
from secondunit.cli.new import JsonFlag
from secondunit.cli.shot import WorkersOption


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", help=_HELP)(demo)


_HELP = """Make the demo show: a plate, four draft takes, a final that stops until four people sign, and its binder.

Run it again to resume: whole frames are kept.

Example:

  secondunit demo demo
"""


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where; made where missing.")] = Path("demo"),
    plate: Annotated[
        Path, typer.Option(help="The photograph, its authored shot.toml beside it under the same name.")
    ] = Path("examples/plates/building.jpg"),
    takes: Annotated[int, typer.Option(min=1, max=99, help="Draft takes.")] = 4,
    workers: WorkersOption = 0,
    as_json: JsonFlag = False,
) -> None:
    """Make the demo show."""
    from secondunit.show import make_demo

    with progress(quiet=as_json) as show_progress:
        result = make_demo(folder, plate=plate, takes=takes, workers=workers or None, progress=show_progress)
    answer(result.summary, as_json=as_json, text="\n".join([*result.story, "", *result.where_to_look]))
