"""``secondunit prep sets``."""

from typing import Annotated

import typer

from secondunit.cli.console import answer, progress
from secondunit.cli.new import JsonFlag, ShowArgument, typed
from secondunit.core.errors import BriefError


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sets", help=_SETS)(sets)


_SETS = """Build options of a set: USD, glTF, dimensioned drawings, and a contact sheet to choose by.

The first run writes prep/sets/NAME/set.toml: plot, period, heights, wear, palette, what must not change. Edit it and
run again. An approved option is locked; boards, previs and the collapse use it.

Examples:

  secondunit prep sets SHOW --set "AV. CORRIENTES, BLOCK 1200" --options 6

  secondunit prep sets SHOW --set "GRAIN YARD" --kit yard

  secondunit prep sets SHOW --set "AV. CORRIENTES, BLOCK 1200" --approve 2
"""


def sets(
    show: ShowArgument,
    name: Annotated[str, typer.Option("--set", help="The set's name, as on the page.", show_default=False)],
    options: Annotated[int, typer.Option(min=1, max=24, help="How many options to make.")] = 6,
    kit: Annotated[str, typer.Option(help="avenue, modern or yard; by the set's name where not said.")] = "",
    approve: Annotated[int, typer.Option(min=0, help="Approve this option and lock it.")] = 0,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Take the approval back.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Build options of a set, or approve one."""
    from secondunit.show.store.show import open_show

    if approve and withdraw:
        raise BriefError("--approve and --withdraw at once", fix="say one of them")
    opened = open_show(show)
    again = f"secondunit prep sets {typed(show)} --set {name!r}"
    if approve or withdraw:
        from secondunit.show.prep.set_approval import approve_set, withdraw_set

        if withdraw:
            taken = withdraw_set(opened, name)
            answer(
                {"set": name, "withdrawn": taken},
                as_json=as_json,
                text=f"option {taken} is no longer approved; the record keeps both",
            )
            return
        done = approve_set(opened, name, approve)
        value = {
            "set": done.name,
            "option": done.option,
            "digest": done.digest,
            "at": done.at,
            "folder": str(done.folder),
        }
        text = f"approved: option {done.option} of {done.name}, digest {done.digest[:16]}, on record {done.at}"
        answer(value, as_json=as_json, text=text)
        return
    from secondunit.show.prep.sets import make_sets

    with progress(quiet=as_json) as show_progress:
        result = make_sets(opened, name, options=options, kit=kit, progress=show_progress)
    lines = [f"{result.name}: {len(result.options)} options, kit {result.kit} by {result.kit_by}"]
    for option in result.options:
        lines.append(f"  {option.number}  {option.direction}  ({option.triangles} triangles)")
    held = result.options[0].held
    lines += [f"kept: {what}, {asked}: {measured}" for what, asked, measured in held]
    lines += [f"look at: {result.sheet}", f"edit:    {result.folder / 'set.toml'}", f"choose:  {again} --approve 1"]
    answer(result.as_json(), as_json=as_json, text="\n".join(lines))
