"""``secondunit clearance``: the rules, what is declared, who approves, what people made."""

from pathlib import Path
from typing import Annotated

import typer

from secondunit.cli.console import answer
from secondunit.cli.new import JsonFlag, ShowArgument
from secondunit.cli.shot import ShotArgument
from secondunit.core.errors import BriefError

app = typer.Typer(help="Rules, declarations, approvals, the record, the binder.", no_args_is_help=True)

TakeOption = Annotated[int, typer.Option(min=1, help="The take, as it stands now.", show_default=False)]
KeysOption = Annotated[
    Path | None, typer.Option("--keys", help="Folder of private keys; SECONDUNIT_KEYS, or your settings' folder.")
]
PassOption = Annotated[bool, typer.Option("--passphrase", help="Ask for the passphrase of the key.")]


def ask_passphrase(wanted: bool) -> str:
    """Return a passphrase typed in, where one is wanted."""
    return str(typer.prompt("passphrase", hide_input=True)) if wanted else ""


@app.command("rules")
def rules(
    show: Annotated[Path | None, typer.Argument(metavar="[SHOW]", help="A show, for its own packs too.")] = None,
    rule: Annotated[str, typer.Option(help="Only this rule, as NF-04.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Print the rules as a table: id, what it says, when, verdict, who must approve, what to record, source.

    Examples:

      secondunit clearance rules

      secondunit clearance rules SHOW --rule NF-04 --json
    """
    from secondunit.clearance.policy.library import shipped_packs
    from secondunit.clearance.policy.pack import rules_table
    from secondunit.show import open_show
    from secondunit.show.record.policies import rules_of

    packs = rules_of(open_show(show)).rules.packs if show else shipped_packs()
    rows = [row for row in rules_table(packs) if not rule or row.id == rule.upper()]
    if not rows:
        known = sorted({row.id for row in rules_table(packs)})
        raise BriefError(f"there is no rule {rule!r}", fix=f"rules: {', '.join(known)}")
    lines = []
    for row in rows:
        who = f": {', '.join(row.roles)}" if row.roles else ""
        lines += [f"{row.id}  {row.says}  [{row.pack}]", f"    {row.verdict}{who}", f"    when {row.trigger}"]
        lines += [f"    record {'; '.join(row.evidence)}"] if row.evidence else []
        lines += [f"    after {row.source}"]
    value = [{key: getattr(row, key) for key in row.__slots__} for row in rows]
    answer(value, as_json=as_json, text="\n".join([*lines, "", "Engineering input, not legal advice."]))


@app.command("declare")
def declare(show: ShowArgument, shot: ShotArgument, take: TakeOption, as_json: JsonFlag = False) -> None:
    """Print the declaration of a take as it stands, and what a person has yet to answer in [use].

    Example:

      secondunit clearance declare SHOW SEQ_0010 --take 1
    """
    from secondunit.clearance.policy.canonical import plain
    from secondunit.show import open_show, would_say
    from secondunit.show.brief.use import WORDS
    from secondunit.show.clearing.declare import unanswered

    declared = would_say(open_show(show), shot, take=take).question.declared
    whole = plain(declared.declaration)
    open_keys = unanswered(declared.brief)
    lines = [f"{key}: {value}" for key, value in whole.items() if value not in ("", [], None)]
    if open_keys:
        lines += ["", f"answer in [use] of {show}/shots/{shot}/shot.toml, or of show.toml:"]
        lines += [f"  {key} = ...  # {WORDS.get(key, '')}" for key in open_keys]
    digest = declared.declaration.digest
    value = {"declaration": whole, "digest": digest, "unanswered": list(open_keys)}
    answer(value, as_json=as_json, text="\n".join([*lines, f"digest: {digest}"]))


@app.command("why")
def why(
    show: ShowArgument,
    shot: ShotArgument,
    take: Annotated[int, typer.Option(min=0, help="The take; the last whole one where left out.")] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Explain in plain words whether a take may be finished, and who must do what.

    Example:

      secondunit clearance why SHOW SEQ_0010 --take 1
    """
    from secondunit.show import open_show
    from secondunit.show.clearing.why import why as explain_why

    told = explain_why(open_show(show), shot, take=take)
    answer(told.as_json(), as_json=as_json, text=told.text)


@app.command("approve")
def approve(
    show: ShowArgument,
    shot: ShotArgument,
    take: TakeOption,
    by: Annotated[str, typer.Option(help="Who decides: a person's name, not the artist's.", show_default=False)],
    role: Annotated[str, typer.Option(help="vfx_supervisor, director, producer, legal, studio, ...")],
    proxy: Annotated[Path, typer.Option(help="The take's movie, as you opened it and looked.", show_default=False)],
    decline: Annotated[bool, typer.Option("--decline", help="Say no; it takes back an earlier yes.")] = False,
    note: Annotated[str, typer.Option(help="Conditions, read by everybody: no names.")] = "",
    days: Annotated[int, typer.Option(min=1, max=180, help="How long it holds.")] = 30,
    document: Annotated[
        Path | None, typer.Option(help="A written approval from outside; its digest is signed.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Your private key's file.")] = None,
    keys: KeysOption = None,
    passphrase: PassOption = False,
    as_json: JsonFlag = False,
) -> None:
    """Sign and record a person's decision on a take with their own key. It holds for that content only.

    Example:

      secondunit clearance approve SHOW SEQ_0010 --take 2 --by "Bo Other" --role vfx_supervisor --proxy TAKE.mp4
    """
    from secondunit.show import approve as record
    from secondunit.show import open_show

    given = record(
        open_show(show),
        shot,
        take=take,
        by=by,
        role=role,
        proxy=proxy,
        note=note,
        decision="declined" if decline else "approved",
        days=days,
        document=document,
        keys=keys,
        key_file=key,
        passphrase=ask_passphrase(passphrase),
    )
    signed = given.approval
    text = (
        f"recorded: {given.by} ({role}) {signed.decision} take {take} of {shot} at {signed.at}, until {signed.expires}"
    )
    value = {"shot": shot, "take": take, "by": given.by, "role": role, "decision": signed.decision, "at": signed.at,
             "expires": signed.expires, "content": signed.content, "digest": signed.digest}  # fmt: skip
    answer(value, as_json=as_json, text=text)


@app.command("opt-in")
def opt_in(
    show: ShowArgument,
    shot: ShotArgument,
    decline: Annotated[
        bool, typer.Option("--decline", help="Say that you would rather not; nobody may hold it against you.")
    ] = False,
    keys: KeysOption = None,
    passphrase: PassOption = False,
    as_json: JsonFlag = False,
) -> None:
    """Sign, as the show's artist, that you read the rules and use the tool of your own will.

    Example:

      secondunit clearance opt-in SHOW SEQ_0010
    """
    from secondunit.show import open_show
    from secondunit.show import opt_in as record

    at = record(open_show(show), shot, voluntary=not decline, keys=keys, passphrase=ask_passphrase(passphrase))
    text = f"recorded at {at}: " + ("declined; the shot is made another way" if decline else "of your own will")
    answer({"shot": shot, "voluntary": not decline, "at": at}, as_json=as_json, text=text)


@app.command("work")
def work(
    show: ShowArgument,
    shot: ShotArgument,
    kind: Annotated[str, typer.Option(help="paint, roto, comp, grade, edit, matte, sketch, ...", show_default=False)],
    by: Annotated[str, typer.Option(help="Who made it.", show_default=False)],
    after: Annotated[Path, typer.Option(help="The file as it is now; its digest is kept.", show_default=False)],
    before: Annotated[Path | None, typer.Option(help="The file as it was.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Put on record what a person made by hand for a shot: the proof of human authorship.

    Example:

      secondunit clearance work SHOW SEQ_0010 --kind paint --by "Ada Example" --after cleanup.nk
    """
    from secondunit.show import open_show, record_work

    at = record_work(open_show(show), shot, kind=kind, by=by, after=after, before=before)  # type: ignore[arg-type]
    answer({"shot": shot, "kind": kind, "by": by, "at": at}, as_json=as_json, text=f"recorded: {kind} by {by}, {at}")


@app.command("register")
def register(
    show: ShowArgument,
    shot: ShotArgument,
    by: Annotated[str, typer.Option(help="Who answers for it; never the artist.", show_default=False)],
    role: Annotated[str, typer.Option(help="security, legal, studio or vfx_supervisor.")] = "security",
    licence: Annotated[str, typer.Option(help="open, commercial or non_commercial.")] = "unsure",
    training_data: Annotated[str, typer.Option(help="verified, vendor_stated or unknown.")] = "unsure",
    hosting: Annotated[str, typer.Option(help="local, enterprise or public.")] = "local",
    network: Annotated[str, typer.Option(help="While it runs: blocked, none or open.")] = "none",
    trains_on_inputs: Annotated[str, typer.Option(help="yes or no.")] = "no",
    retention: Annotated[str, typer.Option(help="none, agreed or kept.")] = "none",
    statement: Annotated[str, typer.Option(help="Address of the training-data statement.")] = "",
    keys: KeysOption = None,
    passphrase: PassOption = False,
    as_json: JsonFlag = False,
) -> None:
    """Enter the weights that a shot's [clip] names in the show's register, by digest: nothing unregistered runs.

    Read the licence beside the weights first. What you do not say stays unsure, and unsure is not yes.

    Example:

      secondunit clearance register SHOW SEQ_0010 --by "Sam House" --role security --licence open
    """
    from secondunit.show import open_show, register_clip

    said = {
        "licence": licence,
        "training_data": training_data,
        "hosting": hosting,
        "network": network,
        "trains_on_inputs": trains_on_inputs,
        "retention": retention,
        "training_statement": statement,
    }
    secret = ask_passphrase(passphrase)
    found = register_clip(open_show(show), shot, by=by, role=role, said=said, keys=keys, passphrase=secret)
    tool = found.tool
    text = f"registered by {found.by} ({role}): {tool.id} {tool.version}, weights {tool.weights_digest}"
    value = {"by": found.by, "role": role, "tool": tool.id, "version": tool.version, "weights": tool.weights_digest}
    answer({**value, **said, "entry": found.entry}, as_json=as_json, text=text)
