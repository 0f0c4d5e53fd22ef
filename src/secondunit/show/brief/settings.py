"""``show.toml``: what holds for every shot of a show, its artist, its approvers and its declared use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, get_args

from secondunit.core.brief import PlateBrief
from secondunit.core.errors import BriefError
from secondunit.show.brief.shot_file import NAME
from secondunit.show.brief.table import check_schema, convert, load_toml, read_table, refuse_unknown
from secondunit.show.brief.use import UseBrief, read_use, write_use
from secondunit.show.brief.write import toml_value

SCHEMA = 1

Role = Literal[
    "vfx_supervisor", "director", "producer", "legal", "studio", "performer", "guild_notice", "security", "writer"
]
ROLES: tuple[str, ...] = get_args(Role)

_LIMITS = {"show.first_frame": (0, 9_999_999), "show.handles": (0, 500)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """Somebody who may approve."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSettings:
    """A whole ``show.toml``."""

    code: str
    """Short name that file names begin with."""
    artist: str
    """The person who leads the work; never the one who approves it."""
    rate: Fraction = Fraction(24)
    first_frame: int = 1001
    handles: int = 8
    database: str = ""
    """SQLAlchemy URL; empty is ``show.db`` in the show's folder."""
    use: UseBrief = field(default_factory=UseBrief)
    approvers: tuple[Approver, ...] = ()
    """Who may approve finals, with a key each. Empty: anybody but the artist whose key is registered in a role."""
    dropped_packs: tuple[str, ...] = ()
    """Policy packs that do not concern this show; the house pack cannot be among them."""
    time_stamp_url: str = ""
    """An RFC 3161 time-stamp authority; empty says plainly that there is none."""
    signer: tuple[str, ...] = ()
    """A program that signs with a key kept elsewhere; its chain is ``provenance/signing.pem``."""

    @property
    def plate_defaults(self) -> PlateBrief:
        """What a shot's [plate] takes where it does not say."""
        return PlateBrief(file="", rate=self.rate, first_frame=self.first_frame, handles=self.handles)


_HINTS: Mapping[str, Any] = {
    "code": str,
    "artist": str,
    "rate": Fraction,
    "first_frame": int,
    "handles": int,
    "database": str,
    "dropped_packs": tuple[str, ...],
    "time_stamp_url": str,
    "signer": tuple[str, ...],
}


def read_settings(path: Path) -> ShowSettings:
    """Read ``show.toml``.

    Raises
    ------
    BriefError
        An unknown key, a wrong type, a value out of range, no artist, an approver who is the artist.
    """
    data = load_toml(path)
    check_schema(data, SCHEMA, path)
    refuse_unknown(data, [*_HINTS, "use", "approver"], file=path)
    people = data.get("approver", [])
    if not isinstance(people, list):
        raise BriefError(f"{path}: [approver] is one of several", fix="write [[approver]] with two brackets")
    approvers = tuple(read_table(Approver, p, file=path, section="approver", limits={}) for p in people)
    use = read_use(data.get("use", {}), file=path)
    values = {key: convert(data[key], hint, f"{path}: {key}") for key, hint in _HINTS.items() if key in data}
    for key in ("first_frame", "handles"):
        low, high = _LIMITS[f"show.{key}"]
        if key in values and not low <= values[key] <= high:
            raise BriefError(f"{path}: {key} = {values[key]} is out of range", fix=f"use {low} to {high}")
    for key in ("code", "artist"):
        if not values.get(key, "").strip():
            raise BriefError(f"{path}: {key} is missing", fix=f'write {key} = "..."')
    return check_settings(ShowSettings(**values, use=use, approvers=approvers), file=path)


def check_settings(settings: ShowSettings, *, file: Path) -> ShowSettings:
    """Return settings that can be meant.

    Raises
    ------
    BriefError
        The code cannot be part of a file name, or the artist would approve their own work.
    """
    if not NAME.fullmatch(settings.code):
        raise BriefError(
            f"{file}: code = {settings.code!r} cannot begin a file name", fix="use letters and digits, as SHW"
        )
    for approver in settings.approvers:
        if approver.name.strip().casefold() == settings.artist.strip().casefold():
            raise BriefError(f"{file}: {approver.name} is the artist and cannot approve", fix="name somebody else")
    return settings


def write_settings(settings: ShowSettings) -> str:
    """Return the text of a commented ``show.toml`` that reads back as ``settings``."""
    lines = [
        f"schema = {SCHEMA}",
        f"code = {toml_value(settings.code)}  # file names begin with it",
        f"artist = {toml_value(settings.artist)}  # leads the work; somebody else approves it",
        f'rate = {toml_value(settings.rate)}  # frames a second; "24000/1001" is exact',
        f"first_frame = {settings.first_frame}",
        f"handles = {settings.handles}",
    ]
    if settings.database:
        lines.append(f"database = {toml_value(settings.database)}")
    else:
        lines.append('# database = "postgresql://..."  # show.db in this folder where left out')
    for key in ("dropped_packs", "time_stamp_url", "signer"):
        if getattr(settings, key):
            lines.append(f"{key} = {toml_value(getattr(settings, key))}")
    lines += ["", *write_use(settings.use)]
    for approver in settings.approvers:
        lines += ["", "[[approver]]", f"name = {toml_value(approver.name)}", f"role = {toml_value(approver.role)}"]
    if not settings.approvers:
        lines += ["", "# [[approver]]  # name who may approve finals; role is one of", f"# {', '.join(ROLES)}"]
        lines += ['# name = "..."', '# role = "vfx_supervisor"']
    return "\n".join(lines) + "\n"
