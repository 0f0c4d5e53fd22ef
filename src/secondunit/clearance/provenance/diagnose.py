"""Where a file differs from what was signed: the frame, the region, the channels. Only asked once a digest failed."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from secondunit.clearance.provenance.findings import Finding
from secondunit.clearance.provenance.pixels import MOVIES, PixelPrint, print_movie, print_picture, read_print
from secondunit.core.errors import BackendError, SecondUnitError

SAME = "its bytes changed (a header, a compression), the picture did not"


def diagnose_picture(path: Path, before: PixelPrint, *, frame: int | None = None) -> Finding:
    """Return what became of a picture whose digest failed."""
    named = f"frame {frame}: " if frame is not None else ""
    try:
        now = print_picture(path)
    except SecondUnitError:
        return Finding(path=path, kind="damaged", message=f"{named}changed, and can no longer be decoded", frame=frame)
    return _compared(path, before, now, named=named, frame=frame)


def diagnose_file(path: Path, entry: Mapping[str, Any]) -> Finding:
    """Return what became of a listed file whose digest failed."""
    prints = [read_print(said) for said in entry.get("prints", ())]
    if path.suffix.lower() in MOVIES and prints:
        return _diagnose_movie(path, prints)
    if len(prints) == 1:
        return diagnose_picture(path, prints[0])
    return Finding(path=path, kind="changed", message=_size(path, int(entry["size"])))


def _diagnose_movie(path: Path, prints: Sequence[PixelPrint]) -> Finding:
    """Return the first frame of a movie that differs."""
    for number, (before, now) in enumerate(zip_longest(prints, _until_broken(path)), start=1):
        if now is None:
            message = f"frame {number}: changed, and can no longer be decoded from here"
            return Finding(path=path, kind="damaged", message=message, frame=number)
        if before is None:
            return Finding(path=path, kind="changed", message=f"frame {number}: added", frame=number)
        if before.digest != now.digest:
            return _compared(path, before, now, named=f"frame {number}: ", frame=number)
    return Finding(path=path, kind="changed", message=SAME)


def _until_broken(path: Path) -> Iterator[PixelPrint]:
    try:
        yield from print_movie(path)
    except BackendError:
        return


def _compared(path: Path, before: PixelPrint, now: PixelPrint, *, named: str, frame: int | None) -> Finding:
    if before.digest == now.digest:
        return Finding(path=path, kind="changed", message=named + SAME, frame=frame)
    region = before.changed(now)
    where = f" in columns {region[0]}–{region[2]}, rows {region[1]}–{region[3]}" if region else ""
    channels = ", ".join(before.changed_channels(now))
    message = f"{named}pixels changed{where}" + (f" (channel {channels})" if channels else "")
    return Finding(path=path, kind="changed", message=message, frame=frame, region=region)


def _size(path: Path, before: int) -> str:
    now = path.stat().st_size
    return "changed" + (f": {now} bytes, signed with {before}" if now != before else "")
