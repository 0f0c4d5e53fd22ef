"""What a person put right in a breakdown, applied again on every run."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from secondunit.core.recipe import digest
from secondunit.prep.breakdown.sheet import Category, Effect, Item, SceneSheet, Source

EVERYWHERE = "*"
_PERSON: Source = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One thing put right."""

    do: Literal["add", "remove", "rename", "scene"]
    scene: str = EVERYWHERE
    """Scene number as it was when this was written; * is every scene."""
    category: str = ""
    """cast, extras, props, vehicles, animals, stunts, sound, unsorted or effects."""
    name: str = ""
    """Of an effect, its kind."""
    to: str = ""
    """The new name of what is renamed."""
    set_name: str = ""
    int_ext: str = ""
    time_of_day: str = ""
    light: str = ""
    eighths: int = 0

    @property
    def key(self) -> str:
        """By which the scene that was meant is remembered."""
        return digest(self)[:16]


def apply_corrections(
    sheets: Sequence[SceneSheet], corrections: Sequence[Correction], *, meant: Mapping[str, str]
) -> tuple[tuple[SceneSheet, ...], tuple[str, ...]]:
    """Return the sheets put right, and what could not be applied, in words.

    Parameters
    ----------
    meant
        Which scene (by its id) each correction with a scene number was written for, by the correction's key: numbers
        change from draft to draft, scenes do not.
    """
    result = {sheet.id: sheet for sheet in sheets}
    lost = []
    for correction in corrections:
        if correction.scene == EVERYWHERE:
            targets = list(result)
        else:
            target = meant.get(correction.key, "")
            targets = [target] if target in result else []
            if not targets:
                lost.append(f"scene {correction.scene} is not in this draft: '{_said(correction)}' waits")
                continue
        before = [result[target] for target in targets]
        after = [_applied(sheet, correction) for sheet in before]
        if before == after:
            lost.append(f"'{_said(correction)}' finds nothing to change")
        result.update(zip(targets, after, strict=True))
    return tuple(result[sheet.id] for sheet in sheets), tuple(lost)


def _said(correction: Correction) -> str:
    if correction.do == "scene":
        return f"scene {correction.scene}"
    end = f" to {correction.to}" if correction.to else ""
    return f"{correction.do} {correction.category} {correction.name}{end}"


def _applied(sheet: SceneSheet, correction: Correction) -> SceneSheet:
    if correction.do == "scene":
        fields = ("set_name", "int_ext", "time_of_day", "light", "eighths")
        return replace(sheet, **{name: value for name in fields if (value := getattr(correction, name))})
    if correction.category == "effects":
        return replace(sheet, effects=_effects(sheet.effects, correction))
    return _with_items(sheet, correction)


def _effects(effects: tuple[Effect, ...], correction: Correction) -> tuple[Effect, ...]:
    others = tuple(effect for effect in effects if effect.kind != correction.name)
    mine = [effect for effect in effects if effect.kind == correction.name]
    match correction.do:
        case "remove":
            return others
        case "rename":
            return (*others, *(replace(effect, kind=correction.to, source=_PERSON) for effect in mine))
    causes = mine[0].causes if mine else ()
    with_cast = bool(mine) and mine[0].with_cast
    return (
        Effect(kind=correction.name, confidence=1.0, causes=causes, with_cast=with_cast, source=_PERSON),
        *others,
    )


def _with_items(sheet: SceneSheet, correction: Correction) -> SceneSheet:
    def is_meant(item: Item) -> bool:
        return item.category == correction.category and item.name.casefold() == correction.name.casefold()

    match correction.do:
        case "remove":
            return replace(sheet, items=tuple(item for item in sheet.items if not is_meant(item)))
        case "rename":
            renamed = [
                replace(item, name=correction.to, source=_PERSON) if is_meant(item) else item for item in sheet.items
            ]
            sheet = replace(sheet, items=_merged(renamed))
            if correction.category != "cast":
                return sheet
            counts: Counter[str] = Counter()
            for name, count in sheet.exchanges:
                counts[_renamed(name, correction)] += count
            return replace(
                sheet, exchanges=tuple(counts.most_common()), last_speaker=_renamed(sheet.last_speaker, correction)
            )
    if any(is_meant(item) for item in sheet.items):
        return sheet
    category: Category = correction.category  # type: ignore[assignment]
    return replace(sheet, items=(*sheet.items, Item(category=category, name=correction.name, source=_PERSON)))


def _renamed(name: str, correction: Correction) -> str:
    return correction.to if name.casefold() == correction.name.casefold() else name


def _merged(items: Iterable[Item]) -> tuple[Item, ...]:
    held: dict[tuple[str, str], Item] = {}
    for item in items:
        key = (item.category, item.name)
        was = held.get(key)
        held[key] = (
            replace(
                was,
                count=was.count + item.count,
                speeches=was.speeches + item.speeches,
                lines=(*was.lines, *item.lines)[:5],
                voice_only=was.voice_only and item.voice_only,
            )
            if was
            else item
        )
    return tuple(held.values())
