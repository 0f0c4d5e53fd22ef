import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secondunit.core.brief import BoxBrief, HoldoutBrief, MatteBrief, PlateBrief, ShotBrief
from secondunit.core.collapse import Collapse, Dust, Event
from secondunit.core.errors import BriefError
from secondunit.show.brief.shot_file import LIMITS, parse_shot, read_shot
from secondunit.show.brief.write import write_shot

FILE = Path("shot.toml")
CORNERS = "facade_px = [[1, 2], [9, 2], [9, 8], [1, 8]]"
HEAD = 'schema = 1\nname = "SEQ_0010"\n[plate]\nfile = "a.jpg"\n'


def parse(text: str) -> ShotBrief:
    return parse_shot(tomllib.loads(text), file=FILE)


def test_the_least_brief_takes_every_default():
    assert parse(HEAD) == ShotBrief(name="SEQ_0010", plate=PlateBrief(file="a.jpg"))


def test_the_show_fills_in_what_the_plate_does_not_say():
    defaults = PlateBrief(file="", first_frame=1, handles=4)
    plate = parse_shot(
        tomllib.loads(HEAD + "handles = 2\n[collapse]\nstart_frame = 9\n"), file=FILE, plate_defaults=defaults
    ).plate
    assert (plate.first_frame, plate.handles) == (1, 2)


def test_a_canopy_may_be_thin():
    text = HEAD + f'[[box]]\nname = "b"\n{CORNERS}\n'
    text += '[[box]]\nname = "c"\nkind = "canopy"\non = "b"\nto_m = 3\nfloor_height_m = 0.2\n'
    assert parse(text).boxes[1].floor_height_m == 0.2


BAD = {
    "no schema": ('name = "A"\n[plate]\nfile = "a"', "schema is missing"),
    "schema of the future": (HEAD.replace("schema = 1", "schema = 2"), "schema is 2"),
    "schema true": (HEAD.replace("schema = 1", "schema = true"), "schema is True"),
    "no name": ('schema = 1\n[plate]\nfile = "a"', "no shot name"),
    "name with a slash": (HEAD.replace("SEQ_0010", "../SEQ"), "no shot name"),
    "no plate": ('schema = 1\nname = "A"', "[plate] file is missing"),
    "unknown section": (HEAD + "[colapse]", "did you mean 'collapse'"),
    "unknown key": (HEAD + "[dust]\namuont = 1", "did you mean 'amount'"),
    "key of another section": (HEAD + "[dust]\npieces = 3", "[dust] pieces is not a key"),
    "text for a number": (HEAD + '[dust]\namount = "much"', "must be a number"),
    "a float for frames": (HEAD + "frames = 72.0", "must be a whole number"),
    "true for a number": (HEAD + "frames = true", "must be a whole number"),
    "not a number": (HEAD + "[dust]\namount = nan", "finite"),
    "infinite": (HEAD + "[dust]\namount = inf", "finite"),
    "focal length in metres": (HEAD + "[camera]\nfocal_length_mm = 0.035", "out of range"),
    "floor height in centimetres": (
        HEAD + f'[[box]]\nname = "b"\n{CORNERS}\nfloor_height_m = 300',
        "floor_height_m = 300.0 is out of range",
    ),
    "a building as thin as a canopy": (
        HEAD + f'[[box]]\nname = "b"\n{CORNERS}\nfloor_height_m = 0.3',
        "floor_height_m = 0.3 is too low for a building",
    ),
    "a canopy without thickness": (
        HEAD + f'[[box]]\nname = "b"\n{CORNERS}\n[[box]]\nname = "c"\nkind = "canopy"\non = "b"\nto_m = 3\n'
        "floor_height_m = 0.01",
        "floor_height_m = 0.01 is out of range",
    ),
    "elevation of 190 degrees": (HEAD + "[sun]\nelevation_deg = 190", "out of range"),
    "tint in 8 bit": (HEAD + "[look]\ndust_tint = [160, 150, 140]", "out of range"),
    "two of three channels": (HEAD + "[look]\ndust_tint = [0.5, 0.5]", "has 2 values"),
    "rate of zero": (HEAD + "rate = 0", "out of range"),
    "rate in words": (HEAD + 'rate = "film"', "not a frame rate"),
    "unknown preset": (HEAD + '[collapse]\npreset = "progresive"', "did you mean 'progressive'"),
    "event before the shot": (HEAD + "[[collapse.event]]\nframe = 900\nstorey = 0", "outside the shot 1001-1072"),
    "event after the shot": (HEAD + "[[collapse.event]]\nframe = 1073\nstorey = 0", "outside the shot 1001-1072"),
    "event without a frame": (HEAD + "[[collapse.event]]\nstorey = 0", "lacks frame"),
    "event above the roof": (
        HEAD + f'[[box]]\nname = "b"\nfloors = 5\n{CORNERS}\n[[collapse.event]]\nframe = 1013\nstorey = 5',
        "the building has 5",
    ),
    "negative frame": (HEAD + "first_frame = -1", "out of range"),
    "start outside": (HEAD + "[collapse]\nstart_frame = 2000", "outside the shot 1001-1072"),
    "handles eat the shot": (HEAD + "handles = 36", "leave no frame"),
    "one box in single brackets": (HEAD + '[box]\nname = "b"', "[box] is one of several"),
    "a box without a place": (HEAD + '[[box]]\nname = "b"', "has no place"),
    "a box without a name": (HEAD + f"[[box]]\n{CORNERS}", "lacks name"),
    "three corners": (HEAD + '[[box]]\nname = "b"\nfacade_px = [[1, 2], [3, 4], [5, 6]]', "has 3 values"),
    "two boxes of a name": (HEAD + f'[[box]]\nname = "b"\n{CORNERS}\n' * 2, "two [[box]]"),
    "canopy on nothing": (HEAD + '[[box]]\nname = "c"\nkind = "canopy"\non = "b"', "is no building"),
    "holdout without a shape": (HEAD + '[[holdout]]\nname = "t"', "neither a file nor a polygon"),
    "polygon of two points": (HEAD + '[matte]\nsource = "polygon"\npolygon = [[1, 2], [3, 4]]', "has 2 points"),
    "matte file unnamed": (HEAD + '[matte]\nsource = "file"', "[matte] file is missing"),
    "clean plate unknown key": (HEAD + '[clean_plate]\npath = "a"', "[clean_plate] path is not a key"),
    "section as a value": ('schema = 1\nname = "A"\ndust = 3\n[plate]\nfile = "a"', "must be a table"),
}
# A table that is opened twice is TOML's own error, not ours.
BAD["two boxes of a name"] = (
    HEAD + f'[[box]]\nname = "b"\n{CORNERS}\n[[box]]\nname = "b"\n{CORNERS}\n',
    "two [[box]]",
)


@pytest.mark.parametrize("text, message", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_meant_is_refused_with_file_and_a_fix(text: str, message: str):
    with pytest.raises(BriefError) as caught:
        parse(text)
    assert message in str(caught.value)
    assert "shot.toml" in caught.value.message
    assert caught.value.fix


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"name = ", b"[plate\n"], ids=["empty", "binary", "cut off", "open bracket"]
)
def test_files_that_are_no_brief(tmp_path: Path, content: bytes):
    path = tmp_path / "shot.toml"
    path.write_bytes(content)
    with pytest.raises(BriefError, match=r"shot\.toml"):
        read_shot(path)


def test_a_missing_file(tmp_path: Path):
    with pytest.raises(BriefError, match="does not exist"):
        read_shot(tmp_path / "shot.toml")


FULL = ShotBrief(
    name="SEQ_0010",
    plate=PlateBrief(file='a "quoted" näme.jpg'),
    boxes=(
        BoxBrief(name="block", facade_px=((1.5, 2.0), (9.0, -2.0), (9.0, 8.0), (1.0, 8.0))),
        BoxBrief(name="roof", kind="canopy", on="block", from_m=1.0, to_m=4.0, base_m=3.0),
        BoxBrief(name="next", kind="neighbour", corner_m=(1.0, 0.0, -9.0), yaw_deg=10.0, width_m=5.0),
    ),
    matte=MatteBrief(source="polygon", polygon=((0.0, 0.0), (5.0, 0.0), (5.0, 5.0))),
    holdouts=(HoldoutBrief(name="tree", polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), key="dark"),),
    clean_plate="clean.exr",
    collapse=Collapse(preset="pancake", events=(Event(frame=1013, storey=2, side="left"),)),
)


def test_what_is_written_reads_back_the_same():
    assert parse(write_shot(FULL)) == FULL


@given(
    amount=st.floats(*LIMITS["dust.amount"]),
    cells=st.integers(int(LIMITS["dust.cells"][0]), int(LIMITS["dust.cells"][1])),
    wind=st.tuples(*[st.floats(*LIMITS["dust.wind_m_per_s"])] * 3),
)
def test_any_dust_survives_the_file(amount: float, cells: int, wind: tuple[float, float, float]):
    brief = replace(FULL, dust=Dust(amount=amount, cells=cells, wind_m_per_s=wind))
    assert parse(write_shot(brief)).dust == brief.dust


def test_every_limit_names_a_key_that_exists():
    kinds = {
        "plate": PlateBrief,
        "box": BoxBrief,
        "holdout": HoldoutBrief,
        "matte": MatteBrief,
        "collapse.event": Event,
        "collapse": Collapse,
        "dust": Dust,
    }
    for limit in LIMITS:
        section, _, key = limit.rpartition(".")
        owner = kinds.get(section) or type(getattr(FULL, section))
        assert key in owner.__dataclass_fields__, limit


def test_the_demo_brief_reads():
    brief = read_shot(Path(__file__).parents[3] / "examples/plates/building.toml")
    assert brief.boxes
    assert (Path(__file__).parents[3] / "examples/plates" / brief.plate.file).is_file()
