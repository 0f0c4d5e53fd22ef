import pytest

from secondunit.core.brief import PlateBrief, ShotBrief
from secondunit.core.errors import BriefError
from secondunit.core.take import Axes
from secondunit.show.brief.axes import AXES, VARIED, apply, describe, vary

BRIEF = ShotBrief(name="A", plate=PlateBrief(file="a.jpg"))


def test_the_first_take_is_the_brief_itself():
    assert apply(BRIEF, vary(1)[0]) == BRIEF


@pytest.mark.parametrize("count", [1, 2, 4, 5, 9, 40])
def test_takes_differ_from_each_other(count: int):
    made = vary(count)
    assert len(made) == count
    assert len({repr(apply(BRIEF, axes)) for axes in made}) == count


def test_four_takes_show_all_four_axes():
    words = " ".join(describe(axes) for axes in vary(4))
    assert all(axis in words for axis in VARIED)


def test_a_person_may_choose_the_seeds():
    base = Axes(motion=3, turbulence=2, detail=5)
    first, second = vary(2, axes=["detail"], base=base)
    assert first == base
    assert (second.motion, second.turbulence, second.detail) == (3, 2, 6)
    brief = apply(BRIEF, base)
    assert (brief.collapse.seed, brief.dust.seed, brief.detail.seed) == (4, 3, 6)


def test_more_takes_keep_the_first_ones():
    assert vary(9)[:5] == vary(5)


@pytest.mark.parametrize("axis", AXES)
def test_one_axis_moves_alone(axis: str):
    plain = Axes()
    for axes in vary(4, axes=[axis])[1:]:
        moved = [a for a in AXES if getattr(axes, a) != getattr(plain, a)]
        assert moved == [axis]


@pytest.mark.parametrize("takes, axes", [(0, AXES), (-1, AXES), (100, AXES), (2, ["colour"]), (2, [])])
def test_takes_that_cannot_be_made(takes: int, axes: list[str]):
    with pytest.raises(BriefError):
        vary(takes, axes=axes)
