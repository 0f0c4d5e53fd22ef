"""Signed packs: who must sign what, and each way a bundle is tampered with."""

import json
import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from secondunit.clearance.policy.library import (
    load_pack,
    load_packs,
    pins_of,
    production_keys,
    release_keys,
    shipped_packs,
)
from secondunit.clearance.policy.pack_toml import read_pack
from secondunit.clearance.policy.signing import Pin, TrustedKey, admit, read_trusted, sign, signers
from secondunit.core.errors import BriefError, ClearanceError

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(4)]
TEXT = """
id = "ours"
family = "ours"
title = "Our own rules"
revision = 1
effective_from = 2026-01-01
jurisdictions = ["*"]
droppable = true
[[rules]]
id = "R-1"
says = "No posters"
source = "us"
[[rules.cases]]
verdict = "forbidden"
when = [{ subjects = ["onscreen_text"] }]
"""
LOOSER = TEXT.replace('"forbidden"', '"needs_approval"\nroles = ["legal"]').replace("revision = 1", "revision = 2")
TIGHTER = TEXT.replace('["onscreen_text"]', '["onscreen_text", "character"]').replace("revision = 1", "revision = 2")


def trusted(*numbers: int, scope: Any = "production", holder: str = "") -> tuple[TrustedKey, ...]:
    return tuple(
        TrustedKey(holder=holder or f"Holder {n}", public=KEYS[n].public_key().public_bytes_raw().hex(), scope=scope)
        for n in numbers
    )


PACK = read_pack(TEXT)
TWO = sign(PACK, KEYS[:2])


def test_the_shipped_packs_are_signed_by_two_release_holders():
    keys = release_keys()
    assert len({key.holder for key in keys}) == 2
    for pack in shipped_packs():
        assert set(pack.signed_by) == {key.id for key in keys}


def test_no_private_key_is_in_the_package():
    folder = files("secondunit.clearance.policy") / "packs"
    for item in folder.iterdir():
        assert item.name.endswith((".toml", ".sig.json"))
        assert "PRIVATE" not in item.read_text()


def test_a_first_sight_needs_two_signers():
    assert len(admit(PACK, TWO, trusted=trusted(0, 1)).signed_by) == 2
    with pytest.raises(ClearanceError, match="needs 2 signers and has 1"):
        admit(PACK, sign(PACK, KEYS[:1]), trusted=trusted(0, 1))


def test_two_keys_of_one_holder_are_one_signer():
    with pytest.raises(ClearanceError, match="has 1"):
        admit(PACK, TWO, trusted=trusted(0, 1, holder="One Person"))
    with pytest.raises(ClearanceError, match="has 1"):
        admit(PACK, TWO, trusted=(*trusted(0, holder="One Person"), *trusted(1, holder=" one  PERSON ")))


def test_one_signature_told_twice_is_one_signer():
    body = json.loads(sign(PACK, KEYS[:1]))
    body["signatures"] *= 2
    with pytest.raises(ClearanceError, match="has 1"):
        admit(PACK, json.dumps(body), trusted=trusted(0, 1))


def test_signatures_of_strangers_count_for_nothing():
    with pytest.raises(ClearanceError, match="has 0"):
        admit(PACK, TWO, trusted=trusted(2, 3))
    with pytest.raises(ClearanceError, match="has 0"):
        admit(PACK, TWO, trusted=())


def _edit(change: Callable[[dict[str, Any]], None]) -> str:
    body: dict[str, Any] = json.loads(TWO)
    change(body)
    return json.dumps(body)


BAD = {
    "empty": "",
    "not json": "yes",
    "a list": "[]",
    "no signatures": _edit(lambda b: b.pop("signatures")),
    "no digest": _edit(lambda b: b.pop("digest")),
    "signature cut": _edit(lambda b: b["signatures"][0].update(signature=b["signatures"][0]["signature"][:-2])),
    "signature no hex": _edit(lambda b: b["signatures"][0].update(signature="zz")),
    "one bit": _edit(lambda b: b["signatures"][1].update(signature="00" + b["signatures"][1]["signature"][2:])),
    "keys exchanged": _edit(lambda b: b["signatures"][0].update(key=b["signatures"][1]["key"])),
    "another pack": sign(read_pack(TEXT.replace('id = "ours"', 'id = "theirs"')), KEYS[:2]),
    "another revision": sign(read_pack(TIGHTER), KEYS[:2]),
    "digest edited": _edit(lambda b: b.update(digest="0" * 64)),
    "key id stripped": _edit(lambda b: [s.update(key="") for s in b["signatures"]]),
    "no signature left": _edit(lambda b: b.update(signatures=[])),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_signature_file_is_refused(name: str):
    with pytest.raises(ClearanceError) as caught:
        admit(PACK, BAD[name], trusted=trusted(0, 1))
    assert caught.value.fix


def test_the_signatures_of_another_content_do_not_hold():
    body = json.loads(TWO)
    other = read_pack(TIGHTER)
    moved = json.dumps({**body, "pack": other.name, "digest": other.digest})
    with pytest.raises(ClearanceError, match="does not hold"):
        signers(other, moved, trusted(0, 1))


# --- revisions ---------------------------------------------------------------------------------------------------


def test_what_was_in_force_needs_one_signer():
    assert admit(PACK, sign(PACK, KEYS[:1]), trusted=trusted(0), pins=pins_of([PACK])).signed_by


def test_a_revision_that_tightens_needs_one_and_one_that_loosens_two():
    pins = pins_of([PACK])
    tighter, looser = read_pack(TIGHTER), read_pack(LOOSER)
    assert admit(tighter, sign(tighter, KEYS[:1]), trusted=trusted(0, 1), previous=PACK, pins=pins).signed_by
    with pytest.raises(ClearanceError, match="needs 2"):
        admit(looser, sign(looser, KEYS[:1]), trusted=trusted(0, 1), previous=PACK, pins=pins)
    assert len(admit(looser, sign(looser, KEYS[:2]), trusted=trusted(0, 1), previous=PACK, pins=pins).signed_by) == 2


def test_a_predecessor_that_was_never_in_force_vouches_for_nothing():
    looser = read_pack(LOOSER)
    weak = read_pack(LOOSER.replace("revision = 2", "revision = 1"))
    for pins in ({}, pins_of([PACK])):
        with pytest.raises(ClearanceError, match="needs 2"):
            admit(looser, sign(looser, KEYS[:1]), trusted=trusted(0, 1), previous=weak, pins=pins)


def test_a_revision_never_falls_and_never_changes_under_its_number():
    tighter = read_pack(TIGHTER)
    with pytest.raises(ClearanceError, match="older than revision 2"):
        admit(PACK, TWO, trusted=trusted(0, 1), previous=tighter, pins=pins_of([tighter]))
    with pytest.raises(ClearanceError, match="is not the ours@1"):
        admit(PACK, TWO, trusted=trusted(0, 1), pins={"ours": Pin(revision=1, digest="0" * 64)})


def test_a_productions_keys_cannot_vouch_for_what_no_show_can_drop():
    house = read_pack(TEXT.replace("droppable = true", "droppable = false").replace("ours", "house"))
    signed = sign(house, KEYS[:2])
    with pytest.raises(ClearanceError, match="release keys"):
        admit(house, signed, trusted=trusted(0, 1))
    assert admit(house, signed, trusted=trusted(0, 1, scope="release")).signed_by


# --- files -------------------------------------------------------------------------------------------------------


def shipped_copy(to: Path) -> Path:
    folder = to / "packs"
    folder.mkdir()
    for item in (files("secondunit.clearance.policy") / "packs").iterdir():
        (folder / item.name).write_text(item.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def test_a_copy_of_the_shipped_packs_loads_and_one_weakened_word_does_not(tmp_path: Path):
    folder = shipped_copy(tmp_path)
    assert [p.digest for p in load_packs(folder, trusted=release_keys())] == [p.digest for p in shipped_packs()]
    house = folder / "house.toml"
    house.write_text(house.read_text().replace('subjects = ["character"]', 'subjects = ["key_visual"]'))
    with pytest.raises(ClearanceError, match="house@1"):
        load_packs(folder, trusted=release_keys())


@pytest.mark.parametrize("name", ["house", "studio", "wga-2026"])
def test_a_pack_without_its_signature_file_is_refused(tmp_path: Path, name: str):
    folder = shipped_copy(tmp_path)
    (folder / f"{name}.sig.json").unlink()
    with pytest.raises(ClearanceError, match=f"{name}.toml is not signed"):
        load_packs(folder, trusted=release_keys())
    with pytest.raises(ClearanceError, match="is not signed"):
        load_pack(folder / f"{name}.toml", trusted=release_keys())


def test_a_pack_of_the_productions_own(tmp_path: Path):
    (tmp_path / "ours.toml").write_text(TEXT)
    (tmp_path / "ours.sig.json").write_text(TWO)
    lines = [f'[[keys]]\nholder = "{k.holder}"\npublic = "{k.public}"\nscope = "release"' for k in trusted(0, 1)]
    (tmp_path / "keys.toml").write_text("\n".join(lines))
    keys = production_keys(tmp_path / "keys.toml")
    assert {key.scope for key in keys} == {"production"}
    assert load_pack(tmp_path / "ours.toml", trusted=keys).signed_by
    assert [pack.name for pack in load_packs(tmp_path, trusted=keys)] == ["ours@1"]
    shutil.copy(tmp_path / "ours.toml", tmp_path / "twin.toml")
    shutil.copy(tmp_path / "ours.sig.json", tmp_path / "twin.sig.json")
    with pytest.raises(BriefError, match="there twice"):
        load_packs(tmp_path, trusted=keys)


@pytest.mark.parametrize(
    "text",
    ["[[keys]]", '[[keys]]\nholder = "A"', '[[keys]]\nholder = "A"\npublic = "00"',
     '[[keys]]\nholder = "A"\npublic = "zz"', '[[keys]]\nholder = "A"\npublic = 3', "keys = 3", "[[keys"],
    ids=str,
)  # fmt: skip
def test_a_list_of_keys_that_is_none(text: str):
    with pytest.raises(BriefError):
        read_trusted(text, scope="production")
