"""What a shot's plate is when it is no photograph: a stand-in rendered from a previs, and which previs it came from."""

from pathlib import Path
from typing import Any

from secondunit.core.take import Finding
from secondunit.show.store.records import read_json

LINK = "previs.json"
"""In a shot's folder: the previs that it was begun from."""
STANDIN = "previs stand-in"


def previs_link(folder: Path) -> dict[str, Any]:
    """Return which previs a shot was begun from; empty where it was not.

    Raises
    ------
    StoreError
        The file is broken.
    """
    path = folder / LINK
    return dict(read_json(path)) if path.is_file() else {}


def standin_findings(folder: Path) -> tuple[Finding, ...]:
    """Say where a shot stands on a stand-in."""
    link = previs_link(folder)
    if not link.get("standin"):
        return ()
    said = f"the plate is a {STANDIN} ({link['version']}), rendered and not photographed: for timing, not for a final"
    return (Finding(check="plate", severity="warning", message=said),)
