"""Whether a moving plate is as locked-off as its shot takes it to be."""

import cv2
import numpy as np

from secondunit.core.frames import FrameRange
from secondunit.core.take import Finding
from secondunit.imaging.buffers import Image
from secondunit.imaging.filters import luminance
from secondunit.imaging.resample import resize
from secondunit.media.plate import PlateSource

TOLERATED_PX = 1.0
"""What a matte's soft edge hides."""
_WORK_PX = 640
_LEAST_POINTS = 12
_UNLIKE = 16.0
"""Mean difference of a point's surroundings, of 255, beyond which it is another point."""


def slip_px(plate: PlateSource, frames: FrameRange) -> float | None:
    """Return how far the plate's picture moves between the first frame, the middle and the last, in plate pixels.

    The median of what corner points do (Shi and Tomasi 1994, tracked after Lucas and Kanade 1981, pyramids of
    Bouguet 2000), so that people and cars crossing do not count. None where too few points can be followed: nothing
    to see, or a cut.
    """
    scale = min(1.0, _WORK_PX / max(plate.width, plate.height))
    start = _grey(plate.frame(frames.first), scale)
    points = cv2.goodFeaturesToTrack(start, maxCorners=300, qualityLevel=0.01, minDistance=6)
    if points is None:
        return None
    most = 0.0
    for frame in sorted({(frames.first + frames.last) // 2, frames.last} - {frames.first}):
        now = _grey(plate.frame(frame), scale)
        there, found, unlike = cv2.calcOpticalFlowPyrLK(start, now, points, None, winSize=(21, 21), maxLevel=4)
        back, again, _ = cv2.calcOpticalFlowPyrLK(now, start, there, None, winSize=(21, 21), maxLevel=4)
        true = (found.ravel() > 0) & (again.ravel() > 0) & (np.linalg.norm(back - points, axis=-1).ravel() < 1.0)
        if true.sum() < max(_LEAST_POINTS, len(points) // 10):
            return None
        # Across a cut a point finds some likeness, but not itself.
        if float(np.median(unlike.ravel()[true])) > _UNLIKE:
            return None
        most = max(most, float(np.hypot(*np.median((there - points)[true].reshape(-1, 2), axis=0))))
    return most / scale


def slip_findings(plate: PlateSource) -> tuple[Finding, ...]:
    """Return what to tell of a moving plate whose camera is taken as locked; nothing where it stands still."""
    slip = slip_px(plate, plate.range)
    how = "give its camera in [camera] file, or hold a frame with plate.hold_frame"
    if slip is None:
        said = f"the camera is taken as locked, and the plate cannot be followed from {plate.range}: a cut? {how}"
    elif slip > TOLERATED_PX:
        said = f"the camera is taken as locked, but the plate moves by {slip:.1f} px in {plate.range}: {how}"
    else:
        return ()
    return (Finding(check="camera move", severity="warning", message=said),)


def _grey(picture: Image, scale: float) -> np.ndarray:
    height, width = picture.shape[:2]
    if scale < 1.0:
        picture = resize(picture, width=round(width * scale), height=round(height * scale), method="area")
    level = np.sqrt(np.maximum(luminance(picture), 0))
    top = max(float(np.percentile(level, 99)), 1e-6)
    return np.asarray(np.clip(level / top * 255, 0, 255), dtype=np.uint8)
