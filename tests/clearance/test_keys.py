"""Keys: whose they are, that their holders hold them, and that files keep them private."""

import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from secondunit.clearance.key_files import key_home, key_path, read_card, read_key, write_card, write_key
from secondunit.clearance.keys import ERASED, REGISTRAR, ROLES, KeyRing, key_id, new_key, person_key, verify
from secondunit.clearance.ledger.people import read_register, register_key, revoke_key, ring_of
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.policy.vocabulary import Role
from secondunit.core.errors import BriefError, ClearanceError

NOW = datetime(2026, 11, 22, tzinfo=UTC).isoformat()


def test_the_roles_are_those_of_the_rules() -> None:
    assert set(ROLES.values()) == set(get_args(Role))


def test_a_signature_holds_for_what_was_signed_alone() -> None:
    key = new_key()
    signature = key.sign("approval", {"take": 1})
    assert verify(key.public, "approval", {"take": 1}, signature)
    assert not verify(key.public, "approval", {"take": 2}, signature)
    assert not verify(key.public, "opt-in", {"take": 1}, signature)
    assert not verify(new_key().public, "approval", {"take": 1}, signature)


@pytest.mark.parametrize(
    "public, signature",
    [
        pytest.param("", "", id="empty"),
        pytest.param("zz", "00" * 64, id="no-hex"),
        pytest.param("00" * 31, "00" * 64, id="short-key"),
        pytest.param("00" * 32, "00", id="short-signature"),
        pytest.param("é" * 64, "é" * 128, id="no-ascii"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_nonsense_is_no_signature_and_no_crash(public: str, signature: str) -> None:
    assert not verify(public, "approval", {}, signature)


def test_a_key_does_not_show_its_private_half() -> None:
    key = new_key()
    assert key.private.private_bytes_raw().hex() not in repr(key)


@pytest.mark.parametrize("passphrase", ["", "correct horse ñ"])
def test_a_key_comes_back_from_its_file(tmp_path: Path, passphrase: str) -> None:
    key, path = new_key(), tmp_path / "keys" / "ada.pem"
    write_key(key, path, passphrase=passphrase)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert read_key(path, passphrase=passphrase).public == key.public


def test_a_passphrase_hides_the_key(tmp_path: Path) -> None:
    write_key(new_key(), tmp_path / "k.pem", passphrase="secret")
    for wrong in ("", "Secret"):
        with pytest.raises(BriefError, match="does not open"):
            read_key(tmp_path / "k.pem", passphrase=wrong)


def test_a_passphrase_that_is_not_needed_is_said(tmp_path: Path) -> None:
    write_key(new_key(), tmp_path / "k.pem")
    with pytest.raises(BriefError, match="leave the passphrase out"):
        read_key(tmp_path / "k.pem", passphrase="secret")


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    key = new_key()
    write_key(key, tmp_path / "k.pem")
    with pytest.raises(BriefError, match="not overwritten"):
        write_key(new_key(), tmp_path / "k.pem")
    assert read_key(tmp_path / "k.pem").public == key.public


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    write_key(new_key(), tmp_path / "k.pem")
    (tmp_path / "k.pem").chmod(mode)
    with pytest.raises(BriefError, match="chmod 600"):
        read_key(tmp_path / "k.pem")


def test_a_key_is_not_put_into_the_show(tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(tmp_path / "show")
    for path in (tmp_path / "show" / "keys" / "k.pem", tmp_path / "else" / ".." / "show" / "k.pem", tmp_path / "way/k"):
        with pytest.raises(BriefError, match="inside the show"):
            write_key(new_key(), path, outside=tmp_path / "show")
        assert not path.exists()


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    for name, text in (("empty", ""), ("words", "hello")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
        with pytest.raises(BriefError, match="does not open"):
            read_key(tmp_path / name)
    with pytest.raises(BriefError, match="cannot be read"):
        read_key(tmp_path / "none")


def test_keys_are_kept_with_a_persons_settings() -> None:
    assert key_home({"XDG_CONFIG_HOME": "/c"}) == Path("/c/secondunit/keys")
    assert key_home({"HOME": "/home/ada"}) == Path("/home/ada/.config/secondunit/keys")


def test_the_files_of_two_people_differ() -> None:
    names = {key_path(Path("k"), person=p, role="legal").name for p in ("Ada", "Bo", "雪", "Ñandú")}
    assert len(names) == 4


def test_a_card_comes_back_from_its_file(tmp_path: Path) -> None:
    card = person_key(new_key(), person="Ada  Ñandú", role="legal")
    write_card(card, tmp_path / "ada.json")
    assert read_card(tmp_path / "ada.json") == card
    assert card.person == "Ada Ñandú"


@pytest.mark.parametrize(
    "change",
    [{"person": "Bo"}, {"role": "studio"}, {"public": "00" * 32}, {"proof": "00" * 64}, {"person": ERASED}],
)
def test_a_card_that_was_altered_is_refused(tmp_path: Path, change: dict[str, str]) -> None:
    card = replace(person_key(new_key(), person="Ada", role="legal"), **change)
    write_card(card, tmp_path / "card.json")
    with pytest.raises(BriefError, match="does not prove"):
        read_card(tmp_path / "card.json")
    with pytest.raises(BriefError, match="does not prove"):
        KeyRing().add(card)


@pytest.mark.parametrize("person, role", [("", "legal"), ("  ", "legal"), ("Ada", "boss"), ("Ada", "")])
def test_a_card_must_name_a_person_and_a_role(person: str, role: str) -> None:
    with pytest.raises(BriefError):
        person_key(new_key(), person=person, role=role)


def test_one_key_is_one_persons() -> None:
    key = new_key()
    ring = KeyRing().add(person_key(key, person="Ada", role="director"))
    assert ring.add(person_key(key, person="ADA ", role="producer")).find(key.key_id, role="producer")
    with pytest.raises(ClearanceError, match="is Ada's already"):
        ring.add(person_key(key, person="Bo", role="producer"))


@pytest.mark.parametrize("same", ["key", "person"])
def test_legal_and_studio_are_two_people_with_two_keys(same: str) -> None:
    first, second = new_key(), new_key()
    ring = KeyRing().add(person_key(first, person="Ada", role="legal"))
    other = person_key(first if same == "key" else second, person="ada", role="studio")
    with pytest.raises(ClearanceError, match="both legal and studio"):
        ring.add(other)
    ring.add(person_key(second, person="Bo", role="studio"))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(f"sqlite:///{tmp_path / 'show.db'}")


SHOW = new_key()


def start(ledger: Ledger) -> None:
    register_key(ledger, person_key(SHOW, person="SHW", role=REGISTRAR), registrar=SHOW)


def test_the_ledger_knows_the_keys_that_the_registrar_admitted(ledger: Ledger) -> None:
    start(ledger)
    ada = new_key()
    register_key(ledger, person_key(ada, person="Ada", role="legal"), registrar=SHOW)
    ring = ring_of(ledger)
    assert ring.person(ada.key_id) == "Ada"
    assert ring.find(ada.key_id, role="studio") is None
    assert all("Ada" not in entry.body for entry in ledger.entries())


def test_the_registrar_comes_first_and_is_one(ledger: Ledger) -> None:
    ada = new_key()
    with pytest.raises(BriefError, match="no registrar"):
        register_key(ledger, person_key(ada, person="Ada", role="legal"), registrar=SHOW)
    start(ledger)
    with pytest.raises(ClearanceError, match="not this show's registrar"):
        register_key(ledger, person_key(ada, person="Ada", role="legal"), registrar=ada)
    with pytest.raises(ClearanceError, match="a registrar already"):
        register_key(ledger, person_key(ada, person="Ada", role=REGISTRAR), registrar=SHOW)
    assert ledger.size() == 1


def test_a_key_written_past_the_registrar_is_not_known(ledger: Ledger) -> None:
    start(ledger)
    ada = new_key()
    card = person_key(ada, person="Ada", role="legal")
    body = {"public": card.public, "role": card.role, "proof": card.proof, "key_id": card.key_id}
    ledger.append("key", {**body, "countersigned": ada.sign("admits key", body)}, private={"person": "Ada"})
    ledger.append("key", {"role": "legal"})
    second = person_key(ada, person="Ada", role=REGISTRAR)
    body = {"public": second.public, "role": second.role, "proof": second.proof, "key_id": second.key_id}
    ledger.append("key", {**body, "countersigned": SHOW.sign("admits key", body)}, private={"person": "Ada"})
    register = read_register(ledger)
    assert [k.role for k in register.ring.keys] == [REGISTRAR]
    assert [seq for seq, _ in register.refused] == [1, 2, 3]


def test_a_name_swapped_in_the_vault_is_not_believed(ledger: Ledger) -> None:
    start(ledger)
    card = person_key(new_key(), person="Ada", role="legal")
    body = {"public": card.public, "role": card.role, "proof": card.proof, "key_id": card.key_id}
    ledger.append("key", {**body, "countersigned": SHOW.sign("admits key", body)}, private={"person": "Bo"})
    assert read_register(ledger).refused[0][0] == 1


def test_an_erased_name_leaves_its_key_known(ledger: Ledger) -> None:
    start(ledger)
    ada, bo = new_key(), new_key()
    entries = [
        register_key(ledger, person_key(k, person=p, role="director"), registrar=SHOW)
        for k, p in ((ada, "Ada"), (bo, "Bo"))
    ]
    for entry in entries:
        ledger.erase(entry, reason="asked to")
    ring = ring_of(ledger)
    assert ring.person(ada.key_id) == ring.person(bo.key_id) == ERASED
    with pytest.raises(ClearanceError, match="name was erased"):
        register_key(ledger, person_key(ada, person="Eve", role="producer"), registrar=SHOW)


def test_a_key_is_revoked_by_itself_or_the_registrar(ledger: Ledger) -> None:
    start(ledger)
    ada, bo, eve = new_key(), new_key(), new_key()
    for key, name in ((ada, "Ada"), (bo, "Bo")):
        register_key(ledger, person_key(key, person=name, role="director"), registrar=SHOW)
    with pytest.raises(ClearanceError, match="may not revoke"):
        revoke_key(ledger, ada.key_id, at=NOW, by=bo)
    with pytest.raises(ClearanceError, match="knows no key"):
        revoke_key(ledger, eve.key_id, at=NOW, by=SHOW)
    with pytest.raises(BriefError, match="no time"):
        revoke_key(ledger, ada.key_id, at="2026-11-22T00:00:00", by=SHOW)
    revoke_key(ledger, ada.key_id, at=NOW, by=ada)
    revoke_key(ledger, bo.key_id, at=NOW, by=SHOW)
    ring = ring_of(ledger)
    for key in (ada, bo):
        assert ring.in_force(key.key_id, at="2026-11-21T23:59:59+00:00")
        assert not ring.in_force(key.key_id, at="2026-11-22T00:00:00.000001+00:00")
        assert not ring.in_force(key.key_id, at="whenever")


def test_a_revocation_that_nobody_signed_revokes_nothing(ledger: Ledger) -> None:
    start(ledger)
    ada = new_key()
    register_key(ledger, person_key(ada, person="Ada", role="director"), registrar=SHOW)
    body = {"key_id": ada.key_id, "from": NOW}
    ledger.append("key_revoked", {**body, "signature": new_key().sign("revokes key", body)})
    register = read_register(ledger)
    assert register.ring.in_force(ada.key_id, at="2027-01-01T00:00:00+00:00")
    assert register.refused[0][0] == 2


def test_the_id_of_a_key_is_of_its_public_half() -> None:
    one, other = new_key(), new_key()
    assert one.key_id == key_id(one.public) != other.key_id
