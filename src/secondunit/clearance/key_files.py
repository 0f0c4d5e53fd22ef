"""Key files: private halves with mode 0600 outside the show, and the cards that people hand over."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from secondunit.clearance.keys import PersonKey, SigningKey, check_card
from secondunit.core.errors import BriefError


def key_home(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where a person's keys are kept: the folder of their settings, never the show."""
    config = environment.get("XDG_CONFIG_HOME", "")
    root = Path(config) if config else Path(environment.get("HOME", "~")).expanduser() / ".config"
    return root / "secondunit" / "keys"


def key_path(folder: Path, *, person: str, role: str) -> Path:
    """Return the file of a person's key in a folder.

    >>> key_path(Path("k"), person="Ada  Lovelace", role="legal").as_posix()
    'k/ada-lovelace.legal.pem'
    """
    name = re.sub(r"\W+", "-", person.strip().casefold()).strip("-")
    return folder / f"{name or 'key'}.{role}.pem"


def write_key(key: SigningKey, path: Path, *, passphrase: str = "", outside: Path | None = None) -> None:
    """Write a private half, readable by its owner alone.

    Parameters
    ----------
    outside
        A show's folder, which the file may not be in.

    Raises
    ------
    BriefError
        There is such a file already, it would be in the show, or the folder cannot be written.
    """
    if outside is not None and path.resolve().is_relative_to(outside.resolve()):
        raise BriefError(f"{path} is inside the show, where others read", fix=f"keep keys in {key_home()}")
    pem = key.private.private_bytes(
        Encoding.PEM,
        PrivateFormat.PKCS8,
        BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption(),
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(pem)
    except FileExistsError as error:
        raise BriefError(
            f"{path} is a key already and is not overwritten", fix="use it, or name another file"
        ) from error
    except OSError as error:
        raise BriefError(f"{path} cannot be written: {error.strerror}", fix="name another folder") from error


def read_key(path: Path, *, passphrase: str = "") -> SigningKey:
    """Read a private half.

    Raises
    ------
    BriefError
        No such file, others can read it, the passphrase is wrong or missing, or it is no Ed25519 key.
    """
    try:
        mode = path.stat().st_mode & 0o777
        pem = path.read_bytes()
    except OSError as error:
        raise BriefError(f"the key {path} cannot be read: {error.strerror}", fix="make one: secondunit keys") from error
    if mode & 0o077:
        raise BriefError(f"others can read the key {path} (mode {mode:o})", fix=f"chmod 600 {path}")
    try:
        private = load_pem_private_key(pem, passphrase.encode() if passphrase else None)
    except TypeError as error:
        fix = "leave the passphrase out" if passphrase else "give its passphrase"
        raise BriefError(f"the key {path} does not open: {error}", fix=fix) from error
    except ValueError as error:
        raise BriefError(f"the key {path} does not open", fix="check its passphrase, and that it is a key") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise BriefError(f"{path} is no Ed25519 key", fix="make one: secondunit keys")
    return SigningKey(private)


def write_card(card: PersonKey, path: Path) -> None:
    """Write a person's public card, to be handed to whoever registers keys."""
    path.write_text(json.dumps(asdict(card), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_card(path: Path) -> PersonKey:
    """Read a card and check its proof.

    Raises
    ------
    BriefError
        It cannot be read, is no card, or its proof does not hold.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BriefError(f"{path} cannot be read as a card", fix="have its person make it again") from error
    names = {f.name for f in fields(PersonKey)}
    if not isinstance(data, dict) or set(data) != names or not all(isinstance(v, str) for v in data.values()):
        raise BriefError(f"{path} is no card: it needs {', '.join(sorted(names))}", fix="have it made again")
    card = PersonKey(**data)
    check_card(card)
    return card
