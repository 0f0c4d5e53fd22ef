"""The 24 ways round that docs/clearance/threats.md lists, tried on a small finished show.

Each test is named after its number. Where software can only show, or cannot stop a thing at all, the document says
so; what it can do is tested here.
"""

import ast
import re
import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from tests.clearance.gate_kit import DECLARED, RULES, TEMP, TOOL, Through, approvals, buffers, granted, use_of
from tests.show.show_kit import BRIEF, PEOPLE, SHOT, give_keys, make_show, plate_picture

from secondunit.clearance.approval import sign_approval, standing
from secondunit.clearance.gate import decide, run_generator
from secondunit.clearance.guard.prompt_lint import lint
from secondunit.clearance.keys import new_key, person_key
from secondunit.clearance.ledger.checkpoint import read_checkpoint
from secondunit.clearance.ledger.people import approvals_in, record_approval, register_key, ring_of
from secondunit.clearance.ledger.verify import verify_ledger
from secondunit.clearance.policy.declaration import Step
from secondunit.clearance.provenance.manifest import Did
from secondunit.cli.main import run
from secondunit.core.collapse import Detail
from secondunit.core.errors import BriefError, ClearanceError, SecondUnitError
from secondunit.show import (
    Show,
    add_person,
    approve,
    finish,
    init_keys,
    open_show,
    opt_in,
    record_of,
    record_work,
    take,
    verify_show,
    would_say,
)
from secondunit.show.clearing.approvals import asked_of
from secondunit.show.clearing.ask import ask_final
from secondunit.show.clearing.question import final_question
from secondunit.show.clearing.tools import tool_of
from secondunit.show.delivery.check import verify_anywhere
from secondunit.show.delivery.conform import conform
from secondunit.show.record.ledger import ledger_of
from secondunit.show.record.people import authority_digest, revoke, signing_key
from secondunit.show.record.policies import rules_of

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src/secondunit"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Show:
    """A show with two takes, the first of them finished, signed and verified."""
    show = make_show(tmp_path_factory.mktemp("bypasses") / "show")
    first, _ = take(show, SHOT, takes=2, draft=True, vary_axes=["detail"], workers=1)
    give_keys(show)
    record_work(show, SHOT, kind="paint", by="Ada Example", after=show.shot_folder(SHOT) / "plate.png")
    opt_in(show, SHOT)
    for role, name in PEOPLE.items():
        approve(show, SHOT, take=1, by=name, role=role, proxy=first.movie)
    finish(show, SHOT, take=1, workers=1)
    return show


@pytest.fixture
def show(finished: Show, tmp_path: Path) -> Show:
    """A copy to be spoilt."""
    shutil.copytree(finished.root, tmp_path / "show", ignore=shutil.ignore_patterns(".cache"))
    return open_show(tmp_path / "show")


def published(show: Show) -> Path:
    return show.shot_folder(SHOT) / "publish/v001"


def draft_movie(show: Show, number: int = 1) -> Path:
    return next(show.shot_folder(SHOT).glob(f"takes/t{number:03d}/*.mp4"))


def tamper(show: Show, sql: str) -> None:
    with sqlite3.connect(show.root / "show.db") as raw:
        for name in ("update", "delete"):
            raw.execute(f"DROP TRIGGER ledger_no_{name}")
        raw.executescript(sql)
    raw.close()


def sign_as(
    show: Show, role: str, *, take: int = 1, at: datetime | None = None, expires: timedelta = timedelta(days=30)
):
    """Sign and record past the front door, as somebody who writes Python would."""
    now = at or datetime.now(UTC)
    key = signing_key(show, name=PEOPLE[role], role=role)
    with ledger_of(show) as ledger:
        question = final_question(show, SHOT, take=take, ledger=ledger)
        asked = asked_of(show, question.declared, movie=question.take.movie, ring=ring_of(ledger))
        signed = sign_approval(key, asked=asked, role=role, at=now, expires=now + expires, proxy_opened_at=now)
        record_approval(ledger, signed)
        return standing(approvals_in(ledger), asked=asked, ring=ring_of(ledger), on=datetime.now(UTC))


def test_the_show_that_is_attacked_is_whole(finished: Show):
    assert verify_show(finished).wrong == ()


def test_01_a_picture_made_outside_is_unknown_to_the_conform(show: Show, tmp_path: Path):
    outside = tmp_path / "outside.png"
    cv2.imwrite(str(outside), plate_picture())
    assert [row.state for row in conform(show, [outside])] == ["unknown"]
    assert run(["verify", str(outside), "--trust", str(show.root / "provenance/ca.pem")]) == 5


def test_02_stripped_metadata_is_no_manifest(show: Show):
    sheet = next(published(show).glob("*_contact.png"))
    cv2.imwrite(str(sheet), cv2.imread(str(sheet)))
    wrong = verify_show(show).wrong
    assert [said for said in wrong if sheet.name in said]
    assert [row.state for row in conform(show, [sheet])] == ["unknown"]


def test_03_a_temp_in_the_cut_is_named_and_no_final_is_declared_as_temp(show: Show):
    (row,) = conform(show, [draft_movie(show, 2)])
    assert (row.state, row.what) == ("temp", f"take 2 of {SHOT}")
    assert not decide(use_of(TEMP, kind="final"), TEMP, rules=RULES, approvals=approvals(TEMP)).allowed


@pytest.mark.parametrize("name", ["house", "studio"])
def test_04_a_weakened_pack_is_refused(show: Show, name: str):
    folder = show.root / "policy"
    folder.mkdir()
    text = (SOURCES / f"clearance/policy/packs/{name}.toml").read_text()
    (folder / "own.toml").write_text(text.replace('"forbidden"', '"allow_record"'))
    with pytest.raises(ClearanceError, match="not signed"):
        take(show, SHOT)
    signature = SOURCES / f"clearance/policy/packs/{name}.sig.json"
    (folder / "own.sig.json").write_text(signature.read_text())
    with pytest.raises(SecondUnitError):
        take(show, SHOT)


def test_05_an_older_policy_than_was_in_force_is_refused(show: Show):
    with ledger_of(show) as ledger:
        ledger.append("policy", {"packs": [], "pins": {"house": {"revision": 99, "digest": "f" * 64}}})
    with pytest.raises(ClearanceError, match="older than revision 99"):
        rules_of(show)


EDITS = {
    "edited": ("UPDATE ledger SET body = replace(body, 'approved', 'declined') WHERE kind = 'approval'", "was edited"),
    "deleted": ("DELETE FROM ledger WHERE kind = 'refusal' OR kind = 'selection'", "deleted"),
    "reordered": (
        "UPDATE ledger SET seq = -1 WHERE seq = 4; UPDATE ledger SET seq = 4 WHERE seq = 5; "
        "UPDATE ledger SET seq = 5 WHERE seq = -1",
        "out of order",
    ),
}


@pytest.mark.parametrize("sql, says", EDITS.values(), ids=EDITS.keys())
def test_06_a_changed_ledger_is_found_and_the_row_named(show: Show, sql: str, says: str):
    tamper(show, sql)
    wrong = verify_show(show, files=False).wrong
    assert [said for said in wrong if says in said and re.search(r"entr(y|ies) \d+", said)]


def test_07_a_tail_cut_off_is_seen_by_a_witness(show: Show, tmp_path: Path):
    (kept,) = (show.root / "provenance/checkpoints").glob("*.json")
    witness = shutil.copy(kept, tmp_path / "witness.json")
    shutil.rmtree(kept.parent)
    size = read_checkpoint(Path(witness)).size
    tamper(show, f"DELETE FROM ledger WHERE seq >= {size - 3}")
    assert [said for said in verify_show(show, checkpoints=(Path(witness),), files=False).wrong if "cut off" in said]


def test_08_a_backdated_approval_does_not_count(show: Show):
    stood = sign_as(show, "director", take=2, at=datetime.now(UTC) - timedelta(days=3))
    assert stood.counting == ()
    assert "backdated" in stood.refused[-1][1]


def test_09_an_approval_of_one_take_is_none_of_another(show: Show):
    assert would_say(show, SHOT, take=1).verdict.allowed
    assert not would_say(show, SHOT, take=2).verdict.allowed
    path = show.shot_folder(SHOT) / "shot.toml"
    path.write_text(BRIEF + '[use]\noutput_use = "marketing"\n')
    verdict = would_say(show, SHOT, take=1)
    assert not verdict.verdict.allowed
    assert len(verdict.standing.refused) == 4


def test_10_nobody_approves_their_own_work_or_unseen_or_in_two_hats(show: Show, tmp_path: Path):
    movie = draft_movie(show, 2)
    with pytest.raises(ClearanceError, match="is the artist"):
        approve(show, SHOT, take=2, by="Ada Example", role="director", proxy=movie)
    with pytest.raises(BriefError, match="is not the movie"):
        approve(show, SHOT, take=2, by="Bo Other", role="director", proxy=draft_movie(show, 1))
    with pytest.raises(ClearanceError, match="both legal and studio"):
        add_person(show, name=PEOPLE["legal"], role="studio")
    with ledger_of(show) as ledger:
        stolen = new_key()
        card = person_key(stolen, person="Bo Other", role="director")
        with pytest.raises(ClearanceError, match="registrar"):
            register_key(ledger, card, registrar=stolen)


def test_10_a_no_takes_back_a_yes(show: Show):
    assert would_say(show, SHOT, take=1).verdict.allowed
    approve(show, SHOT, take=1, by="Bo Other", role="director", proxy=draft_movie(show), decision="declined")
    assert would_say(show, SHOT, take=1).verdict.roles == ("director",)


def test_11_a_mark_in_a_plate_outweighs_what_is_said_of_it(show: Show):
    path = show.shot_folder(SHOT) / "plate.png"
    said = PngInfo()
    said.add_itxt(
        "XML:com.adobe.xmp",
        "<x:xmpmeta>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia</x:xmpmeta>",
    )
    Image.open(path).save(path, pnginfo=said)
    take(show, SHOT, takes=1, workers=1)
    number = max(int(p.parent.name[1:]) for p in show.shot_folder(SHOT).glob("takes/*/take.json"))
    declaration = would_say(show, SHOT, take=number).question.declared.declaration
    assert declaration.inputs[0].mark == "yes"


@pytest.mark.parametrize("text", ["a crowd like S3bastião Salgado", "in the style of B\u200banksy", "как Бэнкси"])
def test_12_a_disguised_name_is_found(text: str):
    assert lint(text)


def test_13_an_innocent_step_inherits_what_an_earlier_one_touched():
    first = Step(id="first", operation="paint", inputs=("p" * 64,), output="1" * 64, subjects=("character",))
    last = Step(id="last", operation="upscale", tool="through", inputs=("1" * 64,), output="c" * 64)
    alone = replace(DECLARED, steps=(replace(last, inputs=("p" * 64,)),))
    assert decide(use_of(alone), alone, rules=RULES, approvals=approvals(alone)).allowed
    said = replace(DECLARED, steps=(first, last))
    verdict = decide(use_of(said), said, rules=RULES, approvals=approvals(said))
    assert verdict.decision == "forbidden"
    assert [hit.steps for hit in verdict.judgement.hits if hit.rule == "NF-08"] == [("last",)]


def test_14_other_weights_under_the_same_name_run_nothing_and_are_in_no_register():
    swapped = Through()
    swapped.__class__ = type("Swapped", (Through,), {"weights_digest": "w" * 64})
    with pytest.raises(ClearanceError, match="grant is for"):
        run_generator(swapped, buffers(), detail=Detail(), grant=granted())
    assert swapped.ran == 0
    assert tool_of(swapped).registered == "no"
    said = replace(TEMP, tools=(replace(TOOL, registered="no"),))
    assert decide(use_of(said), said, rules=RULES).decision == "forbidden"


@pytest.mark.parametrize("known", ["unknown", "unsure"])
def test_15_training_data_that_nobody_knows_is_never_clean(known: str):
    tool = replace(TOOL, method="trained", weights_digest="w" * 64, training_data=known)
    said = replace(DECLARED, tools=(tool,))
    verdict = decide(use_of(said, weights_digest="w" * 64), said, rules=RULES)
    assert verdict.decision == "needs_approval"
    assert "SE-02" in verdict.judgement.rules or "NF-00" in verdict.judgement.rules


@pytest.mark.parametrize(
    "did",
    [Did(action="c2pa.dreamt"), Did(action="c2pa.created", source_type="http://example.com/magic"),
     Did(action="c2pa.edited", source_type="http://cv.iptc.org/newscodes/digitalsourcetype/minorHumanEdits")],
    ids=["action", "source type", "retired"],
)  # fmt: skip
def test_16_words_off_the_list_are_not_signed(did: Did):
    with pytest.raises(BriefError, match="not on the list"):
        did.said()


def test_17_valid_is_not_trusted_and_a_swapped_anchor_is_seen(show: Show, tmp_path: Path):
    other = make_show(tmp_path / "other")
    init_keys(other)
    foreign = other.root / "provenance/ca.pem"
    assert run(["verify", str(published(show)), "--trust", str(foreign)]) == 5
    shutil.copy(foreign, show.root / "provenance/ca.pem")
    assert authority_digest(show) == authority_digest(other)
    assert "provenance/ca.pem: not the one that the ledger knows" in verify_show(show).wrong


def test_18_a_revoked_key_counts_no_more_and_the_lack_of_a_time_stamp_is_said(show: Show):
    with ledger_of(show) as ledger:
        key = next(k for k in ring_of(ledger).keys if k.role == "director")
    revoke(show, key.key_id)
    stood = sign_as(show, "director", take=2)
    assert stood.counting == ()
    assert "revoked" in stood.refused[-1][1]
    found, _ = verify_anywhere(published(show))
    assert found.ok
    assert [f for f in found.findings if f.kind == "no_timestamp"]


def test_19_there_is_one_way_to_a_generator_and_no_switch():
    calls = []
    for source in sorted(SOURCES.rglob("*.py")):
        tree = ast.parse(source.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "generate":
                calls.append(source.relative_to(SOURCES).as_posix())
    # The gate runs generators; keys of its own make the cryptography library.
    assert [c for c in calls if c not in ("clearance/keys.py",)] == ["clearance/gate.py"]
    text = "\n".join(p.read_text(encoding="utf-8") for p in (SOURCES / "cli").glob("*.py"))
    assert not re.findall(r"--(?:no-gate|skip\S*|bypass|unsafe|no-verify|no-sign|insecure)", text)
    asked = {
        name
        for source in SOURCES.rglob("*.py")
        for name in re.findall(r"[\"'](SECONDUNIT_[A-Z_]+)[\"']", source.read_text(encoding="utf-8"))
    }
    assert asked <= {"SECONDUNIT_DATABASE", "SECONDUNIT_DEVICE", "SECONDUNIT_FONT", "SECONDUNIT_KEYS"}


def test_19_without_a_grant_nothing_runs():
    generator = Through()
    for forged in (None, replace(granted(), seal=""), replace(granted(), entry="")):
        with pytest.raises((ClearanceError, AttributeError)):
            run_generator(generator, buffers(), detail=Detail(), grant=forged)  # type: ignore[arg-type]
    assert generator.ran == 0


def test_20_what_a_fork_signs_is_not_trusted_here(show: Show, tmp_path: Path):
    fork = make_show(tmp_path / "fork")
    init_keys(fork)
    shutil.copy(fork.root / "provenance/ca.pem", tmp_path / "fork-ca.pem")
    found, _ = verify_anywhere(published(show), trust=(tmp_path / "fork-ca.pem",))
    assert not found.ok


def test_21_a_clock_that_ran_back_is_told(show: Show, monkeypatch: pytest.MonkeyPatch):
    import secondunit.clearance.ledger.store as store

    monkeypatch.setattr(store, "_now", lambda: "2020-01-01T00:00:00.000000+00:00")
    with ledger_of(show) as ledger:
        ledger.append("heartbeat", {})
    monkeypatch.undo()
    found = verify_show(show, files=False)
    assert found.wrong == ()
    assert [said for said in found.notes if "2020-01-01" in said]


def test_22_erasing_a_person_leaves_the_chain_whole(show: Show):
    with ledger_of(show) as ledger:
        entry = next(e for e in ledger.entries(kind="declaration"))
        assert ledger.private(entry)["artist"] == "Ada Example"
        ledger.erase(entry, reason="asked for by the person")
        assert ledger.private(entry) is None
    assert verify_ledger(show.database_url) == ()
    assert "an artist declares" in next(r["said"] for r in record_of(show) if r["seq"] == entry.seq)


def test_23_refusals_and_runs_that_came_to_nothing_are_on_record(show: Show):
    with pytest.raises(ClearanceError):
        finish(show, SHOT, take=2)
    assert [r for r in record_of(show, shot=SHOT) if (r["what"], r["take"]) == ("refusal", 2)]
    with ledger_of(show) as ledger:
        ledger.append("run", {"shot": SHOT, "take": 9, "kind": "draft", "recipe": "r" * 64})
    assert [said for said in verify_show(show, files=False).notes if "unfinished" in said]


def test_24_nobody_opts_in_for_the_artist(show: Show):
    opt_in(show, SHOT, voluntary=False)
    verdict = would_say(show, SHOT, take=2).verdict
    assert "artist" in verdict.roles
    with pytest.raises(ClearanceError) as caught:
        finish(show, SHOT, take=1)
    assert "artist" in caught.value.roles


def test_every_bypass_has_its_test_or_its_reason():
    text = (ROOT / "docs/clearance/threats.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|(.+)\|$", text, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 25))
    here = Path(__file__).read_text(encoding="utf-8")
    for number, row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named or "cannot" in row, number
        for name in named:
            place = [p for p in (ROOT / "tests").rglob("test_*.py") if f"def {name}(" in p.read_text(encoding="utf-8")]
            assert place, f"{number}: {name}"
        assert f"test_{int(number):02d}_" in here, number


def test_19_a_final_is_refused_by_the_function_that_asks_not_by_the_command_line(show: Show):
    rules = rules_of(show)
    with ledger_of(show, policy=rules.digest) as ledger:
        question = final_question(show, SHOT, take=2, ledger=ledger)
        with pytest.raises(ClearanceError):
            ask_final(question, ledger=ledger, rules=rules)
