"""A clip model's pictures of a take: kept in the cache as float EXR, and known again by their pixels."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np

from secondunit.clearance.provenance.pixels import print_pixels
from secondunit.core.errors import BriefError
from secondunit.core.take import Finding
from secondunit.imaging.buffers import Image
from secondunit.media.exr import read_exr, stored_channels, write_exr
from secondunit.show.picture.passes import rgb
from secondunit.show.store.cache import StageCache
from secondunit.show.store.clip_record import ModelPicture


def model_name(number: int) -> str:
    """Return the cache's file of one of the model's frames."""
    return f"model.{number:04d}.exr"


def keep_model(cache: StageCache, number: int, picture: Image, *, rate: Fraction) -> None:
    """Put one of the model's frames in the cache: (height, width, 3) ACEScg, 32-bit float.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """

    def write(path: Path) -> None:
        write_exr(path, rgb(picture), frame=number, rate=rate, header={"recipeDigest": cache.digest}, half=False)

    cache.put(model_name(number), write)


def read_model(cache: StageCache, number: int) -> Image:
    """Return (height, width, 3) ACEScg: one of the model's frames at the worked size."""
    channels, _ = read_exr(cache.path(model_name(number)))
    return np.stack([channels[c] for c in "RGB"], axis=-1).astype(np.float32)


def model_pixels(picture: Image) -> str:
    """Return the SHA-256 of one of the model's frames, by its pixels."""
    return print_pixels(stored_channels(rgb(picture), half=False)).digest


def recorded(cache: StageCache, number: int, picture: ModelPicture | None) -> Image | None:
    """Return a frame where it is bit for bit the one on record; nothing where it is gone, damaged or another."""
    if picture is None or not cache.holds(model_name(number)):
        return None
    try:
        found = read_model(cache, number)
    except (BriefError, KeyError):
        return None
    return found if model_pixels(found) == picture.pixels else None


def unlike(cache: StageCache, frames: Iterable[int], pictures: Mapping[int, ModelPicture]) -> tuple[int, ...]:
    """Return the frames that the cache does not hold as they are on record."""
    return tuple(number for number in frames if recorded(cache, number, pictures.get(number)) is None)


def forget(cache: StageCache, frames: Iterable[int]) -> None:
    """Throw frames away, so that they are drawn again."""
    for number in frames:
        cache.path(model_name(number)).unlink(missing_ok=True)


def drawn_again(before: Mapping[int, ModelPicture], now: Mapping[int, ModelPicture]) -> tuple[Finding, ...]:
    """Say which pictures of a take came out other than they were: nobody has approved these."""
    other = tuple(number for number, picture in now.items() if before and before.get(number) != picture)
    said = "drawn again, and not bit for bit as they were; approvals of the take as it was do not count"
    return (Finding(check="model's pictures", severity="warning", message=said, frames=other),) if other else ()
