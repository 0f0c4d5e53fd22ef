"""``clip.json`` of a drawn take: over which take, with what changes of the brief, and the model's pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from secondunit.core.errors import StoreError
from secondunit.core.recipe import digest
from secondunit.show.store.records import read_json, write_json

NAME = "clip.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPicture:
    """One of the model's frames as it went into the take."""

    pixels: str
    """SHA-256 of its pixels, scene-linear float, whatever file they lie in."""
    gain_stops: tuple[float, float, float]
    """Log2 gains that brought it to our plate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRecord:
    """A drawn take's own record."""

    take: int
    """That was drawn over."""
    recipe: str
    said: tuple[str, ...]
    """What was said before the model ran."""
    changed: tuple[str, ...]
    """Keys of [clip] that were given for this run, over the brief's."""
    pictures: Mapping[int, ModelPicture]
    """By frame."""

    @property
    def digest(self) -> str:
        """SHA-256 over the model's pictures and their gains: what people judge when they look at the take."""
        return digest({f"{n}": [p.pixels, *map(repr, p.gain_stops)] for n, p in self.pictures.items()})


def write_clip_record(folder: Path, record: ClipRecord) -> None:
    """Write ``clip.json``.

    Raises
    ------
    StoreError
        As ``write_json``.
    """
    pictures = {
        f"{number}": {"pixels": picture.pixels, "gain_stops": list(picture.gain_stops)}
        for number, picture in sorted(record.pictures.items())
    }
    said = {"take": record.take, "recipe": record.recipe, "said": list(record.said), "changed": list(record.changed)}
    write_json(folder / NAME, {**said, "pictures": pictures, "digest": record.digest})


def read_clip_record(folder: Path, *, fix: str) -> ClipRecord:
    """Read what ``write_clip_record`` wrote.

    Parameters
    ----------
    fix
        How to have it written again.

    Raises
    ------
    StoreError
        It is missing, altered, or was written before pictures had digests.
    """
    try:
        said = read_json(folder / NAME)
        record = ClipRecord(
            take=int(said["take"]),
            recipe=str(said["recipe"]),
            said=tuple(map(str, said["said"])),
            changed=tuple(map(str, said["changed"])),
            pictures={int(number): _picture(found) for number, found in said["pictures"].items()},
        )
        whole = record.digest == said["digest"]
    except (TypeError, KeyError, ValueError, AttributeError, StoreError) as error:
        raise StoreError(f"{folder / NAME} does not say which pictures the model drew", fix=fix) from error
    if not whole:
        raise StoreError(f"{folder / NAME} was altered", fix=fix)
    return record


def _picture(said: Mapping[str, object]) -> ModelPicture:
    gains = said["gain_stops"]
    if not isinstance(gains, list):
        raise TypeError("gains are a list")
    red, green, blue = (float(g) for g in gains)
    return ModelPicture(pixels=str(said["pixels"]), gain_stops=(red, green, blue))
