"""A cut looked through for what may not be in it: temps, and material that the ledger does not know."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlparse

from secondunit.clearance.provenance.sequence import SUFFIX
from secondunit.core.errors import BriefError
from secondunit.media.digest import file_digest
from secondunit.show.record.ledger import ledger_of
from secondunit.show.store.show import Show

MEDIA = (".exr", ".mp4", ".mov", ".mxf", ".mkv", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dpx", ".wav")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformed:
    """A file of a cut."""

    file: Path
    state: Literal["final", "temp", "unknown", "missing"]
    what: str = ""
    """Which take it is."""


def conform(show: Show, media: Sequence[Path]) -> tuple[Conformed, ...]:
    """Look up every file of a cut in the ledger, by its digest, and put the answer on record.

    Parameters
    ----------
    media
        Files, folders, or OpenTimelineIO timelines whose media references are followed.

    Raises
    ------
    BriefError
        A timeline cannot be read, or nothing is given.
    """
    known = _known(show)
    rows = []
    for path in dict.fromkeys(found for given in media for found in _files(given)):
        if not path.is_file():
            rows.append(Conformed(file=path, state="missing"))
            continue
        state, what = known.get(file_digest(path), ("unknown", "not in the ledger: undeclared, source unknown"))
        rows.append(Conformed(file=path, state=state, what=what))  # type: ignore[arg-type]
    if not rows:
        raise BriefError("no media is there", fix="give files, a folder with media, or an .otio timeline")
    with ledger_of(show) as ledger:
        counts = {state: sum(r.state == state for r in rows) for state in ("final", "temp", "unknown", "missing")}
        ledger.append("conform", {**counts, "bad": [r.file.name for r in rows if r.state != "final"][:100]})
    return tuple(rows)


def _known(show: Show) -> dict[str, tuple[str, str]]:
    """Return each digest that the ledger knows: a final only where its signed folder holds it."""
    found: dict[str, tuple[str, str]] = {}
    with ledger_of(show) as ledger:
        entries = ledger.entries()
    for entry in entries:
        facts = entry.facts
        if entry.kind == "output" and facts.get("state") == "whole":
            what = f"take {facts['take']} of {facts['shot']}"
            for digest in (facts["movie"], *facts["comps"]):
                found[digest] = ("temp", what)
    for entry in entries:
        if entry.kind == "export":
            facts = entry.facts
            folder = show.root / "shots" / facts["shot"] / "publish" / facts["version"]
            for digest in _signed(folder):
                found[digest] = ("final", f"{facts['shot']} {facts['version']}")
    return found


def _signed(folder: Path) -> Iterator[str]:
    """Yield the digests in a publish's lists; ``secondunit verify`` says whether those are as signed."""
    for path in sorted((*folder.rglob(f"*{SUFFIX}"), *folder.glob("*.delivery.json"))):
        try:
            yield from _digests(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            continue


def _digests(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "file" in value and isinstance(value.get("sha256"), str):
            yield value["sha256"]
        for item in value.values():
            yield from _digests(item)
    elif isinstance(value, list):
        for item in value:
            yield from _digests(item)


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (p for p in sorted(path.rglob("*")) if p.suffix.lower() in MEDIA)
    elif path.suffix.lower() == ".otio":
        try:
            timeline = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BriefError(f"{path} cannot be read as a timeline", fix="export it again as .otio") from error
        for url in _urls(timeline):
            named = Path(unquote(urlparse(url).path))
            whole = named if named.is_absolute() else path.parent / named
            yield from _files(whole) if whole.is_dir() else (whole,)
    else:
        yield path


def _urls(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("target_url", "target_url_base") and isinstance(item, str) and item:
                yield item
            else:
                yield from _urls(item)
    elif isinstance(value, list):
        for item in value:
            yield from _urls(item)
