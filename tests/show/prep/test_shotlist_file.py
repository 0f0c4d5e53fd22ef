from pathlib import Path

import pytest

from secondunit.core.errors import BriefError
from secondunit.prep.shotlist.shot import ShotEntry
from secondunit.show.prep.shotlist_file import read_shotlist, write_shotlist

SHOTS = (
    ShotEntry(name="S001_0010", scene="1", number=10, size="WS", set_name='КУХНЯ "A"', duration_s=4.5),
    ShotEntry(
        name="S001_0020",
        scene="1",
        number=20,
        size="OTS",
        angle="low",
        lens_mm=50.0,
        move="dolly-in",
        framing="over ANNA onto BO",
        subjects=("BO", "ANNA"),
        line_side="A",
        effects=("collapse",),
        origin="a1/ots",
        revision="kept",
    ),
)


def test_a_shot_list_reads_back(tmp_path: Path):
    path = tmp_path / "shotlist.toml"
    write_shotlist(path, SHOTS)
    assert read_shotlist(path) == SHOTS


BAD = {
    "unknown key": ('name = "A"\nscene = "1"\nnumber = 10\nsize = "WS"\nlense = 3', "lense"),
    "size": ('name = "A"\nscene = "1"\nnumber = 10\nsize = "W"', "size"),
    "lens": ('name = "A"\nscene = "1"\nnumber = 10\nsize = "WS"\nlens_mm = 0', "out of range"),
    "folder": ('name = "../A"\nscene = "1"\nnumber = 10\nsize = "WS"', "no shot name"),
    "missing": ('name = "A"\nnumber = 10\nsize = "WS"', "lacks scene"),
    "twice": (
        'name = "A"\nscene = "1"\nnumber = 10\nsize = "WS"\n[[shot]]\nname = "a"\nscene = "1"\nnumber = 2\nsize = "WS"',
        "two shots",
    ),
}


@pytest.mark.parametrize("case", BAD, ids=str)
def test_bad_lists_are_refused_with_the_place(case: str, tmp_path: Path):
    text, said = BAD[case]
    path = tmp_path / "shotlist.toml"
    path.write_text(f"schema = 1\n[[shot]]\n{text}\n")
    with pytest.raises(BriefError, match=said) as caught:
        read_shotlist(path)
    assert str(path) in caught.value.message
    assert caught.value.fix
