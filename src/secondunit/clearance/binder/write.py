"""A binder's folder: the signed report, and each edition as HTML and PDF."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from secondunit.clearance.binder.editions import EDITIONS, EditionName, edition
from secondunit.clearance.binder.html import write_html
from secondunit.clearance.binder.pdf import write_pdf
from secondunit.clearance.binder.report import Report
from secondunit.clearance.binder.signed import sign_report
from secondunit.clearance.keys import SigningKey
from secondunit.core.errors import StoreError
from secondunit.media.atomic import whole_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Binder:
    """A binder on disk."""

    folder: Path
    report: Path
    """The signed JSON."""
    editions: Mapping[EditionName, tuple[Path, Path]]
    """HTML and PDF by edition."""


def write_binder(
    report: Report,
    folder: Path,
    *,
    key: SigningKey,
    stills: Mapping[str, bytes] | None = None,
    only: Sequence[EditionName] = EDITIONS,
) -> Binder:
    """Write a binder.

    Parameters
    ----------
    folder
        Made where missing; files of an earlier binder are replaced.
    stills
        JPEG by caption; the studio edition shows them, the report does not hold them.

    Raises
    ------
    StoreError
        The folder cannot be written.
    BackendError
        An edition cannot be set.
    """
    editions: dict[EditionName, tuple[Path, Path]] = {}
    digests: dict[str, str] = {}
    for name in only:
        page = edition(report, name, stills=stills)
        html, pdf = folder / f"{name}.html", folder / f"{name}.pdf"
        for path, content in ((html, write_html(page).encode()), (pdf, write_pdf(page))):
            _write(path, content)
            digests[path.name] = hashlib.sha256(content).hexdigest()
        editions[name] = (html, pdf)
    signed = folder / "report.json"
    text = json.dumps(sign_report(report, key=key, editions=digests), indent=2, ensure_ascii=False) + "\n"
    _write(signed, text.encode())
    return Binder(folder=folder, report=signed, editions=editions)


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}", fix="check permissions") from error
