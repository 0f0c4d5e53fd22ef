"""One policy pack read from TOML: closed keys, closed fields, closed values, each error with the file and the rule."""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

from secondunit.clearance.policy.fields import FIELDS, GROUPS
from secondunit.clearance.policy.pack import Case, Clause, Condition, Pack, Rule
from secondunit.clearance.policy.vocabulary import DECISIONS, ROLES, Guild
from secondunit.core.errors import BriefError

PACK_KEYS = ("id", "family", "title", "revision", "effective_from", "effective_to", "jurisdictions", "guild",
             "droppable", "notes", "rules")  # fmt: skip
RULE_KEYS = ("id", "says", "source", "scope", "cases")
CASE_KEYS = ("verdict", "when", "roles", "evidence", "says")
TESTS = ("none", "shown", "not_shown", "at_least")


class _Reader:
    """Where we are in a file, so that a message can say it."""

    def __init__(self, place: str) -> None:
        self.place = place

    def at(self, more: str) -> "_Reader":
        return _Reader(f"{self.place}, {more}")

    def refuse(self, what: str, fix: str) -> BriefError:
        return BriefError(f"{self.place}: {what}", fix=fix)

    def table(self, value: Any, known: tuple[str, ...]) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self.refuse("is not a table", "write it as a table of keys")
        for key in value:
            if key not in known:
                raise self.refuse(f"{key!r} is not a key", f"known here: {', '.join(known)}")
        return value

    def text(self, table: Mapping[str, Any], key: str, *, default: str | None = None) -> str:
        value = table.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.refuse(f"{key} is missing or not text", f'write {key} = "..."')
        return value

    def words(self, value: Any, key: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.refuse(f"{key} is not a list of words", f'write {key} = ["...", "..."]')
        if len(set(value)) != len(value):
            raise self.refuse(f"{key} says a word twice", "say each once")
        return tuple(value)

    def day(self, table: Mapping[str, Any], key: str) -> date:
        value = table.get(key)
        if type(value) is not date:
            raise self.refuse(f"{key} is no date", f"write {key} = 2026-05-01")
        return value


def read_pack(text: str, *, name: str = "pack") -> Pack:
    """Return the pack that a TOML text says, unsigned.

    Parameters
    ----------
    name
        What messages call the text.

    Raises
    ------
    BriefError
        It is not TOML, or says a key, field, value, role or verdict that nobody knows.
    """
    here = _Reader(name)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise here.refuse(f"is not TOML: {error}", "mend that line") from error
    table = here.table(data, PACK_KEYS)
    revision, droppable = table.get("revision"), table.get("droppable")
    if type(revision) is not int or revision < 1:
        raise here.refuse("revision is no whole number from 1", "write revision = 1 and raise it with each change")
    if type(droppable) is not bool:
        raise here.refuse("droppable is missing", "write droppable = true, or false for the house pack")
    starts = here.day(table, "effective_from")
    ends = here.day(table, "effective_to") if "effective_to" in table else None
    if ends is not None and ends < starts:
        raise here.refuse("effective_to is before effective_from", "put the dates in order")
    guild = here.text(table, "guild", default="")
    if guild not in ("", *get_args(Guild)) or guild == "none":
        raise here.refuse(f"{guild!r} is no guild", f"use {', '.join(get_args(Guild)[:-1])}, or leave it out")
    jurisdictions = here.words(table.get("jurisdictions", []), "jurisdictions")
    if not jurisdictions:
        raise here.refuse("jurisdictions is empty", 'write jurisdictions = ["*"] for all')
    rules = tuple(_rule(item, here.at(f"rule {n}")) for n, item in enumerate(_items(table, "rules", here), 1))
    ids = [rule.id for rule in rules]
    for rule_id in ids:
        if ids.count(rule_id) > 1:
            raise here.refuse(f"two rules are called {rule_id}", "give one rule several cases instead")
    return Pack(
        id=here.text(table, "id"),
        family=here.text(table, "family"),
        title=here.text(table, "title"),
        revision=revision,
        effective_from=starts,
        effective_to=ends,
        jurisdictions=jurisdictions,
        guild=guild,
        droppable=droppable,
        notes=here.text(table, "notes", default=""),
        rules=rules,
    )


def read_pack_file(path: Path) -> Pack:
    """Return the pack in a file, unsigned.

    Raises
    ------
    BriefError
        It cannot be read, or is no pack.
    """
    try:
        return read_pack(path.read_text(encoding="utf-8"), name=path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise BriefError(f"{path} cannot be read: {error}", fix="check the path and its permissions") from error


def _items(table: Mapping[str, Any], key: str, here: _Reader) -> list[Any]:
    value = table.get(key)
    if not isinstance(value, list) or not value:
        raise here.refuse(f"{key} is missing or empty", f"write at least one [[{key}]]")
    return value


def _rule(item: Any, here: _Reader) -> Rule:
    table = here.table(item, RULE_KEYS)
    rule_id = here.text(table, "id")
    here = _Reader(f"{here.place} ({rule_id})")
    scope = here.text(table, "scope", default="step")
    if scope not in ("step", "use"):
        raise here.refuse(f"scope {scope!r} is not known", 'use "step" or "use"')
    cases = tuple(_case(case, scope, here.at(f"case {n}")) for n, case in enumerate(_items(table, "cases", here), 1))
    return Rule(
        id=rule_id,
        says=here.text(table, "says"),
        source=here.text(table, "source"),
        scope="use" if scope == "use" else "step",
        cases=cases,
    )


def _case(item: Any, scope: str, here: _Reader) -> Case:
    table = here.table(item, CASE_KEYS)
    verdict = here.text(table, "verdict")
    matching = [d for d in DECISIONS if d == verdict]
    if not matching:
        raise here.refuse(f"verdict {verdict!r} is not known", f"use {', '.join(DECISIONS)}")
    roles = here.words(table.get("roles", []), "roles")
    for role in roles:
        if role not in ROLES:
            raise here.refuse(f"role {role!r} is not known", f"use {', '.join(ROLES)}")
    if bool(roles) != (verdict == "needs_approval"):
        raise here.refuse("roles go with needs_approval, and only with it", "name who approves, or change the verdict")
    return Case(
        verdict=matching[0],
        when=tuple(_clause(clause, scope, here) for clause in _items(table, "when", here)),
        roles=tuple(role for role in ROLES if role in roles),
        evidence=here.words(table.get("evidence", []), "evidence"),
        says=here.text(table, "says", default=""),
    )


def _clause(item: Any, scope: str, here: _Reader) -> Clause:
    if not isinstance(item, dict) or not item:
        raise here.refuse("an empty clause is always true", "say at least one condition")
    return tuple(_condition(name, item[name], scope, here) for name in sorted(item))


def _condition(name: str, value: Any, scope: str, here: _Reader) -> Condition:
    known = FIELDS.get(name)
    if known is None:
        raise here.refuse(f"{name!r} is no field", f"known: {', '.join(sorted(FIELDS))}")
    if scope == "use" and known.per_step and known.kind == "one":
        raise here.refuse(f"{name!r} differs from step to step", 'make the rule of scope "step"')
    if isinstance(value, list):
        value = {"any": value}
    if not isinstance(value, dict) or len(value) != 1:
        raise here.refuse(f"{name} has no one test", f"write a list of words, or one of {', '.join(TESTS)}")
    ((test, said),) = value.items()
    if known.kind == "number":
        if test != "at_least" or not isinstance(said, int | float) or isinstance(said, bool):
            raise here.refuse(f"{name} is a number", "write { at_least = 1 }")
        return Condition(field=name, test="at_least", number=float(said))
    if test not in ("any", "none", "shown", "not_shown"):
        raise here.refuse(f"{test!r} is no test of {name}", f"use a list of words, or one of {', '.join(TESTS[:-1])}")
    if test == "none" and known.kind == "growing":
        raise here.refuse(f"{name} may not be asked to lack a word: a further fact would loosen", "ask not_shown")
    words = _expanded(here.words(said, name))
    unknown = [word for word in words if known.values and word not in known.values]
    if unknown or not words:
        raise here.refuse(f"{name} is never {unknown[0] if unknown else 'nothing'!r}", f"use {_list(known.values)}")
    return Condition(field=name, test=test, values=tuple(sorted(words)))


def _expanded(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for word in words for value in GROUPS.get(word, (word,))))


def _list(values: frozenset[str]) -> str:
    return ", ".join(sorted(values))
