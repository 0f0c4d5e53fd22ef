"""The metric scene of a shot from facade corners in pixels, a floor height and what is known of the camera."""

import math
from dataclasses import replace

import numpy as np

from secondunit.core.brief import BoxBrief, CameraBrief, Pixel, ShotBrief
from secondunit.core.camera import Camera, CameraPath, Filmback, Vec3
from secondunit.core.errors import BriefError
from secondunit.core.layout import Box, Layout, Sun
from secondunit.core.take import Finding
from secondunit.fx.layout.facade_fit import (
    FOCAL,
    HEIGHT,
    OF_BOX,
    PITCH,
    ROLL,
    SHARED,
    SHIFT,
    Array,
    FacadeFit,
    best_fit,
    check_corners,
    focal_spread,
    rotation_rows,
)
from secondunit.imaging.projection import default_filmback, directions, rotation_from_angles

ASSUMED_FOCAL_35MM = 35.0
"""Taken where nothing tells the focal length: a common lens for buildings, on a 36 mm wide filmback."""
WARN_PX = 4.0


def solve_layout(
    brief: ShotBrief, *, width: int, height: int, exif_focal_35mm: float | None, camera: CameraPath | None
) -> tuple[Layout, tuple[Finding, ...]]:
    """Solve the scene of a shot.

    Unknown camera values and the boxes given by pixels are fitted together by least squares on the corners, with
    priors on what one facade cannot tell. The camera stands at x = z = 0 over the ground and looks along -Z; where
    the plate is upright its tilt is a lens shift. The scale is the floor height, so the camera's height follows.

    Parameters
    ----------
    brief
        Boxes by pixels of the first frame, or by metres, which pass through.
    width, height
        Plate size in pixels.
    exif_focal_35mm
        Focal length for a 36 mm wide picture as the file states it.
    camera
        A camera from a file, used as it is: its world is the scene's, ground at y = 0.

    Returns
    -------
    The layout, with the default sun where the brief leaves it open, and what a person should know of it.

    Raises
    ------
    BriefError
        There is no building, the corners are crossed, in another order or too small, or nothing fits them.
    """
    if not any(box.kind == "building" for box in brief.boxes):
        raise BriefError(f"{brief.name}: there is no building", fix='give a [[box]] with kind = "building"')
    names = [box.name for box in brief.boxes]
    if len(set(names)) != len(names):
        raise BriefError(f"{brief.name}: two boxes share a name", fix="give each [[box]] a name of its own")
    solved = tuple(b for b in brief.boxes if b.facade_px is not None and not b.on and b.corner_m is None)
    findings: list[Finding] = []
    if solved:
        problem = _pose_problem(brief, solved, width, height, exif_focal_35mm, camera)
        values = best_fit(problem)
        placed, path, notes = _read_fit(problem, values, brief, exif_focal_35mm)
        findings.extend(notes)
    else:
        placed, path = {}, camera or CameraPath(locked=_stated_camera(brief.camera, width, height, exif_focal_35mm))
        if camera is None:
            findings.append(_note("camera", "no box gives facade_px: the camera is as stated, not solved"))
    for box in brief.boxes:
        if not box.on and box.name not in placed:
            placed[box.name] = _box_in_metres(box)
    for box in brief.boxes:
        if box.on:
            placed[box.name] = _canopy(box, placed, path.at(brief.plate.first_frame), width, height)
    boxes = tuple(placed[name] for name in names)
    layout = Layout(camera=path, boxes=boxes)
    return replace(layout, sun=_sun(brief, layout)), tuple(findings)


def _pose_problem(
    brief: ShotBrief,
    boxes: tuple[BoxBrief, ...],
    width: int,
    height: int,
    exif: float | None,
    fixed: CameraPath | None,
) -> FacadeFit:
    known, count = brief.camera, SHARED + OF_BOX * len(boxes)
    prior, sigma = np.zeros(count), np.zeros(count)
    filmback = _filmback(known, width, height)
    prior[FOCAL] = math.log(_stated_focal(known, filmback, width, height, exif))
    prior[HEIGHT] = 1.6 if known.height_m is None else known.height_m
    if fixed is None:
        sigma[FOCAL] = 0.0 if known.focal_length_mm else (0.05 if exif else 0.35)
        sigma[HEIGHT] = 50.0 if known.height_m is None else 0.0
        if not known.upright:
            sigma[PITCH], sigma[ROLL] = math.radians(25), math.radians(3)
        elif known.horizon_px is not None:
            prior[SHIFT] = known.horizon_px / height - 0.5
        else:
            sigma[SHIFT] = 1.0
    corners = np.zeros((len(boxes), 4, 2))
    for index, box in enumerate(boxes):
        if box.facade_px is not None:
            check_corners(box.name, box.facade_px, width, height)
            corners[index] = box.facade_px
        at = SHARED + OF_BOX * index
        sigma[at : at + OF_BOX] = (1e4, 1e4, 10.0, 10.0, 0.0 if index == 0 else 0.15)
    return FacadeFit(
        boxes=boxes,
        corners=corners,
        width=width,
        height=height,
        filmback=filmback,
        fixed=fixed,
        frame=brief.plate.first_frame,
        horizon=None if known.upright else known.horizon_px,
        prior=prior,
        sigma=sigma,
    )


def _read_fit(
    problem: FacadeFit, values: Array, brief: ShotBrief, exif: float | None
) -> tuple[dict[str, Box], CameraPath, list[Finding]]:
    """Return the boxes by name, the camera and the findings of a fit."""
    error = np.linalg.norm(problem.pixels(values) - problem.corners, axis=-1)
    if not np.isfinite(error).all() or float(error.max()) > 0.5 * max(problem.width, problem.height):
        raise BriefError(
            f"no camera fits the facade corners (off by {error.max():.0f} px)",
            fix="check facade_px, camera.focal_length_mm, camera.horizon_px and camera.upright",
        )
    camera = problem.camera(values)
    placed: dict[str, Box] = {}
    findings: list[Finding] = []
    for index, item in enumerate(problem.boxes):
        facade = problem.facade(values, index)
        yaw = math.degrees(values[SHARED + index * OF_BOX + 2])
        placed[item.name] = _box(
            item,
            corner=(float(facade[3, 0]), float(facade[3, 1]), float(facade[3, 2])),
            yaw_deg=(yaw + 180.0) % 360.0 - 180.0,
            width_m=float(np.linalg.norm(facade[1] - facade[0])),
            height_m=float(facade[0, 1] - facade[3, 1]),
        )
        worst = float(error[index].max())
        text = f"{item.name}: its corners are met to {worst:.1f} px"
        if worst > WARN_PX:
            text += f"; check facade_px of box {item.name}, floors, camera.upright and camera.focal_length_mm"
        findings.append(Finding(check="reprojection", severity="warning" if worst > WARN_PX else "note", message=text))
    if problem.fixed is None:
        findings.extend(_camera_findings(problem, values, camera, brief.camera, exif))
    return placed, problem.fixed or CameraPath(locked=camera), findings


def _camera_findings(
    problem: FacadeFit, values: Array, camera: Camera, known: CameraBrief, exif: float | None
) -> list[Finding]:
    findings = []
    focal = f"{camera.focal_length_mm:.1f} mm on a {camera.filmback.width_mm:g} mm wide filmback"
    if known.focal_length_mm:
        findings.append(_note("focal length", f"{focal}, as stated"))
    elif exif:
        findings.append(_note("focal length", f"{focal}, by the file's EXIF and the facade"))
    elif (told := focal_spread(problem, values)) < 0.12:
        findings.append(_note("focal length", f"{focal}, solved from the facade (about ±{100 * told:.0f} %)"))
    else:
        findings.append(
            Finding(
                check="focal length",
                severity="warning",
                message=f"{focal} is assumed: one facade cannot tell it; set camera.focal_length_mm if you know it",
            )
        )
    height = camera.position_m[1]
    odd = not 0.2 <= height <= 60.0
    text = f"the camera stands {height:.2f} m over the foot of {problem.boxes[0].name}"
    text += "; check the foot of facade_px, floors and camera.horizon_px" if odd else ""
    findings.append(Finding(check="camera height", severity="warning" if odd else "note", message=text))
    return findings


def _box(brief: BoxBrief, *, corner: Vec3, yaw_deg: float, width_m: float, height_m: float) -> Box:
    return Box(
        name=brief.name,
        kind=brief.kind,
        corner_m=corner,
        yaw_deg=yaw_deg,
        width_m=width_m,
        height_m=height_m,
        depth_m=brief.depth_m,
        floors=brief.floors,
        bays=brief.bays,
        bays_deep=brief.bays_deep,
        window_ratio=brief.window_ratio,
    )


def _box_in_metres(brief: BoxBrief) -> Box:
    if brief.corner_m is None or brief.yaw_deg is None or brief.width_m is None:
        raise BriefError(
            f"box {brief.name}: nothing says where it stands",
            fix="give facade_px, or corner_m, yaw_deg and width_m (or `on` for a canopy)",
        )
    return _box(
        brief,
        corner=brief.corner_m,
        yaw_deg=brief.yaw_deg,
        width_m=brief.width_m,
        height_m=brief.floors * brief.floor_height_m,
    )


def _canopy(brief: BoxBrief, placed: dict[str, Box], camera: Camera, width: int, height: int) -> Box:
    """Return a box that projects ``depth_m`` outward from the facade of the box it hangs on."""
    host = placed.get(brief.on)
    if host is None or host.kind == "canopy":
        raise BriefError(f"box {brief.name}: on = {brief.on!r} is no building", fix="name a building of this shot")
    start, end, base, rise = brief.from_m, brief.to_m, brief.base_m, brief.floors * brief.floor_height_m
    if brief.facade_px is not None:
        check_corners(brief.name, brief.facade_px, width, height)
        flat = [_on_plane(host, -brief.depth_m, p, camera, width, height) for p in brief.facade_px]
        start, end = (flat[0][0] + flat[3][0]) / 2, (flat[1][0] + flat[2][0]) / 2
        base = (flat[2][1] + flat[3][1]) / 2
        rise = (flat[0][1] + flat[1][1]) / 2 - base
    if not (end - start >= 0.1 and rise >= 0.1):
        raise BriefError(f"box {brief.name}: it has no length along {brief.on}", fix="make to_m more than from_m")
    return _box(
        brief,
        corner=host.point(start, base, -brief.depth_m),
        yaw_deg=host.yaw_deg,
        width_m=end - start,
        height_m=rise,
    )


def _on_plane(host: Box, q: float, pixel: Pixel, camera: Camera, width: int, height: int) -> tuple[float, float]:
    """Return (metres along, metres up) where a pixel's ray meets the plane q metres behind a box's facade."""
    ray = directions(camera, np.asarray(pixel), width, height)
    origin, start = np.array(host.point(0.0, 0.0, q)), np.array(camera.position_m)
    inward, along = np.array(host.inward), np.array(host.along)
    toward = float(ray @ inward)
    if abs(toward) < 1e-6 or (reach := float((origin - start) @ inward) / toward) <= 0:
        raise BriefError(f"a corner at {pixel} does not meet the facade of {host.name}", fix="check facade_px")
    local = start + reach * ray - origin
    return float(local @ along), float(local[1])


def _filmback(known: CameraBrief, width: int, height: int) -> Filmback:
    if known.filmback_mm is None:
        back = default_filmback(width, height)
    else:
        back = Filmback(width_mm=known.filmback_mm[0], height_mm=known.filmback_mm[1])
    if known.axis_px is None:
        return back
    return replace(back, offset_x_mm=(0.5 - known.axis_px / width) * back.width_mm)


def _stated_focal(known: CameraBrief, back: Filmback, width: int, height: int, exif: float | None) -> float:
    """Return the best focal length before any solve, in millimetres of this filmback."""
    if known.focal_length_mm is not None:
        return known.focal_length_mm
    full = exif if exif is not None and 4.0 <= exif <= 2000.0 else ASSUMED_FOCAL_35MM
    return full / 36.0 * back.width_mm * max(width, height) / width


def _stated_camera(known: CameraBrief, width: int, height: int, exif: float | None) -> Camera:
    back = _filmback(known, width, height)
    focal = _stated_focal(known, back, width, height, exif)
    rotation = np.eye(3)
    if known.horizon_px is not None:
        drop = known.horizon_px / height - 0.5
        if known.upright:
            back = replace(back, offset_y_mm=drop * back.height_mm)
        else:
            rotation = rotation_from_angles(0.0, math.degrees(math.atan(drop * back.height_mm / focal)), 0.0)
    eye = 1.6 if known.height_m is None else known.height_m
    return Camera(focal_length_mm=focal, filmback=back, position_m=(0.0, eye, 0.0), rotation=rotation_rows(rotation))


def _sun(brief: ShotBrief, layout: Layout) -> Sun:
    """Return the stated sun; what is open falls from 45 degrees left of the first facade's front, 45 degrees high."""
    first = next(box for box in layout.boxes if box.kind == "building")
    front = math.degrees(math.atan2(-first.inward[0], first.inward[2]))
    default, known = Sun(), brief.sun
    return Sun(
        azimuth_deg=(front + 45.0) % 360.0 if known.azimuth_deg is None else known.azimuth_deg,
        elevation_deg=default.elevation_deg if known.elevation_deg is None else known.elevation_deg,
        illuminance=known.illuminance or default.illuminance,
        sky=known.sky or default.sky,
    )


def _note(check: str, message: str) -> Finding:
    return Finding(check=check, severity="note", message=message)
