"""``secondunit new``: a show folder."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from secondunit.cli.console import answer
from secondunit.core.errors import BriefError
from secondunit.core.frames import frame_rate

JsonFlag = Annotated[bool, typer.Option("--json", help="Answer in JSON, for machines.")]
ShowArgument = Annotated[Path, typer.Argument(metavar="SHOW", help="The show's folder.", show_default=False)]


def typed(path: Path) -> str:
    """Return a path as a person types it in a shell."""
    return shlex.quote(str(path))


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("new", help=_HELP)(new)


_HELP = """Make a show folder: show.toml, shots/ and the record.

Examples:

  secondunit new SHOW

  secondunit new SHOW --artist "Ada Example" --code SHW

  secondunit new SHOW --approver "Bo Other:director" --use final_story
"""


def new(
    show: ShowArgument,
    artist: Annotated[
        str, typer.Option(help="Who leads the work, and so may not approve it. Else git's user.name or the login.")
    ] = "",
    code: Annotated[str, typer.Option(help="Short name that file names begin with.")] = "",
    rate: Annotated[str, typer.Option(help="Frames a second: 24, 25, 23.976, 24000/1001.")] = "24",
    approver: Annotated[
        list[str] | None, typer.Option(help="Who may approve finals, as NAME:ROLE; may be given again.")
    ] = None,
    use: Annotated[str, typer.Option(help="What finished frames are for, as final_incidental.")] = "unsure",
    as_json: JsonFlag = False,
) -> None:
    """Make a show folder."""
    from secondunit.show.brief.settings import Approver, ShowSettings
    from secondunit.show.brief.table import read_table
    from secondunit.show.brief.use import read_use
    from secondunit.show.record.artist import artist_here
    from secondunit.show.store.show import create_show

    here = Path("--approver")
    people = []
    for text in approver or []:
        name, colon, role = text.rpartition(":")
        if not colon:
            raise BriefError(f"--approver {text!r} has no role", fix='write it as "Name:vfx_supervisor"')
        people.append(read_table(Approver, {"name": name, "role": role}, file=here, section="approver", limits={}))
    declared = read_use({"output_use": use}, file=Path("--use"))
    name, found = (artist, "--artist") if artist.strip() else artist_here()
    if not name:
        raise BriefError("nobody is named as the artist", fix='say --artist "Your Name"')
    letters = "".join(c for c in show.resolve().name.upper() if c.isascii() and c.isalnum())
    settings = ShowSettings(
        code=code or letters[:8] or "SHOW",
        artist=name,
        rate=frame_rate(rate),
        use=declared,
        approvers=tuple(people),
    )
    made = create_show(show, settings)
    lines = [f"made {made.root}"]
    if found != "--artist":
        lines.append(f"artist: {name}, by {found}; edit {made.root / 'show.toml'} where that is wrong")
    lines.append(f"next: secondunit shot init {typed(show)} SEQ_0010 --plate FILE")
    value = {"show": str(made.root), "code": settings.code, "artist": name, "artist_by": found}
    answer(value, as_json=as_json, text="\n".join(lines))
