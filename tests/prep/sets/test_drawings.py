import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from secondunit.prep.sets.assembly import Assembly, Placement, Prototype
from secondunit.prep.sets.brief import Design, Dressing, Plot, SetBrief, SightLine
from secondunit.prep.sets.build import BuiltSet, build_set
from secondunit.prep.sets.drawings import A2, draw_set
from secondunit.prep.sets.linework import Linework, linework
from secondunit.prep.sets.sheet import Sheet, write_pdf, write_svg
from secondunit.prep.stage.geometry import Mesh, box, translation

WINDOW = (-5.0, 5.0, -1.0, 6.0)


def length_at(drawn: Linework, *, u: float | None = None, v: float | None = None, weight: int | None = None) -> float:
    """Metres of upright lines at a u, or level ones at a v."""
    s = drawn.segments if weight is None else drawn.segments[drawn.weight == weight]
    if u is not None:
        on = (np.abs(s[:, 0] - u) < 0.02) & (np.abs(s[:, 2] - u) < 0.02)
        return float(np.abs(s[on, 3] - s[on, 1]).sum())
    on = (np.abs(s[:, 1] - v) < 0.02) & (np.abs(s[:, 3] - v) < 0.02)
    return float(np.abs(s[on, 2] - s[on, 0]).sum())


def at(mesh: Mesh, x: float, y: float, z: float) -> Placement:
    return Placement(path="p", prototype=Prototype(name="b", meshes=(mesh,)), transform=translation(x, y, z))


def test_a_cube_is_its_outline() -> None:
    drawn = linework([box("cube", (2.0, 2.0, 2.0), "m")], [], "front", WINDOW)
    for u in (-1.0, 1.0):
        assert length_at(drawn, u=u) == pytest.approx(2.0, abs=0.06)
    for v in (0.0, 2.0):
        assert length_at(drawn, v=v) == pytest.approx(2.0, abs=0.06)
    assert np.hypot(*(drawn.segments[:, 2:] - drawn.segments[:, :2]).T).sum() == pytest.approx(8.0, abs=0.3)


def test_what_stands_in_front_hides_what_is_behind() -> None:
    cube = box("cube", (2.0, 2.0, 2.0), "m")
    both = linework([], [at(cube, 0, 0, 0), at(cube, 1.0, 0.0, 3.0)], "front", WINDOW)
    assert length_at(both, u=0.0) == pytest.approx(2.0, abs=0.06)  # the near one's left edge
    assert length_at(both, u=1.0) == pytest.approx(0.0, abs=0.06)  # the far one's right edge is behind it
    assert length_at(both, u=-1.0) == pytest.approx(2.0, abs=0.06)
    swapped = linework([], [at(cube, 0, 0, 3.0), at(cube, 1.0, 0.0, 0.0)], "front", WINDOW)
    assert length_at(swapped, u=1.0) == pytest.approx(2.0, abs=0.06)
    # Hidden by a hair: 3 cm inside the near one's outline.
    hair = linework([], [at(cube, -0.97, 0, 0), at(cube, 1.0, 0.0, 3.0)], "front", WINDOW)
    assert length_at(hair, u=0.03) == 0.0


def test_a_step_is_thinner_than_an_outline_against_the_sky() -> None:
    wall, band = box("wall", (4.0, 4.0, 1.0), "m"), box("band", (2.0, 1.0, 0.1), "m")
    drawn = linework([], [at(wall, 0, 0, 0), at(band, 0.0, 1.5, 0.55)], "front", WINDOW)
    assert length_at(drawn, u=2.0, weight=2) == pytest.approx(4.0, abs=0.06)
    assert length_at(drawn, u=1.0, weight=2) == 0.0
    assert length_at(drawn, u=1.0) == pytest.approx(1.0, abs=0.06)


def test_a_round_body_is_drawn_where_it_turns_away() -> None:
    assembly = Assembly()
    assembly.pen("t").lathe("tank", ((1.0, 0.0), (1.0, 3.0), (0.0, 3.0)), sides=24)
    drawn = linework(list(assembly.meshes()), [], "front", WINDOW)
    for u in (-1.0, 1.0):
        assert length_at(drawn, u=u) == pytest.approx(3.0, abs=0.08)
    upright = drawn.segments[np.abs(drawn.segments[:, 0] - drawn.segments[:, 2]) < 0.01]
    assert (np.abs(np.abs(upright[:, 0]) - 1.0) < 0.05).all()  # no facets


def test_from_above_north_is_up_on_paper() -> None:
    drawn = linework([box("slab", (4.0, 1.0, 2.0), "m", at=(0.0, 0.0, -3.0))], [], "top", (-5, 5, -1, 6))
    assert length_at(drawn, v=2.0) == pytest.approx(4.0, abs=0.06)
    assert length_at(drawn, v=4.0) == pytest.approx(4.0, abs=0.06)


@pytest.fixture(scope="module")
def built() -> BuiltSet:
    sight = SightLine(name="to the clock", from_m=(2.0, 1.7, 14.0), to_m=(26.0, 1.7, 14.0))
    return build_set(
        SetBrief(
            name="CALLE <CORTA>",
            plot=Plot(length_m=28.0, depth_m=12.0),
            design=Design(storeys=3),
            dressing=Dressing(cars=0.0),
            sight_lines=(sight,),
        )
    )


@pytest.fixture(scope="module")
def sheets(built: BuiltSet) -> tuple[Sheet, Sheet]:
    return draw_set(built, show="SHW")


def texts(path: Path) -> list[str]:
    return [t.text or "" for t in ET.parse(path).iter("{http://www.w3.org/2000/svg}text")]


def test_drawings_give_the_lengths_of_the_model(tmp_path: Path, built: BuiltSet, sheets: tuple[Sheet, Sheet]) -> None:
    for number, sheet in enumerate(sheets):
        write_svg(tmp_path / f"{number}.svg", sheet)
        words = texts(tmp_path / f"{number}.svg")
        assert "CALLE <CORTA>" in words
        assert f"{built.brief.plot.length_m:.2f}" in words
        for lot in built.lots:
            assert f"{lot.width_m:.2f}" in words
        assert any(re.fullmatch(r"1:\d+ on A2", w) for w in words)
    elevation, plan = texts(tmp_path / "0.svg"), texts(tmp_path / "1.svg")
    for box_ in built.boxes:
        assert f"+{box_.height_m:.2f}" in elevation
    assert "N" in plan
    assert any("to the clock" in w for w in plan)
    for wanted in (built.brief.plot.street_width_m, built.brief.plot.pavement_m, built.brief.plot.depth_m):
        assert f"{wanted:.2f}" in plan


def test_all_ink_lies_on_the_paper(sheets: tuple[Sheet, Sheet]) -> None:
    for sheet in sheets:
        for mark in sheet.marks:
            points = getattr(mark, "points", None) or [p for s in getattr(mark, "segments", ()) for p in (s[:2], s[2:])]
            for x, y in points:
                assert -0.5 <= x <= A2[0] + 0.5
                assert -0.5 <= y <= A2[1] + 0.5


def test_the_pdf_has_two_a2_pages_with_ink_and_the_same_bytes_each_time(
    tmp_path: Path, sheets: tuple[Sheet, Sheet]
) -> None:
    for name in ("a.pdf", "b.pdf"):
        write_pdf(tmp_path / name, sheets)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    with pypdfium2.PdfDocument(tmp_path / "a.pdf") as pdf:
        assert len(pdf) == 2
        for page in pdf:
            width, height = (v / 72 * 25.4 for v in page.get_size())
            assert (width, height) == (pytest.approx(A2[0], abs=0.1), pytest.approx(A2[1], abs=0.1))
            ink = np.asarray(page.render(scale=0.4).to_pil().convert("L"))
            assert 0.005 < (ink < 160).mean() < 0.3
