import time
from pathlib import Path

import pytest
from tests.prep.breakdown.kit import breakdown, kinds, sheet

from secondunit.core.errors import BriefError
from secondunit.prep.breakdown import embedding
from secondunit.prep.breakdown.effects import LISTED, SURE
from secondunit.prep.breakdown.embedding import open_model
from secondunit.prep.breakdown.method import MeasuredTake, effect_kinds, figures, method_note

SURE_ONES = {
    "The tower collapses in a cloud of dust.": {"collapse", "smoke"},
    "The ceiling gives way.": {"collapse"},
    "The car explodes.": {"explosion"},
    "The house is on fire.": {"fire"},
    "He opens fire on the patrol.": {"gunfire"},
    "Two cars collide.": {"crash"},
    "A tornado over the plain.": {"weather"},
    "The divers swim underwater.": {"water"},
    "A dragon lands.": {"creature"},
    "Everything in slow motion.": {"time"},
    "The mirror shatters.": {"destruction"},
    "She levitates.": {"flight"},
    "A portal of blue light.": {"energy"},
    "The man turns into a wolf.": {"change"},
    "Blood sprays the wall.": {"wounds"},
    "The spaceship docks.": {"space"},
    "The skyline at dawn.": {"extension"},
    "A face on the screen.": {"screen"},
}


@pytest.mark.parametrize("text", SURE_ONES)
def test_effects_are_found_with_their_words(text: str):
    found = sheet(text)
    sure = {effect.kind for effect in found.effects if effect.confidence >= SURE}
    assert sure == SURE_ONES[text]
    for effect in found.effects:
        for cause in effect.causes:
            assert cause.words in text
            assert cause.line == 3
            assert len(cause.span) <= 80


NOT_SURE = {
    "He collapses on the bed, exhausted.": "collapse",
    "It hits him like a bomb exploding.": "explosion",
    "There is no smoke, no fire.": "fire",
    "A flood of light in the doorway.": "water",
    "ANNA\nThe whole building collapsed, I swear.\n": "collapse",
    "The talks collapse.": "collapse",
}


@pytest.mark.parametrize("text", NOT_SURE)
def test_figures_of_speech_persons_and_talk_are_no_effects(text: str):
    assert kinds(sheet(text)).get(NOT_SURE[text], 0.0) < SURE


def test_what_takes_away_is_said():
    effects = sheet("The tower falls like an explosion. The shop explodes.").effects
    explosion = next(effect for effect in effects if effect.kind == "explosion")
    assert [cause.why for cause in explosion.causes] == ["", "a comparison"]


def test_causes_add_up_and_repetition_hardly_does():
    one = kinds(sheet("Rain."))["weather"]
    two = kinds(sheet("Rain. Fog."))["weather"]
    again = kinds(sheet("Rain. Rain. Rain."))["weather"]
    assert LISTED <= one < again < two <= 0.98


def test_every_kind_of_the_lexicon_has_words_for_how_it_is_made():
    for kind in effect_kinds().values():
        assert kind.conventional
        assert kind.generated
        assert kind.title


def test_a_method_note_has_no_figure_without_its_data():
    found = sheet("The tower collapses. ANNA runs.", "EXT. SQUARE - NIGHT")
    note = method_note(found.effects[0], found)
    assert [figure.way for figure in note.figures] == ["conventional"]
    assert all(figure.source for figure in note.figures)
    assert note.unmeasured.startswith("not measured: generated")
    take = MeasuredTake(shot="SEQ_0010", number=2, seconds=216.0, frames=72, width=960, height=540)
    measured = method_note(found.effects[0], found, takes=[take])
    assert measured.unmeasured == ""
    assert "3.0 wall seconds a frame at 960x540" in measured.figures[-1].says
    assert "SEQ_0010 t002" in measured.figures[-1].source
    fire = sheet("The house is on fire.")
    note = method_note(fire.effects[0], fire, takes=[take])
    assert note.figures == ()
    assert note.unmeasured == "not measured: conventional and generated"


def test_figures_name_their_source():
    for figure in figures():
        assert figure.source
        assert set(figure.effects) <= set(effect_kinds())


@pytest.fixture(scope="module")
def opened():
    found = open_model("auto", language="en")
    if found.model is None:
        pytest.skip(found.said)
    return found


# Sentences that no word of the lexicon explains.
UNSAID = {
    "The hotel folds floor by floor into the street.": "collapse",
    "A wall of seawater sweeps over the building.": "water",
    "The plane comes apart and drops into the ocean.": "crash",
}


@pytest.mark.parametrize("text", UNSAID)
def test_the_model_finds_what_words_do_not(text: str, opened):
    without = kinds(breakdown(f"EXT. PLACE - DAY\n\n{text}\n").sheets[0])
    effects = breakdown(f"EXT. PLACE - DAY\n\n{text}\n", opened=opened).sheets[0].effects
    found = {effect.kind: effect for effect in effects}
    assert UNSAID[text] in found
    if UNSAID[text] not in without:
        cause = found[UNSAID[text]].causes[0]
        assert cause.source == "model"
        assert cause.why.startswith("like: ")
        assert all(word in text for word in cause.words.split(" … "))


@pytest.mark.parametrize(
    "text",
    [
        "The train arrives at the station.",
        "She puts the glass on the table.",
        "A quiet building. He climbs the stairs.",
    ],
)
def test_the_model_leaves_daily_life_alone(text: str, opened):
    assert not breakdown(f"EXT. PLACE - DAY\n\n{text}\n", opened=opened).sheets[0].effects


def test_an_absent_model_is_said_and_an_altered_one_refused(monkeypatch: pytest.MonkeyPatch):
    assert "knows English" in open_model("auto", language="es").said
    assert open_model("off", language="en").model is None
    monkeypatch.setattr(embedding, "find_spec", lambda name: None)
    found = open_model("auto", language="en")
    assert found.model is None
    assert "not installed" in found.said
    with pytest.raises(BriefError, match="not installed"):
        open_model("on", language="en")


def test_another_model_than_the_tried_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened):
    other = tmp_path / "model.onnx"
    other.write_bytes(b"x")
    monkeypatch.setattr(embedding, "_place", lambda package, file: other)
    assert "another" in open_model("auto", language="en").said


def test_a_feature_breaks_down_in_its_time(screenplays: Path):
    data = (screenplays / "fountain_official" / "Big Fish.fountain").read_bytes()
    began = time.thread_time()
    found = breakdown(data)
    assert time.thread_time() - began < 3.0
    by_scene = {sheet.number: {e.kind for e in sheet.effects if e.confidence >= SURE} for sheet in found.sheets}
    # A car under water, a shack that comes down, lightning, a jump by parachute: as a reader would mark them.
    assert "water" in by_scene["136"]
    assert "collapse" in by_scene["150"]
    assert "weather" in by_scene["62"]
    assert "flight" in by_scene["101"]
