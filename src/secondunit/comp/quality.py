"""What a reviewer would send back, measured: bad numbers, clipping, flicker, halos, missing grain, a touched plate."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from secondunit.comp.integrate import FrameOutputs
from secondunit.comp.plate_match import PlateMatch
from secondunit.core.frames import frame_list
from secondunit.core.take import Finding, Severity
from secondunit.imaging.buffers import Image
from secondunit.imaging.filters import gaussian, luminance
from secondunit.imaging.merge import unpremultiply
from secondunit.imaging.metrics import robust_sigmas

# Beyond these a check speaks up. Each was set where the fault begins to show in a 100 % crop or a played strip.
MOST_CLIPPED = 0.002
MOST_HALO = 0.02
LEAST_GRAIN = 0.4
MOST_FLICKER = 0.06
# An element that just begins is a handful of pixels, whose mean says nothing.
LEAST_DENSE = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameCheck:
    """One frame's numbers."""

    frame: int
    bad_pixels: int
    """Pixels of comp or element that are NaN or infinite."""
    negative_share: float
    """Share of the touched pixels below zero by more than grain explains."""
    clipped_share: float
    """Share of the touched pixels brighter than the plate's own white by half."""
    outside_diff: float
    """Plate lock: largest difference outside the ring."""
    touched_share: float
    luminance: float
    """Mean ACEScg luminance of the element's dense part, 0 where it has hardly any."""
    coverage: float
    """Mean alpha of the element."""
    halo_share: float
    """Share of the element's thin edge that is much brighter or darker than anything in its dense part."""
    grain_ratio: float
    """Grain of the element's smoothest dense blocks against the plate's; 1 where there is nothing to compare."""


def check_frame(outputs: FrameOutputs, *, plate: Image, frame: int, match: PlateMatch) -> FrameCheck:
    """Measure one frame as ``integrate`` left it."""
    comp, element = outputs.comp[..., :3], outputs.element
    finite = _finite(comp, element)
    bad = int(finite.size - finite.sum())
    touched = (outputs.support > 0) & finite
    count = max(int(touched.sum()), 1)
    red, green, blue = comp[touched].T
    alpha = np.where(finite, element[..., 3], 0).astype(np.float32)
    dense = alpha > 0.9
    if bad:
        comp, element = np.nan_to_num(comp), np.nan_to_num(element)
    light = luminance(comp)
    white = 1.5 * max(float(np.nanmax(np.where(np.isfinite(plate), plate, np.nan))), 0.05)
    darkest = -4 * max(max(row) for row in match.grain.sigma) - 1e-4
    return FrameCheck(
        frame=frame,
        bad_pixels=bad,
        negative_share=float((np.minimum(np.minimum(red, green), blue) < darkest).sum()) / count,
        clipped_share=float((np.maximum(np.maximum(red, green), blue) > white).sum()) / count,
        outside_diff=outputs.max_abs_diff,
        touched_share=outputs.touched_share,
        luminance=float(light[dense].mean()) if dense.mean() > LEAST_DENSE else 0.0,
        coverage=float(alpha.mean()),
        halo_share=_halo(element, alpha),
        grain_ratio=_grain_ratio(comp, alpha, match),
    )


def _finite(*pictures: Image) -> np.ndarray:
    """Return (height, width) where all channels of all pictures are numbers."""
    if all(np.isfinite(picture).all() for picture in pictures):
        return np.ones(pictures[0].shape[:2], np.bool_)
    return np.asarray(np.logical_and.reduce([np.isfinite(picture).all(axis=2) for picture in pictures]))


def findings(checks: Sequence[FrameCheck]) -> tuple[Finding, ...]:
    """Return what the frames of one take show together, the worst first.

    Flicker is a frame whose element is brighter or darker than the mean of the frames before and after it by more than
    what has come and gone can explain, or covers more or less than both by a good part.
    """
    ordered = sorted(checks, key=lambda check: check.frame)
    found: list[Finding] = []

    def say(check: str, severity: Severity, message: str, frames: list[int]) -> None:
        if frames:
            found.append(
                Finding(
                    check=check, severity=severity, message=f"{message} ({frame_list(frames)})", frames=tuple(frames)
                )
            )

    bad = [c.frame for c in ordered if c.bad_pixels]
    say("not a number", "blocker", "pixels are NaN or infinite", bad)
    moved = [c.frame for c in ordered if c.outside_diff != 0.0]
    worst = max((c.outside_diff for c in ordered), default=0.0)
    say("plate lock", "blocker", f"the plate is changed outside its ring, by up to {worst:.2g}", moved)
    say("negative", "warning", "pixels lie below zero", [c.frame for c in ordered if c.negative_share > MOST_CLIPPED])
    say(
        "clipped",
        "warning",
        "the element is brighter than the plate's white by half: lower [sun] illuminance or [look] exposure_stops",
        [c.frame for c in ordered if c.clipped_share > MOST_CLIPPED],
    )
    say(
        "edge halo",
        "warning",
        "thin edges of the element are brighter or darker than all the rest of it",
        [c.frame for c in ordered if c.halo_share > MOST_HALO],
    )
    say(
        "grain",
        "warning",
        "the element is smoother than the plate: raise [look] grain",
        [c.frame for c in ordered if c.grain_ratio < LEAST_GRAIN],
    )
    triples = zip(ordered, ordered[1:], ordered[2:], strict=False)
    jumps = [here.frame for before, here, after in triples if _flickers(before, here, after)]
    say("flicker", "warning", "the element's brightness jumps for a frame", jumps)
    rank = {"blocker": 0, "warning": 1, "note": 2}
    return tuple(sorted(found, key=lambda f: rank[f.severity]))


def _flickers(before: FrameCheck, here: FrameCheck, after: FrameCheck) -> bool:
    covered = [c.coverage for c in (before, here, after)]
    if min(covered[0], covered[2]) > 0:
        above, below = covered[1] - max(covered[0], covered[2]), min(covered[0], covered[2]) - covered[1]
        if max(above, below) > MOST_FLICKER * max(covered):
            return True
    if min(before.luminance, here.luminance, after.luminance) <= 0:
        return False
    middle = (before.luminance + after.luminance) / 2
    # Of what was not there a frame ago, or is not a frame later, nobody knows how bright it should be.
    new = 1 - min(covered) / max(max(covered), 1e-9)
    return abs(here.luminance - middle) > MOST_FLICKER * middle + new * max(middle, here.luminance)


def _halo(element: Image, alpha: Image) -> float:
    """Compare the straight colour of thin edges with all that the dense element shows (dust beside debris is none)."""
    edge, dense = (alpha > 0.05) & (alpha < 0.5), alpha > 0.8
    if edge.sum() < 50 or dense.sum() < 50:
        return 0.0
    straight = luminance(unpremultiply(element))
    low, high = np.percentile(straight[dense], [0.5, 99.5])
    wrong = (straight[edge] > 1.5 * high + 0.01) | (straight[edge] < 0.3 * low - 0.01)
    return float(wrong.mean())


def _grain_ratio(comp: Image, alpha: Image, match: PlateMatch) -> float:
    """Compare on the smoothest tenth of the dense blocks, as the plate's own grain was measured."""
    side = 12
    rows, columns = alpha.shape[0] // side, alpha.shape[1] // side
    if rows == 0 or columns == 0:
        return 1.0

    def blocks(picture: Image) -> np.ndarray:
        cut = picture[: rows * side, : columns * side]
        return cut.reshape(rows, side, columns, side).swapaxes(1, 2).reshape(-1, side * side)

    light = luminance(comp)
    solid = blocks(alpha).min(axis=1) > 0.97
    if solid.sum() < 20:
        return 1.0
    residual = blocks(light - gaussian(light, sigma_px=2.5))[solid]
    expected = blocks(luminance(match.grain.strength(comp))).mean(axis=1)[solid]
    measured = robust_sigmas(residual)
    smoothest = np.argsort(measured)[: max(2, len(measured) // 10)]
    wanted = float(expected[smoothest].mean())
    # Three channels that do not move together make a quieter luminance than one.
    wanted *= (match.grain.shared + (1 - match.grain.shared) * 0.53) ** 0.5
    return float(measured[smoothest].mean()) / wanted if wanted > 1e-6 else 1.0
