"""A delivery: its sequences, movies, stills and papers, each signed, and one signed list of all of them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secondunit.clearance.provenance.authority import CLOCK, SigningIdentity
from secondunit.clearance.provenance.delivery_list import LIST, list_document, root_over
from secondunit.clearance.provenance.lineage import IPTC, Lineage, source_type
from secondunit.clearance.provenance.manifest import (
    EMBEDDED,
    JSON,
    Claim,
    Did,
    Ingredient,
    embed,
    read_embedded,
    read_sidecar,
    sidecar,
)
from secondunit.clearance.provenance.pixels import MOVIES, STILLS, print_movie, print_picture
from secondunit.clearance.provenance.sequence import (
    SIDECAR,
    SUFFIX,
    Known,
    delivered_digest,
    find_sequences,
    read_frames,
    sequence_document,
)
from secondunit.clearance.provenance.statement import Statement
from secondunit.core.errors import BackendError, BriefError, StoreError
from secondunit.media.atomic import whole_file

NO_TIMESTAMP = "no trusted timestamp: nobody but the show vouches for when this was signed, and the signatures end on"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What was signed."""

    root: str
    """Merkle root over every file: what the ledger should hold."""
    manifest: Path
    files: int
    seconds: float
    stamped: bool
    """Whether a time-stamp authority that is trusted vouches for when it was signed."""
    notes: tuple[str, ...]
    """What the signatures do not give, said plainly."""


def sign_delivery(
    folder: Path,
    *,
    statement: Statement,
    identity: SigningIdentity,
    known: Known | None = None,
    progress: Progress | None = None,
) -> Delivery:
    """Sign everything in a folder, and list it; what an interrupted signing left is made again.

    EXR sequences get a manifest with a sidecar, beside their frames. Movies and stills carry theirs, with the
    picture's sequence as the ingredient they were made from. All other files are in the list, by digest.

    Raises
    ------
    BriefError
        Nothing to sign, no sequence of the picture, a frame that cannot be decoded.
    BackendError
        A signature could not be made, or was not trusted when it was read back.
    StoreError
        A file cannot be read.
    """
    began = time.perf_counter()
    _sweep(folder)
    documents = _sign_sequences(folder, statement, identity, known, progress)
    parent = _picture(documents, statement)
    prints: dict[str, Any] = {}
    for path in _files(folder):
        if path.suffix.lower() in EMBEDDED:
            _embed(path, statement, identity, parent)
            prints[_relative(path, folder)] = _prints(path)
    manifest = folder / f"{statement.stem}{LIST}"
    document, root, count = _list(folder, statement, prints)
    claim = _claim(manifest.name, JSON, statement, parent, published=True)
    signed = _write_signed(manifest, document, claim, identity)
    stamped = bool(read_sidecar(document, signed, identity.trust).signed_at)
    notes = () if stamped else (_unstamped(identity),)
    seconds = time.perf_counter() - began
    return Delivery(root=root, manifest=manifest, files=count, seconds=seconds, stamped=stamped, notes=notes)


def _unstamped(identity: SigningIdentity) -> str:
    """Return what a signature without a trusted time is worth, in words."""
    if identity.time_stamp_url:
        return f"time-stamped by an authority whose certificate is not trusted here: add it as {CLOCK} beside ca.pem"
    return f"{NO_TIMESTAMP} {identity.expires:%Y-%m-%d}"


def list_entry(path: Path, folder: Path, prints: Mapping[str, Any]) -> dict[str, Any]:
    """Return a file's line in the list."""
    name = _relative(path, folder)
    found = {"file": name, "sha256": delivered_digest(path), "size": path.stat().st_size}
    return found | ({"prints": prints[name]} if name in prints else {})


def plate_ingredients(lineage: Lineage) -> tuple[list[Ingredient], list[Did]]:
    """Return what was opened, and what was done to it."""
    ingredients, done = [], []
    for number, plate in enumerate(lineage.plates):
        label = f"plate{number}"
        mime = EMBEDDED.get(plate.path.suffix.lower(), "") if plate.path is not None else ""
        ingredients.append(
            Ingredient(
                label=label,
                title=plate.name,
                mime=mime or "application/octet-stream",
                parent=number == 0,
                digest=plate.sha256,
                path=plate.path if mime else None,
            )
        )
        done.append(Did(action="c2pa.placed" if number else "c2pa.opened", ingredient=label))
    return ingredients, done


def _sign_sequences(
    folder: Path, statement: Statement, identity: SigningIdentity, known: Known | None, progress: Progress | None
) -> dict[str, tuple[Path, bytes, bytes]]:
    """Sign each sequence; return its path, document and sidecar by its name."""
    found = {}
    folders = [folder, *sorted(p for p in folder.rglob("*") if p.is_dir())]
    groups = [(place, base, files) for place in folders for base, files in find_sequences(place).items()]
    total, done = sum(len(files) for _, _, files in groups), 0
    for place, base, files in groups:
        lineage = statement.lineage_of(base)
        document = sequence_document(base, read_frames(files, known=known), statement=statement.said(lineage))
        path = place / f"{base}{SUFFIX}"
        claim = _sequence_claim(path.name, base, statement, lineage)
        found[base] = (path, document, _write_signed(path, document, claim, identity))
        done += len(files)
        if progress is not None:
            progress("signing", done, total)
    return found


def _sequence_claim(title: str, base: str, statement: Statement, lineage: Lineage) -> Claim:
    ingredients, done = plate_ingredients(lineage)
    for number, step in enumerate(lineage.steps):
        label = f"element{number}" if step.change == "placed" else ""
        if label:
            ingredients.append(
                Ingredient(label=label, title=step.name, mime="image/x-exr", parent=False, digest=step.tool)
            )
        done.append(
            Did(
                action=step.action,
                source_type=IPTC + step.source_type,
                description=step.name,
                ingredient=label,
                frames=step.frames,
            )
        )
    return Claim(
        title=title,
        mime=JSON,
        actions=done,
        ingredients=ingredients,
        complete=lineage.closed,
        statement=statement.said(lineage) | {"sequence": base},
    )


def _picture(documents: Mapping[str, tuple[Path, bytes, bytes]], statement: Statement) -> Ingredient:
    """Return the picture's sequence as the ingredient that movies and stills were made from."""
    named = [name for name in documents if f"_{statement.picture}_" in name]
    names = named or list(documents)
    if len(names) != 1:
        raise BriefError(
            f"{len(names)} sequences could be the picture {statement.picture!r}", fix="name the pass the movies show"
        )
    path, document, manifest = documents[names[0]]
    return Ingredient(label="picture", title=path.name, mime=JSON, parent=True, document=document, sidecar=manifest)


def _claim(title: str, mime: str, statement: Statement, parent: Ingredient, *, published: bool = False) -> Claim:
    """Return the claim of something made from the picture's sequence."""
    kind = source_type(statement.lineage)
    address = IPTC + kind if kind else ""
    done = [Did(action="c2pa.opened", ingredient=parent.label)]
    if mime.startswith("video/"):
        done.append(Did(action="c2pa.transcoded", source_type=address))
        if statement.watermark is not None:
            done.append(Did(action="c2pa.watermarked"))
    elif mime.startswith("image/"):
        done.append(Did(action="c2pa.edited", source_type=address, description="frames laid out as a sheet"))
    if published:
        done.append(Did(action="c2pa.published", source_type=address))
    return Claim(
        title=title,
        mime=mime,
        actions=done,
        ingredients=[parent],
        complete=statement.lineage.closed,
        statement=statement.said(statement.lineage),
        watermark=statement.watermark if mime.startswith("video/") else None,
    )


def _embed(path: Path, statement: Statement, identity: SigningIdentity, parent: Ingredient) -> None:
    embed(path, _claim(path.name, EMBEDDED[path.suffix.lower()], statement, parent), identity)
    read = read_embedded(path, identity.trust)
    if not read.trusted:
        raise BackendError(f"{path} was signed but reads back {read.state} {read.failures}", fix="check the keys")


def _write_signed(path: Path, document: bytes, claim: Claim, identity: SigningIdentity) -> bytes:
    manifest = sidecar(document, claim, identity)
    read = read_sidecar(document, manifest, identity.trust)
    if not read.trusted:
        raise BackendError(f"{path} was signed but reads back {read.state} {read.failures}", fix="check the keys")
    for target, data in ((path, document), (path.with_name(path.name + SIDECAR), manifest)):
        with whole_file(target) as temporary:
            temporary.write_bytes(data)
    return manifest


def _prints(path: Path) -> list[dict[str, Any]]:
    if path.suffix.lower() in MOVIES:
        return [found.said() for found in print_movie(path)]
    return [print_picture(path).said()] if path.suffix.lower() in STILLS else []


def _list(folder: Path, statement: Statement, prints: Mapping[str, Any]) -> tuple[bytes, str, int]:
    """Return the list of files, its root, and how many files it and its sequences hold."""
    files = _files(folder)
    framed = {path for path in files if path.suffix.lower() == ".exr" and _in_sequence(path)}
    entries = [list_entry(path, folder, prints) for path in files if path not in framed]
    document = list_document(statement.stem, entries, statement=statement.said(statement.lineage))
    return document, root_over(entries), len(files)


def _in_sequence(path: Path) -> bool:
    return any(path in (file for _, file in files) for files in find_sequences(path.parent).values())


def _files(folder: Path) -> list[Path]:
    """Return the files of a delivery, hidden ones aside, in order; a link is refused: what it means may change."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise StoreError(f"{path} is a link", fix="deliver the file itself")
        if path.is_file() and not path.name.startswith("."):
            found.append(path)
    return found


def _sweep(folder: Path) -> None:
    """Remove what an earlier signing left: manifests and lists are always made whole."""
    if not folder.is_dir():
        raise BriefError(f"{folder} is not a folder", fix="give the folder of a delivery")
    for pattern in (f"*{SUFFIX}", f"*{SUFFIX}{SIDECAR}", f"*{LIST}", f"*{LIST}{SIDECAR}"):
        for path in folder.rglob(pattern):
            path.unlink()


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
