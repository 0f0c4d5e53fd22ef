"""Effects shots: which kinds a scene asks for, by which words, how surely."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from secondunit.prep.breakdown.lexicon import Lexicon, tokens_of
from secondunit.prep.breakdown.sheet import Cause, Effect
from secondunit.prep.script.script import Element, span_of

LISTED: Final = 0.3
"""Least confidence at which an effect is listed; a weak word in plain action alone is listed, to be looked at."""
SURE: Final = 0.5
"""From here on it counts as an effects shot; below, it is one to check."""
_SPOKEN, _FIGURATIVE, _DENIED = 0.25, 0.25, 0.25


def causes_in(element: Element, lexicon: Lexicon) -> dict[str, list[Cause]]:
    """Return what in an element speaks for which kinds of effect."""
    text = element.text
    tokens = tokens_of(text)
    found: dict[str, list[Cause]] = {}
    for hit in lexicon.find(text, tokens):
        if not hit.group.startswith("effects."):
            continue
        weight, why = hit.weight, []
        if element.kind in ("dialogue", "lyric"):
            weight, why = weight * _SPOKEN, ["spoken, not shown"]
        if lexicon.language not in ("ja", "zh"):
            if lexicon.is_figurative(tokens, hit.token):
                weight, why = weight * _FIGURATIVE, [*why, "a comparison"]
            if lexicon.is_denied(tokens, hit.token):
                weight, why = weight * _DENIED, [*why, "denied"]
        cause = Cause(
            words=" ".join(text[hit.start : hit.end].split()),
            span=span_of(text, hit.start, hit.end),
            line=element.line + text.count("\n", 0, hit.start),
            weight=round(weight, 3),
            source="lexicon",
            why=", ".join(why),
        )
        found.setdefault(hit.group.removeprefix("effects."), []).append(cause)
    return found


def effects_of(causes: Mapping[str, Sequence[Cause]], *, with_cast: Iterable[str] = ()) -> tuple[Effect, ...]:
    """Return the effects that causes add up to, surest first.

    The same words in a scene count once at full weight and a quarter after that: a fire that burns through ten lines is
    one fire.
    """
    cast = set(with_cast)
    effects = []
    for kind, found in causes.items():
        left, seen = 1.0, set()
        for cause in sorted(found, key=lambda cause: -cause.weight):
            again = cause.words.casefold() in seen
            seen.add(cause.words.casefold())
            left *= 1.0 - cause.weight * (0.25 if again else 1.0)
        confidence = round(min(1.0 - left, 0.98), 2)
        if confidence >= LISTED:
            source = "lexicon" if any(cause.source == "lexicon" for cause in found) else "model"
            kept = tuple(sorted(found, key=lambda cause: (-cause.weight, cause.line))[:6])
            effects.append(
                Effect(kind=kind, confidence=confidence, causes=kept, with_cast=kind in cast, source=source)  # type: ignore[arg-type]
            )
    return tuple(sorted(effects, key=lambda effect: (-effect.confidence, effect.kind)))
