"""Print seconds by stage: of the takes in demo/ if it was made, else of one draft take made in a temporary show.

Frame stages (load, light, debris, shadow, march, generate, comp, write, check) are summed over workers; the others and
the total are wall time.
"""

import json
import sys
import tempfile
from pathlib import Path

from secondunit.show import take
from secondunit.show.demo import SETTINGS, SHOT, lay_out
from secondunit.show.store.show import create_show

PLATE = Path("examples/plates/building.jpg")


def tell(title: str, seconds: dict[str, float], frames: int) -> None:
    print(title)
    for stage, value in seconds.items():
        print(f"  {stage:<10} {value:8.2f} s   {value / frames:7.3f} s a frame")


def main() -> None:
    summary = Path(sys.argv[1] if len(sys.argv) > 1 else "demo/summary.json")
    if summary.is_file():
        data = json.loads(summary.read_text(encoding="utf-8"))
        frames = data["frames"][1] - data["frames"][0] + 1
        for made in [*data["takes"], data["final"]]:
            tell(f"{made['kind']} {made['number']}, {made['width']} x {made['height']}", made["seconds"], frames)
        return
    with tempfile.TemporaryDirectory() as folder:
        show = create_show(Path(folder) / "show", SETTINGS)
        lay_out(show, PLATE, PLATE.with_suffix(".toml"))
        made = take(show, SHOT)[0].take
        tell(
            f"{made.kind} {made.number}, {made.width} x {made.height}",
            made.seconds,
            made.frames[1] - made.frames[0] + 1,
        )


if __name__ == "__main__":
    main()
