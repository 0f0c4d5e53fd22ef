"""The show's people and their keys: who is registered in which role, where private halves lie."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from secondunit.clearance.key_files import key_home, key_path, read_card, read_key, write_card, write_key
from secondunit.clearance.keys import REGISTRAR, KeyRing, PersonKey, SigningKey, new_key, person_key
from secondunit.clearance.ledger.people import register_key, revoke_key, ring_of
from secondunit.clearance.provenance.authority import (
    SigningIdentity,
    Trust,
    external_identity,
    init_authority,
    open_authority,
)
from secondunit.core.errors import BriefError, ClearanceError, StoreError
from secondunit.media.digest import file_digest
from secondunit.show.record.ledger import ledger_of
from secondunit.show.store.records import read_json, write_json
from secondunit.show.store.show import Show

FOLDER = "provenance"
"""In the show: what others trust. Nothing private lies there."""
AUTHORITY = "signing authority"
"""What the ledger's notice of the CA certificate says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowKeys:
    """A show's own keys, opened."""

    registrar: SigningKey
    identity: SigningIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysMade:
    """Where keys were put."""

    private: Path
    """Outside the show: keep it, back it up, hand it to nobody."""
    public: Path
    """In the show: ``ca.pem`` is what others need to verify."""
    registrar: str
    """Id of the show's own key."""


def key_folder(keys: Path | None = None) -> Path:
    """Return where private keys lie: as said, else SECONDUNIT_KEYS, else the person's settings folder."""
    said = os.environ.get("SECONDUNIT_KEYS", "")
    return keys or (Path(said) if said else key_home())


def init_keys(
    show: Show, *, keys: Path | None = None, organisation: str = "", passphrase: str = "", inside: bool = False
) -> KeysMade:
    """Make a show's own keys: its registrar's, which admits people's, and its signing authority.

    Parameters
    ----------
    organisation
        As certificates name it; the show's code where empty.
    inside
        Allow private keys within the show's folder: for demonstrations, where they protect nothing.

    Raises
    ------
    BriefError
        There are keys already, or they would lie in the show.
    """
    public = show.root / FOLDER
    if (public / "show.json").is_file():
        raise BriefError(f"{show.root} has keys already", fix="use them; a show keeps its keys")
    key, root = new_key(), key_folder(keys)
    private = root / f"{show.settings.code}-{key.key_id[:8]}"
    write_key(key, private / "registrar.pem", passphrase=passphrase, outside=None if inside else show.root)
    identity_pass = passphrase.encode() or None
    code = show.settings.code
    init_authority(private, public, show=code, organisation=organisation or code, passphrase=identity_pass)
    with ledger_of(show) as ledger:
        card = person_key(key, person=f"{code} registrar", role=REGISTRAR)
        register_key(ledger, card, registrar=key)
        ledger.append("notice", {"what": AUTHORITY, "sha256": authority_digest(show)})
    write_json(public / "show.json", {"registrar": key.public, "keys": private.name})
    return KeysMade(private=private, public=public, registrar=key.key_id)


def show_keys(show: Show, *, keys: Path | None = None, passphrase: str = "", time_stamp_url: str = "") -> ShowKeys:
    """Open a show's own keys.

    Raises
    ------
    BriefError
        The show has none, or they are not where they are looked for.
    """
    said = _said(show)
    private, public = key_folder(keys) / str(said["keys"]), show.root / FOLDER
    registrar = read_key(private / "registrar.pem", passphrase=passphrase)
    if registrar.public != said["registrar"]:
        raise StoreError(f"{private / 'registrar.pem'} is another show's key", fix="give this show's keys")
    url = time_stamp_url or show.settings.time_stamp_url
    if show.settings.signer:
        identity = external_identity(
            show.settings.signer, chain=public / "signing.pem", anchors=public / "ca.pem", time_stamp_url=url
        )
        return ShowKeys(registrar=registrar, identity=identity)
    identity = open_authority(private, show.root / FOLDER, time_stamp_url=url, passphrase=passphrase.encode() or None)
    return ShowKeys(registrar=registrar, identity=identity)


def authority_digest(show: Show) -> str:
    """Return the SHA-256 of the show's CA certificate, as the ledger holds it from the day it was made.

    Raises
    ------
    StoreError
        The certificate is gone.
    """
    path = show.root / FOLDER / "ca.pem"
    try:
        return file_digest(path)
    except OSError as error:
        raise StoreError(f"{path} is gone: {error.strerror}", fix="put it back") from error


def has_keys(show: Show) -> bool:
    """Whether a show's own keys were ever made."""
    return (show.root / FOLDER / "show.json").is_file()


def trust_of(show: Show) -> Trust:
    """Return whose signatures a show's files must carry.

    Raises
    ------
    BriefError
        The show has no keys.
    """
    _said(show)
    return Trust.of(show.root / FOLDER / "ca.pem")


def registrar_public(show: Show) -> str:
    """Return the public half of the show's own key."""
    return str(_said(show)["registrar"])


def add_person(
    show: Show, *, name: str, role: str, keys: Path | None = None, passphrase: str = "", inside: bool = False
) -> tuple[PersonKey, Path]:
    """Make a person's own key, or take the one they have, and register its public half with the show.

    Returns
    -------
    tuple
        The card, and the file of the private half.

    Raises
    ------
    BriefError
        The name or role cannot be, or the show has no keys yet.
    ClearanceError
        The key is another person's, or legal and studio would be one person.
    """
    path = key_path(key_folder(keys), person=name, role=role)
    made = not path.is_file()
    key = new_key() if made else read_key(path, passphrase=passphrase)
    card = person_key(key, person=name, role=role)
    register(show, card, keys=keys)
    if made:
        write_key(key, path, passphrase=passphrase, outside=None if inside else show.root)
    return card, path


def register(show: Show, card: PersonKey | Path, *, keys: Path | None = None, passphrase: str = "") -> PersonKey:
    """Register a person's card, as they handed it over.

    Raises
    ------
    BriefError
        It is no card, does not prove its key, or the show has no keys yet.
    ClearanceError
        The key is another person's, or legal and studio would be one person.
    """
    card = read_card(card) if isinstance(card, Path) else card
    registrar = read_key(key_folder(keys) / str(_said(show)["keys"]) / "registrar.pem", passphrase=passphrase)
    with ledger_of(show) as ledger:
        if ring_of(ledger).find(card.key_id, role=card.role) is None:
            register_key(ledger, card, registrar=registrar)
    return card


def make_card(
    out: Path, *, name: str, role: str, keys: Path | None = None, passphrase: str = ""
) -> tuple[PersonKey, Path]:
    """Make a person's own key, or take the one they have, and write its card for whoever keeps the show's keys.

    Raises
    ------
    BriefError
        The name or role cannot be, or a file cannot be written.
    """
    path = key_path(key_folder(keys), person=name, role=role)
    made = not path.is_file()
    key = new_key() if made else read_key(path, passphrase=passphrase)
    card = person_key(key, person=name, role=role)
    if made:
        write_key(key, path, passphrase=passphrase)
    write_card(card, out)
    return card, path


def revoke(show: Show, key_id: str, *, keys: Path | None = None, passphrase: str = "") -> str:
    """Revoke a key from now on with the show's own; return the time.

    Raises
    ------
    ClearanceError
        The show does not know it.
    BriefError
        The show has no keys.
    """
    registrar = show_keys(show, keys=keys, passphrase=passphrase).registrar
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    with ledger_of(show) as ledger:
        revoke_key(ledger, key_id, at=at, by=registrar)
    return at


def ring(show: Show) -> KeyRing:
    """Return the keys a show knows."""
    with ledger_of(show) as ledger:
        return ring_of(ledger)


def signing_key(
    show: Show, *, name: str, role: str, keys: Path | None = None, file: Path | None = None, passphrase: str = ""
) -> SigningKey:
    """Open a person's private key and see that the show knows it in this role.

    Raises
    ------
    BriefError
        There is no such key where it is looked for.
    ClearanceError
        The show does not know it in this role.
    """
    path = file or key_path(key_folder(keys), person=name, role=role)
    if not path.is_file():
        raise BriefError(
            f"{name} has no key for the role {role} in {path.parent}",
            fix=f'make and register one: secondunit keys person {show.root} --name "{name}" --role {role}',
        )
    key = read_key(path, passphrase=passphrase)
    if ring(show).find(key.key_id, role=role) is None:
        raise ClearanceError(
            f"this show does not know {name}'s key in the role {role}",
            fix=f'register it: secondunit keys person {show.root} --name "{name}" --role {role}',
        )
    return key


def _said(show: Show) -> dict[str, object]:
    path = show.root / FOLDER / "show.json"
    if not path.is_file():
        raise BriefError(f"{show.root} has no keys yet", fix=f"make them: secondunit keys init {show.root}")
    said = read_json(path)
    if (
        not isinstance(said, dict)
        or not isinstance(said.get("keys"), str)
        or not isinstance(said.get("registrar"), str)
    ):
        raise StoreError(f"{path} is not what keys init wrote", fix="put it back")
    return said
