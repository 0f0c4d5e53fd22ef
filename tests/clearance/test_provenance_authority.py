"""Keys of a show: made once, kept close, tried before use; another program may hold them; a clock may vouch."""

import shutil
import stat
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from tests.clearance.time_stamp_authority import time_stamp_authority

from secondunit.clearance.provenance.authority import (
    SigningIdentity,
    Trust,
    external_identity,
    init_authority,
    open_authority,
)
from secondunit.clearance.provenance.findings import plain_words
from secondunit.clearance.provenance.lineage import IPTC
from secondunit.clearance.provenance.manifest import JSON, Claim, Did, read_sidecar, sidecar
from secondunit.core.errors import BackendError, BriefError, StoreError

DOCUMENT = b'{"a": 1}'
CLAIM = Claim(
    title="x.json",
    mime=JSON,
    actions=[Did(action="c2pa.created", source_type=IPTC + "algorithmicMedia")],
    ingredients=[],
    complete=True,
    statement={},
)
SIGNER = """import sys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = serialization.load_pem_private_key(open(sys.argv[1], "rb").read(), None)
sys.stdout.buffer.write(key.sign(sys.stdin.buffer.read(), ec.ECDSA(hashes.SHA256())))
"""


def make(folder: Path, **more: object) -> SigningIdentity:
    return init_authority(folder / "private", folder / "public", show="SHW", organisation="Example", **more)


def test_private_halves_are_for_their_owner_and_are_never_replaced(tmp_path: Path):
    make(tmp_path)
    for name in ("ca.key", "signing.key"):
        assert stat.S_IMODE((tmp_path / "private" / name).stat().st_mode) == 0o600
        assert b"PRIVATE" not in (tmp_path / "public" / "signing.pem").read_bytes()
    with pytest.raises(StoreError, match="already"):
        make(tmp_path)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path):
    make(tmp_path)
    (tmp_path / "private" / "signing.key").chmod(0o644)
    with pytest.raises(StoreError, match="others") as error:
        open_authority(tmp_path / "private", tmp_path / "public")
    assert "chmod 600" in error.value.fix


def test_a_passphrase_is_needed_where_one_was_given(tmp_path: Path):
    make(tmp_path, passphrase=b"a long one")
    assert b"ENCRYPTED" in (tmp_path / "private" / "signing.key").read_bytes()
    for wrong in (None, b"another"):
        with pytest.raises(BriefError, match="cannot be opened"):
            open_authority(tmp_path / "private", tmp_path / "public", passphrase=wrong)
    identity = open_authority(tmp_path / "private", tmp_path / "public", passphrase=b"a long one")
    assert read_sidecar(DOCUMENT, sidecar(DOCUMENT, CLAIM, identity), identity.trust).trusted


@pytest.mark.parametrize("wrong", [{"show": " "}, {"organisation": ""}, {"days": 0}])
def test_an_authority_without_a_name_or_a_life_is_refused(tmp_path: Path, wrong: dict[str, object]):
    given: dict[str, object] = {"show": "SHW", "organisation": "Example"} | wrong
    with pytest.raises(BriefError):
        init_authority(tmp_path / "a", tmp_path / "b", **given)


def test_a_key_of_another_chain_is_refused_before_it_signs(tmp_path: Path):
    make(tmp_path / "one")
    make(tmp_path / "two")
    shutil.copy(tmp_path / "two" / "private" / "signing.key", tmp_path / "one" / "private" / "signing.key")
    with pytest.raises(StoreError, match="not that of"):
        open_authority(tmp_path / "one" / "private", tmp_path / "one" / "public")


def test_another_program_may_hold_the_key(tmp_path: Path):
    make(tmp_path)
    (tmp_path / "sign.py").write_text(SIGNER)
    public = tmp_path / "public"
    command = [sys.executable, str(tmp_path / "sign.py"), str(tmp_path / "private" / "signing.key")]
    identity = external_identity(command, chain=public / "signing.pem", anchors=public / "ca.pem")
    assert read_sidecar(DOCUMENT, sidecar(DOCUMENT, CLAIM, identity), identity.trust).trusted


@pytest.mark.parametrize(
    "command, error",
    [
        ([], BriefError),
        (["/no/such/program"], BackendError),
        ([sys.executable, "-c", "raise SystemExit(3)"], BackendError),
        ([sys.executable, "-c", "print('hello')"], BackendError),
        ([sys.executable, "-c", "print('x' * 63)"], StoreError),
    ],
    ids=["none", "missing", "fails", "no signature", "wrong signature"],
)
def test_a_program_that_cannot_sign_is_found_at_once(tmp_path: Path, command: list[str], error: type[Exception]):
    make(tmp_path)
    public = tmp_path / "public"
    with pytest.raises(error):
        external_identity(command, chain=public / "signing.pem", anchors=public / "ca.pem")


def test_a_signer_that_fails_later_says_why(tmp_path: Path):
    identity = make(tmp_path)

    def fails(_: bytes) -> bytes:
        raise BackendError("the key store is locked", fix="unlock it")

    with pytest.raises(BackendError, match="key store is locked"):
        sidecar(DOCUMENT, CLAIM, replace(identity, sign=fails))


def test_anchors_must_be_certificates(tmp_path: Path):
    (tmp_path / "x.pem").write_text("nothing")
    for files in ((), (tmp_path / "x.pem",), (tmp_path / "no.pem",)):
        with pytest.raises(BriefError):
            Trust.of(*files)


def test_the_manifest_ends_with_its_certificate_and_a_time_stamp_lets_it_outlive_it(tmp_path: Path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not on this machine")
    made = make(tmp_path, days=(60 + 3) / 86400)
    private, public = tmp_path / "private", tmp_path / "public"
    with time_stamp_authority(tmp_path) as url:
        stamped = sidecar(DOCUMENT, CLAIM, open_authority(private, public, time_stamp_url=url))
    plain = sidecar(DOCUMENT, CLAIM, made)
    both = Trust.of(public / "ca.pem", tmp_path / "tsa_ca.pem")
    assert read_sidecar(DOCUMENT, plain, both).trusted
    assert read_sidecar(DOCUMENT, plain, both).signed_at == ""
    assert read_sidecar(DOCUMENT, stamped, made.trust).signed_at == "", "a clock that nobody trusts says nothing"
    assert read_sidecar(DOCUMENT, stamped, both).signed_at.startswith(f"{datetime.now(UTC):%Y-%m-%d}")
    time.sleep(max(0.0, (made.expires - datetime.now(UTC)).total_seconds() + 1.1))
    ended = read_sidecar(DOCUMENT, plain, both)
    assert not ended.trusted
    assert "certificate has ended" in plain_words(ended.failures)
    assert read_sidecar(DOCUMENT, stamped, both).trusted


def test_a_time_stamp_authority_that_does_not_answer_is_an_error(tmp_path: Path):
    make(tmp_path)
    identity = open_authority(tmp_path / "private", tmp_path / "public", time_stamp_url="http://127.0.0.1:9/")
    with pytest.raises(BackendError, match="cannot be signed"):
        sidecar(DOCUMENT, CLAIM, identity)


def test_the_certificates_are_what_the_specification_wants(tmp_path: Path):
    from cryptography import x509

    identity = make(tmp_path)
    leaf, ca = x509.load_pem_x509_certificates(identity.chain.encode())
    leaf.verify_directly_issued_by(ca)
    ca.verify_directly_issued_by(ca)
    assert leaf.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)[0].value == "Example"
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    key = serialization.load_pem_private_key((tmp_path / "private" / "ca.key").read_bytes(), None)
    assert key.public_key() == ca.public_key()
