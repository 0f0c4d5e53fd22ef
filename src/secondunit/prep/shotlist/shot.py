"""One line of a shot list. Files of them are read and written by ``show/prep/shotlist_file.py``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Size = Literal["EWS", "WS", "FS", "MS", "MCU", "CU", "ECU", "INSERT", "OTS"]
Angle = Literal["eye", "low", "high", "overhead", "dutch"]
Move = Literal[
    "static",
    "pan",
    "tilt",
    "dolly-in",
    "dolly-out",
    "track",
    "crane-up",
    "crane-down",
    "handheld",
    "drone",
]
Side = Literal["", "A", "B"]
Revision = Literal["", "new", "kept", "moved", "changed", "orphaned"]
SIZES: Final[tuple[str, ...]] = get_args(Size)
ANGLES: Final[tuple[str, ...]] = get_args(Angle)
MOVES: Final[tuple[str, ...]] = get_args(Move)

_SAID: Final[Mapping[str, str]] = {"eye": "eye level", "low": "low angle", "high": "high angle"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotEntry:
    """A shot as planned. Its fields are all that boards, captions and previs know of the page."""

    name: str
    """The show's name for it, as SEQ_0010; file names put the show's code before it."""
    scene: str
    """Scene number as the script has it or as counted; may hold letters, as 4A."""
    number: int
    """Place in the scene's order, in steps of 10."""
    size: Size
    angle: Angle = "eye"
    lens_mm: float = 35.0
    """On a Super 35 filmback of 24.89 mm width unless the previs says otherwise."""
    move: Move = "static"
    framing: str = ""
    """Who stands how in the frame: single, two-shot, over ANNA onto BO, insert of phone."""
    duration_s: float = 3.0
    subjects: tuple[str, ...] = ()
    """Cast in frame, most important first."""
    props: tuple[str, ...] = ()
    vehicles: tuple[str, ...] = ()
    set_name: str = ""
    int_ext: str = ""
    """INT, EXT or INT/EXT."""
    time_of_day: str = ""
    """DAY, NIGHT, DAWN, DUSK, or as the heading has it."""
    line_side: Side = ""
    """Side of the line of action that the camera stays on; empty where nobody faces anybody."""
    effects: tuple[str, ...] = ()
    """Kinds of effect in the shot, as collapse, fire, dust."""
    caption: str = ""
    """A person's own caption; where empty, ``caption_of`` puts one together from the fields."""
    note: str = ""
    origin: str = ""
    """Which scene and rule proposed it; empty for a person's own shot. Leave it as it is."""
    revision: Revision = ""
    """What became of its scene in the latest revision of the script."""


def caption_of(shot: ShotEntry) -> str:
    """Return the caption: the person's own, or one of the fields alone.

    >>> caption_of(ShotEntry(name="S004_0010", scene="4", number=10, size="MS", subjects=("ANNA",), lens_mm=50.0))
    'MS ANNA, eye level, 50 mm, static'
    """
    if shot.caption:
        return shot.caption
    who = shot.framing or ", ".join(shot.subjects or shot.vehicles or shot.props) or shot.set_name
    if shot.framing == "single" and shot.subjects:
        who = shot.subjects[0]
    head = f"{shot.size} {who}".strip()
    return f"{head}, {_SAID.get(shot.angle, shot.angle)}, {shot.lens_mm:g} mm, {shot.move}"


def full_name(code: str, shot: ShotEntry) -> str:
    """Return the name that files and lists carry.

    >>> full_name("SHW", ShotEntry(name="S004_0010", scene="4", number=10, size="WS"))
    'SHW_S004_0010'
    """
    return f"{code}_{shot.name}"
