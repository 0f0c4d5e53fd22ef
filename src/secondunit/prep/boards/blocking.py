"""Where everybody stands in a scene, kept for all its shots: marks, facing, poses, vehicles, light.

The line of action runs along X between the first two of the scene; side A of it is +Z. What is not said by a shot list
field is chosen by rule and by the scene's own seed, never by what the script says.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

import numpy as np

from secondunit.core.camera import Vec3
from secondunit.core.layout import Sun
from secondunit.prep.shotlist.shot import ShotEntry
from secondunit.prep.stage.geometry import rotation
from secondunit.prep.stage.poses import POSES

CROWD_WORDS = frozenset(
    (
        "crowd", "people", "extras", "men", "women", "children", "kids", "guests", "soldiers", "police", "cops", "all",
        "passersby", "pedestrians", "gente", "толпа", "群衆", "人群",
    )
)  # fmt: skip
_DOING: Mapping[str, str] = {
    "walk": "walking", "walks": "walking", "walking": "walking", "enters": "walking", "exits": "walking",
    "travel": "walking", "run": "running", "runs": "running", "running": "running", "chase": "running",
    "sit": "sitting", "sits": "sitting", "sitting": "sitting", "seated": "sitting", "crouch": "crouching",
    "crouches": "crouching", "kneel": "kneeling", "kneels": "kneeling", "points": "pointing", "pointing": "pointing",
    "fallen": "fallen", "falls": "fallen", "lies": "fallen", "carries": "carrying", "carrying": "carrying",
    "looks-up": "looking up", "phone": "phone", "drives": "driving", "driving": "driving",
}  # fmt: skip
_LOOKED_AT = frozenset({"collapse", "explosion", "fire", "creature", "destruction", "crash", "flood", "storm", "ship"})
_VEHICLE_WORDS: Mapping[str, tuple[str, ...]] = {
    "bus": ("bus", "coach", "colectivo", "автобус"),
    "truck": ("truck", "lorry", "tanker", "camión", "грузовик", "trailer"),
    "van": ("van", "ambulance", "minivan", "furgoneta"),
    "motorbike": ("motorbike", "motorcycle", "bike", "moto", "scooter", "мотоцикл"),
    "helicopter": ("helicopter", "chopper", "helicóptero", "вертолёт"),
    "": (
        "plane", "airplane", "aircraft", "jet", "spaceship", "ship", "boat", "canoe", "balloon", "train", "tram",
        "subway", "bicycle", "carriage", "cart", "wagon", "sled", "tank", "tractor", "rocket", "avión", "barco", "tren",
        "самолёт", "поезд", "корабль", "лодка", "飛行機", "船", "電車", "飞机", "火车",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Somebody on a mark."""

    at_m: tuple[float, float] = (0.0, 0.0)
    """x and z."""
    facing_deg: float = 180.0
    """0 towards -Z, 90 towards +X, 180 towards +Z."""
    pose: str = "standing"
    height_m: float = 1.75


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleMark:
    """A vehicle on its mark."""

    at_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    heading_deg: float = 0.0
    kind: str = "car"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocking:
    """A scene's staging."""

    scene: str
    figures: Mapping[str, Mark] = field(default_factory=dict)
    """By name, in order of the scene's first mention."""
    vehicles: Mapping[str, VehicleMark] = field(default_factory=dict)
    yaw_deg: float = 0.0
    """How the set is turned about the action."""
    sun: Sun = Sun()
    night: bool = False
    seed: int = 0


def seed_of(*words: str) -> int:
    """Return a number that depends on words alone."""
    return int.from_bytes(sha256("\0".join(words).encode()).digest()[:4], "big")


def two_shot_turn(scene: str) -> float:
    """Return to which side of square a scene's wide cameras stand: 1 or -1."""
    return 1.0 if seed_of(scene) % 2 else -1.0


def is_crowd(name: str) -> bool:
    """Say whether a name means several people.

    >>> is_crowd("CROWD"), is_crowd("ANNA")
    (True, False)
    """
    return any(w.strip(".,'") in CROWD_WORDS for w in name.casefold().split())


def vehicle_kind(name: str) -> str:
    """Return what kind of vehicle a name means: a car where no word is known, nothing where there is no proxy of it.

    >>> vehicle_kind("TAXI"), vehicle_kind("POLICE VAN"), vehicle_kind("HOT AIR BALLOON")
    ('car', 'van', '')
    """
    words = {w.strip(".,'") for w in name.casefold().replace("-", " ").split()}
    for kind, known in _VEHICLE_WORDS.items():
        if words & set(known):
            return kind
    return "car"


def without_proxy(shots: Sequence[ShotEntry]) -> tuple[str, ...]:
    """Return vehicles of shots that nothing stands for on a stage: somebody has to draw them in."""
    return tuple(dict.fromkeys(n for s in shots for n in s.vehicles if not vehicle_kind(n)))


def pose_for(shot: ShotEntry, name: str, usual: str) -> str:
    """Return the pose of somebody in a shot, from its fields alone: framing, note, move, effects, size."""
    for word in f"{shot.framing} {shot.note}".casefold().replace(",", " ").replace(".", " ").split():
        if word in _DOING:
            return _DOING[word]
    if usual in ("driving", "sitting", "fallen"):
        return usual
    if shot.move == "track" and shot.size in ("FS", "WS", "EWS", "MS") and not shot.vehicles:
        return "walking"
    if set(shot.effects) & _LOOKED_AT or "sees it" in shot.note.casefold():
        turn = seed_of(shot.scene, name) % 3
        return "looking up" if "sees it" in shot.note.casefold() else ("looking up", "shielding", "pointing")[turn]
    return usual


def block_scene(shots: Sequence[ShotEntry], *, inside_car: bool = False) -> Blocking:
    """Return the staging of a scene from its shots."""
    scene, place = shots[0].scene, shots[0].set_name
    seed = seed_of(scene, place)
    rng = np.random.default_rng([seed, 5])
    names = list(dict.fromkeys(n for s in shots for n in s.subjects))
    people = [n for n in names if not is_crowd(n)]
    crowds = [n for n in names if is_crowd(n)]
    marks = _marks(people, scene=scene, rng=rng, inside_car=inside_car)
    for k, name in enumerate(crowds):
        marks[name] = Mark(at_m=(0.9 - 2.4 * k, -3.4), facing_deg=170.0, pose="standing")
    vehicles = {}
    for k, name in enumerate(dict.fromkeys(n for s in shots for n in s.vehicles)):
        if vehicle_kind(name):
            vehicles[name] = _vehicle(name, k, alone=not people)
    inside = shots[0].int_ext.startswith("INT")
    night = _is_night(shots[0].time_of_day)
    return Blocking(
        scene=scene,
        figures=marks,
        vehicles=vehicles,
        yaw_deg=0.0 if inside_car else float(rng.choice([-34.0, -22.0, 18.0, 28.0])),
        sun=light_of(shots[0].time_of_day, inside=inside, turn_deg=float(rng.choice([-42.0, 38.0]))),
        night=night,
        seed=seed,
    )


def _marks(people: Sequence[str], *, scene: str, rng: np.random.Generator, inside_car: bool) -> dict[str, Mark]:
    def tall(name: str) -> float:
        return 1.62 + 0.22 * (seed_of(name) % 1000) / 999

    if inside_car:
        seats = ((0.37, 0.0), (-0.37, 0.0), (0.4, -0.95), (-0.4, -0.95))
        return {
            n: Mark(at_m=seats[k % 4], facing_deg=180.0, pose="driving" if k == 0 else "sitting", height_m=tall(n))
            for k, n in enumerate(people[:4])
        }
    if len(people) == 1:
        return {people[0]: Mark(facing_deg=150.0 if rng.random() < 0.5 else 210.0, height_m=tall(people[0]))}
    usual = ("talking", "listening", "standing", "standing")
    out: dict[str, Mark] = {}
    for k, name in enumerate(people):
        if k == 0:
            at, facing = (-0.62, 0.0), 96.0
        elif k == 1:
            at, facing = (0.62, 0.05), 264.0
        else:
            # Behind the pair, away from the camera's side, in an arc that looks at them.
            spread = (k - 2) - (len(people) - 3) / 2
            at = (0.05 - 0.34 * two_shot_turn(scene) + spread * 0.95, -1.25 - 0.16 * (k % 2) - 0.05 * abs(spread))
            facing = 180.0 - math.degrees(math.atan2(-at[0], -at[1] + 0.6)) + 12.0
        out[name] = Mark(at_m=at, facing_deg=facing % 360, pose=usual[min(k, 3)], height_m=tall(name))
    return out


def _vehicle(name: str, number: int, *, alone: bool) -> VehicleMark:
    kind = vehicle_kind(name)
    if kind == "helicopter":
        return VehicleMark(at_m=(4.5, 5.5, -19.0), heading_deg=215.0, kind=kind)
    spots = ((0.0, 0.0, 0.0), (3.6, 0.0, -7.0)) if alone else ((-3.4, 0.0, -4.2), (3.8, 0.0, -8.0))
    x, y, z = spots[min(number, 1)]
    return VehicleMark(at_m=(x - 4.5 * max(0, number - 1), y, z), heading_deg=(205.0, 160.0)[number % 2], kind=kind)


def _is_night(time: str) -> bool:
    text = time.casefold()
    return any(w in text for w in ("night", "noche", "nuit", "nacht", "ночь", "夜", "midnight"))


def light_of(time: str, *, inside: bool, turn_deg: float) -> Sun:
    """Return the light of a time of day: from the side of the camera's side, so that forms turn.

    ``turn_deg`` is how far to the side of +Z it comes from.
    """
    text = time.casefold()
    azimuth = (180.0 + turn_deg * 1.35) % 360.0
    if inside:
        return Sun(azimuth_deg=azimuth, elevation_deg=38.0, illuminance=(2.2, 2.1, 2.0), sky=(0.5, 0.5, 0.5))
    if _is_night(time):
        return Sun(azimuth_deg=azimuth, elevation_deg=46.0, illuminance=(1.3, 1.4, 1.6), sky=(0.16, 0.18, 0.24))
    if any(
        w in text
        for w in ("dawn", "dusk", "sunset", "sunrise", "evening", "morning", "tarde", "утро", "вечер", "夕", "朝")
    ):
        return Sun(azimuth_deg=azimuth, elevation_deg=14.0, illuminance=(2.9, 2.3, 1.6), sky=(0.5, 0.5, 0.6))
    return Sun(azimuth_deg=azimuth, elevation_deg=44.0)


def crowd_marks(name: str, mark: Mark) -> dict[str, Mark]:
    """Return the people of a crowd round its mark, each with another pose and height."""
    rng = np.random.default_rng([seed_of(name), 9])
    poses = [p for p in POSES if p in ("standing", "walking", "talking", "listening", "phone")]
    out = {}
    for k in range(7):
        row, column = divmod(k, 4)
        x = mark.at_m[0] + (column - 1.5) * 1.1 + float(rng.uniform(-0.25, 0.25)) + 0.5 * row
        z = mark.at_m[1] - 1.1 * row + float(rng.uniform(-0.25, 0.25))
        out[f"{name}.{k + 1}"] = Mark(
            at_m=(x, z),
            facing_deg=mark.facing_deg + float(rng.uniform(-40, 40)),
            pose=poses[int(rng.integers(0, len(poses)))] if mark.pose == "standing" else mark.pose,
            height_m=float(rng.uniform(1.6, 1.88)),
        )
    return out


def level_way(facing_deg: float) -> Vec3:
    """Return the unit direction of a facing angle.

    >>> tuple(round(v, 6) + 0.0 for v in level_way(90.0))
    (1.0, 0.0, 0.0)
    """
    a = math.radians(facing_deg)
    return math.sin(a), 0.0, -math.cos(a)


def by_the_kerb(marks: Mapping[str, VehicleMark], *, turn_deg: float, but: set[str]) -> dict[str, VehicleMark]:
    """Return vehicles of a built street in its lanes, along it: the first by the kerb, others in the far lane."""
    out = {}
    for k, (name, mark) in enumerate(marks.items()):
        if name in but or mark.kind == "helicopter":
            out[name] = mark
            continue
        x, z = (-4.6, -1.0) if k == 0 else (3.0 + 6.0 * k, 4.4)
        at = rotation("y", turn_deg) @ np.array([x, 0.0, z, 1.0])
        heading = (90.0 if k == 0 else 270.0) - turn_deg
        out[name] = replace(mark, at_m=(float(at[0]), 0.0, float(at[2])), heading_deg=heading % 360)
    return out
