"""The demo's way through the gate, on a plate of 96 x 64 pixels."""

from pathlib import Path

import cv2
import pytest
from tests.show.show_kit import BRIEF, plate_picture

from secondunit.show.delivery.check import verify_show
from secondunit.show.demo import SHOT, make_demo
from secondunit.show.record.ledger import record_of
from secondunit.show.store.show import open_show


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("demo")
    cv2.imwrite(str(folder / "plate.png"), plate_picture())
    (folder / "plate.toml").write_text(BRIEF + "[look]\ngrain = 0.9\n")
    return folder / "show", make_demo(folder / "show", plate=folder / "plate.png", takes=1, workers=1)


def test_the_final_stops_and_names_who_must_approve(demo):
    story = "\n".join(demo[1].story)
    for role in ("vfx_supervisor", "director", "studio", "legal"):
        assert f"({role})" in story
    assert "nobody was asked for a form" in story
    kinds = [row["what"] for row in record_of(open_show(demo[0]), shot=SHOT)]
    assert kinds.index("refusal") < kinds.index("approval") < kinds.index("export")
    assert kinds.count("approval") == 4


def test_what_it_made_verifies_and_its_binder_opens(demo):
    checked = verify_show(open_show(demo[0]))
    assert checked.wrong == ()
    assert len(checked.deliveries) == 1
    assert (demo[0] / "binder/studio.pdf").read_bytes().startswith(b"%PDF")
    assert "Demo Studio (studio)" in (demo[0] / "binder/studio.html").read_text()


def test_it_goes_on_where_it_stood(demo, tmp_path: Path):
    before = len(record_of(open_show(demo[0]), shot=SHOT))
    plate = demo[0].parent / "plate.png"
    again = make_demo(demo[0], plate=plate, takes=1, workers=1)
    assert len(record_of(open_show(demo[0]), shot=SHOT)) == before
    assert "stopped" not in "\n".join(again.story)
