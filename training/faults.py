"""Faults that a dust generator is known for, each as a number that grows with it: streaks, dark rims, pinholes.

Each is measured the same way on the truth; what counts is the quotient. Nothing looks at the truth's own pixels, so
that a picture may be another one than the truth and still be free of faults.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.imaging.buffers import DustLayers, Image
from training.metrics import Mask, luma
from training.pictures import SKY, SUN, TINT

DOME = 0.95
"""Alpha of the body of a cloud."""
FLECK = 0.07
"""Difference in display values by which a fleck stands out."""
HOLE = 0.06
"""How much less alpha than around it makes a pinhole."""


def streaks(picture: Image, alpha: Image, where: Mask) -> tuple[float, float]:
    """Return (coherence of fine gradients summed over domes, pixels of dome): 0 is grain, 1 a pixel is brushed hair.

    The coherence of the structure tensor (Bigün and Granlund 1987) of what is narrower than some four pixels, over
    neighbourhoods some fifteen pixels wide. Each pixel counts alike, whatever its contrast: one crisp edge is no hair.
    """
    body = cv2.erode((alpha > DOME).astype(np.uint8), np.ones((9, 9), np.uint8), borderValue=0).astype(bool) & where
    if not body.any():
        return 0.0, 0.0
    narrow = picture - cv2.GaussianBlur(picture, (0, 0), 1.5, borderType=cv2.BORDER_REFLECT)
    gx = cv2.Sobel(narrow, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    gy = cv2.Sobel(narrow, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    xx, yy, xy = (cv2.GaussianBlur(g, (0, 0), 5.0, borderType=cv2.BORDER_REFLECT) for g in (gx * gx, gy * gy, gx * gy))
    coherence = np.sqrt((xx - yy) ** 2 + 4.0 * xy**2) / (xx + yy + np.float32(1e-9))
    return float(coherence[body].sum(dtype=np.float64)), float(body.sum())


def rim(layers: DustLayers, where: Mask) -> tuple[float, float, float, float]:
    """Return (light, alpha) summed along the skin of the cloud, and the same a few pixels further in.

    Skin is where alpha is 0.15 to 0.7 within four pixels of the body. The quotient of both brightnesses is low where a
    dark line is drawn around the cloud.
    """
    light = (layers.sun * np.float32(luma(SUN * TINT)) + layers.sky * np.float32(luma(SKY * TINT))).astype(np.float32)
    body = (layers.alpha > DOME).astype(np.uint8)
    near = cv2.dilate(body, _disc(4)).astype(bool)
    skin = near & (layers.alpha > 0.15) & (layers.alpha < 0.7) & where
    edge = cv2.dilate(skin.astype(np.uint8), _disc(9)).astype(bool)
    inner = edge & body.astype(bool) & where
    return (
        float(light[skin].sum(dtype=np.float64)),
        float(layers.alpha[skin].sum(dtype=np.float64)),
        float(light[inner].sum(dtype=np.float64)),
        float(layers.alpha[inner].sum(dtype=np.float64)),
    )


def pinholes(alpha: Image, where: Mask) -> tuple[int, int]:
    """Return (how many small holes there are in the body of the cloud, the body's pixels).

    A hole is at most some five pixels wide, and nearly whole alpha is all around it.
    """
    closed = cv2.morphologyEx(alpha, cv2.MORPH_CLOSE, _disc(3), borderType=cv2.BORDER_REPLICATE)
    body = (closed > DOME) & where
    holes = body & (closed - alpha > HOLE)
    count, labels = cv2.connectedComponents(holes.astype(np.uint8), connectivity=8)
    beside = cv2.dilate((~body).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    open_ones = np.unique(labels[beside & holes])
    return int(count) - 1 - len(open_ones), int(body.sum())


def specks(picture: Image, where: Mask) -> tuple[int, int]:
    """Return (how many small flecks or dashes there are, dark or bright, pixels of dust).

    What stands out by ``FLECK`` from what an opening or a closing of five pixels leaves, in display values.
    """
    box = np.ones((5, 5), np.uint8)
    low = cv2.morphologyEx(picture, cv2.MORPH_CLOSE, box, borderType=cv2.BORDER_REPLICATE) - picture
    high = picture - cv2.morphologyEx(picture, cv2.MORPH_OPEN, box, borderType=cv2.BORDER_REPLICATE)
    found = 0
    for apart in (low, high):
        count, _ = cv2.connectedComponents(((apart > FLECK) & where).astype(np.uint8), connectivity=8)
        found += int(count) - 1
    return found, int(where.sum())


def _disc(radius: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    return np.asarray(x * x + y * y <= (radius + 0.25) ** 2, dtype=np.uint8)
