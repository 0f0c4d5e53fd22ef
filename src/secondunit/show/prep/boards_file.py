"""``panel.toml``: a person's edits of one panel. It is made once, empty of edits, and never written again."""

from pathlib import Path
from typing import Any, Final

from secondunit.prep.boards.arrows import CAMERA_ARROWS
from secondunit.prep.boards.panel import StagedPanel
from secondunit.prep.boards.panel_brief import PanelArrow, PanelBrief, PanelCamera, PanelFigure, PanelVehicle
from secondunit.prep.boards.style import STYLES
from secondunit.prep.stage.poses import POSES
from secondunit.prep.stage.vehicles import VEHICLES
from secondunit.show.brief.table import check_schema, convert, load_toml, read_table, refuse_unknown
from secondunit.show.brief.write import toml_value

SCHEMA: Final = 1
_FAR: Final = (-5000.0, 5000.0)
LIMITS: Final = {
    "camera.position_m": _FAR,
    "camera.look_at_m": _FAR,
    "camera.lens_mm": (4.0, 2000.0),
    "camera.roll_deg": (-180.0, 180.0),
    "figure.at_m": _FAR,
    "figure.facing_deg": (-360.0, 720.0),
    "figure.height_m": (0.6, 2.4),
    "vehicle.at_m": _FAR,
    "vehicle.heading_deg": (-360.0, 720.0),
    "arrow.from_m": _FAR,
    "arrow.to_m": _FAR,
    "arrow.bend_m": (-50.0, 50.0),
}
_TOP: Final[dict[str, Any]] = {"style": str, "note": str, "sun_azimuth_deg": float, "sun_elevation_deg": float}
_MANY: Final = {"figure": PanelFigure, "vehicle": PanelVehicle, "arrow": PanelArrow}


def read_panel(path: Path) -> PanelBrief:
    """Read a panel's edits; a file that is not there has none.

    Raises
    ------
    BriefError
        An unknown key, pose, vehicle, arrow or style, a wrong type, a value out of range.
    """
    if not path.is_file():
        return PanelBrief()
    data = load_toml(path)
    check_schema(data, SCHEMA, path)
    refuse_unknown(data, [*_TOP, "camera", *_MANY], file=path)
    top = {key: convert(data[key], hint, f"{path}: {key}") for key, hint in _TOP.items() if key in data}
    camera = read_table(PanelCamera, data.get("camera", {}), file=path, section="camera", limits=LIMITS)
    many: dict[str, tuple[Any, ...]] = {}
    for section, cls in _MANY.items():
        rows = data.get(section, [])
        if not isinstance(rows, list):
            rows = [rows]
        many[f"{section}s"] = tuple(read_table(cls, r, file=path, section=section, limits=LIMITS) for r in rows)
    return read_table(PanelBrief, {}, file=path, section="panel", limits={}, more={**top, "camera": camera, **many})


def panel_template(staged: StagedPanel, *, style: str) -> str:
    """Return the text of a ``panel.toml`` that edits nothing: what the rules chose, as comments to take out."""
    camera = staged.camera

    def rounded(values: tuple[float, ...]) -> str:
        return toml_value(tuple(round(float(v), 3) for v in values))

    lines = [
        f"schema = {SCHEMA}",
        "# Your edits of this panel. Take a '#' away and change what follows; this file is never written again.",
        "# Metres; x right, y up, z towards the usual camera; facing 0 is towards -z, 90 towards +x.",
        f"# style = {toml_value(style)}  # {' '.join(STYLES)}",
        f"# note = {toml_value(staged.shot.note)}",
        f"# sun_azimuth_deg = {staged.sun.azimuth_deg:.1f}",
        f"# sun_elevation_deg = {staged.sun.elevation_deg:.1f}",
        "",
        "# [camera]",
        f"# position_m = {rounded(camera.position_m)}",
        f"# look_at_m = {rounded(staged.framed.target_m)}",
        f"# lens_mm = {camera.focal_length_mm:g}",
        "# roll_deg = 0.0",
    ]
    for name, mark in staged.figures.items():
        lines += ["", "# [[figure]]", f"# name = {toml_value(name)}", f"# at_m = {rounded(mark.at_m)}"]
        lines += [
            f"# facing_deg = {mark.facing_deg:.1f}",
            f"# pose = {toml_value(mark.pose)}",
            f"# height_m = {mark.height_m:.2f}",
        ]
    for name, wheel in staged.vehicles.items():
        lines += ["", "# [[vehicle]]", f"# name = {toml_value(name)}", f"# at_m = {rounded(wheel.at_m)}"]
        lines += [f"# heading_deg = {wheel.heading_deg:.1f}", f"# kind = {toml_value(wheel.kind)}"]
    lines += [
        "",
        "# [[arrow]]",
        f'# kind = "move"  # or none, {", ".join(CAMERA_ARROWS)}',
        "# from_m = [0.0, 0.5]",
        "# to_m = [2.0, 0.5]",
        "",
        f"# poses: {', '.join(POSES)}",
        f"# vehicles: {', '.join(VEHICLES)}; out = true takes a figure or vehicle out of the panel",
    ]
    return "\n".join(lines) + "\n"
