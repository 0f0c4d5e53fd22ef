"""The one-line schedule: scenes grouped by set, then by light, so that each place is dressed and lit once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from secondunit.prep.breakdown.sheet import SceneSheet

_LIGHTS: Final = ("dawn", "day", "dusk", "", "night")


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Scenes of one set in one light."""

    set_name: str
    int_ext: str
    light: str
    scenes: tuple[SceneSheet, ...]

    @property
    def eighths(self) -> int:
        """Of all its scenes."""
        return sum(scene.eighths for scene in self.scenes)

    @property
    def cast(self) -> tuple[str, ...]:
        """Everybody seen in it, in the order of need."""
        counts: dict[str, int] = {}
        for scene in self.scenes:
            for name in scene.seen_cast:
                counts[name] = counts.get(name, 0) + 1
        return tuple(sorted(counts, key=lambda name: (-counts[name], name)))


def one_line_schedule(sheets: Sequence[SceneSheet]) -> tuple[Strip, ...]:
    """Return the schedule: the set with most pages first, its inside and outside together, day before night.

    A set is what the heading calls it, hyphens and stops aside: two names are two sets until a correction says
    otherwise.
    """
    by_set: dict[str, list[SceneSheet]] = {}
    for sheet in sheets:
        by_set.setdefault(_key(sheet.set_name), []).append(sheet)
    order = sorted(by_set, key=lambda name: (-sum(s.eighths for s in by_set[name]), by_set[name][0].ordinal))
    strips = []
    for name in order:
        kinds: dict[tuple[str, str], list[SceneSheet]] = {}
        for sheet in by_set[name]:
            kinds.setdefault((sheet.int_ext, sheet.light), []).append(sheet)
        for int_ext, light in sorted(kinds, key=lambda kind: (kind[0], _LIGHTS.index(kind[1]))):
            scenes = tuple(kinds[int_ext, light])
            strips.append(Strip(set_name=by_set[name][0].set_name, int_ext=int_ext, light=light, scenes=scenes))
    return tuple(strips)


def _key(set_name: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", set_name.casefold())) or set_name
