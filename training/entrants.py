"""Who is evaluated on a scene: the generators, and the controls that every metric must rank right.

Controls are made from the truth, so that what is wrong with each is known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.collapse import Detail
from secondunit.generate.packing import BROAD
from secondunit.generate.procedural import Procedural
from secondunit.generate.relight import reduce_depth, surface_edges, upsample
from secondunit.imaging.buffers import ControlBuffers, DustLayers, Image
from training.held_out import BLOCKS, NOISE, buffers_of, layers_of
from training.metrics import Mask

STAGE = 0x43545254
GENERATORS = ("coarse", "procedural", "regression", "embedded")
CONTROLS = ("blurred", "down_up", "noisy", "shuffled")
FAULTS = ("streaked", "rimmed", "holed", "flecked", "gridded")
FREE = 16
"""Free frames of the coarse solver beyond which its picture and the truth are two clouds."""

Planes = NDArray[np.float32]


class Learned(Protocol):
    """What is asked of the embedded generator here."""

    def likely(self, buffers: ControlBuffers) -> DustLayers:
        """Return the likely picture."""

    def generate(self, buffers: ControlBuffers, *, detail: Detail, beside: Sequence[ControlBuffers] = ()) -> DustLayers:
        """Return one of those there may be."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """One scene, ready to be measured. Pictures are (views, blocks, run, 3, height, width)."""

    seed: int
    truth: Planes
    pictures: dict[str, Planes]
    """By name: ``GENERATORS`` but for what needs weights that are not there, ``CONTROLS``, ``FAULTS``."""
    draws: Planes | None
    """(views, blocks, seeds, 3, height, width) of the middle picture of each run, painted by itself: all octaves drawn
    anew."""
    micro: Planes | None
    """The same, (views, blocks, 2, ...): with one set of coarse octaves, two of fine ones."""
    twin: Planes | None
    """(views, blocks, 3, height, width) of the middle pictures."""
    motion: Image
    """(views, blocks, run, 2, height, width) of the fine dust."""
    coarse_motion: Image
    where: Mask
    """(views, blocks, run, height, width): dust of the truth or of the coarse render, clear of surfaces' edges."""
    open: Mask
    """(views, height, width): clear of surfaces' edges."""
    free: bool
    """Whether truth and coarse render are two clouds by now."""

    @property
    def middle(self) -> int:
        """Number of the middle picture of a run."""
        return int(self.truth.shape[2]) // 2


def set_stage(seed: int, arrays: dict[str, NDArray[Any]], learned: Learned | None) -> Stage:
    """Make every entrant's pictures of a scene."""
    truth = arrays["target"].astype(np.float32)
    shape = truth.shape
    edges = np.stack([cv2.dilate(surface_edges(d), np.ones((5, 5), np.uint8)) for d in arrays["depth"]]) > 0
    pictures = {"coarse": np.empty_like(truth), "procedural": np.empty_like(truth)}
    if learned is not None:
        pictures |= {"regression": np.empty_like(truth), "embedded": np.empty_like(truth)}
    coarse_motion = np.empty((*shape[:3], 2, *shape[4:]), np.float32)
    for at in np.ndindex(*shape[:3]):
        if at[2] == 0:
            blocks = [buffers_of(arrays, at[0], at[1], n) for n in range(shape[2])]
            run = [uncarved(carved) for carved in blocks]
        carved, buffers, depth = blocks[at[2]], run[at[2]], arrays["depth"][at[0]]
        coarse_motion[at] = _doubled_motion(buffers)
        made = {"coarse": enlarged(buffers), "procedural": Procedural().generate(carved, detail=Detail())}
        if learned is not None:
            made |= {
                "regression": learned.likely(buffers),
                "embedded": learned.generate(buffers, detail=Detail(), beside=_beside(run, at[2])),
            }
        for name, layers in made.items():
            pictures[name][at] = planes_of(finished(layers, buffers, depth))
    rng = np.random.default_rng([seed, STAGE])
    makers: dict[str, Callable[[Planes], Planes]] = {
        "blurred": blurred,
        "down_up": down_up,
        "noisy": lambda p: noisy(p, rng),
        "streaked": lambda p: streaked(p, rng),
        "rimmed": rimmed,
        "holed": lambda p: holed(p, rng),
        "flecked": lambda p: flecked(p, rng),
        "gridded": gridded,
    }
    for name, make in makers.items():
        pictures[name] = np.empty_like(truth)
        for at in np.ndindex(*shape[:3]):
            pictures[name][at] = make(truth[at])
    pictures["shuffled"] = truth[:, :, shuffle(shape[2])]
    some = np.maximum(truth[:, :, :, 0], pictures["coarse"][:, :, :, 0]) > 0.02
    grown = np.stack([cv2.dilate(m.astype(np.uint8), np.ones((7, 7), np.uint8)) for m in some.reshape(-1, *shape[4:])])
    return Stage(
        seed=seed,
        truth=truth,
        pictures=pictures,
        draws=None if learned is None else _draws(arrays, learned),
        micro=None if learned is None else _micro(arrays, learned),
        twin=arrays["twin"].astype(np.float32) if "twin" in arrays else None,
        motion=arrays["motion"].astype(np.float32),
        coarse_motion=coarse_motion,
        where=(grown > 0).reshape(some.shape) & ~edges[:, None, None],
        open=~edges,
        free=bool(arrays["free"].max() > FREE),
    )


def _beside(run: Sequence[ControlBuffers], number: int) -> list[ControlBuffers]:
    """Return the frames before and after one of a block, as a take gives them; its first and last have one."""
    return [run[n] for n in (number - 1, number + 1) if 0 <= n < len(run)]


def uncarved(buffers: ControlBuffers) -> ControlBuffers:
    """Return buffers as the march gives them where nobody asks for carving."""
    kept = {name: image for name, image in buffers.channels.items() if name not in Procedural.needs}
    return replace(buffers, channels=kept)


def finished(layers: DustLayers, buffers: ControlBuffers, depth: Image) -> DustLayers:
    """Return layers as the product brings them to full size, ended at the edges of surfaces."""
    height, width = buffers.size
    return upsample(layers, low_depth=reduce_depth(depth, width=width, height=height), depth=depth)


def planes_of(layers: DustLayers) -> Planes:
    """Return layers as (3, height, width)."""
    return np.stack([layers.alpha, layers.sun, layers.sky])


def enlarged(buffers: ControlBuffers) -> DustLayers:
    """Return the coarse render at the picture's size, bicubic."""
    height, width = buffers.size
    planes = [
        cv2.resize(buffers.channels[name], (2 * width, 2 * height), interpolation=cv2.INTER_CUBIC)
        for name in ("alpha", "sun", "sky")
    ]
    return layers_of(_held(np.stack(planes)))


def blurred(planes: Planes) -> Planes:
    """Return a picture softened by a Gaussian of 1.2 pixels."""
    return np.stack([cv2.GaussianBlur(p, (0, 0), 1.2, borderType=cv2.BORDER_REPLICATE) for p in planes])


def down_up(planes: Planes) -> Planes:
    """Return a picture reduced to a quarter and brought back, bicubic."""
    height, width = planes.shape[1:]
    small = [cv2.resize(p, (width // 4, height // 4), interpolation=cv2.INTER_AREA) for p in planes]
    return _held(np.stack([cv2.resize(p, (width, height), interpolation=cv2.INTER_CUBIC) for p in small]))


def noisy(planes: Planes, rng: np.random.Generator) -> Planes:
    """Return a picture with white noise of 6 % on its light and 3 % on its alpha."""
    grain = rng.standard_normal((2, *planes.shape[1:])).astype(np.float32)
    light = 1.0 + 0.06 * grain[0]
    return _held(np.stack([planes[0] * (1.0 + 0.03 * grain[1]), planes[1] * light, planes[2] * light]))


def streaked(planes: Planes, rng: np.random.Generator) -> Planes:
    """Return a picture brushed: its light times noise that is drawn out along one direction."""
    grain = rng.standard_normal(planes.shape[1:]).astype(np.float32)
    kernel = np.zeros((21, 21), np.float32)
    cv2.line(kernel, (2, 6), (18, 14), 1.0)
    hair = cv2.filter2D(grain, -1, kernel / kernel.sum())
    light = 1.0 + 0.08 * hair / hair.std()
    return _held(np.stack([planes[0], planes[1] * light, planes[2] * light]))


def rimmed(planes: Planes) -> Planes:
    """Return a picture with a dark line around its clouds."""
    alpha = planes[0]
    light = 1.0 - 0.35 * np.exp(-(((alpha - 0.45) / 0.25) ** 2))
    return np.stack([alpha, planes[1] * light, planes[2] * light])


def holed(planes: Planes, rng: np.random.Generator) -> Planes:
    """Return a picture with a pinhole in some of every thousand pixels."""
    height, width = planes.shape[1:]
    pricks = (rng.random((height, width)) < 0.002).astype(np.float32)
    soft = cv2.GaussianBlur(pricks, (0, 0), 1.1)
    left = 1.0 - np.clip(soft / 0.13, 0.0, 1.0) * 0.35
    return np.asarray(planes * left, dtype=np.float32)


def flecked(planes: Planes, rng: np.random.Generator) -> Planes:
    """Return a picture with dark dashes here and there, as where alpha is painted and light is not."""
    height, width = planes.shape[1:]
    dashes = (rng.random((height, width)) < 0.0015).astype(np.uint8)
    dashes = cv2.dilate(dashes, np.ones((2, 5), np.uint8)) * (planes[0] > 0.05)
    return _held(np.stack([planes[0], planes[1] * (1 - dashes), planes[2] * (1 - dashes)]))


def gridded(planes: Planes) -> Planes:
    """Return a picture with a faint grid of four pixels on its light, as convolutions paint that were enlarged."""
    height, width = planes.shape[1:]
    line = np.array((1.0, 0.0, -1.0, 0.0), np.float32)
    light = 1.0 + 0.02 * (np.resize(line, height)[:, None] + np.resize(line, width))
    return _held(np.stack([planes[0], planes[1] * light, planes[2] * light]))


def shuffle(run: int) -> list[int]:
    """Return an order of a run in which few frames follow their predecessor."""
    return sorted(range(run), key=lambda n: 2 * n % run)


def _held(planes: Planes) -> Planes:
    planes = np.maximum(planes, 0.0)
    planes[0] = np.minimum(planes[0], 1.0)
    return planes.astype(np.float32)


def _doubled_motion(buffers: ControlBuffers) -> Image:
    height, width = buffers.size
    return np.stack(
        [
            2.0
            * cv2.resize(buffers.channels[f"motion_{axis}"], (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
            for axis in "xy"
        ]
    ).astype(np.float32)


def _draws(arrays: dict[str, NDArray[Any]], learned: Learned) -> Planes:
    views, blocks, seeds = arrays["noises"].shape[:3]
    middle = arrays["target"].shape[2] // 2
    out = np.empty((views, blocks, seeds, *arrays["target"].shape[3:]), np.float32)
    for v, b, s in np.ndindex(views, blocks, seeds):
        buffers = uncarved(buffers_of(arrays, v, b, middle, noise=s))
        layers = learned.generate(buffers, detail=Detail())
        out[v, b, s] = planes_of(finished(layers, buffers, arrays["depth"][v]))
    return out


def _micro(arrays: dict[str, NDArray[Any]], learned: Learned) -> Planes:
    """Paint each middle picture with two sets of fine octaves over one set of coarse, as the generator gives it."""
    middle = arrays["target"].shape[2] // 2
    found = []
    for v in range(arrays["target"].shape[0]):
        for b in range(len(BLOCKS)):
            one, two = (uncarved(buffers_of(arrays, v, b, middle, noise=s)) for s in (0, 1))
            mixed = replace(
                one, channels=one.channels | {name: two.channels[name] for name in NOISE if name not in BROAD}
            )
            found.append([planes_of(learned.generate(x, detail=Detail())) for x in (one, mixed)])
    pair = np.stack([np.stack(p) for p in found])
    return pair.reshape(-1, len(BLOCKS), *pair.shape[1:])
