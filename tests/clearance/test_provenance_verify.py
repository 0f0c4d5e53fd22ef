"""A delivery is signed and holds; whatever is done to it is found and named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from tests.clearance import delivery_kit as kit
from tests.clearance.delivery_kit import COMP, LIST, MATTE, MOVIE, SHEET, flip, frame_file
from tests.clearance.time_stamp_authority import time_stamp_authority

from secondunit.clearance.provenance import delivery
from secondunit.clearance.provenance.authority import CLOCK, SigningIdentity, Trust, init_authority, open_authority
from secondunit.clearance.provenance.delivery import Delivery, sign_delivery
from secondunit.clearance.provenance.delivery_list import list_document, read_list
from secondunit.clearance.provenance.findings import Finding, Verification
from secondunit.clearance.provenance.lineage import IPTC
from secondunit.clearance.provenance.manifest import JSON, Claim, Did, sidecar
from secondunit.clearance.provenance.pixels import print_picture
from secondunit.clearance.provenance.sequence import read_sequence
from secondunit.clearance.provenance.verify import verify_path
from secondunit.core.errors import BriefError, StoreError
from secondunit.media.digest import file_digest
from secondunit.media.exr import read_exr, read_exr_header


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> SigningIdentity:
    keys = tmp_path_factory.mktemp("keys")
    return init_authority(keys / "private", keys / "public", show="SHW", organisation="Example Pictures")


@pytest.fixture(scope="module")
def signed(identity: SigningIdentity, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Delivery]:
    folder = tmp_path_factory.mktemp("signed") / "v001"
    folder.mkdir()
    kit.write_delivery(folder)
    return folder, sign_delivery(folder, statement=kit.STATEMENT, identity=identity)


@pytest.fixture
def folder(signed: tuple[Path, Delivery], tmp_path: Path) -> Path:
    return shutil.copytree(signed[0], tmp_path / "v001")


def bad(found: Verification) -> list[Finding]:
    return [finding for finding in found.findings if finding.level == "bad"]


def test_what_was_signed_verifies_and_says_what_it_lacks(folder: Path, signed, identity: SigningIdentity):
    found = verify_path(folder, trust=identity.trust, expected_root=signed[1].root)
    assert found.ok, found.findings
    assert found.frames == 8
    assert found.files == 8 + 4 + 2 + 2 + 2
    assert [finding.kind for finding in found.findings] == ["no_timestamp"]
    assert "no trusted timestamp" in signed[1].notes[0]
    assert f"{identity.expires:%Y-%m-%d}" in signed[1].notes[0]


@pytest.mark.parametrize(
    "name", [MOVIE, SHEET, "take.json", "frames/1001.json", f"{COMP}/{COMP}.1002.exr", COMP, "frames", LIST]
)
def test_a_part_verifies_by_itself(folder: Path, identity: SigningIdentity, name: str):
    found = verify_path(folder / name, trust=identity.trust)
    assert found.ok, found.findings


def every_file(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("at", [0.02, 0.5, 0.999])
def test_one_bit_in_any_file_is_found_and_the_file_named(folder: Path, identity: SigningIdentity, at: float):
    for path in every_file(folder):
        before = path.read_bytes()
        flip(path, at)
        found = bad(verify_path(folder, trust=identity.trust))
        named = path.name.removesuffix(".c2pa")
        assert any(finding.path.name in (path.name, named) for finding in found), f"{path.name}: {found}"
        path.write_bytes(before)
    assert verify_path(folder, trust=identity.trust).ok


@pytest.mark.parametrize(
    "change", ["missing", "extra", "hidden extra", "swapped", "renamed", "linked", "cut short", "emptied"]
)
def test_what_is_done_to_files_is_named(folder: Path, identity: SigningIdentity, change: str):
    second, third = frame_file(folder, 1002), frame_file(folder, 1003)
    acts: dict[str, Callable[[], object]] = {
        "missing": second.unlink,
        "extra": lambda: (folder / "notes.txt").write_text("x"),
        "hidden extra": lambda: (folder / COMP / ".late.exr").write_bytes(third.read_bytes()),
        "swapped": lambda: (second.rename(folder / "s"), third.rename(second), (folder / "s").rename(third)),
        "renamed": lambda: second.rename(second.with_name("other.1002.exr")),
        "linked": lambda: (second.rename(folder.parent / "out.exr"), second.symlink_to(folder.parent / "out.exr")),
        "cut short": lambda: second.write_bytes(second.read_bytes()[:200]),
        "emptied": lambda: second.write_bytes(b""),
    }
    acts[change]()
    found = {(finding.path.name, finding.kind) for finding in bad(verify_path(folder, trust=identity.trust))}
    assert (
        found
        == {
            "missing": {(second.name, "missing")},
            "extra": {("notes.txt", "extra")},
            "hidden extra": {(".late.exr", "extra")},
            "swapped": {(second.name, "changed"), (third.name, "changed")},
            "renamed": {(second.name, "missing"), ("other.1002.exr", "extra")},
            "linked": {(second.name, "missing")},
            "cut short": {(second.name, "damaged")},
            "emptied": {(second.name, "damaged")},
        }[change]
    )


@pytest.mark.parametrize("x, y, channel", [(0, 0, "R"), (40, 20, "G"), (63, 47, "B")])
def test_one_changed_value_is_found_by_frame_region_and_channel(
    folder: Path, identity: SigningIdentity, x: int, y: int, channel: str
):
    path = frame_file(folder, 1003)
    channels, _ = read_exr(path)
    picture = np.stack([channels[c] for c in "RGB"], axis=-1).astype(np.float32)
    picture[y, x, "RGB".index(channel)] += 0.01
    kit.write_frame(path, picture, 1003)
    (found,) = bad(verify_path(folder, trust=identity.trust))
    assert (found.path, found.frame, found.kind) == (path, 1003, "changed")
    assert found.region is not None
    left, top, right, bottom = found.region
    assert left <= x <= right
    assert top <= y <= bottom
    assert (right - left + 1, bottom - top + 1) == (4, 3)
    assert f"channel {channel})" in found.message


def test_a_changed_movie_is_found_by_frame(folder: Path, identity: SigningIdentity):
    flip(folder / MOVIE, 0.99)
    (found,) = bad(verify_path(folder, trust=identity.trust))
    assert found.path.name == MOVIE
    assert found.frame in (2, 3, 4)
    assert found.message.startswith(f"frame {found.frame}: ")


def test_a_list_cannot_stand_in_for_the_manifest_that_a_movie_must_carry(
    folder: Path, identity: SigningIdentity, monkeypatch: pytest.MonkeyPatch
):
    shutil.rmtree(folder)
    folder.mkdir()
    kit.write_delivery(folder)
    monkeypatch.setattr(delivery, "_embed", lambda *_: None)
    sign_delivery(folder, statement=kit.STATEMENT, identity=identity)
    found = {(f.path.name, f.kind) for f in bad(verify_path(folder, trust=identity.trust))}
    assert found == {(MOVIE, "unsigned"), (SHEET, "unsigned")}


def test_a_list_that_says_nothing_of_how_it_was_made_is_no_claim(folder: Path, identity: SigningIdentity):
    document = (folder / LIST).read_bytes()
    done = [Did(action="c2pa.created", source_type=IPTC + "algorithmicMedia")]
    claim = Claim(title=LIST, mime=JSON, actions=done, ingredients=[], complete=True, statement={})
    (folder / f"{LIST}.c2pa").write_bytes(sidecar(document, claim, identity))
    assert {(f.path.name, f.kind) for f in bad(verify_path(folder, trust=identity.trust))} == {(LIST, "false_claim")}


def test_another_compression_is_a_change_but_the_picture_is_known_again(folder: Path, identity: SigningIdentity):
    path = frame_file(folder, 1002)
    before = print_picture(path)
    kit.write_frame(path, kit.pixels(1002), 1002, compression="piz")
    assert print_picture(path) == before
    (found,) = bad(verify_path(folder, trust=identity.trust))
    assert "the picture did not" in found.message


def test_a_movie_encoded_again_loses_its_manifest_and_is_named(folder: Path, identity: SigningIdentity):
    path = folder / MOVIE
    copy = path.with_name("copy.mp4")
    with av.open(str(path)) as source, av.open(str(copy), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    copy.replace(path)
    assert [f.kind for f in bad(verify_path(path, trust=identity.trust))] == ["unsigned"]
    assert [f.path for f in bad(verify_path(folder, trust=identity.trust))] == [path]


def test_a_still_saved_again_loses_its_manifest_and_is_named(folder: Path, identity: SigningIdentity):
    with Image.open(folder / SHEET) as picture:
        picture.load()
        picture.save(folder / SHEET)
    assert [f.kind for f in bad(verify_path(folder / SHEET, trust=identity.trust))] == ["unsigned"]
    (found,) = bad(verify_path(folder, trust=identity.trust))
    assert found.path.name == SHEET


def test_without_the_list_every_file_must_stand_by_itself(folder: Path, identity: SigningIdentity):
    (folder / LIST).unlink()
    (folder / f"{LIST}.c2pa").unlink()
    found = bad(verify_path(folder, trust=identity.trust))
    assert {f.path.name for f in found} == {"take.json", "1001.json"}
    assert {f.kind for f in found} == {"unsigned"}


def test_without_the_sidecar_the_list_is_no_list(folder: Path, identity: SigningIdentity):
    (folder / f"{LIST}.c2pa").unlink()
    found = bad(verify_path(folder, trust=identity.trust))
    assert (folder / LIST, "unsigned") in {(f.path, f.kind) for f in found}


def test_a_second_list_beside_the_first_is_named(folder: Path, identity: SigningIdentity):
    (folder / "x.delivery.json").write_text((folder / LIST).read_text())
    found = bad(verify_path(folder, trust=identity.trust))
    assert "x.delivery.json" in {f.path.name for f in found}


def test_a_stranger_is_valid_to_the_library_and_nobody_to_us(folder: Path, tmp_path: Path):
    init_authority(tmp_path / "p", tmp_path / "q", show="SHW", organisation="Example Pictures")
    stranger = Trust.of(tmp_path / "q" / "ca.pem")
    for name in (".", MOVIE, SHEET, COMP):
        found = bad(verify_path(folder / name, trust=stranger))
        assert found
        assert "untrusted" in {f.kind for f in found}


def test_signed_again_by_the_right_key_is_another_delivery(folder: Path, signed, identity: SigningIdentity):
    kit.write_frame(frame_file(folder, 1002), kit.pixels(7), 1002)
    again = sign_delivery(folder, statement=kit.STATEMENT, identity=identity)
    assert verify_path(folder, trust=identity.trust).ok
    found = bad(verify_path(folder, trust=identity.trust, expected_root=signed[1].root))
    assert [f.kind for f in found] == ["other_delivery"]
    assert again.root != signed[1].root


def test_a_clock_vouches_only_where_its_own_certificate_is_trusted(tmp_path: Path):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not on this machine")
    private, public = tmp_path / "private", tmp_path / "public"
    init_authority(private, public, show="SHW", organisation="Example Pictures")
    folder = tmp_path / "v001"
    folder.mkdir()
    kit.write_delivery(folder)
    with time_stamp_authority(tmp_path) as url:
        unknown = sign_delivery(
            folder, statement=kit.STATEMENT, identity=open_authority(private, public, time_stamp_url=url)
        )
        assert not unknown.stamped
        assert CLOCK in unknown.notes[0]
        shutil.copy(tmp_path / "tsa_ca.pem", public / CLOCK)
        known = sign_delivery(
            folder, statement=kit.STATEMENT, identity=open_authority(private, public, time_stamp_url=url)
        )
    assert known.stamped
    assert known.notes == ()
    assert verify_path(folder, trust=Trust.in_folder(public)).findings == ()


def test_signing_twice_leaves_nothing_of_the_first_time(folder: Path, identity: SigningIdentity):
    before = {path.name for path in every_file(folder)}
    sign_delivery(folder, statement=kit.STATEMENT, identity=identity)
    assert {path.name for path in every_file(folder)} == before
    assert verify_path(folder, trust=identity.trust).ok


def test_frames_carry_hints_that_point_to_the_manifest(folder: Path):
    header, _ = read_exr_header(frame_file(folder, 1001))
    said = {k.split(":")[1]: v for k, v in header.attributes.items() if k.startswith("aiProvenance:")}
    assert said["digitalSourceType"] == "composite"
    assert said["useId"] == kit.STATEMENT.use
    assert (folder / COMP / said["manifest"]).is_file()


@pytest.mark.parametrize(
    "line", [{"file": "../../etc/passwd"}, {"file": "/etc/passwd"}, {"file": "a\\b"}, {"file": ""}, {"sha256": 3}]
)
def test_a_list_may_not_name_what_lies_outside(folder: Path, line: dict[str, object]):
    good = {"file": "take.json", "sha256": file_digest(folder / "take.json"), "size": 1}
    data = list_document("x", [good | line], statement={})
    with pytest.raises(StoreError, match="no list"):
        read_list(data, path=folder / "x")


def test_a_list_whose_root_is_not_its_own_is_refused(folder: Path):
    said = json.loads((folder / LIST).read_text())
    said["files"][0]["size"] += 1
    with pytest.raises(StoreError, match="root"):
        read_list(json.dumps(said).encode(), path=folder / LIST)
    path = folder / MATTE / f"{MATTE}.sequence.json"
    said = json.loads(path.read_text())
    said["frames"].reverse()
    with pytest.raises(StoreError, match="root"):
        read_sequence(json.dumps(said).encode(), path=path)


def test_nothing_is_not_verified(tmp_path: Path, identity: SigningIdentity):
    assert not verify_path(tmp_path, trust=identity.trust).ok
    with pytest.raises(BriefError, match="not there"):
        verify_path(tmp_path / "no", trust=identity.trust)


def test_litter_of_an_operating_system_is_only_said(folder: Path, identity: SigningIdentity):
    (folder / ".DS_Store").write_bytes(b"x")
    found = verify_path(folder, trust=identity.trust)
    assert found.ok
    assert "litter" in {f.kind for f in found.findings}


def test_a_link_is_not_signed(folder: Path, identity: SigningIdentity):
    (folder / "link.txt").symlink_to(folder / "take.json")
    with pytest.raises(StoreError, match="is a link"):
        sign_delivery(folder, statement=kit.STATEMENT, identity=identity)
