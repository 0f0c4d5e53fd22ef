"""The signed list of a delivery: written by signing, read by verifying."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from secondunit.clearance.policy.canonical import canonical_bytes
from secondunit.clearance.provenance.sequence import merkle_root
from secondunit.core.errors import StoreError

SCHEMA = "org.secondunit.delivery/1"
LIST = ".delivery.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryList:
    """A delivery's files, as signed."""

    name: str
    root: str
    files: Mapping[str, Mapping[str, Any]]
    """Each file's line by its name, relative to the delivery's folder."""
    statement: Mapping[str, Any]


def list_document(name: str, entries: Sequence[Mapping[str, Any]], *, statement: Mapping[str, object]) -> bytes:
    """Return the list, ready to be signed."""
    return canonical_bytes(
        {
            "schema": SCHEMA,
            "name": name,
            "files": entries,
            "root": root_over(entries),
            "statement": statement,
        }
    )


def root_over(entries: Sequence[Mapping[str, Any]]) -> str:
    """Return the Merkle root over the lines of a list."""
    return merkle_root([canonical_bytes(entry) for entry in entries])


def read_list(data: bytes, *, path: Path) -> DeliveryList:
    """Parse a list and check its root.

    Raises
    ------
    StoreError
        It is not one, names a file twice or outside its folder, or its root is not that of its files.
    """
    try:
        found = json.loads(data)
        if found["schema"] != SCHEMA:
            raise ValueError(f"schema {found['schema']}")
        files = {_inside(entry["file"]): dict(entry) for entry in found["files"]}
        for entry in files.values():
            if not isinstance(entry["sha256"], str) or not isinstance(entry["size"], int):
                raise TypeError(f"{entry['file']} has no digest")
        listed = DeliveryList(
            name=str(found["name"]), root=str(found["root"]), files=files, statement=dict(found["statement"])
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StoreError(f"{path} is no list of a delivery: {error}", fix="ask for the delivery again") from error
    if len(files) != len(found["files"]) or root_over(found["files"]) != listed.root:
        raise StoreError(f"{path}: the root is not that of its files", fix="ask for the delivery again")
    return listed


def _inside(value: object) -> str:
    """Return a relative name; one that leaves the folder is refused."""
    name = PurePosixPath(str(value))
    if name.is_absolute() or ".." in name.parts or not name.parts or "\\" in str(value):
        raise ValueError(f"file {value!r}")
    return name.as_posix()
