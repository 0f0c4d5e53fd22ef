"""Signed checkpoints: what a witness outside the show keeps, so that nobody can rewrite the past alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from secondunit.clearance.keys import SigningKey, key_id, verify
from secondunit.clearance.ledger.merkle import leaf_hash, root_of
from secondunit.core.errors import BriefError

_WHAT = "ledger checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The state of a ledger, signed."""

    origin: str
    """Hash of entry 0: which ledger it is."""
    size: int
    root: str
    """Merkle root over the first ``size`` entries."""
    at: str
    public: str
    """Public half of the signer's key."""
    signature: str
    hashes: tuple[str, ...] = ()
    """Hash of each entry. Not signed, as the root covers them; with them a changed row is named exactly."""

    @property
    def key_id(self) -> str:
        """Id of the signer's key."""
        return key_id(self.public)


def sign_checkpoint(key: SigningKey, hashes: Sequence[str], *, at: str) -> Checkpoint:
    """Sign the state of a ledger of these entry hashes.

    Raises
    ------
    BriefError
        The ledger is empty.
    """
    if not hashes:
        raise BriefError("the ledger is empty", fix="record something first")
    point = Checkpoint(
        origin=hashes[0],
        size=len(hashes),
        root=root_of(leaves_of(hashes)).hex(),
        at=at,
        public=key.public,
        signature="",
        hashes=tuple(hashes),
    )
    return replace(point, signature=key.sign(_WHAT, _claim(point)))


def leaves_of(hashes: Sequence[str]) -> list[bytes]:
    """Return the Merkle leaves of entry hashes."""
    return [leaf_hash(bytes.fromhex(h)) for h in hashes]


def fault_of(point: Checkpoint, *, trusted: Sequence[str] = ()) -> str:
    """Return what is wrong with a checkpoint in itself; empty where nothing is.

    Parameters
    ----------
    trusted
        Public halves of keys that may sign; none given, the signature need only hold.
    """
    if not verify(point.public, _WHAT, _claim(point), point.signature):
        return "its signature does not hold"
    if trusted and point.public not in trusted:
        return f"it is signed by the key {point.key_id}, which is not trusted"
    if point.hashes and (len(point.hashes) != point.size or root_of(leaves_of(point.hashes)).hex() != point.root):
        return "its list of entries is not what was signed"
    return ""


def write_checkpoint(point: Checkpoint, path: Path) -> None:
    """Write a checkpoint to a file for a witness. It holds hashes alone: nothing private."""
    path.write_text(json.dumps(asdict(point), indent=1) + "\n", encoding="utf-8")


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    BriefError
        The file cannot be read or is no checkpoint.
    """
    try:
        return parse_checkpoint(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise BriefError(f"{path} cannot be read as a checkpoint", fix="ask the witness for their copy") from error


def public_part(point: Checkpoint) -> Mapping[str, Any]:
    """Return what the ledger records of a checkpoint: all but the list of hashes."""
    return {name: value for name, value in asdict(point).items() if name != "hashes"}


def parse_checkpoint(data: Any) -> Checkpoint:
    """Return a checkpoint from parsed JSON.

    Raises
    ------
    ValueError
        It is none.
    """
    hints = {f.name: int if f.name == "size" else str for f in fields(Checkpoint) if f.name != "hashes"}
    if not isinstance(data, dict) or set(data) - {"hashes"} != set(hints):
        raise ValueError("no checkpoint")
    hashes = data.get("hashes", [])
    if not isinstance(hashes, list) or not all(_is_hash(h) for h in hashes):
        raise ValueError("its hashes are not hashes")
    if not all(type(data[name]) is kind for name, kind in hints.items()) or data["size"] < 1:
        raise ValueError("a field of another type")
    if not _is_hash(data["root"]) or not _is_hash(data["origin"]):
        raise ValueError("its root is no hash")
    return Checkpoint(**{**data, "hashes": tuple(hashes)})


def _claim(point: Checkpoint) -> Mapping[str, Any]:
    return {"origin": point.origin, "size": point.size, "root": point.root, "at": point.at}


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 64 and all(c in "0123456789abcdef" for c in value)
