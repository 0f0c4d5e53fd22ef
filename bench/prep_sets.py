"""Print how long six set options take, with every file and the contact sheet: wall and CPU seconds.

    python bench/prep_sets.py [kit]

Budget: 60 s on two idle cores. Exit status 1 where it is missed. What compiles on the first run is warmed up apart and
printed apart.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from secondunit.show.brief.settings import ShowSettings
from secondunit.show.prep.sets import make_sets
from secondunit.show.store.show import create_show

BUDGET_S = 60.0
OPTIONS = 6
NAMES = {"avenue": "AV. CORRIENTES, BLOCK 1200", "modern": "OFFICE SLAB", "yard": "GRAIN YARD"}


def bench_sets(kit: str = "avenue") -> bool:
    """Make six options of a kit in a show of their own; return whether the budget was kept."""
    with tempfile.TemporaryDirectory() as folder:
        show = create_show(Path(folder) / "show", ShowSettings(code="BEN", artist="bench"))
        began = time.perf_counter()
        make_sets(show, "WARM UP", options=1, width=160)
        warm = time.perf_counter() - began
        began, busy = time.perf_counter(), time.process_time()
        made = make_sets(show, NAMES[kit], options=OPTIONS, kit=kit)
        wall, cpu = time.perf_counter() - began, time.process_time() - busy
        size = sum(f.stat().st_size for f in made.folder.iterdir())
    most = max(o.triangles for o in made.options)
    print(f"sets: {OPTIONS} options of the {kit} kit, contact sheet with them")
    print(f"  compiling    {warm:8.2f} s  (first run only)")
    print(f"  wall         {wall:8.2f} s  (budget {BUDGET_S:.0f} s on two idle cores; load {os.getloadavg()[0]:.1f})")
    print(f"  CPU          {cpu:8.2f} s")
    print(f"  files        {size / 1e6:8.1f} MB")
    print(f"  triangles    {most:8d} at most in an option")
    return wall <= BUDGET_S


if __name__ == "__main__":
    sys.exit(0 if bench_sets(*sys.argv[1:2]) else 1)
