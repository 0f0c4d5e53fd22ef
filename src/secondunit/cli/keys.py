"""``secondunit keys``: the show's own keys, and each person's."""

from pathlib import Path
from typing import Annotated

import typer

from secondunit.cli.clearance import KeysOption, PassOption, ask_passphrase
from secondunit.cli.console import answer
from secondunit.cli.new import JsonFlag, ShowArgument
from secondunit.core.errors import BriefError

app = typer.Typer(help="Keys: the show's own, and each person's.", no_args_is_help=True)


@app.command("init")
def init(
    show: ShowArgument,
    organisation: Annotated[str, typer.Option(help="As certificates name it.")] = "",
    keys: KeysOption = None,
    passphrase: PassOption = False,
    as_json: JsonFlag = False,
) -> None:
    """Make the show's own keys: one admits people's keys and signs checkpoints, one signs published files.

    Private halves go to your settings' folder (or --keys), never into the show. Back them up.

    Example:

      secondunit keys init SHOW --organisation "The House"
    """
    from secondunit.show import init_keys, open_show

    made = init_keys(open_show(show), keys=keys, organisation=organisation, passphrase=ask_passphrase(passphrase))
    lines = [f"private: {made.private} (back it up, hand it to nobody)", f"public:  {made.public / 'ca.pem'}"]
    lines.append("no trusted time-stamp is configured: set time_stamp_url in show.toml before a release")
    value = {"private": str(made.private), "public": str(made.public), "registrar": made.registrar}
    answer(value, as_json=as_json, text="\n".join(lines))


@app.command("person")
def person(
    show: ShowArgument,
    name: Annotated[str, typer.Option(help="The person's name.", show_default=False)] = "",
    role: Annotated[str, typer.Option(help="artist, vfx_supervisor, director, producer, legal, studio, ...")] = "",
    card: Annotated[Path | None, typer.Option(help="Register this card instead, which its person made.")] = None,
    keys: KeysOption = None,
    passphrase: PassOption = False,
    as_json: JsonFlag = False,
) -> None:
    """Make a person's own key, or take the one they have, and register its public half with the show.

    Each person runs it on their own machine, or hands over a card (secondunit keys card).

    Examples:

      secondunit keys person SHOW --name "Bo Other" --role director

      secondunit keys person SHOW --card bo.json
    """
    from secondunit.show import add_person, open_show
    from secondunit.show.record.people import register

    opened, secret = open_show(show), ask_passphrase(passphrase)
    if card is not None:
        known, path = register(opened, card, keys=keys, passphrase=secret), None
    elif name and role:
        known, path = add_person(opened, name=name, role=role, keys=keys, passphrase=secret)
    else:
        raise BriefError("nobody is named", fix="give --name and --role, or --card")
    lines = [f"registered: {known.person} is {known.role}, key {known.key_id}"]
    lines += [f"private key: {path}"] if path else []
    value = {"person": known.person, "role": known.role, "key": known.key_id, "file": str(path) if path else None}
    answer(value, as_json=as_json, text="\n".join(lines))


@app.command("card")
def card(
    out: Annotated[Path, typer.Argument(help="Where to write the card, as bo.json.")],
    name: Annotated[str, typer.Option(help="Your name.", show_default=False)],
    role: Annotated[str, typer.Option(help="Your role.", show_default=False)],
    keys: KeysOption = None,
    passphrase: PassOption = False,
    as_json: JsonFlag = False,
) -> None:
    """Make your own key and a card of its public half, to hand to whoever keeps the show's keys.

    Example:

      secondunit keys card bo.json --name "Bo Other" --role director
    """
    from secondunit.show.record.people import make_card

    made, path = make_card(out, name=name, role=role, keys=keys, passphrase=ask_passphrase(passphrase))
    value = {"card": str(out), "key": made.key_id, "file": str(path)}
    answer(value, as_json=as_json, text=f"card: {out}\nprivate key: {path}")


@app.command("list")
def list_keys(show: ShowArgument, as_json: JsonFlag = False) -> None:
    """Print the keys a show knows, and which were revoked.

    Example:

      secondunit keys list SHOW
    """
    from secondunit.show import open_show
    from secondunit.show.record.people import ring

    known = ring(open_show(show))
    rows = [
        {"person": k.person, "role": k.role, "key": k.key_id, "revoked": known.revoked.get(k.key_id, "")}
        for k in known.keys
    ]
    lines = [
        f"{row['key']}  {row['role']:<15} {row['person']}" + (f"  revoked {row['revoked']}" if row["revoked"] else "")
        for row in rows
    ]
    answer(rows, as_json=as_json, text="\n".join(lines) or f"no keys yet: secondunit keys init {show}")


@app.command("revoke")
def revoke(
    show: ShowArgument,
    key: Annotated[str, typer.Argument(help="Its id, as keys list prints it.")],
    keys: KeysOption = None,
    passphrase: PassOption = False,
    as_json: JsonFlag = False,
) -> None:
    """Revoke a key from now on, with the show's own key: what it signs later does not count.

    Example:

      secondunit keys revoke SHOW 12df059e43422e87e92dead0d77cadfa
    """
    from secondunit.show import open_show
    from secondunit.show.record.people import revoke as record

    at = record(open_show(show), key, keys=keys, passphrase=ask_passphrase(passphrase))
    answer({"key": key, "revoked": at}, as_json=as_json, text=f"revoked {key} from {at}")
