"""Print what it takes to read a script and break it down, and how soon a hostile one is refused.

    python bench/prep_script.py [SCRIPT]

Without a script, one of 120 pages is made of a few sentences and numbers, so that no prose is carried here. Seconds are
wall and CPU of one process; loading Python is counted apart. Exit status 1 where a budget is missed by CPU time.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from secondunit.core.errors import BriefError
from secondunit.prep.breakdown.embedding import open_model
from secondunit.prep.script.open_script import open_script
from secondunit.show.brief.settings import ShowSettings
from secondunit.show.prep.breakdown import break_down_show
from secondunit.show.prep.read import read_script
from secondunit.show.store.show import create_show

BUDGET_S, REFUSAL_S = 3.0, 2.0
_PLACES = ("KITCHEN", "AV. CORRIENTES, BLOCK 1200", "ROOF", "HARBOUR", "CAR", "STAIRWELL", "CONTROL ROOM", "MARKET")
_ACTION = (
    "ANNA crosses the room with a lantern and a map. A dog barks behind the wall. Car number {n} pulls out.",
    "The facade buckles and the building collapses in a cloud of dust. BO runs. Glass shatters over {n} parked cars.",
    "Rain. The crowd waits by bus {n}. A siren, far away. Somebody drops a letter and a key.",
    "Bo turns page {n} of the ledger. The radio plays. Anna listens, her hand on the phone.",
)


def long_script(pages: int = 120) -> str:
    """Return a script of about so many pages."""
    scenes = []
    for n in range(pages * 8 // 5):
        place, time_of_day = _PLACES[n % len(_PLACES)], ("DAY", "NIGHT")[n // 3 % 2]
        action = [_ACTION[(n + k) % len(_ACTION)].format(n=n + k) for k in range(2)]
        talk = "".join(
            f"{('ANNA', 'BO', 'CLARA')[k % 2 + n % 2]}\nThis is line {k} of scene {n}, and so on.\n\n" for k in range(7)
        )
        scenes.append(f"{('INT', 'EXT')[n % 2]}. {place} - {time_of_day}\n\n{action[0]}\n\n{talk}{action[1]}\n\n")
    return "".join(scenes)


def hostile(folder: Path) -> dict[str, Path]:
    """Write scripts that mean harm; return them by what they are."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "lol"}">' for n in range(9))
    files = {
        "10 MB": ("big.fountain", b"A" * 10_000_000),
        "broken XML": ("broken.fdx", b"<FinalDraft><Content><Paragraph Type=" + b"x" * 7_000_000),
        "XML bomb": ("bomb.fdx", f"<!DOCTYPE l [{entities}]><FinalDraft>&a8;</FinalDraft>".encode()),
        "deep nesting": ("deep.fdx", b"<FinalDraft>" + b"<a>" * 300_000),
        "many tags": ("many.fdx", b"<FinalDraft><Content>" + b"<Paragraph/>" * 300_000),
        "many paragraphs": ("many.fountain", b"a\n\n" * 120_000),
        "open brackets": ("open.fountain", b"[[/*" * 1_500_000 + b"\n" * 401_000),
    }
    for name, data in files.values():
        (folder / name).write_bytes(data)
    return {what: folder / name for what, (name, _) in files.items()}


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall and CPU seconds of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> int:
    late = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        show = create_show(folder / "show", ShowSettings(code="BENCH", artist="bench"))
        script = Path(sys.argv[1]) if len(sys.argv) > 1 else folder / "long.fountain"
        if len(sys.argv) < 2:
            script.write_text(long_script(), encoding="utf-8")
        read = timed(lambda: read_script(show, script))
        down = timed(lambda: break_down_show(show, model="off"))
        result = break_down_show(show, model="off").as_json()
        both = read[0] + down[0], read[1] + down[1]
        late += both[1] > BUDGET_S
        print(f"{result['scenes']} scenes, {result['pages']} pages, {result['shots']} shots")
        print(f"read               {read[0]:6.2f} s wall {read[1]:6.2f} s CPU")
        print(f"break down         {down[0]:6.2f} s wall {down[1]:6.2f} s CPU")
        print(f"both               {both[0]:6.2f} s wall {both[1]:6.2f} s CPU  (budget {BUDGET_S:.0f} s)")
        if open_model("auto", language=result["language"]).model is not None:
            more = timed(lambda: break_down_show(show, model="on"))
            print(f"with the model     {more[0]:6.2f} s wall {more[1]:6.2f} s CPU")
        for what, path in hostile(folder).items():
            said = ""

            def refuse(path: Path = path) -> None:
                nonlocal said
                try:
                    open_script(path)
                except BriefError as error:
                    said = error.message

            wall, cpu = timed(refuse)
            late += cpu > REFUSAL_S or not said
            print(f"{what:<18} {wall:6.2f} s wall {cpu:6.2f} s CPU  {said or 'NOT REFUSED'}")
    return int(late > 0)


if __name__ == "__main__":
    sys.exit(main())
