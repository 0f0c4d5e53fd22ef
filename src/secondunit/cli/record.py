"""``secondunit clearance``, the record: log, verify, checkpoint, conform, binder."""

from pathlib import Path
from typing import Annotated

import typer

from secondunit.cli.clearance import KeysOption, PassOption, ask_passphrase
from secondunit.cli.console import answer
from secondunit.cli.new import JsonFlag, ShowArgument
from secondunit.core.errors import BriefError


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (log, verify, checkpoint, conform, binder):
        app.command(command.__name__)(command)


def log(
    show: ShowArgument,
    shot: Annotated[str, typer.Option(help="Only this shot.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Print the record: declarations, verdicts, refusals, approvals, runs and exports, oldest first.

    Example:

      secondunit clearance log SHOW --shot SEQ_0010 --json
    """
    from secondunit.show import open_show, record_of

    rows = record_of(open_show(show), shot=shot)
    lines = [
        f"{row['seq']:>5}  {row['at'][:19]}  {row['what']:<12} "
        f"{row['shot']}{' take ' + str(row['take']) if row['take'] else ''}  {row['said']}"
        for row in rows
    ]
    answer(rows, as_json=as_json, text="\n".join(lines) or "nothing is recorded yet")


def verify(
    show: ShowArgument,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that a witness outside kept; may be given again.")
    ] = None,
    ledger_only: Annotated[bool, typer.Option("--ledger-only", help="Leave out the published files.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Check the whole record, and every published file against it. Exit status 5 where anything is wrong.

    Example:

      secondunit clearance verify SHOW --checkpoint witness/00000041.json
    """
    from secondunit.show import open_show, verify_show

    found = verify_show(open_show(show), checkpoints=tuple(checkpoint or ()), files=not ledger_only)
    lines = [f"wrong: {said}" for said in found.wrong] + [f"note: {said}" for said in found.notes]
    lines += [f"whole: {said}" for said in found.deliveries]
    state = "is not whole" if found.wrong else "is whole"
    lines.append(f"ledger of {found.entries} entries, {found.checkpoints} checkpoints: the record {state}")
    value = {key: getattr(found, key) for key in ("entries", "checkpoints", "wrong", "notes", "deliveries")}
    answer({**value, "ok": not found.wrong}, as_json=as_json, text="\n".join(lines))
    if found.wrong:
        raise typer.Exit(5)


def checkpoint(
    show: ShowArgument,
    out: Annotated[Path | None, typer.Option(help="Where to write it; in the show where left out.")] = None,
    keys: KeysOption = None,
    passphrase: PassOption = False,
    as_json: JsonFlag = False,
) -> None:
    """Sign the ledger as it stands; give the file to a witness outside, who can then prove a rewrite.

    Example:

      secondunit clearance checkpoint SHOW --out for-the-studio.json
    """
    from secondunit.show import open_show
    from secondunit.show.delivery.check import make_checkpoint

    point, path = make_checkpoint(open_show(show), out=out, keys=keys, passphrase=ask_passphrase(passphrase))
    value = {"file": str(path), "size": point.size, "root": point.root, "at": point.at}
    answer(value, as_json=as_json, text=f"{point.size} entries, root {point.root[:16]}…: {path}")


def conform(
    show: ShowArgument,
    media: Annotated[list[Path], typer.Argument(help="Files, folders, or an .otio timeline of the cut.")],
    as_json: JsonFlag = False,
) -> None:
    """Look for temps and unknown material in a cut. Exit status 5 where there is any.

    Examples:

      secondunit clearance conform SHOW cut.otio

      secondunit clearance conform SHOW delivery/
    """
    from secondunit.show import open_show
    from secondunit.show.delivery.conform import conform as check

    rows = check(open_show(show), media)
    lines = [f"{row.state}: {row.file}" + (f" ({row.what})" if row.what else "") for row in rows]
    bad = [row for row in rows if row.state != "final"]
    lines.append(f"{len(rows)} files, {len(bad)} that may not be in a final")
    value = [{"file": str(row.file), "state": row.state, "what": row.what} for row in rows]
    answer(value, as_json=as_json, text="\n".join(lines))
    if bad:
        raise typer.Exit(5)


def binder(
    show: ShowArgument,
    out: Annotated[Path | None, typer.Option(help="Where; SHOW/binder where left out.")] = None,
    edition: Annotated[
        list[str] | None, typer.Option(help="studio, guild, insurer, festival, public; all of them.")
    ] = None,
    keys: KeysOption = None,
    passphrase: PassOption = False,
    as_json: JsonFlag = False,
) -> None:
    """Write the disclosure report: signed JSON, and from it editions as HTML and PDF.

    Examples:

      secondunit clearance binder SHOW

      secondunit clearance binder SHOW --edition studio --edition public --out handover
    """
    from secondunit.clearance.binder.editions import EDITIONS
    from secondunit.show import open_show, write_show_binder

    wanted = [name for name in EDITIONS if not edition or name in edition]
    unknown = sorted(set(edition or ()) - set(EDITIONS))
    if unknown:
        raise BriefError(f"there is no edition {unknown[0]!r}", fix=f"editions: {', '.join(EDITIONS)}")
    made = write_show_binder(open_show(show), out, editions=wanted, keys=keys, passphrase=ask_passphrase(passphrase))
    lines = [f"{name}: {pdf}" for name, (_, pdf) in made.editions.items()]
    value = {"report": str(made.report), "editions": {n: [str(h), str(p)] for n, (h, p) in made.editions.items()}}
    answer(value, as_json=as_json, text="\n".join([f"report: {made.report}", *lines]))
