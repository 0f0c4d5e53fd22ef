"""``secondunit prep read`` and ``prep breakdown``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from secondunit.cli.console import answer
from secondunit.cli.new import JsonFlag, ShowArgument, typed

_SHOWN = 12


class ModelUse(StrEnum):
    """Whether the optional sentence model is used."""

    auto = "auto"
    on = "on"
    off = "off"


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("read", help=_READ)(read)
    app.command("breakdown", help=_BREAKDOWN)(breakdown)


_READ = """Read a screenplay: Fountain, Final Draft, Fade In or text, in any language that UTF-8 holds.

The file is opened for reading only; its digest before and after goes on the record. The show keeps references, not
the prose. A revised script keeps every shot and board, and says what became of each.

Examples:

  secondunit prep read SHOW script.fountain

  secondunit prep read SHOW blue-revision.fdx --json
"""

_BREAKDOWN = """Break the script down: scenes, elements, effects shots, schedule, shot list; as CSV, JSON and HTML.

Edit prep/corrections.toml and prep/shotlist.toml and run it again: what you changed stays.

Examples:

  secondunit prep breakdown SHOW

  secondunit prep breakdown SHOW --model off
"""


def read(
    show: ShowArgument,
    file: Annotated[Path, typer.Argument(metavar="SCRIPT", help="The screenplay.", show_default=False)],
    as_json: JsonFlag = False,
) -> None:
    """Read a screenplay."""
    from secondunit.show.prep.read import read_script
    from secondunit.show.store.show import open_show

    result = read_script(open_show(show), file)
    value = result.as_json()
    lines = [
        f"{value['scenes']} scenes, {value['pages']} pages, language {value['language']}",
        f"sha256 {value['sha256']}, the same before and after",
        *(f"note: {note}" for note in result.notes),
        *_revision(value["revision"]),
        f"next: secondunit prep breakdown {typed(show)}",
    ]
    answer(value, as_json=as_json, text="\n".join(lines))


def _revision(revision: dict[str, Any]) -> list[str]:
    if not revision["scenes"]:
        return []
    lines = ["against the draft before: " + ", ".join(f"{n} {fate}" for fate, n in revision["scenes"].items())]
    changes = revision["changes"]
    lines += [f"  scene {change['scene']}: {change['said']}" for change in changes[:_SHOWN]]
    if len(changes) > _SHOWN:
        lines.append(f"  and {len(changes) - _SHOWN} more: --json lists all")
    for name in ("shots", "boards"):
        touched = {shot: said for shot, said in revision[name].items() if not said.startswith("kept")}
        if revision[name]:
            lines.append(f"{name}: {len(revision[name]) - len(touched)} kept, {len(touched)} to look at, none erased")
    return lines


def breakdown(
    show: ShowArgument,
    model: Annotated[ModelUse, typer.Option(help="The optional sentence model: where installed, always or never.")] = (
        ModelUse.auto
    ),
    as_json: JsonFlag = False,
) -> None:
    """Break the script down."""
    from secondunit.show.prep.breakdown import break_down_show
    from secondunit.show.store.show import open_show

    result = break_down_show(open_show(show), model=model.value)
    value = result.as_json()
    sure = sum(effect["sure"] for effect in value["effects"])
    lines = [
        f"{value['scenes']} scenes, {value['pages']} pages, {value['cast']} cast, {sure} effects shots, "
        f"{len(value['effects']) - sure} to check, {value['shots']} shots",
        f"effects: {value['model']}",
        *(f"note: {note}" for note in value["notes"]),
        *(f"correction: {said}" for said in value["corrections_waiting"]),
    ]
    if value["edited"]:
        lines.append(f"{len(value['edited'])} shots of your own making or editing kept")
    lines += [f"  {path}" for path in value["files"]]
    lines.append(f"next: edit shotlist.toml, then secondunit prep boards {typed(show)}")
    answer(value, as_json=as_json, text="\n".join(lines))
