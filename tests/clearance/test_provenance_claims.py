"""What a manifest may say: closed words, derived from the lineage; a lie by the key's owner is found too."""

import json
from dataclasses import replace
from pathlib import Path

import c2pa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.clearance import delivery_kit as kit

from secondunit.clearance.provenance import manifest
from secondunit.clearance.provenance.authority import SigningIdentity, init_authority
from secondunit.clearance.provenance.claims import claim_findings
from secondunit.clearance.provenance.delivery import sign_delivery
from secondunit.clearance.provenance.lineage import ACTIONS, IPTC, SOURCE_TYPES, Lineage, Source, Step, source_type
from secondunit.clearance.provenance.manifest import (
    Claim,
    Did,
    Ingredient,
    ReadManifest,
    embed,
    read_embedded,
)
from secondunit.clearance.provenance.statement import LABEL, SCHEMA, Statement, lineage_json, read_lineage
from secondunit.clearance.provenance.verify import verify_path
from secondunit.core.errors import BriefError
from secondunit.media.png import write_png

PLATE = (Source(name="plate.mov", sha256="ab" * 32),)
OPENED = Did(action="c2pa.opened", ingredient="p")
RETIRED = ("minorHumanEdits", "digitalArt", "softwareImage", "compositedWithTrainedAlgorithmicMedia")


def step(made: str, change: str) -> Step:
    return Step(name=f"{made} {change}", made=made, change=change)


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> SigningIdentity:
    keys = tmp_path_factory.mktemp("keys")
    return init_authority(keys / "private", keys / "public", show="SHW", organisation="Example Pictures")


@pytest.mark.parametrize(
    "plates, steps, kind",
    [
        (PLATE, [], None),
        (PLATE, [("procedural", "placed")], "composite"),
        (PLATE, [("procedural", "edited"), ("procedural", "placed")], "composite"),
        (PLATE, [("trained_model", "edited")], "compositeWithTrainedAlgorithmicMedia"),
        (PLATE, [("trained_model", "placed")], "compositeSynthetic"),
        (PLATE, [("trained_model", "placed"), ("trained_model", "edited")], "compositeWithTrainedAlgorithmicMedia"),
        (PLATE, [("procedural", "placed"), ("trained_model", "placed")], "compositeSynthetic"),
        (PLATE, [("human", "edited")], "humanEdits"),
        (PLATE, [("human", "placed")], "composite"),
        (PLATE, [("enhancement", "edited")], "algorithmicallyEnhanced"),
        ((), [("procedural", "created")], "algorithmicMedia"),
        ((), [("trained_model", "created")], "trainedAlgorithmicMedia"),
        ((), [("trained_model", "created"), ("human", "edited")], "compositeSynthetic"),
        ((), [("human", "created")], "digitalCreation"),
        ((), [("human", "created"), ("procedural", "placed")], "composite"),
    ],
)
def test_the_source_type_follows_from_what_ran(plates: tuple[Source, ...], steps: list[tuple[str, str]], kind: str):
    assert source_type(Lineage(plates=plates, steps=tuple(step(*s) for s in steps), closed=True)) == kind


@given(
    st.booleans(),
    st.lists(st.tuples(st.sampled_from(["trained_model", "procedural", "human", "enhancement"]), st.booleans())),
)
def test_a_trained_model_that_ran_is_always_said_and_never_otherwise(plate: bool, made: list[tuple[str, bool]]):
    steps = [step(m, "placed" if placed and m != "enhancement" else "edited") for m, placed in made]
    if not plate:
        first = made[0][0] if made and made[0][0] != "enhancement" else "human"
        steps = [step(first, "created"), *steps[1:]]
    lineage = Lineage(plates=PLATE if plate else (), steps=tuple(steps), closed=True)
    said = source_type(lineage) in (
        "trainedAlgorithmicMedia",
        "compositeWithTrainedAlgorithmicMedia",
        "compositeSynthetic",
    )
    assert said == any(s.made == "trained_model" for s in lineage.steps)
    assert read_lineage(json.loads(json.dumps(lineage_json(lineage)))) == lineage


@pytest.mark.parametrize(
    "plates, steps",
    [
        (PLATE, [("procedural", "created")]),
        ((), []),
        ((), [("procedural", "placed")]),
        ((), [("human", "edited"), ("procedural", "created")]),
        ((), [("human", "created"), ("procedural", "created")]),
        (PLATE, [("magic", "placed")]),
        (PLATE, [("enhancement", "placed")]),
        ((), [("enhancement", "created")]),
        (PLATE, [("human", "invented")]),
    ],
    ids=[
        "plate created",
        "from nothing",
        "placed on nothing",
        "edited first",
        "created twice",
        "made",
        "enhanced over",
        "enhanced nothing",
        "change",
    ],
)
def test_a_history_that_could_not_have_happened_is_refused(plates: tuple[Source, ...], steps: list[tuple[str, str]]):
    with pytest.raises(BriefError):
        Lineage(plates=plates, steps=tuple(step(*s) for s in steps), closed=True)


@pytest.mark.parametrize("word", [*RETIRED, "digitalCapture", "nonsense"])
def test_words_that_are_retired_misspelt_or_not_ours_to_say_are_not_signed(word: str):
    assert IPTC + word not in SOURCE_TYPES
    with pytest.raises(BriefError, match="not on the list"):
        Did(action="c2pa.edited", source_type=IPTC + word).said()


def test_a_deprecated_or_invented_action_is_not_signed():
    for action in ("c2pa.color_adjustments", "c2pa.blessed"):
        assert action not in ACTIONS
        with pytest.raises(BriefError):
            Did(action=action).said()


def signed_sheet(tmp_path: Path, identity: SigningIdentity, **change: object) -> Path:
    path = tmp_path / "sheet.png"
    write_png(path, np.full((16, 16, 3), 90, np.uint8))
    kind = IPTC + "composite"
    claim = Claim(
        title=path.name,
        mime="image/png",
        actions=[Did(action="c2pa.opened", ingredient="p"), Did(action="c2pa.edited", source_type=kind)],
        ingredients=[Ingredient(label="p", title="p", mime="application/json", parent=True)],
        complete=True,
        statement=kit.STATEMENT.said(kit.LINEAGE),
    )
    embed(path, replace(claim, **change), identity)
    return path


def test_the_truth_is_accepted(tmp_path: Path, identity: SigningIdentity):
    assert verify_path(signed_sheet(tmp_path, identity), trust=identity.trust).ok


@pytest.mark.parametrize(
    "change, found",
    [
        ({"statement": {}}, "says nothing"),
        ({"statement": {"schema": SCHEMA}}, "cannot be read"),
        ({"statement": kit.STATEMENT.said(kit.LINEAGE) | {"digitalSourceType": "humanEdits"}}, "lineage makes it"),
        ({"statement": kit.STATEMENT.said(kit.LINEAGE) | {"models": ["aa"]}}, "disagree"),
        ({"statement": kit.STATEMENT.said(replace(kit.LINEAGE, closed=False))}, "lineage is open"),
        (
            {"actions": [Did(action="c2pa.created", source_type=IPTC + "composite")], "ingredients": []},
            "not those of something made",
        ),
        ({"actions": [OPENED, Did(action="c2pa.watermarked")], "watermark": ("com.example", "x")}, "names no mark"),
        (
            {
                "actions": [
                    Did(action="c2pa.opened", ingredient="p"),
                    Did(action="c2pa.edited", source_type=IPTC + "humanEdits"),
                ]
            },
            "not those of something made",
        ),
    ],
    ids=[
        "nothing",
        "no lineage",
        "other type",
        "models",
        "not all actions",
        "created",
        "watermarked",
        "other action type",
    ],
)
def test_a_lie_signed_with_the_right_key_is_trusted_by_the_library_and_found_by_us(
    tmp_path: Path, identity: SigningIdentity, change: dict[str, object], found: str
):
    path = signed_sheet(tmp_path, identity, **change)
    assert read_embedded(path, identity.trust).state == "Trusted"
    result = verify_path(path, trust=identity.trust)
    assert not result.ok
    assert any(finding.kind == "false_claim" and found in finding.message for finding in result.findings)


def test_invented_words_are_found_even_where_the_library_trusts_them(
    tmp_path: Path, identity: SigningIdentity, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(manifest, "ACTIONS", ACTIONS | {"c2pa.blessed"})
    monkeypatch.setattr(manifest, "SOURCE_TYPES", SOURCE_TYPES | {IPTC + "magic"})
    actions = [Did(action="c2pa.opened", ingredient="p"), Did(action="c2pa.blessed", source_type=IPTC + "magic")]
    path = signed_sheet(tmp_path, identity, actions=actions)
    assert read_embedded(path, identity.trust).trusted
    said = " ".join(finding.message for finding in verify_path(path, trust=identity.trust).findings)
    assert "c2pa.blessed" in said
    assert "magic" in said


def test_a_sequence_tells_the_whole_history():
    said = kit.STATEMENT.said(kit.LINEAGE)
    actions = (
        ("c2pa.opened", ""),
        ("c2pa.edited", IPTC + "algorithmicMedia"),
        ("c2pa.placed", IPTC + "algorithmicMedia"),
    )
    read = ReadManifest(state="Trusted", actions=actions, statement=said, complete=True)
    assert claim_findings(Path("x"), read, sequence=said) == []
    for wrong in (actions[:2], actions[::-1], (("c2pa.created", ""), *actions[1:])):
        assert claim_findings(Path("x"), replace(read, actions=wrong), sequence=said)
    assert claim_findings(Path("x"), read, sequence=said | {"recipe": "other"})


def raw(path: Path) -> dict[str, object]:

    with (
        path.open("rb") as handle,
        c2pa.Reader("image/png" if path.suffix == ".png" else "video/mp4", handle) as reader,
    ):
        return json.loads(reader.json())


@pytest.fixture
def delivery(tmp_path: Path, identity: SigningIdentity) -> Path:
    """A delivery whose plate carries a manifest of somebody else."""
    other = init_authority(tmp_path / "p", tmp_path / "q", show="Camera", organisation="Camera maker")
    plate = signed_sheet(tmp_path, other)
    folder = tmp_path / "v001"
    folder.mkdir()
    kit.write_delivery(folder)
    lineage = replace(kit.LINEAGE, plates=(Source(name="plate.png", sha256="ab" * 32, path=plate),))
    sign_delivery(folder, statement=replace(kit.STATEMENT, lineage=lineage), identity=identity)
    return folder


def test_the_movie_carries_the_sequence_and_the_sequence_the_plate_with_its_own_manifest(
    delivery: Path, identity: SigningIdentity
):
    found = verify_path(delivery, trust=identity.trust)
    assert found.ok, found.findings
    for name in (kit.MOVIE, kit.SHEET):
        said = raw(delivery / name)
        manifests = said["manifests"]
        own = manifests[said["active_manifest"]]
        assert next(a["action"] for a in own["assertions"][0]["data"]["actions"]) == "c2pa.opened"
        (parent,) = own["ingredients"]
        assert parent["title"] == f"{kit.COMP}.sequence.json"
        assert parent["relationship"] == "parentOf"
        sequence = manifests[parent["active_manifest"]]
        plate = next(i for i in sequence["ingredients"] if i["relationship"] == "parentOf")
        assert plate["title"] == "plate.png"
        assert manifests[plate["active_manifest"]]["signature_info"]["issuer"] == "Camera maker"
        assert len(manifests) == 3


def test_manifests_forbid_training_and_say_no_names(delivery: Path):
    said = raw(delivery / kit.MOVIE)
    own = said["manifests"][said["active_manifest"]]
    by_label = {a["label"]: a for a in own["assertions"]}
    uses = by_label["cawg.training-mining"]["data"]["entries"]
    assert {u["use"] for u in uses.values()} == {"notAllowed"}
    assert len(uses) == 4
    assert all(a["created"] for a in by_label.values())
    assert set(by_label[LABEL]["data"]) == set(kit.STATEMENT.said(kit.LINEAGE))
    assert set(Statement.__dataclass_fields__) & {"artist", "names", "prompt", "purpose"} == set()


def test_an_open_history_does_not_say_that_it_is_complete(tmp_path: Path, identity: SigningIdentity):
    folder = tmp_path / "v001"
    folder.mkdir()
    kit.write_delivery(folder)
    statement = replace(kit.STATEMENT, lineage=replace(kit.LINEAGE, closed=False))
    sign_delivery(folder, statement=statement, identity=identity)
    said = raw(folder / kit.MOVIE)
    for one in said["manifests"].values():
        (actions,) = (a["data"] for a in one["assertions"] if a["label"] == "c2pa.actions.v2")
        assert "allActionsIncluded" not in actions
    assert verify_path(folder, trust=identity.trust).ok


def test_a_pass_with_its_own_history_says_it(tmp_path: Path, identity: SigningIdentity):
    folder = tmp_path / "v001"
    folder.mkdir()
    kit.write_delivery(folder)
    edited = replace(kit.LINEAGE, steps=kit.LINEAGE.steps[:1])
    sign_delivery(folder, statement=replace(kit.STATEMENT, lineages={"matte": edited}), identity=identity)
    document = json.loads((folder / kit.MATTE / f"{kit.MATTE}.sequence.json").read_text())
    assert len(document["statement"]["lineage"]["steps"]) == 1
    assert verify_path(folder, trust=identity.trust).ok


def test_a_mark_that_somebody_made_is_said_of_the_movie_alone(tmp_path: Path, identity: SigningIdentity):
    folder = tmp_path / "v001"
    folder.mkdir()
    kit.write_delivery(folder)
    sign_delivery(
        folder, statement=replace(kit.STATEMENT, watermark=("com.example.mark", "aG91c2U=")), identity=identity
    )
    done = {name: read_embedded(folder / name, identity.trust).actions for name in (kit.MOVIE, kit.SHEET)}
    assert ("c2pa.watermarked", "") in done[kit.MOVIE]
    assert ("c2pa.watermarked", "") not in done[kit.SHEET]
    assert verify_path(folder, trust=identity.trust).ok


def test_a_delivery_without_its_picture_is_refused(tmp_path: Path, identity: SigningIdentity):
    kit.write_frame(tmp_path / "v" / "a_x_v001.1001.exr", kit.pixels(1), 1001)
    kit.write_frame(tmp_path / "v" / "a_y_v001.1001.exr", kit.pixels(1), 1001)
    with pytest.raises(BriefError, match="could be the picture"):
        sign_delivery(tmp_path / "v", statement=kit.STATEMENT, identity=identity)
    with pytest.raises(BriefError, match="not a folder"):
        sign_delivery(tmp_path / "none", statement=kit.STATEMENT, identity=identity)
