import tomllib
from fractions import Fraction
from pathlib import Path

import pytest

from secondunit.core.collapse import Collapse, Event
from secondunit.core.errors import BriefError
from secondunit.prep.previs.brief import (
    CameraKey,
    CollapseBrief,
    ControlBrief,
    FigureBrief,
    MarkBrief,
    MoveBrief,
    PictureBrief,
    PrevisBrief,
    SetRef,
    SunPlace,
    VehicleBrief,
)
from secondunit.prep.previs.shake import Shake
from secondunit.show.prep.previs_camera import with_camera_file
from secondunit.show.prep.previs_file import parse_previs, previs_text, read_previs

FULL = PrevisBrief(
    name="SEQ_0010",
    picture=PictureBrief(rate=Fraction(24000, 1001), frames=40, handles=4, aspect=2.39, width=640, height=360),
    set=SetRef(name="AV. CORRIENTES", option=2),
    sun=SunPlace(date="2026-06-21", time="08:15", azimuth_deg=12.5, elevation_deg=3.0),
    camera=MoveBrief(
        body="ALEXA 35 4.6K 3:2 open gate",
        squeeze=1.5,
        support="crane",
        rig_radius_m=1.1,
        subject="ANNA",
        follow=True,
        keys=(
            CameraKey(frame=1005, position_m=(0.0, 1.0, 2.0), target_m=(0.0, 1.0, -2.0), focal_mm=40.0, ease="through"),
            CameraKey(frame=1030, position_m=(0.0, 3.0, 2.0), pan_deg=3.0, tilt_deg=-1.0, roll_deg=2.0),
        ),
        shake=Shake(carrier="hands", amount=0.5, seed=7, steps_hz=1.9),
    ),
    marks=(MarkBrief(name="T1", at_m=(1.0, 2.0), note="ends here"),),
    figures=(FigureBrief(name="ANNA", path_m=((0.0, 0.0), (1.0, 2.0)), action="run", speed_m_per_s=3.0),),
    vehicles=(VehicleBrief(name="TAXI", kind="van", path_m=((0.0, 0.0), (9.0, 0.0)), facing_deg=90.0),),
    collapse=CollapseBrief(
        building="lot_03",
        collapse=Collapse(preset="topple", start_frame=1010, events=(Event(frame=1011, storey=0, side="left"),)),
    ),
    control=ControlBrief(model="ltx", budget_px=500_000),
)


@pytest.mark.parametrize("brief", [PrevisBrief(name="A"), FULL], ids=["plain", "full"])
def test_what_is_written_reads_back(brief: PrevisBrief, tmp_path: Path) -> None:
    path = tmp_path / "previs.toml"
    path.write_text(previs_text(brief), encoding="utf-8")
    assert read_previs(path) == brief


def test_the_shows_rate_and_frames_hold_where_nothing_is_said() -> None:
    defaults = PictureBrief(rate=Fraction(25), first_frame=101, handles=4, frames=50)
    brief = parse_previs({"schema": 1, "name": "A"}, file=Path("x"), defaults=defaults)
    assert brief.picture == defaults


BAD = {
    "no_schema": ('name = "A"', "schema"),
    "unknown_table": ('schema = 1\nname = "A"\n[lens]\n', "did you mean 'set'|lens"),
    "unknown_key": ('schema = 1\nname = "A"\n[camera]\nboddy = "x"\n', "did you mean 'body'"),
    "unknown_camera": ('schema = 1\nname = "A"\n[camera]\nbody = "Brownie"\n', "no camera"),
    "unknown_support": ('schema = 1\nname = "A"\n[camera]\nsupport = "dolli"\n', "did you mean 'dolly'"),
    "squeeze": ('schema = 1\nname = "A"\n[camera]\nsqueeze = 3.0\n', "out of range"),
    "one_bracket": ('schema = 1\nname = "A"\n[figure]\nname = "B"\n', "two brackets"),
    "key_one_bracket": ('schema = 1\nname = "A"\n[camera.key]\nframe = 3\n', "two brackets"),
    "keys_out_of_order": (
        'schema = 1\nname = "A"\n[[camera.key]]\nframe = 9\n[[camera.key]]\nframe = 9\n',
        "one key a frame",
    ),
    "unknown_ease": ('schema = 1\nname = "A"\n[[camera.key]]\nframe = 9\nease = "eas"\n', "did you mean 'ease'"),
    "no_frame": ('schema = 1\nname = "A"\n[[camera.key]]\npan_deg = 3.0\n', "lacks frame"),
    "position_of_two": ('schema = 1\nname = "A"\n[[camera.key]]\nframe = 1\nposition_m = [1.0, 2.0]\n', "give 3"),
    "endless": ('schema = 1\nname = "A"\n[[camera.key]]\nframe = 1\npan_deg = inf\n', "finite"),
    "handles": ('schema = 1\nname = "A"\n[picture]\nframes = 10\nhandles = 5\n', "handles"),
    "no_such_hour": ('schema = 1\nname = "A"\n[sun]\ntime = "25:00"\n', "date and time"),
    "half_a_sun": ('schema = 1\nname = "A"\n[sun]\nazimuth_deg = 3.0\n', "one angle"),
    "empty_path": ('schema = 1\nname = "A"\n[[figure]]\nname = "B"\npath_m = []\n', "empty path_m"),
    "giant": ('schema = 1\nname = "A"\n[[figure]]\nname = "B"\nheight_m = 3.1\n', "out of range"),
    "collapse_outside": ('schema = 1\nname = "A"\n[collapse]\nstart_frame = 5\n', "outside"),
    "collapse_preset": ('schema = 1\nname = "A"\n[collapse]\npreset = "topple "\n', "did you mean 'topple'"),
    "model": ('schema = 1\nname = "A"\n[control]\nmodel = "sora"\n', "wan"),
    "name": ('schema = 1\nname = "../x"\n', "no shot name"),
    "camera_is_text": ('schema = 1\nname = "A"\ncamera = "x"\n', "must be a table"),
}


@pytest.mark.parametrize("text,said", BAD.values(), ids=BAD)
def test_bad_briefs_are_refused_with_the_way_to_put_them_right(text: str, said: str) -> None:
    with pytest.raises(BriefError, match=said) as caught:
        parse_previs(tomllib.loads(text), file=Path("previs.toml"))
    assert caught.value.fix


@pytest.mark.parametrize(
    "text",
    [
        '[camera]\nbody = "Super 16"  # mine\n\n[sun]\n',
        '[camera]\n# file = ""  # a USD or .chan camera used instead of the keys\nbody = "Super 16"  # mine\n[sun]\n',
        '[camera]\nfile = "old.usda"\nbody = "Super 16"  # mine\n[camera.shake]\n',
        '[sun]\n[camera]  # the camera\nbody = "Super 16"  # mine',
        "",
    ],
)
def test_a_camera_file_is_named_and_all_else_stays(text: str) -> None:
    changed = with_camera_file(text, "new.usdc")
    data = tomllib.loads(changed)
    assert data["camera"]["file"] == "new.usdc"
    if text:
        assert "# mine" in changed
        assert data["camera"]["body"] == "Super 16"
        assert set(tomllib.loads(text)) <= set(data)
    assert with_camera_file(changed, "new.usdc") == changed
