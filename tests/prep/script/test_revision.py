import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secondunit.prep.script.open_script import parse_script
from secondunit.prep.script.revision import SceneMark, changes_of, match_scenes
from secondunit.prep.script.scenes import scenes_of
from secondunit.prep.script.sketch import content_digest, likeness, sketch_of

KEY = b"k" * 16
WORDS = [
    "stone",
    "river",
    "lamp",
    "door",
    "window",
    "rain",
    "dust",
    "train",
    "glass",
    "paper",
    "voice",
    "street",
    "salt",
]


def scene(place: str, seed: int, words: int = 60) -> str:
    random_words = random.Random(seed).choices(WORDS, k=words)
    return f"INT. {place} - DAY\n\n" + " ".join(random_words) + ".\n\n"


def marks(text: str, ids: str = "n") -> list[SceneMark]:
    script = parse_script(text.encode(), kind="fountain", name="a")
    return [
        SceneMark(
            id=f"{ids}{s.ordinal}",
            ordinal=s.ordinal,
            number=s.number,
            numbered=s.numbered,
            set_name=s.set_name,
            int_ext=s.int_ext,
            light=s.light,
            page=s.page,
            digest=content_digest(s.elements, key=KEY),
            sketch=sketch_of(s.elements, key=KEY),
        )
        for s in scenes_of(script)
    ]


def revised(old_text: str, new_text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return fates and what is said, by the old scene's id or the new one's."""
    old, new = marks(old_text, "o"), marks(new_text)
    found = match_scenes(old, new)
    new = [replace(mark, id=found[at].id) if at in found else mark for at, mark in enumerate(new)]
    changes = changes_of(old, new)
    return {c.id: c.fate for c in changes}, {c.id: c.said for c in changes}


A, B, C, D = (scene(place, seed) for place, seed in (("KITCHEN", 1), ("HALL", 2), ("ROOF", 3), ("CELLAR", 4)))


def test_the_same_script_is_kept():
    assert set(revised(A + B + C, A + B + C)[0].values()) == {"kept"}


def test_an_inserted_scene_is_new_and_the_rest_kept():
    fates, _ = revised(A + B + C, A + D + B + C)
    assert fates == {"o1": "kept", "n2": "new", "o2": "kept", "o3": "kept"}


def test_a_cut_scene_is_orphaned_never_lost():
    fates, said = revised(A + B + C, A + C)
    assert fates == {"o1": "kept", "o3": "kept", "o2": "orphaned"}
    assert said["o2"] == "orphaned: its scene 2 is gone"


def test_a_moved_scene_is_moved():
    fates, said = revised(A + B + C + D, D + A + B + C)
    assert fates == {"o4": "moved", "o1": "kept", "o2": "kept", "o3": "kept"}
    assert said["o4"].startswith("moved: was scene 4")


def test_a_rewritten_scene_is_changed():
    new = B.replace("stone", "marble", 3).replace("river", "brook", 2)
    fates, said = revised(A + B + C, A + new + C)
    assert fates["o2"] == "changed"
    assert said["o2"] == "changed, page 1"


def test_a_renamed_place_keeps_its_scene():
    fates, _ = revised(A + B + C, A + B.replace("HALL", "CORRIDOR") + C)
    assert fates["o2"] == "changed"


def test_own_numbers_hold_a_scene_that_was_rewritten_whole():
    old = A.replace("DAY\n", "DAY #1#\n") + B.replace("DAY\n", "DAY #2#\n")
    new = A.replace("DAY\n", "DAY #1#\n") + scene("HALL", 77).replace("DAY\n", "DAY #2#\n")
    assert revised(old, new)[0] == {"o1": "kept", "o2": "changed"}


def test_another_scene_in_a_place_that_comes_again_is_not_taken_for_it():
    fates, _ = revised(A + scene("ROAD", 10), A + scene("ROAD", 99))
    assert fates == {"o1": "kept", "n2": "new", "o2": "orphaned"}


def test_empty_scenes_of_one_name_keep_their_order():
    road = "EXT. ROAD - DAY\n\n"
    fates, _ = revised(road + A + road + B + road, road + A + road + B + road)
    assert set(fates.values()) == {"kept"}


@settings(max_examples=40)
@given(st.lists(st.integers(0, 7), max_size=8), st.lists(st.integers(0, 7), max_size=8))
def test_every_old_scene_is_accounted_for_once(old: list[int], new: list[int]):
    book = [scene(f"PLACE {n % 4}", n) for n in range(8)]
    before = marks("".join(book[n] for n in old) or "x\n", "o")
    after = marks("".join(book[n] for n in new) or "x\n")
    found = match_scenes(before, after)
    used = [mark.id for mark in found.values()]
    assert len(used) == len(set(used))
    renamed = [replace(m, id=found[at].id) if at in found else m for at, m in enumerate(after)]
    changes = changes_of(before, renamed)
    assert sorted(c.id for c in changes) == sorted({m.id for m in before} | {m.id for m in renamed})
    assert all(c.fate == "orphaned" for c in changes if c.id in {m.id for m in before} - set(used))


def test_sketches_hold_no_words_and_depend_on_the_key():
    elements = scenes_of(parse_script(A.encode(), kind="fountain", name="a"))[0].elements
    one, other = sketch_of(elements, key=KEY), sketch_of(elements, key=b"z" * 16)
    assert len(one) <= 48
    assert likeness(one, one) == 1.0
    assert likeness(one, other) == 0.0
    assert content_digest(elements, key=KEY) != content_digest(elements, key=b"z" * 16)


@pytest.mark.parametrize("changed, low, high", [(0, 1.0, 1.0), (4, 0.55, 0.99), (60, 0.0, 0.1)])
def test_likeness_follows_the_share_of_words_changed(changed: int, low: float, high: float):
    plain = [f"w{n}" for n in range(60)]
    other = [f"x{n}" if n < changed else word for n, word in enumerate(plain)]

    def sketch(words: list[str]) -> tuple[int, ...]:
        text = "INT. A - DAY\n\n" + " ".join(words) + "\n"
        return sketch_of(scenes_of(parse_script(text.encode(), kind="fountain", name="a"))[0].elements, key=KEY)

    assert low <= likeness(sketch(plain), sketch(other)) <= high
