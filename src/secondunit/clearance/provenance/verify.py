"""Verification: of a delivery, of a sequence, of one file. It reads, and needs the anchors and nothing else.

Every file is hashed; only what fails is decoded, to say where. What is not in a signed list, and carries no manifest
of its own, is named: silence never counts as a signature.
"""

import time
from collections.abc import Iterator
from pathlib import Path

from secondunit.clearance.provenance.authority import Trust
from secondunit.clearance.provenance.delivery_list import LIST
from secondunit.clearance.provenance.findings import Kind, Verification
from secondunit.clearance.provenance.inspection import LITTER, Inspection
from secondunit.clearance.provenance.manifest import EMBEDDED
from secondunit.clearance.provenance.sequence import SIDECAR, SUFFIX
from secondunit.core.errors import BriefError

ABOVE = 3
"""How many folders above a file may hold the list that names it."""


def verify_path(path: Path, *, trust: Trust, expected_root: str = "") -> Verification:
    """Verify a file or everything in a folder.

    Parameters
    ----------
    trust
        Whose signatures count. Manifests of anybody else are findings.
    expected_root
        The root that the ledger holds for this delivery; a delivery signed by the right key, but another one, is
        found by it.

    Raises
    ------
    BriefError
        There is nothing there.
    """
    began = time.perf_counter()
    inspection = Inspection(trust=trust)
    if path.is_dir():
        _folder(path, inspection)
        if not inspection.seen:
            inspection.say(path, "missing", "holds no file")
    elif path.is_file():
        _file(path, inspection)
    else:
        raise BriefError(f"{path} is not there", fix="give a file or a folder")
    if expected_root and inspection.root != expected_root:
        said = f"its root is {inspection.root or 'none'}, the ledger says {expected_root}"
        inspection.say(path, "other_delivery", said)
    found = sorted(inspection.findings, key=lambda f: (f.level, str(f.path), f.frame or 0, f.message))
    return Verification(
        findings=tuple(dict.fromkeys(found)),
        files=len(inspection.seen),
        frames=inspection.frames,
        root=inspection.root,
        seconds=time.perf_counter() - began,
    )


def _folder(folder: Path, inspection: Inspection) -> None:
    """Verify a folder by its list; without one, by its sequences, its files and its folders."""
    lists = sorted(folder.glob(f"*{LIST}"))
    for path in lists:
        _delivery(path, inspection)
    for path in _files(folder) if lists else ():
        if path not in inspection.seen:
            kind: Kind = "litter" if path.name in LITTER else "extra"
            said = "left by the operating system" if kind == "litter" else "is not in the signed list"
            inspection.say(path, kind, said)
    if lists:
        return
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        _sequence(path, inspection)
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            _folder(path, inspection)
        elif path not in inspection.seen:
            _file(path, inspection)


def _file(path: Path, inspection: Inspection) -> None:
    """Verify one file: by its own manifest, or by the list or sequence manifest that names it."""
    signed = path.with_suffix("")
    if path.name.endswith(SUFFIX):
        inspection.sequence(path)
    elif path.name.endswith(LIST):
        inspection.list(path)
    elif path.suffix == SIDECAR and signed.name.endswith((SUFFIX, LIST)) and signed.is_file():
        _file(signed, inspection)
    elif path.is_symlink() or path.suffix.lower() in EMBEDDED or not _named(path, inspection):
        inspection.check_lone(path)


def _sequence(path: Path, inspection: Inspection) -> None:
    found = inspection.sequence(path)
    if found is not None:
        inspection.check_frames(path.parent, found.frames)


def _delivery(path: Path, inspection: Inspection) -> None:
    """Verify all files of a list, and the frames of its sequences."""
    listed = inspection.list(path)
    if listed is None:
        return
    inspection.root = listed.root
    files = [(path.parent / name, entry) for name, entry in listed.files.items()]
    inspection.check_files(files)
    for file, _ in files:
        if file.name.endswith(SUFFIX) and file.is_file():
            _sequence(file, inspection)


def _named(path: Path, inspection: Inspection) -> bool:
    """Verify a file by the manifest beside it or the list above it that names it; whether there is one."""
    for document in sorted(path.parent.glob(f"*{SUFFIX}")):
        found = inspection.sequence(document)
        entries = [entry for entry in (found.frames if found is not None else ()) if entry.file == path.name]
        if entries:
            inspection.check_frames(path.parent, entries)
            return True
    for folder in path.parents[:ABOVE]:
        for document in sorted(folder.glob(f"*{LIST}")):
            listed = inspection.list(document)
            entry = listed.files.get(path.relative_to(folder).as_posix()) if listed is not None else None
            if entry is not None:
                inspection.check_files([(path, entry)])
                return True
    return False


def _files(folder: Path) -> Iterator[Path]:
    """Give everything in a folder that is not a folder, links too."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_dir():
            yield path
