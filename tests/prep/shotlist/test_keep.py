from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from secondunit.prep.shotlist.keep import merge_shots, proposal_state
from secondunit.prep.shotlist.shot import ShotEntry


def shot(origin: str, number: int = 10, sequence: str = "S001", **fields) -> ShotEntry:
    values = {"scene": "1", "size": "WS"} | fields
    return ShotEntry(name=f"{sequence}_{number:04d}", number=number, origin=origin, **values)  # type: ignore[arg-type]


FIRST = (shot("a/master"), shot("a/over", 20, size="OTS"), shot("b/master", 10, "S002", scene="2"))
STATE = proposal_state(FIRST)


def test_nothing_touched_follows_the_proposal():
    new = (replace(FIRST[0], duration_s=9.0), *FIRST[1:])
    merged = merge_shots(new, last=STATE, current=FIRST)
    assert merged.shots == new
    assert merged.edited == ()


def test_a_value_that_a_person_changed_stays_and_the_rest_follows():
    mine = (replace(FIRST[0], lens_mm=18.0), *FIRST[1:])
    new = (replace(FIRST[0], lens_mm=32.0, duration_s=9.0), *FIRST[1:])
    merged = merge_shots(new, last=STATE, current=mine)
    assert (merged.shots[0].lens_mm, merged.shots[0].duration_s) == (18.0, 9.0)
    assert merged.edited == ("S001_0010",)
    again = merge_shots(new, last=proposal_state(new), current=merged.shots)
    assert again.shots == merged.shots


def test_a_name_of_the_users_wins():
    mine = (replace(FIRST[0], name="OPENING"), *FIRST[1:])
    assert merge_shots(FIRST, last=STATE, current=mine).shots[0].name == "OPENING"


def test_a_shot_of_the_users_stays_where_it_is():
    own = shot("", 15, size="ECU", note="mine")
    merged = merge_shots(FIRST, last=STATE, current=(FIRST[0], own, *FIRST[1:]))
    assert merged.shots[1] == own
    assert merged.edited == ("S001_0015",)


def test_what_was_taken_away_is_not_proposed_again():
    merged = merge_shots(FIRST, last=STATE, current=(FIRST[0], FIRST[2]))
    assert [s.origin for s in merged.shots] == ["a/master", "b/master"]
    assert merged.taken_away == ("a/over",)
    again = merge_shots(FIRST, last=STATE, current=merged.shots, taken_away=merged.taken_away)
    assert again.shots == merged.shots


def test_a_new_proposal_takes_a_free_name_behind_its_neighbour():
    own = shot("", 30, size="CU")
    new = (*FIRST[:2], shot("a/insert", 30, size="INSERT"), FIRST[2])
    merged = merge_shots(new, last=STATE, current=(*FIRST[:2], own, FIRST[2]))
    assert [s.name for s in merged.shots] == ["S001_0010", "S001_0020", "S001_0030", "S001_0040", "S002_0010"]
    assert merged.shots[3].size == "INSERT"


def test_shots_of_a_scene_that_is_gone_stay_and_say_so():
    merged = merge_shots(FIRST[2:], last=STATE, current=FIRST, fates={"a": "orphaned", "b": "moved"})
    assert [s.revision for s in merged.shots] == ["orphaned", "orphaned", "moved"]
    assert [s.name for s in merged.shots] == [s.name for s in FIRST]


def test_a_lost_state_loses_no_edit():
    mine = (replace(FIRST[0], lens_mm=18.0), *FIRST[1:])
    assert merge_shots(FIRST, last={}, current=mine).shots == mine


ORIGINS = ["a/master", "a/over", "a/insert", "b/master", "b/close", "c/master"]


@settings(max_examples=80)
@given(
    st.lists(st.sampled_from(ORIGINS), unique=True),
    st.lists(st.sampled_from(ORIGINS), unique=True),
    st.sets(st.sampled_from(ORIGINS)),
    st.lists(st.integers(1, 9), max_size=3, unique=True),
)
def test_nothing_in_the_list_is_ever_lost(before: list, after: list, edited: set, own: list[int]):
    def made(origins: list) -> tuple[ShotEntry, ...]:
        return tuple(shot(o, 10 * (n + 1), f"S{o[0]}", scene=o[0]) for n, o in enumerate(origins))

    first = made(before)
    mine = [replace(s, lens_mm=77.0) if s.origin in edited else s for s in first]
    mine += [shot("", 900 + n, "SZ") for n in own]
    merged = merge_shots(made(after), last=proposal_state(first), current=mine)
    names = [s.name for s in merged.shots]
    assert len(set(names)) == len(names)
    assert {s.name for s in mine} <= set(names)
    for s in mine:
        kept = next(m for m in merged.shots if m.name == s.name)
        assert kept.lens_mm == s.lens_mm or s.origin not in edited
    assert {s.origin for s in made(after)} <= {s.origin for s in merged.shots} | set(merged.taken_away)
