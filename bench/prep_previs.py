"""Print how long a previs takes: the collapse, 96 frames of 960 x 540, the animatic, the sheet and the USD scene.

    python bench/prep_previs.py

Budget: 60 s on two idle cores from the brief to the animatic (collapse, frames, movie). Exit status 1 where it is
missed. What compiles on the first run is warmed up apart and printed apart.
"""

import os
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from secondunit.prep.shotlist.shot import ShotEntry
from secondunit.show.brief.settings import ShowSettings
from secondunit.show.prep.previs import make_previs
from secondunit.show.prep.shotlist_file import write_shotlist
from secondunit.show.prep.store import prep_of
from secondunit.show.store.show import Show, create_show

BUDGET_S = 60.0
_ENTRY = ShotEntry(
    name="SEQ_0010", scene="4", number=10, size="WS", lens_mm=25.0, move="dolly-in", duration_s=80 / 24,
    subjects=("ANNA",), vehicles=("TAXI",), set_name="AV. CORRIENTES, BLOCK 1200", int_ext="EXT", time_of_day="DAY",
    effects=("collapse",),
)  # fmt: skip

WARM = replace(_ENTRY, duration_s=0.1, set_name="", effects=(), vehicles=())
"""Hardly anything: what there is to load and compile all the same."""


def _spent() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _show(folder: Path, entry: ShotEntry) -> Show:
    show = create_show(folder, ShowSettings(code="BEN", artist="bench"))
    (show.root / "prep").mkdir()
    write_shotlist(prep_of(show).shotlist, (entry,))
    return show


def bench_previs() -> bool:
    """Make a previs of a street whose building comes down; return whether the budget was kept."""
    with tempfile.TemporaryDirectory() as place:
        began = time.perf_counter()
        make_previs(_show(Path(place) / "warm", WARM), WARM.name, control=False, workers=1)
        warm = time.perf_counter() - began
        show, clock = _show(Path(place) / "show", _ENTRY), _Clock()
        busy = _spent()
        result = make_previs(show, "SEQ_0010", control=False, progress=clock)
        wall, cpu = time.perf_counter() - clock.began, _spent() - busy
        with_control, busy = time.perf_counter(), _spent()
        make_previs(show, "SEQ_0010", control=True)
        control, control_cpu = time.perf_counter() - with_control, _spent() - busy
        size = sum(f.stat().st_size for f in result.folder.rglob("*") if f.is_file())
    animatic = clock.ended["previs animatic"] - clock.began
    print("previs: a building comes down, 96 frames of 960 x 540, a figure runs, a car passes")
    print(f"  warm up      {warm:8.2f} s  (loading, compiling on the first run)")
    for stage, ended in clock.ended.items():
        print(f"  {stage:<16}{ended - clock.start(stage):5.2f} s")
    print(
        f"  to animatic  {animatic:8.2f} s  (budget {BUDGET_S:.0f} s on two idle cores; load {os.getloadavg()[0]:.1f})"
    )
    print(f"  everything   {wall:8.2f} s  (with techvis sheet, USD, .chan; {size / 1e6:.0f} MB)")
    print(f"  CPU          {cpu:8.2f} s")
    print(f"  control      {control:8.2f} s  (97 frames of passes for a generator, CPU {control_cpu:.2f} s)")
    return animatic <= BUDGET_S


class _Clock:
    """Takes the time of each stage that reports."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.ended: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        self.ended.pop(stage, None)
        self.ended[stage] = time.perf_counter()

    def start(self, stage: str) -> float:
        before = [t for name, t in self.ended.items() if name != stage and t < self.ended[stage]]
        return max(before, default=self.began)


if __name__ == "__main__":
    sys.exit(0 if bench_previs() else 1)
