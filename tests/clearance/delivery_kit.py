"""A delivery in small: two passes of four frames, a movie, a sheet, papers."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np

from secondunit.clearance.provenance.lineage import Lineage, Source, Step
from secondunit.clearance.provenance.statement import Statement, exr_attributes
from secondunit.media.exr import write_exr
from secondunit.media.movies import write_movie
from secondunit.media.png import write_png

WIDTH, HEIGHT = 64, 48
FRAMES = (1001, 1002, 1003, 1004)
COMP = "SHW_SEQ_0010_comp_v001"
MATTE = "SHW_SEQ_0010_matte_v001"
MOVIE = "SHW_SEQ_0010_v001.mp4"
SHEET = "SHW_SEQ_0010_v001_contact.png"
LIST = "SHW_SEQ_0010_v001.delivery.json"

LINEAGE = Lineage(
    plates=(Source(name="plate.mov", sha256="ab" * 32),),
    steps=(
        Step(name="clean plate", made="procedural", change="edited", frames=(1001, 1004)),
        Step(name="collapse", made="procedural", change="placed", tool="procedural 1"),
    ),
    closed=True,
)
STATEMENT = Statement(
    show="SHW",
    shot="SEQ_0010",
    version="v001",
    lineage=LINEAGE,
    recipe="12" * 32,
    use="34" * 32,
    policy="56" * 32,
    approvals=("78" * 32, "9a" * 32),
    ledger_head="bc" * 32,
    ledger_size=41,
)


def pixels(frame: int) -> np.ndarray:
    """(height, width, 3) float32, another picture for each frame."""
    return np.random.default_rng(frame).uniform(0.1, 0.9, (HEIGHT, WIDTH, 3)).astype(np.float32)


def write_frame(path: Path, picture: np.ndarray, frame: int, *, compression: str = "zip") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    channels = {c: picture[..., n] for n, c in enumerate("RGB")}
    header = exr_attributes(STATEMENT, sequence=COMP)
    write_exr(path, channels, frame=frame, rate=Fraction(24), header=header, compression=compression)


def write_delivery(folder: Path) -> None:
    for frame in FRAMES:
        write_frame(folder / COMP / f"{COMP}.{frame}.exr", pixels(frame), frame)
        write_exr(folder / MATTE / f"{MATTE}.{frame}.exr", {"A": pixels(frame)[..., 0]}, frame=frame, rate=Fraction(24))
    codes = [np.round(pixels(frame) * 255).astype(np.uint8) for frame in FRAMES]
    write_movie(folder / MOVIE, codes, rate=Fraction(24))
    write_png(folder / SHEET, codes[0])
    (folder / "frames").mkdir()
    (folder / "frames" / "1001.json").write_text(json.dumps({"frame": 1001}))
    (folder / "take.json").write_text(json.dumps({"take": 1}))


def frame_file(folder: Path, frame: int) -> Path:
    return folder / COMP / f"{COMP}.{frame}.exr"


def flip(path: Path, at: float = 0.5) -> None:
    """Change one bit in the middle (or elsewhere) of a file."""
    data = bytearray(path.read_bytes())
    data[int(len(data) * at)] ^= 1
    path.write_bytes(data)
