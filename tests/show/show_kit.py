"""A whole shot, small: a block of two storeys at 96 x 64 pixels, and the people of its show."""

from pathlib import Path

import cv2
import numpy as np

from secondunit.show import Approver, Show, ShowSettings, UseBrief, add_person, create_show, init_keys

SHOT = "SEQ_0010"
PEOPLE = {"vfx_supervisor": "Vi Lens", "director": "Bo Other", "studio": "Sam House", "legal": "Lee Gal"}
USE = UseBrief(
    output_use="final_story",
    purpose="a building comes down",
    alternative="a miniature; dearer",
    in_dialogue="no",
    story_relevant="yes",
    resembles=("none",),
    presented="fiction",
    covered_role="none",
    director_answer="yes",
    similarity="no",
    territories=("US",),
    plate_rights="owned",
    plate_author="the test",
    plate_personal_data="no",
    plate_confidentiality="open",
    plate_mark="no",
)
SETTINGS = ShowSettings(
    code="TST",
    artist="Ada Example",
    use=USE,
    approvers=tuple(Approver(name=name, role=role) for role, name in PEOPLE.items()),
)
WIDTH, HEIGHT, FRAMES = 96, 64, 12


def brief_of(plate: str = "plate.png", *, frames: int = FRAMES, handles: int = 2) -> str:
    """A shot of a block of two storeys, as ``shot.toml``."""
    return f"""schema = 1
name = "{SHOT}"
[plate]
file = "{plate}"
frames = {frames}
handles = {handles}
[camera]
focal_length_mm = 30
horizon_px = 44
height_m = 1.6
[[box]]
name = "block"
facade_px = [[30, 14], [68, 14], [68, 50], [30, 50]]
floors = 2
bays = 3
bays_deep = 1
depth_m = 5
[sun]
azimuth_deg = 140
elevation_deg = 40
[collapse]
start_frame = 1003
pieces = 50
storey_delay_s = 0.02
[dust]
cells = 6000
"""


BRIEF = brief_of()


def plate_picture(seed: int = 1) -> np.ndarray:
    """A pale block with dark windows on grass under a blue sky, as 8-bit BGR."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[:44], picture[44:] = (230, 170, 120), (40, 110, 60)
    picture[14:50, 30:68] = (200, 210, 215)
    for y in (20, 38):
        for x in (34, 46, 58):
            picture[y : y + 8, x : x + 6] = (50, 45, 40)
    noise = np.random.default_rng(seed).normal(0, 3, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def make_show(root: Path) -> Show:
    """A show with that shot, its plate a still."""
    show = create_show(root, SETTINGS)
    folder = show.shot_folder(SHOT)
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "plate.png"), plate_picture())
    (folder / "shot.toml").write_text(BRIEF)
    return show


def give_keys(show: Show) -> None:
    """The show's keys, and everybody's own."""
    init_keys(show)
    for role, name in {"artist": "Ada Example", **PEOPLE}.items():
        add_person(show, name=name, role=role)
