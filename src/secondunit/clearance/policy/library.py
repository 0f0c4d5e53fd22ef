"""The packs a show is judged by: those that come with the product, and those a production adds. All signed."""

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

from secondunit.clearance.policy.pack import Pack
from secondunit.clearance.policy.pack_toml import read_pack
from secondunit.clearance.policy.signing import Pin, TrustedKey, admit, read_trusted
from secondunit.core.errors import BriefError, ClearanceError

RELEASE_KEYS = "release_keys.toml"
SIGNATURE = ".sig.json"
KEYS = "keys.toml"
"""Where a production lists the keys it trusts, beside its packs; no pack."""


def release_keys() -> tuple[TrustedKey, ...]:
    """Return the public keys whose signatures the product trusts out of the box."""
    text = (files("secondunit.clearance.policy") / "packs" / RELEASE_KEYS).read_text(encoding="utf-8")
    return read_trusted(text, scope="release", name=RELEASE_KEYS)


def production_keys(path: Path) -> tuple[TrustedKey, ...]:
    """Return the keys that a production trusts beside the product's, for packs of its own.

    Raises
    ------
    BriefError
        The file cannot be read or lists no keys.
    """
    return read_trusted(_text(path), scope="production", name=path.name)


def shipped_packs(
    *, pins: Mapping[str, Pin] | None = None, previous: Mapping[str, Pack] | None = None
) -> tuple[Pack, ...]:
    """Return the packs that come with the product, each verified, by id.

    Raises
    ------
    ClearanceError
        One of them was changed, is not signed, or is older than one that was in force.
    """
    folder = files("secondunit.clearance.policy") / "packs"
    texts = {item.name: item.read_text(encoding="utf-8") for item in folder.iterdir() if item.is_file()}
    return _admitted(texts, trusted=release_keys(), pins=pins, previous=previous)


def load_packs(
    folder: Path,
    *,
    trusted: Iterable[TrustedKey],
    pins: Mapping[str, Pin] | None = None,
    previous: Mapping[str, Pack] | None = None,
) -> tuple[Pack, ...]:
    """Return the packs in a folder, ``NAME.toml`` beside ``NAME.sig.json``, each verified, by id.

    Raises
    ------
    BriefError
        A file cannot be read or is no pack.
    ClearanceError
        A pack is not signed as it must be, or its revision falls.
    """
    texts = {path.name: _text(path) for path in sorted(folder.iterdir()) if path.suffix in (".toml", ".json")}
    return _admitted(texts, trusted=tuple(trusted), pins=pins, previous=previous)


def load_pack(
    path: Path,
    *,
    trusted: Iterable[TrustedKey],
    pins: Mapping[str, Pin] | None = None,
    previous: Pack | None = None,
) -> Pack:
    """Return the pack in a file, verified by the signature file beside it.

    Raises
    ------
    BriefError
        The file cannot be read or is no pack.
    ClearanceError
        The pack is not signed as it must be, or its revision falls.
    """
    beside = path.with_suffix(SIGNATURE)
    texts = {path.name: _text(path)} | ({beside.name: _text(beside)} if beside.is_file() else {})
    known = {previous.id: previous} if previous else {}
    (pack,) = _admitted(texts, trusted=tuple(trusted), pins=pins, previous=known)
    return pack


def pins_of(packs: Iterable[Pack]) -> dict[str, Pin]:
    """Return what is to be pinned of packs in force, for the ledger."""
    return {pack.id: Pin(revision=pack.revision, digest=pack.digest) for pack in packs}


def _admitted(
    texts: Mapping[str, str],
    *,
    trusted: tuple[TrustedKey, ...],
    pins: Mapping[str, Pin] | None,
    previous: Mapping[str, Pack] | None,
) -> tuple[Pack, ...]:
    packs: dict[str, Pack] = {}
    for name in sorted(texts):
        if not name.endswith(".toml") or name in (RELEASE_KEYS, KEYS):
            continue
        pack = read_pack(texts[name], name=name)
        signature = texts.get(name.removesuffix(".toml") + SIGNATURE)
        if signature is None:
            raise ClearanceError(f"{name} is not signed", fix=f"put {name.removesuffix('.toml')}{SIGNATURE} beside it")
        if pack.id in packs:
            raise BriefError(f"{name}: pack {pack.id!r} is there twice", fix="keep one file of each pack")
        packs[pack.id] = admit(pack, signature, trusted=trusted, previous=(previous or {}).get(pack.id), pins=pins)
    return tuple(packs[name] for name in sorted(packs))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BriefError(f"{path} cannot be read: {error}", fix="check the path and its permissions") from error
