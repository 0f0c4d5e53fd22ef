"""Short scripts of our own for breakdown tests."""

from secondunit.prep.breakdown.analyse import break_down
from secondunit.prep.breakdown.embedding import Opened
from secondunit.prep.breakdown.sheet import Breakdown, SceneSheet
from secondunit.prep.script.open_script import parse_script
from secondunit.prep.script.scenes import scenes_of
from secondunit.prep.script.script import Format

NO_MODEL = Opened(model=None, said="no model: a test")


def breakdown(text: str | bytes, *, kind: Format = "fountain", opened: Opened = NO_MODEL) -> Breakdown:
    data = text.encode() if isinstance(text, str) else text
    script = parse_script(data, kind=kind, name="test")
    return break_down(script, ids={s.ordinal: f"sc-{s.ordinal}" for s in scenes_of(script)}, opened=opened)


def sheet(text: str, heading: str = "INT. ROOM - DAY") -> SceneSheet:
    return breakdown(f"{heading}\n\n{text}\n").sheets[0]


def names(found: SceneSheet, category: str) -> set[str]:
    return {item.name for item in found.items if item.category == category}


def kinds(found: SceneSheet) -> dict[str, float]:
    return {effect.kind: effect.confidence for effect in found.effects}
