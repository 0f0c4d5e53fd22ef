"""Print what clearance costs a finished take: signing, ledger, verification; and the time to name one flipped byte.

    python bench/clearance.py [demo]

Works on a copy of the demo's finished take (make demo), or of any show with a publish. Budgets: signing and ledger
under 5 % of the take's time, verification of the folder under 2 s. Exit status 1 where one is missed.
"""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.provenance.authority import init_authority
from secondunit.clearance.provenance.delivery import sign_delivery
from secondunit.clearance.provenance.lineage import Lineage, Source, Step
from secondunit.clearance.provenance.pixels import print_pixels
from secondunit.clearance.provenance.statement import Statement
from secondunit.clearance.provenance.verify import verify_path
from secondunit.media.exr import read_exr
from secondunit.show.picture.work import known_prints
from secondunit.show.store.show import open_show

SHARE, VERIFY_S = 0.05, 2.0
ENTRIES = 24
"""Entries that a finished take adds: four approvals, declaration, verdict, run, outputs, export, checkpoint, spare."""


def _prints_seconds(folder: Path) -> float:
    """Seconds that two workers spend on prints while they write a take's frames, by eight frames of each pass."""
    spent = 0.0
    for passes in folder.glob("*/"):
        frames = sorted(passes.glob("*.exr"))
        for path in (some := frames[:: max(len(frames) // 8, 1)]):
            pixels, _ = read_exr(path)
            began = time.perf_counter()
            print_pixels(pixels)
            spent += (time.perf_counter() - began) * len(frames) / len(some)
    return spent / 2


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "demo")
    publishes = sorted(root.glob("shots/*/publish/v[0-9]*/take.json"))
    if not publishes:
        print(f"{root} has no finished take: run make demo first")
        return 0
    code = open_show(root).settings.code
    record = publishes[-1]
    shot, version = record.parents[2].name, record.parent.name
    took = json.loads(record.read_text(encoding="utf-8"))["seconds"]["total"]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        copy = place / version
        shutil.copytree(record.parent, copy)
        identity = init_authority(place / "private", place / "public", show=code, organisation="bench")
        lineage = Lineage(
            plates=(Source(name="plate", sha256="0" * 64),),
            steps=(Step(name="collapse", made="procedural", change="placed"),),
            closed=True,
        )
        statement = Statement(show=code, shot=shot, version=version, lineage=lineage)
        known = known_prints(copy)
        prints_s = _prints_seconds(copy)
        signed = sign_delivery(copy, statement=statement, identity=identity, known=known)
        began = time.perf_counter()
        verified = verify_path(copy, trust=identity.trust, expected_root=signed.root)
        verify_s = time.perf_counter() - began
        assert verified.ok, verified.findings
        frame = sorted(copy.glob("*_comp_*/*.exr"))[len(list(copy.glob("*_comp_*/*.exr"))) // 2]
        data = bytearray(frame.read_bytes())
        data[len(data) // 2] ^= 1
        frame.write_bytes(data)
        began = time.perf_counter()
        spoilt = verify_path(copy, trust=identity.trust, expected_root=signed.root)
        found_s = time.perf_counter() - began
        assert [f for f in spoilt.findings if f.path.name == frame.name], spoilt.findings
        ledger = Ledger(f"sqlite:///{place / 'bench.db'}")
        began = time.perf_counter()
        for number in range(ENTRIES):
            ledger.append("run", {"shot": shot, "number": number}, private={"who": "bench"})
        ledger_s = time.perf_counter() - began
        ledger.close()
    added = (prints_s + signed.seconds + verify_s + ledger_s) / took
    print(f"finished take         {took:8.2f} s  {verified.frames} frames of its passes, {verified.files} files")
    print(f"prints, two workers   {prints_s:8.2f} s  (taken while frames are written)")
    print(f"signing               {signed.seconds:8.2f} s")
    print(f"ledger, {ENTRIES} entries    {ledger_s:8.2f} s")
    print(f"verifying             {verify_s:8.2f} s  (budget {VERIFY_S:.0f} s)")
    print(f"naming a flipped byte {found_s:8.2f} s  {frame.name}")
    print(f"added to the take     {added:8.1%}    (budget {SHARE:.0%}, verification included)")
    return int(added > SHARE or verify_s > VERIFY_S or found_s > VERIFY_S)


if __name__ == "__main__":
    sys.exit(main())
