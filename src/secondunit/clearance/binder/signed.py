"""The report as signed JSON: what every edition was printed from, and what a stranger checks."""

import json
from pathlib import Path
from typing import Any

from secondunit.clearance.binder.report import Report
from secondunit.clearance.keys import SigningKey, verify
from secondunit.core.errors import StoreError
from secondunit.core.recipe import canonical
from secondunit.media.digest import file_digest

KIND = "disclosure report"


def sign_report(report: Report, *, key: SigningKey, editions: dict[str, str]) -> dict[str, Any]:
    """Return the report signed.

    Parameters
    ----------
    editions
        SHA-256 of each edition's file by its name: an edition that is not listed was not printed from this report.
    """
    body = {"report": canonical(report), "editions": dict(sorted(editions.items()))}
    return {"secondunit": KIND, "body": body, "public_key": key.public, "signature": key.sign(KIND, body)}


def check_report(path: Path, *, public: str = "") -> tuple[str, ...]:
    """Return what is wrong with a signed report and the editions beside it; nothing where all is well.

    Parameters
    ----------
    public
        The public key it must be signed with; any key where empty, and that is told.

    Raises
    ------
    StoreError
        It is no signed report.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        body, key, signature = said["body"], said["public_key"], said["signature"]
        editions = dict(body["editions"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} is no signed report", fix="write the binder again") from error
    found = []
    if not verify(key, KIND, body, signature):
        found.append(f"{path.name}: the signature does not hold; the report was changed after it was signed")
    if public and key != public:
        found.append(f"{path.name}: signed by another key than the show's")
    for name, expected in editions.items():
        edition = path.parent / name
        if not edition.is_file():
            found.append(f"{name}: missing")
        elif file_digest(edition) != expected:
            found.append(f"{name}: not the file that was printed from this report")
    return tuple(found)
