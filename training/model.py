"""The network: a trunk that paints what is likely, and decoders that paint one of the pictures there may be.

Buffers come in at half of the picture's size; all paint at full size, and none paints a pixel: they say by how much
optical depth and brightness differ from the coarse render's (``compose``). What is clear stays clear, light ends where
dust ends, and thick dust has no holes, whatever is painted. What they say is

    mean(x) + broad(x, z_broad) + H[fine(x, z)],   H = I - Up8 Down8.

The broad decoder sees the two coarse octaves of the noise alone, which belong to the simulation; another micro seed
draws the two fine ones anew, and can move nothing wider than some eight pixels.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from secondunit.generate.low_band import LEAST, LOW
from secondunit.generate.packing import BRIGHTER, BROAD, DARKER, DEPTH, FAINT, FLOOR, LIT, NOISE, ROOT, STATE, WHOLE

MULTIPLE = 8
"""Height and width of the buffers are multiples of this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Widths:
    """Channels and blocks."""

    trunk: tuple[int, int, int] = (32, 64, 160)
    trunk_blocks: tuple[int, int, int] = (1, 2, 3)
    detail: tuple[int, int] = (48, 64)
    detail_blocks: tuple[int, int] = (3, 2)


class Block(nn.Module):
    """Two convolutions around a small gain, added to what comes in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.gain = nn.Parameter(torch.full((1, width, 1, 1), 0.3))

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` and what the block adds."""
        # The gain comes last, so that ONNX Runtime takes it into the convolution.
        return x + self.second(functional.relu(self.first(functional.relu(x)))) * self.gain


def _blocks(width: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(Block(width) for _ in range(count)))


class Trunk(nn.Module):
    """From the packed state to what is likely and two levels of features."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        (a, b, c), (p, q, r) = widths.trunk, widths.trunk_blocks
        self.enter = nn.Conv2d(len(STATE), a, 3, padding=1)
        self.level_0 = _blocks(a, p)
        self.down_1 = nn.Conv2d(a, b, 2, stride=2)
        self.level_1 = _blocks(b, q)
        self.down_2 = nn.Conv2d(b, c, 2, stride=2)
        self.level_2 = _blocks(c, r)
        self.up_1 = nn.Conv2d(c, b, 1)
        self.back_1 = _blocks(b, 1)
        self.up_0 = nn.Conv2d(b, a, 1)
        self.back_0 = _blocks(a, 1)
        self.leave = nn.Conv2d(a, 12, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]

    def forward(self, state: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return base and likely, (n, 3, 2h, 2w), and features (n, a, h, w) and (n, b, h/2, w/2)."""
        x0 = self.level_0(self.enter(state))
        x1 = self.level_1(self.down_1(x0))
        x2 = self.level_2(self.down_2(x1))
        x1 = self.back_1(x1 + _doubled(self.up_1(x2)))
        x0 = self.back_0(x0 + _doubled(self.up_0(x1)))
        likely = functional.pixel_shuffle(self.leave(functional.relu(x0)), 2)
        return base_of(state), likely * _doubled(_there(state[:, 0:1])), x0, x1


class Decoder(nn.Module):
    """From the trunk's features and noise to detail that the low band does not see."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        (a, b, _), (d, e), (p, q) = widths.trunk, widths.detail, widths.detail_blocks
        self.noise_1 = nn.Conv2d(len(NOISE), 24, 2, stride=2)
        self.enter_1 = nn.Conv2d(b + 24, e, 1)
        self.level_1 = _blocks(e, q)
        self.up_0 = nn.Conv2d(e, a, 1)
        self.enter_0 = nn.Conv2d(2 * a + len(NOISE), d, 3, padding=1)
        self.level_0 = _blocks(d, p)
        self.widen = nn.Conv2d(d, 48, 3, padding=1)
        self.leave = nn.Conv2d(12, 3, 3, padding=1)  # at full size, so that the shuffle's raster is not the picture's
        nn.init.normal_(self.leave.weight, std=1e-3)
        nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]

    def forward(self, x0: Tensor, x1: Tensor, noise: Tensor) -> Tensor:
        """Return detail (n, 3, 2h, 2w)."""
        y1 = self.level_1(self.enter_1(torch.cat((functional.relu(x1), self.noise_1(noise)), 1)))
        y0 = self.enter_0(torch.cat((functional.relu(x0), noise, _doubled(self.up_0(functional.relu(y1)))), 1))
        full = functional.pixel_shuffle(self.widen(functional.relu(self.level_0(y0))), 2)
        return high_band(self.leave(functional.relu(full)) * _doubled(_there(noise)))


class Broad(nn.Module):
    """From the trunk's features and the coarse octaves to billows that the coarse solver was too coarse for.

    Painted at a quarter of the picture's size: they are smooth, and no raster shows in them.
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        b, e = widths.trunk[1], widths.detail[1]
        self.noise_1 = nn.Conv2d(len(BROAD), 16, 2, stride=2)
        self.enter_1 = nn.Conv2d(b + 16, e, 3, padding=1)
        self.level_1 = _blocks(e, 2)
        self.leave = nn.Conv2d(e, 3, 3, padding=1)
        nn.init.normal_(self.leave.weight, std=1e-3)
        nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]

    def forward(self, x1: Tensor, noise: Tensor) -> Tensor:
        """Return (n, 3, 2h, 2w)."""
        y1 = self.level_1(self.enter_1(torch.cat((functional.relu(x1), self.noise_1(noise[:, : len(BROAD)])), 1)))
        quarter = self.leave(functional.relu(y1)) * functional.avg_pool2d(_there(noise[:, : len(BROAD)]), 2)
        half = functional.interpolate(quarter, scale_factor=2, mode="bilinear", align_corners=False)
        return functional.interpolate(half, scale_factor=2, mode="bilinear", align_corners=False)


class Network(nn.Module):
    """All three."""

    def __init__(self, widths: Widths | None = None) -> None:
        super().__init__()
        self.widths = widths or Widths()
        self.trunk = Trunk(self.widths)
        self.decoder = Decoder(self.widths)
        self.broad = Broad(self.widths)

    def forward(self, state: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return base, likely, broad and fine of one draw, all (n, 3, 2h, 2w)."""
        base, likely, x0, x1 = self.trunk(state)
        return base, likely, self.broad(x1, noise), self.decoder(x0, x1, noise)


def base_of(state: Tensor) -> Tensor:
    """Return the coarse optical depth and the roots of the coarse brightness, (n, 3, 2h, 2w).

    Brightness is light over alpha. Both are widened a little first, so that beside the coarse dust there is a
    brightness for what is painted there.
    """
    depth = torch.clamp(torch.exp(state[:, 1:2] / 0.4) - 1.0, min=0.0)
    premultiplied = torch.cat((state[:, 0:1], _from_root(state[:, 2:4])), 1)
    wide = premultiplied
    for side, share in ((4, 3e-2), (8, 3e-3)):
        mean = functional.avg_pool2d(premultiplied, side)
        wide = wide + share * functional.interpolate(mean, scale_factor=side, mode="bilinear", align_corners=False)
    full = functional.interpolate(torch.cat((depth, wide), 1), scale_factor=2, mode="bilinear", align_corners=False)
    return torch.cat((full[:, 0:1], torch.sqrt(full[:, 2:4] / (full[:, 1:2] + 1e-5) + 1e-6)), 1)


def compose(base: Tensor, painted: Tensor) -> Tensor:
    """Return the packed picture of what was painted: alpha, and light in square-root space (``pack_layers``).

    The same as ``packing.compose_layers``, for training.
    """
    coarse = base[:, 0:1]
    depth = coarse * torch.exp(torch.clamp(painted[:, 0:1], -DEPTH, DEPTH) * (coarse / (coarse + FAINT)))
    alpha = torch.clamp((1.0 - torch.exp(-depth)) * WHOLE, 0.0, 1.0)
    alpha = alpha * torch.clamp((base[:, 1:2] + base[:, 2:3]) / LIT - 1.0, 0.0, 1.0)
    said = painted[:, 1:3]
    change = torch.where(said > 0, BRIGHTER * torch.tanh(said / BRIGHTER), DARKER * torch.tanh(said / DARKER))
    bright = base[:, 1:3] * (1.0 + change)
    return torch.cat((alpha, _to_root(alpha * bright * bright)), 1)


def keep_low(fine: Tensor, broad: Tensor, *, rounds: int = 3) -> Tensor:
    """Return a packed picture whose low band is that of another: ``low_band.keep_low_band``'s smooth rounds.

    What an artist sees has been through it; so has what is scored.
    """
    one, two = _linear(fine), _linear(broad)
    wanted = functional.avg_pool2d(two, LOW)
    for _ in range(rounds):
        alpha = one[:, 0:1]
        room = torch.cat((alpha * (1.0 + float(LEAST) - alpha), one[:, 1:]), 1)
        missing = wanted - functional.avg_pool2d(one, LOW)
        # A share is taken as it is: its quotient's slope, where there is hardly any room, would break the training.
        share = torch.clamp(missing / (functional.avg_pool2d(room, LOW) + 1e-3), -0.5, 0.5).detach()
        one = one + room * functional.interpolate(share, scale_factor=LOW, mode="bilinear", align_corners=False)
        one = torch.cat((torch.clamp(one[:, 0:1], 0.0, 1.0), torch.clamp(one[:, 1:], min=0.0)), 1)
    return torch.cat((one[:, 0:1], _to_root(one[:, 1:])), 1)


def _linear(packed: Tensor) -> Tensor:
    return torch.cat((packed[:, 0:1], _from_root(packed[:, 1:])), 1)


def _to_root(light: Tensor) -> Tensor:
    return torch.sqrt(light + FLOOR) - ROOT


def _from_root(root: Tensor) -> Tensor:
    whole = root + ROOT
    return torch.clamp(whole * whole - FLOOR, min=0.0)


def high_band(picture: Tensor) -> Tensor:
    """Return what is left of a picture without its low band."""
    low = functional.avg_pool2d(picture, LOW)
    return picture - functional.interpolate(low, scale_factor=LOW, mode="bilinear", align_corners=False)


def _there(planes: Tensor) -> Tensor:
    """Return (n, 1, h, w) 1 where there is dust, by planes that are 0 where there is none.

    Nothing judges what is said elsewhere, and so it may grow without bound; no filter may carry it into the dust.
    """
    return (planes.abs().sum(1, keepdim=True) > 0).to(planes.dtype)


def _doubled(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2, mode="nearest")


def parameters_of(network: nn.Module) -> int:
    """Return how many parameters there are."""
    return sum(p.numel() for p in network.parameters())
