"""Print how long twelve boards take, panels with pages, timeline and Storyboarder project, and the animatic apart.

    python bench/prep_boards.py [style]

Budget: 20 s for twelve boards on two idle cores. Exit status 1 where it is missed. What compiles on the first run is
warmed up apart and printed apart.
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from secondunit.prep.shotlist.shot import ShotEntry
from secondunit.show.brief.settings import ShowSettings
from secondunit.show.prep.boards import BoardOptions, make_boards
from secondunit.show.prep.shotlist_file import write_shotlist
from secondunit.show.store.show import create_show

BUDGET_S = 20.0
_PAIR = ("ANNA", "BO")
_ROWS = (
    ("EWS", 24.0, "high", "static", ()), ("WS", 24.0, "eye", "static", _PAIR), ("OTS", 50.0, "eye", "static", _PAIR),
    ("OTS", 50.0, "eye", "static", _PAIR[::-1]), ("MCU", 75.0, "eye", "dolly-in", _PAIR[:1]),
    ("MCU", 75.0, "eye", "static", _PAIR[1:]), ("FS", 35.0, "eye", "track", _PAIR[:1]),
    ("WS", 28.0, "low", "crane-up", _PAIR), ("MS", 50.0, "eye", "pan", _PAIR), ("CU", 85.0, "dutch", "static",
    _PAIR[:1]),
    ("INSERT", 85.0, "eye", "static", ()), ("EWS", 28.0, "eye", "drone", _PAIR),
)  # fmt: skip


def twelve() -> tuple[ShotEntry, ...]:
    """Twelve shots of a street scene with two people and a car: every size, the busiest set block."""
    return tuple(
        ShotEntry(
            name=f"S001_{n:02d}0", scene="1", number=n * 10, size=size, angle=angle, lens_mm=lens, move=move,
            subjects=who,
            framing="single" if len(who) == 1 else "", props=("LETTER",) if size == "INSERT" else (),
            vehicles=("TAXI",),
            set_name="AVENUE", int_ext="EXT", duration_s=3.0, line_side="A",
        )
        for n, (size, lens, angle, move, who) in enumerate(_ROWS, start=1)
    )  # fmt: skip


def _spent() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def bench_boards(style: str = "pencil") -> bool:
    """Draw twelve boards in a show of their own; return whether the budget was kept."""
    with tempfile.TemporaryDirectory() as folder:
        show = create_show(Path(folder) / "show", ShowSettings(code="BEN", artist="bench"))
        (show.root / "prep").mkdir()
        write_shotlist(show.root / "prep" / "shotlist.toml", twelve())
        began = time.perf_counter()
        write_shotlist(show.root / "prep" / "shotlist.toml", twelve()[:1])
        make_boards(show, BoardOptions(style=style, width=320, workers=1))
        warm = time.perf_counter() - began
        write_shotlist(show.root / "prep" / "shotlist.toml", twelve())
        began, busy = time.perf_counter(), _spent()
        made = make_boards(show, BoardOptions(style=style, movie=False, again=True))
        wall, cpu = time.perf_counter() - began, _spent() - busy
        began, busy = time.perf_counter(), _spent()
        frames = make_boards(show, BoardOptions(style=style)).frames
        movie, movie_cpu = time.perf_counter() - began, _spent() - busy
    print(f"boards: {len(made.boards)} panels in {style}, {made.pages} PDF pages, timeline, Storyboarder project")
    print(f"  compiling    {warm:8.2f} s  (first run only)")
    print(f"  wall         {wall:8.2f} s  (budget {BUDGET_S:.0f} s on two idle cores; load {os.getloadavg()[0]:.1f})")
    print(f"  CPU          {cpu:8.2f} s")
    print(f"  animatic     {movie:8.2f} s  ({frames} frames; CPU {movie_cpu:.2f} s)")
    return wall <= BUDGET_S


if __name__ == "__main__":
    sys.exit(0 if bench_boards(*sys.argv[1:2]) else 1)
