"""Print what prep costs, part by part, each against its budget: script, boards, sets, previs.

    python bench/prep.py [script] [boards] [sets] [previs]

All parts where none is named. Budgets are wall seconds on two idle cores: a 120-page script in 3, twelve boards in 20,
six set options with their sheet in 60, a previs animatic of 96 frames in 60. Exit status 1 where one is missed.
"""

import sys
from collections.abc import Callable, Mapping

from prep_boards import bench_boards
from prep_previs import bench_previs
from prep_script import main as bench_script
from prep_sets import bench_sets

PARTS: Mapping[str, Callable[[], bool]] = {
    "script": lambda: bench_script() == 0,
    "boards": bench_boards,
    "sets": bench_sets,
    "previs": bench_previs,
}


def main() -> int:
    asked = sys.argv[1:] or list(PARTS)
    unknown = [name for name in asked if name not in PARTS]
    if unknown:
        print(f"no part {', '.join(unknown)}: use {', '.join(PARTS)}")
        return 2
    sys.argv = sys.argv[:1]  # parts that read a command line of their own take their defaults
    kept = {}
    for name in asked:
        kept[name] = PARTS[name]()
        print()
    for name, within in kept.items():
        print(f"{name:<8} {'within' if within else 'OVER'} its budget")
    return 0 if all(kept.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
