"""What makes one take another: named axes, and how they change the brief."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

from secondunit.core.brief import ShotBrief
from secondunit.core.errors import BriefError
from secondunit.core.take import Axes

Axis = Literal["motion", "turbulence", "dust", "wind", "detail"]
AXES: tuple[str, ...] = get_args(Axis)
VARIED: tuple[str, ...] = ("motion", "dust", "wind", "detail")
"""The axes that takes vary where nobody says which."""
SEEDS: tuple[str, ...] = ("motion", "turbulence", "detail")
"""Axes that are added to a seed: the macro, the meso and the micro one."""

_DUST = (1.5, 0.7, 2.0, 0.85)
_WIND = (-1.0, 2.5, -2.5, 0.3)


def vary(takes: int, *, axes: Sequence[str] = VARIED, base: Axes = Axes()) -> tuple[Axes, ...]:
    """Return the axes of takes 1 to ``takes``.

    The first take is ``base``, the brief as it stands unless a person says otherwise. Each further take moves one
    axis, in turn; once round, the next values. With the four axes and four takes, the last moves wind and detail
    together, so that all four are shown.

    >>> [describe(a) for a in vary(4)]
    ['as briefed', 'motion 1', 'dust x1.5', 'wind x-1, detail 1']

    Raises
    ------
    BriefError
        No takes, too many, or an axis that does not exist.
    """
    if not 1 <= takes <= 99:
        raise BriefError(f"{takes} takes", fix="ask for 1 to 99")
    for axis in axes:
        if axis not in AXES:
            raise BriefError(f"{axis!r} is no axis", fix=f"use {', '.join(AXES)}")
    if not axes:
        raise BriefError("no axis to vary", fix=f"use {', '.join(AXES)}")
    steps: list[tuple[str, ...]] = [(axis,) for axis in dict.fromkeys(axes)]
    if takes == 4 and len(steps) == 4:
        steps = [*steps[:2], (*steps[2], *steps[3])]
    result = [base]
    for n in range(takes - 1):
        lap, step = divmod(n, len(steps))
        values: dict[str, float] = {}
        for axis in steps[step]:
            values[axis] = getattr(base, axis) + lap + 1 if axis in SEEDS else _cycled(axis, lap)
        result.append(replace(base, **values))  # type: ignore[arg-type]
    return tuple(result)


def _cycled(axis: str, lap: int) -> float:
    values = _DUST if axis == "dust" else _WIND
    return values[lap % len(values)] * (1 + lap // len(values))


def apply(brief: ShotBrief, axes: Axes) -> ShotBrief:
    """Return the brief as this take reads it."""
    dust, wind = brief.dust, axes.wind
    x, y, z = dust.wind_m_per_s
    return replace(
        brief,
        collapse=replace(brief.collapse, seed=brief.collapse.seed + axes.motion),
        dust=replace(
            dust,
            amount=dust.amount * axes.dust,
            scale=dust.scale * axes.dust,
            seed=dust.seed + axes.turbulence,
            wind_m_per_s=(x * wind, y * wind, z * wind),
        ),
        detail=replace(brief.detail, seed=brief.detail.seed + axes.detail),
    )


def describe(axes: Axes) -> str:
    """Return axes as a caption."""
    plain = Axes()
    words = []
    for axis in AXES:
        value = getattr(axes, axis)
        if value != getattr(plain, axis):
            words.append(f"{axis} {value}" if axis in SEEDS else f"{axis} x{value:g}")
    return ", ".join(words) or "as briefed"
