"""Take folders: which number a take has, what its ``take.json`` says, and reading it back."""

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from secondunit.comp.quality import FrameCheck, findings
from secondunit.core.errors import BriefError, StoreError
from secondunit.core.recipe import canonical
from secondunit.core.take import Axes, Finding, Take
from secondunit.show.brief.axes import describe
from secondunit.show.brief.recipes import Plan
from secondunit.show.store.records import read_json, write_json

PLAN, RECORD = "plan.json", "take.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeResult:
    """A whole take on disk."""

    take: Take
    folder: Path
    movie: Path
    contact_sheet: Path
    content: str
    """Digest of what a person judges; an approval holds for this."""
    side_by_side: Path | None = None
    peak_mb: float = 0.0
    sign_seconds: float = 0.0
    """Spent on signing and verifying, of a final that was just made."""

    @property
    def description(self) -> str:
        """Its axes as a caption."""
        return describe(self.take.axes)

    def as_json(self) -> dict[str, Any]:
        """Return what machines are told; the recipes are in ``take.json``."""
        said: dict[str, Any] = canonical(replace(self.take, recipes={}))
        said.pop("recipes")
        paths = {"folder": self.folder, "movie": self.movie, "contact_sheet": self.contact_sheet}
        return {
            **said,
            "description": self.description,
            "content": self.content,
            **{key: str(path) for key, path in paths.items()},
            "side_by_side": str(self.side_by_side) if self.side_by_side else None,
            "peak_memory_mb": round(self.peak_mb, 1),
            "sign_seconds": self.sign_seconds,
        }


def claim(takes: Path, plan: Plan, axes: Axes) -> int:
    """Return the number of the take of this plan: its own where it was begun before, else the next.

    A brief that changed gives another recipe, and so another number: no take is ever overwritten.

    Raises
    ------
    StoreError
        The folder cannot be written.
    """
    numbers = [0]
    for path in sorted(takes.glob(f"t[0-9][0-9][0-9]/{PLAN}")):
        number = int(path.parent.name[1:])
        numbers.append(number)
        if read_json(path).get("recipe") == plan.render.digest:
            return number
    number = max(numbers) + 1
    begin(takes / f"t{number:03d}", plan, axes, version=f"t{number:03d}")
    return number


def begin(folder: Path, plan: Plan, axes: Axes, *, version: str) -> None:
    """Write down what is about to be made in a folder."""
    said = {"recipe": plan.render.digest, "content": plan.content, "axes": canonical(axes), "version": version}
    write_json(folder / PLAN, said)


def read_axes(takes: Path, number: int) -> tuple[Axes, str]:
    """Return a take's axes and its content digest.

    Raises
    ------
    BriefError
        There is no such whole take.
    StoreError
        Its record is broken.
    """
    path = takes / f"t{number:03d}" / RECORD
    if not path.is_file():
        whole = sorted(int(p.parent.name[1:]) for p in takes.glob(f"t[0-9][0-9][0-9]/{RECORD}"))
        there = ", ".join(map(str, whole)) or "none yet"
        raise BriefError(f"there is no whole take {number}", fix=f"takes here: {there}")
    record = read_json(path)
    try:
        return Axes(**record["axes"]), str(record["content"])
    except (TypeError, KeyError) as error:
        raise StoreError(f"{path} is not a take's record", fix="delete that take and make it again") from error


def write_record(result: TakeResult) -> None:
    """Write ``take.json``: the sign that a take is whole."""
    said = canonical(result.take) | {
        "content": result.content,
        "description": result.description,
        "movie": result.movie.name,
        "contact_sheet": result.contact_sheet.name,
        "peak_memory_mb": round(result.peak_mb, 1),
    }
    write_json(result.folder / RECORD, said)


def read_result(folder: Path) -> TakeResult:
    """Read a whole take back.

    Raises
    ------
    StoreError
        Its record is broken.
    """
    record = read_json(folder / RECORD)
    try:
        values = {f.name: record[f.name] for f in fields(Take)}
        values["axes"] = Axes(**values["axes"])
        values["frames"] = tuple(values["frames"])
        values["findings"] = tuple(Finding(**{**f, "frames": tuple(f["frames"])}) for f in values["findings"])
        return TakeResult(
            take=Take(**values),
            folder=folder,
            movie=folder / record["movie"],
            contact_sheet=folder / record["contact_sheet"],
            content=record["content"],
            peak_mb=record["peak_memory_mb"],
        )
    except (TypeError, KeyError) as error:
        raise StoreError(
            f"{folder / RECORD} is not a take's record", fix="delete that take and make it again"
        ) from error


def read_take(folder: Path, number: int) -> TakeResult:
    """Return a whole take of a shot's folder.

    Raises
    ------
    BriefError
        There is none of that number.
    StoreError
        Its record is broken.
    """
    read_axes(folder / "takes", number)
    return read_result(folder / "takes" / f"t{number:03d}")


def area_of(folder: Path) -> tuple[float, float] | None:
    """Return how much of the frame is not the plate, in percent: the mean over a take's frames and the most of any.

    None where the take has no frame records.
    """
    shares = [
        read_json(path)["check"]["touched_share"] * 100 for path in sorted((folder / "frames").glob("[0-9]*.json"))
    ]
    return (sum(shares) / len(shares), max(shares)) if shares else None


def gather(records: list[dict[str, Any]]) -> tuple[dict[str, float], float, tuple[Finding, ...]]:
    """Return seconds by stage, the largest plate-lock difference, and what the frames' checks show together."""
    seconds: dict[str, float] = {}
    for record in records:
        for stage, spent in record["seconds"].items():
            seconds[stage] = seconds.get(stage, 0.0) + spent
    found = findings([FrameCheck(**record["check"]) for record in records])
    return seconds, max((r["plate_lock_max_abs_diff"] for r in records), default=0.0), found
