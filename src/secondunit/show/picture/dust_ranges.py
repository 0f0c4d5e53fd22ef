"""What of a take lies outside what its generator was trained on."""

import math

import numpy as np

from secondunit.core.take import Finding
from secondunit.generate import ranges
from secondunit.generate.protocol import Generator
from secondunit.show.brief.recipes import Plan
from secondunit.show.picture.dust_passes import cell_px, passes_of

CHECK = "generator's training"


def range_findings(plan: Plan, generator: Generator) -> tuple[Finding, ...]:
    """Return a warning for each quantity of a take that its generator was not trained on.

    A camera that moves is looked at where it begins and where it ends.
    """
    values = _of_brief(plan) | {ranges.CELL: _widest_cell(plan, generator)}
    ends = [_of_camera(plan, frame) for frame in (plan.frames.first, plan.frames.last)]
    found: dict[str, None] = {}
    for seen in ends:
        found |= dict.fromkeys(ranges.outside(generator.learned, values | seen))
    fix = "look closely at edges and detail, or try the procedural generator beside it"
    return tuple(Finding(check=CHECK, severity="warning", message=f"{said}: {fix}") for said in found)


def _of_brief(plan: Plan) -> dict[str, float]:
    dust = plan.brief.dust
    return {
        ranges.SUN: plan.layout.sun.elevation_deg,
        ranges.WIND: math.hypot(*dust.wind_m_per_s),
        ranges.AMOUNT: dust.amount,
        ranges.SCALE: dust.scale,
        ranges.SURGE: dust.surge,
        ranges.JETS: dust.jets,
    }


def _widest_cell(plan: Plan, generator: Generator) -> float:
    """Return the buffer pixels that a cell covers in the pass that paints with what was learned."""
    last = passes_of(plan, generator)[-1]
    return cell_px(plan) / last.finer / last.share


def _of_camera(plan: Plan, frame: int) -> dict[str, float]:
    camera = plan.layout.camera.at(frame)
    field = 2.0 * math.degrees(math.atan(0.5 * camera.filmback.width_mm / camera.focal_length_mm))
    corners = np.array([p for box in plan.layout.falling for p in box.corners()])
    if not len(corners):
        return {ranges.FIELD: field}
    towards = np.array(camera.position_m) - corners.mean(axis=0)
    above = math.degrees(math.atan2(towards[1], math.hypot(towards[0], towards[2])))
    return {ranges.FIELD: field, ranges.LOOKS_DOWN: above}
