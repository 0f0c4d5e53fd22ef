"""One TOML table read into one frozen dataclass: closed, typed, in range, with the file and key in each message."""

import difflib
import math
import tomllib
import types
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from secondunit.core.errors import BriefError
from secondunit.core.frames import frame_rate

Value = TypeVar("Value")
Limits = Mapping[str, tuple[float, float]]


def load_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    BriefError
        The file is missing, unreadable, not UTF-8 or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BriefError(f"{path} does not exist", fix="check the path, or make it with 'secondunit'") from None
    except OSError as error:
        raise BriefError(f"{path} cannot be read: {error.strerror}", fix="check its permissions") from error
    except UnicodeDecodeError as error:
        raise BriefError(f"{path} is not UTF-8 text", fix="save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise BriefError(f"{path} is not valid TOML: {error}", fix="mend that line") from error


def check_schema(data: dict[str, Any], schema: int, file: Path) -> None:
    """Take ``schema`` out of a document and refuse any but the one we read.

    Raises
    ------
    BriefError
        It is missing or of another version.
    """
    found = data.pop("schema", None)
    if found != schema or isinstance(found, bool):
        say = "is missing" if found is None else f"is {found!r}"
        raise BriefError(f"{file}: schema {say}", fix=f"write 'schema = {schema}' as its first line")


def refuse_unknown(table: Mapping[str, Any], known: list[str], *, file: Path, section: str = "") -> None:
    """Refuse keys that nobody reads.

    Raises
    ------
    BriefError
        With the nearest known key as the way to put it right.
    """
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            fix = f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(sorted(known))}"
            raise BriefError(f"{file}: {place(section, key)} is not a key", fix=fix)


def place(section: str, key: str) -> str:
    """Return how a message names a key: ``[plate] file``.

    >>> place("plate", "file"), place("", "name")
    ('[plate] file', 'name')
    """
    return f"[{section}] {key}" if section else key


def read_table(
    cls: type[Value],
    table: Any,
    *,
    file: Path,
    section: str,
    limits: Limits,
    defaults: Value | None = None,
    more: Mapping[str, Any] | None = None,
) -> Value:
    """Read a table into a dataclass whose field names are its keys.

    Parameters
    ----------
    limits
        Lowest and highest value by ``section.key``; they hold for each number of a list.
    defaults
        Values of keys that are not written; the dataclass's own where None.
    more
        Fields that were read apart and are no keys of this table.

    Raises
    ------
    BriefError
        An unknown key, a missing one, a wrong type, a value out of range.
    """
    if not isinstance(table, dict):
        raise BriefError(
            f"{file}: [{section}] must be a table", fix=f"write [{section}] on its own line, its keys below"
        )
    more = dict(more or {})
    hints = get_type_hints(cls)
    names = [f.name for f in fields(cls) if f.name not in more]  # type: ignore[arg-type]
    refuse_unknown(table, names, file=file, section=section)
    values = {f.name: getattr(defaults, f.name) for f in fields(cls)} if defaults is not None else {}  # type: ignore[arg-type]
    for key, raw in table.items():
        where = f"{file}: {place(section, key)}"
        values[key] = convert(raw, hints[key], where)
        _check_range(values[key], limits.get(f"{section}.{key}"), where)
    try:
        return cls(**(values | more))
    except TypeError as error:
        missing = [n for n in names if n not in values and f"'{n}'" in str(error)]
        raise BriefError(f"{file}: [{section}] lacks {', '.join(missing)}", fix="add it") from error
    except BriefError as error:
        raise BriefError(f"{file}: [{section}] {error.message}", fix=error.fix) from error


def convert(raw: Any, hint: Any, where: str) -> Any:
    """Return a TOML value as a field's type.

    Raises
    ------
    BriefError
        It is of another type.
    """
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        (inner,) = (a for a in get_args(hint) if a is not type(None))
        return convert(raw, inner, where)
    if origin is Literal:
        return _choice(raw, get_args(hint), where)
    if origin is tuple:
        return _sequence(raw, get_args(hint), where)
    if hint is Fraction:
        if isinstance(raw, bool) or not isinstance(raw, str | int | float):
            raise BriefError(f"{where} must be a frame rate", fix='write 24, 25 or "24000/1001"')
        try:
            return frame_rate(raw)
        except BriefError as error:
            raise BriefError(f"{where}: {error.message}", fix=error.fix) from error
    if hint is float and isinstance(raw, int) and not isinstance(raw, bool):
        raw = float(raw)
    if type(raw) is not hint:
        raise BriefError(f"{where} must be {_WORDS[hint]}, not {_said(raw)}", fix=f"write {_EXAMPLES[hint]}")
    if isinstance(raw, float) and not math.isfinite(raw):
        raise BriefError(f"{where} is {raw}", fix="write a finite number")
    return raw


_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", date: "a date"}
_EXAMPLES = {
    str: '"text" in quotes',
    int: "digits without quotes or a point",
    float: "digits without quotes",
    bool: "true",
    date: "2026-01-31 without quotes",
}


def _said(raw: Any) -> str:
    if isinstance(raw, dict):
        return "a table"
    return "a list" if isinstance(raw, list) else repr(raw)


def _choice(raw: Any, allowed: tuple[Any, ...], where: str) -> Any:
    if raw in allowed and not isinstance(raw, bool):
        return raw
    near = difflib.get_close_matches(str(raw), [str(a) for a in allowed], n=1, cutoff=0.6)
    fix = f"did you mean '{near[0]}'?" if near else f"use one of {', '.join(map(str, allowed))}"
    raise BriefError(f"{where} = {raw!r} is not known", fix=fix)


def _sequence(raw: Any, items: tuple[Any, ...], where: str) -> tuple[Any, ...]:
    if not isinstance(raw, list):
        raise BriefError(f"{where} must be a list, not {_said(raw)}", fix="write it in square brackets")
    if len(items) == 2 and items[1] is Ellipsis:
        return tuple(convert(item, items[0], f"{where}[{n}]") for n, item in enumerate(raw))
    if len(raw) != len(items):
        raise BriefError(f"{where} has {len(raw)} values", fix=f"give {len(items)}")
    return tuple(convert(item, kind, f"{where}[{n}]") for n, (item, kind) in enumerate(zip(raw, items, strict=True)))


def _check_range(value: Any, limit: tuple[float, float] | None, where: str) -> None:
    if limit is None or value is None or isinstance(value, str | bool):
        return
    if isinstance(value, tuple):
        for item in value:
            _check_range(item, limit, where)
    elif not limit[0] <= value <= limit[1]:
        raise BriefError(f"{where} = {value} is out of range", fix=f"use {limit[0]:g} to {limit[1]:g}")
