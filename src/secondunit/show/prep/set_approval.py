"""Choosing a set: the option that is approved is locked by its digest, and what uses it checks the lock first."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from secondunit.core.errors import BriefError, StoreError
from secondunit.core.recipe import digest
from secondunit.prep.sets.brief import SetBrief
from secondunit.prep.sets.build import BuiltSet, build_set
from secondunit.prep.sets.options import option_brief as option_of
from secondunit.show.prep.set_brief import read_set_brief
from secondunit.show.prep.store import prep_of
from secondunit.show.record.ledger import ledger_of
from secondunit.show.store.records import is_sealed, read_json, seal, write_json
from secondunit.show.store.show import Show, locked


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """An approved option of a set."""

    name: str
    folder: Path
    option: int
    digest: str
    at: str
    """When it was put on record, UTC."""


def approve_set(show: Show, name: str, option: int) -> Approved:
    """Approve an option of a set: lock it by digest and put the choice on record.

    Raises
    ------
    BriefError
        No such option, another is approved already, or brief or files changed since the options were made.
    """
    folder = prep_of(show).set(name)
    with locked(folder):
        record = _record(folder, name)
        rows = {row["number"]: row for row in record["options"]}
        if option not in rows:
            known = ", ".join(map(str, rows))
            raise BriefError(f"set {name!r} has no option {option}", fix=f"use one of {known}")
        if (folder / "approved.json").is_file():
            held = read_json(folder / "approved.json")
            if held.get("option") != option:
                raise BriefError(
                    f"option {held.get('option')} of set {name!r} is approved already",
                    fix="take it back first: --withdraw",
                )
        brief = read_set_brief(folder / "set.toml")
        if digest(brief) != record["brief"]:
            raise BriefError(
                f"{folder / 'set.toml'} has changed since its options were made",
                fix=f"make them again: secondunit prep sets {show.typed} --set {name!r}",
            )
        row = rows[option]
        _check_files(folder, name, row["files"])
        body = {
            "shot": "", "set": folder.name, "option": option, "of": sorted(rows), "content": row["digest"],
            "brief": record["brief"], "files": {k: v["sha256"] for k, v in row["files"].items()},
        }  # fmt: skip
        with ledger_of(show) as ledger:
            last = next(
                (e for e in reversed(ledger.entries(kind="selection")) if e.facts.get("set") == folder.name), None
            )
            entry = last if last is not None and dict(last.facts) == body else ledger.append("selection", body)
            at = entry.at
        held = {
            "schema": 1, "set": brief.name, "option": option, "digest": row["digest"], "brief": record["brief"],
            "at": at,             "files": row["files"] | {"set.toml": seal(folder / "set.toml")},
        }  # fmt: skip
        write_json(folder / "approved.json", held)
    return Approved(name=brief.name, folder=folder, option=option, digest=row["digest"], at=at)


def withdraw_set(show: Show, name: str) -> int:
    """Take a set's approval back; the record keeps that it was given and taken. Return the option it was.

    Raises
    ------
    BriefError
        It is not approved.
    """
    folder = prep_of(show).set(name)
    with locked(folder):
        if not (folder / "approved.json").is_file():
            raise BriefError(f"set {name!r} is not approved", fix="nothing is to be taken back")
        held = read_json(folder / "approved.json")
        with ledger_of(show) as ledger:
            ledger.append(
                "selection",
                {"shot": "", "set": folder.name, "option": 0, "of": [held["option"]], "content": held["digest"]},
            )
        (folder / "approved.json").unlink()
    return int(held["option"])


def is_approved(show: Show, name: str) -> bool:
    """Whether a set is approved; says nothing of whether it is still whole."""
    return (prep_of(show).set(name) / "approved.json").is_file()


def approved_set(show: Show, name: str) -> BuiltSet:
    """Return the approved option of a set, built again and proved to be what was approved.

    Raises
    ------
    BriefError
        Nothing is approved, or the brief or a file has changed since; the message names it.
    StoreError
        The brief no longer makes what was approved.
    """
    brief = approved_brief(show, name)
    if brief is None:
        raise BriefError(
            f"no option of set {name!r} is approved",
            fix=f"choose one: secondunit prep sets {show.typed} --set {name!r} --approve 1",
        )
    return build_set(brief)


def approved_brief(show: Show, name: str) -> SetBrief | None:
    """Return the brief of a set's approved option, proved to make what was approved; None where none is.

    Raises
    ------
    BriefError
        The brief or a file has changed since; the message names it.
    StoreError
        The brief no longer makes what was approved.
    """
    folder = prep_of(show).set(name)
    if not (folder / "approved.json").is_file():
        return None
    held = read_json(folder / "approved.json")
    _check_files(folder, name, held["files"], approved=True)
    brief = option_of(read_set_brief(folder / "set.toml"), int(held["option"]))
    if _digest_of(brief) != held["digest"]:
        raise StoreError(
            f"set {name!r} is built otherwise by this version than what was approved",
            fix="take the approval back with --withdraw, make the options again and choose",
        )
    return brief


def option_brief(show: Show, name: str, number: int) -> SetBrief:
    """Return the brief of an option that was made, or the set's own brief for number 0.

    Raises
    ------
    BriefError
        The set or the option is not there.
    """
    folder = prep_of(show).set(name)
    brief = read_set_brief(folder / "set.toml")
    if number == 0:
        return brief
    known = [int(row["number"]) for row in _record(folder, name)["options"]]
    if number not in known:
        raise BriefError(f"set {name!r} has no option {number}", fix=f"use one of {', '.join(map(str, known))}")
    return option_of(brief, number)


@lru_cache(maxsize=2)
def _digest_of(brief: SetBrief) -> str:
    return build_set(brief).digest


def _record(folder: Path, name: str) -> dict[str, Any]:
    if not (folder / "options.json").is_file():
        raise BriefError(f"set {name!r} has no options yet", fix="make them first: leave --approve out")
    record: dict[str, Any] = read_json(folder / "options.json")
    return record


def _check_files(folder: Path, name: str, files: dict[str, Any], *, approved: bool = False) -> None:
    for file, proof in files.items():
        if not is_sealed(folder / file, proof):
            what = "is gone" if not (folder / file).is_file() else "has changed"
            if approved:
                raise BriefError(
                    f"set {name!r} is locked, but {folder / file} {what} since it was approved",
                    fix="put the file back, or take the approval back with --withdraw",
                )
            raise BriefError(f"{folder / file} {what} since the options were made", fix="make the options again")
