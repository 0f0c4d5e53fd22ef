"""A stretch of frames for clip models."""

import numpy as np

from secondunit.imaging.clip import ClipWindow


def window(frames: int, height: int, width: int, *, kept: int = 0, seed: int = 3) -> ClipWindow:
    """A soft ball of grey in the middle of a striped picture."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    plate = np.dstack([0.3 + 0.2 * np.sin(x / 5), 0.4 + 0.1 * np.cos(y / 7), 0.5 + 0 * x]).astype(np.float32)
    ball = np.exp(-((x - width / 2) ** 2 + (y - height / 2) ** 2) / (height / 5) ** 2).astype(np.float32)
    comp = np.stack([plate + ball[..., None] * (0.6 - plate) * (n / frames) for n in range(frames)])
    mask = np.repeat((ball > 0.1).astype(np.float32)[None], frames, axis=0)
    mask[:kept] = 0
    comp = np.clip(comp + rng.normal(0, 0.01, comp.shape), 0, 1).astype(np.float32)
    return ClipWindow(
        control=comp, comp=comp, mask=mask, depth=mask * 0.5, reference=plate.clip(0, 1), kept=kept, rate=24.0
    )
