"""What the network is asked: to be near on average, and to be spread as the truth is spread."""

import torch
from torch import Tensor
from torch.nn import functional

LEVELS = (4.0, 2.0, 2.0, 1.0)
"""Weights of the pyramid's levels, the finest first."""
LAYERS = (1.0, 2.0, 2.0)
"""Weights of alpha, sun and sky in the energy score: inside a cloud there is light alone."""
PATCH = 6
"""Pixels along one edge of the patches between which the energy score takes distances."""


def regression(found: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """Return L1 and half of the L1 of gradients, weighted by pixel (n, 1, h, w)."""
    apart = (found - wanted) * weight
    across = (apart[..., 1:] - apart[..., :-1]).abs().mean()
    down = (apart[..., 1:, :] - apart[..., :-1, :]).abs().mean()
    return apart.abs().mean() + 0.5 * (across + down)


def energy_score(one: Tensor, two: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """Return the energy score of two draws over patches of a Laplacian pyramid.

    A proper score: least where the draws have the truth's own distribution (Gneiting and Raftery 2007, "Strictly
    proper scoring rules", section 4.3; two draws give an unbiased estimate).
    """
    total = wanted.new_zeros(())
    weight = weight * wanted.new_tensor(LAYERS)[None, :, None, None]
    pyramids = (_pyramid(weight * one), _pyramid(weight * two), _pyramid(weight * wanted))
    for share, a, b, t in zip(LEVELS, *pyramids, strict=True):
        total = total + share * (0.5 * (_distance(a - t) + _distance(b - t)) - 0.5 * _distance(a - b))
    return total


def moved(picture: Tensor, back: Tensor) -> Tensor:
    """Return a picture brought along: at each pixel what was ``back`` (n, 2, h, w) pixels up the motion."""
    _, _, height, width = picture.shape
    y = torch.arange(height, device=picture.device, dtype=picture.dtype)[:, None]
    x = torch.arange(width, device=picture.device, dtype=picture.dtype)[None, :]
    at = torch.stack(((2.0 * (x - back[:, 0]) + 1.0) / width - 1.0, (2.0 * (y - back[:, 1]) + 1.0) / height - 1.0), -1)
    return functional.grid_sample(picture, at, mode="bilinear", padding_mode="border", align_corners=False)


def _pyramid(picture: Tensor) -> list[Tensor]:
    found = []
    for _ in LEVELS[1:]:
        small = functional.avg_pool2d(picture, 2)
        large = functional.interpolate(small, scale_factor=2, mode="bilinear", align_corners=False)
        found.append(picture - large)
        picture = small
    return [*found, picture]


def _distance(apart: Tensor) -> Tensor:
    """Return the mean Euclidean length over half-overlapping patches of all layers together."""
    square = functional.avg_pool2d((apart * apart).sum(1, keepdim=True), PATCH, PATCH // 2)
    return torch.sqrt(square + 1e-7).mean()
