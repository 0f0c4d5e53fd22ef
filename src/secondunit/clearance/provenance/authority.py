"""The show's own signing authority: a private CA, one signing certificate, and the trust that a verifier asks for.

C2PA wants a chain of at least two certificates (specification 2.2, section 14.5): a leaf with an organisation, an
authority key identifier and the e-mail protection usage, and the CA that issued it.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from secondunit.clearance.provenance.certificates import issue, named
from secondunit.clearance.provenance.external import run_signer
from secondunit.core.errors import BackendError, BriefError, StoreError

CA_DAYS = 3650
CLOCK = "time_stamp_ca.pem"
_P256_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whose signatures count: the CA certificates, as PEM. Nobody else's do."""

    anchors: str

    @classmethod
    def of(cls, *files: Path) -> "Trust":
        """Read anchors from PEM files.

        Raises
        ------
        BriefError
            No file, one that cannot be read, or one that holds no certificate.
        """
        if not files:
            raise BriefError("nobody is trusted", fix="give the show's ca.pem")
        texts = [_read(file).decode("ascii", "replace") for file in files]
        for file, text in zip(files, texts, strict=True):
            _certificates(text, file)
        return cls(anchors="".join(texts))

    @classmethod
    def in_folder(cls, public: Path) -> "Trust":
        """Read a show's anchors: ``ca.pem``, and ``time_stamp_ca.pem`` where there is one; errors as ``of``."""
        clock = public / CLOCK
        return cls.of(public / "ca.pem", *([clock] if clock.is_file() else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningIdentity:
    """Who signs, and how. The private key stays behind ``sign``."""

    chain: str
    """The signing certificate and its issuers, PEM, leaf first."""
    trust: Trust
    sign: Callable[[bytes], bytes] = field(repr=False)
    """Returns the ES256 signature of some bytes: r and s, 32 bytes each."""
    time_stamp_url: str = ""
    """An RFC 3161 time-stamp authority. Without one a signature ends with its certificate."""

    @property
    def expires(self) -> datetime:
        """When the signing certificate ends."""
        return x509.load_pem_x509_certificates(self.chain.encode())[0].not_valid_after_utc


def init_authority(
    private: Path, public: Path, *, show: str, organisation: str, days: float = 1095, passphrase: bytes | None = None
) -> SigningIdentity:
    """Make a show's CA and its signing certificate.

    Parameters
    ----------
    private
        Folder for ``ca.key`` and ``signing.key``, readable by their owner only. Keep it out of the show.
    public
        Folder for ``ca.pem`` (what others trust) and ``signing.pem`` (the chain).
    days
        How long the signing certificate holds.

    Raises
    ------
    StoreError
        There are keys already, or the folders cannot be written.
    BriefError
        No name for the show or the organisation, or no days.
    """
    if not show.strip() or not organisation.strip() or days <= 0:
        raise BriefError("a signing certificate needs a show, an organisation and days", fix="give all three")
    there = [p for p in (private / "ca.key", private / "signing.key", public / "ca.pem") if p.exists()]
    if there:
        raise StoreError(
            f"{there[0]} is there already", fix="use it, or choose another folder; keys are never replaced"
        )
    ca_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC) - timedelta(minutes=1)
    issuer = named(f"{show} provenance CA", organisation)
    ca = issue(ca_key, issuer, issuer, ca_key.public_key(), now, CA_DAYS, authority=True)
    leaf = issue(ca_key, issuer, named(f"{show} provenance", organisation), leaf_key.public_key(), now, days)
    public.mkdir(parents=True, exist_ok=True)
    private.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, key in (("ca.key", ca_key), ("signing.key", leaf_key)):
        _write_secret(private / name, _pem(key, passphrase))
    (public / "ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    chain = leaf.public_bytes(serialization.Encoding.PEM) + ca.public_bytes(serialization.Encoding.PEM)
    (public / "signing.pem").write_bytes(chain)
    return open_authority(private, public, passphrase=passphrase)


def open_authority(
    private: Path, public: Path, *, time_stamp_url: str = "", passphrase: bytes | None = None
) -> SigningIdentity:
    """Open the keys that ``init_authority`` made.

    Raises
    ------
    BriefError
        A file is missing or unreadable, or the passphrase is wrong.
    StoreError
        The key may be read by others, or is not the certificate's.
    """
    path = private / "signing.key"
    data = _read(path)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise StoreError(f"{path} can be read by others", fix=f"chmod 600 {path}")
    try:
        key = serialization.load_pem_private_key(data, password=passphrase)
    except (ValueError, TypeError) as error:
        raise BriefError(f"{path} cannot be opened: {error}", fix="check the passphrase") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise StoreError(f"{path} is not an elliptic-curve key", fix="make keys with secondunit keys init")

    def sign(data: bytes) -> bytes:
        return _raw(key.sign(data, ec.ECDSA(hashes.SHA256())))

    return _checked(public / "signing.pem", Trust.in_folder(public), sign, time_stamp_url)


def external_identity(
    command: Sequence[str], *, chain: Path, anchors: Path, time_stamp_url: str = "", timeout_s: float = 60.0
) -> SigningIdentity:
    """Sign with another program (a key store, a hardware module): bytes in, ES256 signature out, DER or raw.

    Raises
    ------
    BriefError
        A certificate cannot be read, or there is no command.
    BackendError
        The program failed.
    StoreError
        What it signs is not the chain's.
    """
    words = tuple(command)
    return _checked(
        chain, Trust.of(anchors), lambda data: _raw(run_signer(words, data, timeout_s=timeout_s)), time_stamp_url
    )


def _checked(chain: Path, trust: Trust, sign: Callable[[bytes], bytes], url: str) -> SigningIdentity:
    """Return an identity whose signature was tried against its own certificate."""
    text = _read(chain).decode("ascii", "replace")
    leaf = _certificates(text, chain)[0].public_key()
    if not isinstance(leaf, ec.EllipticCurvePublicKey) or not isinstance(leaf.curve, ec.SECP256R1):
        raise StoreError(f"{chain} is not a P-256 certificate", fix="use an ES256 signing certificate")
    probe, raw = b"Second Unit", sign(b"Second Unit")
    r, s = (int.from_bytes(raw[n : n + _P256_BYTES], "big") for n in (0, _P256_BYTES))
    try:
        leaf.verify(encode_dss_signature(r, s), probe, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise StoreError(f"the key is not that of {chain}", fix="give the key and chain made together") from error
    return SigningIdentity(chain=text, trust=trust, sign=sign, time_stamp_url=url)


def _raw(signature: bytes) -> bytes:
    """Return r and s as 64 bytes, as COSE wants them (RFC 9053 section 2.1)."""
    if len(signature) == 2 * _P256_BYTES:
        return signature
    try:
        r, s = decode_dss_signature(signature)
        return r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")
    except (ValueError, OverflowError) as error:
        raise BackendError("the signer gave no ES256 signature", fix="let it print DER, or r and s") from error


def _pem(key: ec.EllipticCurvePrivateKey, passphrase: bytes | None) -> bytes:
    lock = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)


def _write_secret(path: Path, data: bytes) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(data)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}", fix="check permissions") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BriefError(f"{path} cannot be read: {error.strerror}", fix="run secondunit keys init") from error


def _certificates(text: str, path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        raise BriefError(f"{path} holds no certificate", fix="give a PEM file") from error
