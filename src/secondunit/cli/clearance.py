"""``secondunit clearance``: who approved what."""

from typing import Annotated

import typer

from secondunit.cli.console import answer
from secondunit.cli.new import JsonFlag, ShowArgument
from secondunit.cli.shot import ShotArgument

app = typer.Typer(help="Approvals, and the record of what was generated.", no_args_is_help=True)


@app.command("approve")
def approve(
    show: ShowArgument,
    shot: ShotArgument,
    take: Annotated[int, typer.Option(min=1, help="The take approved, as it stands now.", show_default=False)],
    by: Annotated[str, typer.Option(help="Who approves: a person's name, not the artist's.", show_default=False)],
    role: Annotated[str, typer.Option(help="vfx_supervisor, director, producer, legal or studio.", show_default=False)],
    note: Annotated[str, typer.Option(help="A word to go with it.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Record a person's approval of a take. It holds for that content only: another brief needs another approval.

    Example:

      secondunit clearance approve SHOW SEQ_0010 --take 2 --by "Bo Other" --role vfx_supervisor
    """
    from secondunit.show import approve as record
    from secondunit.show import open_show

    given = record(open_show(show), shot, take=take, by=by, role=role, note=note)
    text = f"recorded: {given.by} ({given.role}) approved take {take} of {shot} at {given.at}"
    value = {"shot": shot, "take": take, "by": given.by, "role": given.role, "at": given.at, "content": given.content}
    answer(value, as_json=as_json, text=text)


@app.command("log")
def log(
    show: ShowArgument,
    shot: Annotated[str, typer.Option(help="Only this shot.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Print the record: uses, verdicts and approvals, oldest first.

    Example:

      secondunit clearance log SHOW --shot SEQ_0010 --json
    """
    from secondunit.show import open_show, record_of

    rows = record_of(open_show(show), shot=shot)
    lines = [f"{row['at']}  {row['what']:<9} {row['shot']} take {row['take']}  {row['said']}" for row in rows]
    answer(rows, as_json=as_json, text="\n".join(lines) or "nothing is recorded yet")
