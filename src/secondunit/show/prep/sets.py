"""``prep sets``: options of a set as files an art department opens, with one sheet to choose by."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from secondunit.core.errors import BriefError
from secondunit.core.recipe import digest
from secondunit.media.colour import ACES_VIEW, display
from secondunit.media.contact_sheet import contact_sheet
from secondunit.media.png import write_png
from secondunit.prep.sets.brief import Kit, SetBrief
from secondunit.prep.sets.build import VERSION, BuiltSet, build_set
from secondunit.prep.sets.drawings import draw_set
from secondunit.prep.sets.gltf import write_glb
from secondunit.prep.sets.options import differences
from secondunit.prep.sets.options import option_brief as option_of
from secondunit.prep.sets.palettes import palette
from secondunit.prep.sets.sheet import write_pdf, write_svg
from secondunit.prep.sets.usd import write_option_usd, write_set_usd
from secondunit.prep.sets.views import ASPECT
from secondunit.prep.stage.geometry import Stage
from secondunit.prep.stage.render import render_stage
from secondunit.show.prep.set_approval import approved_brief, approved_set, option_brief
from secondunit.show.prep.set_brief import default_brief, guessed_kit, read_set_brief, write_set_brief
from secondunit.show.prep.store import prep_of
from secondunit.show.store.records import read_json, seal, write_json, write_text
from secondunit.show.store.show import Show, locked

__all__ = [
    "MOST_OPTIONS",
    "Option",
    "SetResult",
    "approved_brief",
    "approved_set",
    "make_sets",
    "option_brief",
    "picture_of",
]

Progress = Callable[[str, int, int], None]
Codes = NDArray[np.uint8]
MOST_OPTIONS: Final = 24
_CELL_W: Final = 960
_EXPOSURE: Final = 0.74
"""From a sunlit white card to the ACES view: it shows as white paper, not as a lamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option as it was made."""

    number: int
    direction: str
    digest: str
    triangles: int
    """As rendered; the files hold each repeated thing once."""
    stored: int
    differs: tuple[str, ...]
    """Axes in which it differs from the brief."""
    held: tuple[tuple[str, str, str], ...]
    """Constraint, what was asked, what was measured."""
    files: dict[str, Any]
    """Seal of each file by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetResult:
    """What one run made."""

    name: str
    folder: Path
    kit: Kit
    kit_by: str
    options: tuple[Option, ...]
    sheet: Path

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "set": self.name, "folder": str(self.folder), "kit": self.kit, "kit_by": self.kit_by,
            "sheet": str(self.sheet), "brief": str(self.folder / "set.toml"),
            "options": [
                {
                    "number": o.number, "direction": o.direction, "digest": o.digest, "triangles": o.triangles,
                    "differs": list(o.differs), "constraints": [list(h) for h in o.held], "files": sorted(o.files),
                }
                for o in self.options
            ],
        }  # fmt: skip


def make_sets(
    show: Show, name: str, *, options: int = 6, kit: str = "", width: int = _CELL_W, progress: Progress | None = None
) -> SetResult:
    """Make options of a set: USD, glTF, drawings and pictures of each, and a contact sheet of all.

    The first run writes ``set.toml``; later ones read what a person made of it.

    Parameters
    ----------
    width
        Of each option's picture in pixels.

    Raises
    ------
    BriefError
        The brief cannot be meant, a constraint cannot be kept, or the set is approved and so locked.
    """
    if not 1 <= options <= MOST_OPTIONS:
        raise BriefError(f"{options} options", fix=f"ask for 1 to {MOST_OPTIONS}")
    folder = prep_of(show).set(name)
    with locked(folder):
        refuse_if_approved(show, name, folder)
        brief, kit_by = _brief(folder, name, kit)
        briefs = [option_of(brief, number) for number in range(1, options + 1)]
        made, cells = [], []
        first: BuiltSet | None = None
        for done, each in enumerate(briefs):
            if progress:
                progress("set options", done, options)
            built = build_set(each)
            first = first or built
            _prove_kept(folder, first, built)
            option, cell = _write(show, folder, brief, built, width)
            made.append(option)
            cells.append(cell)
        for stale in folder.glob("option_*"):
            number = re.match(r"option_(\d+)", stale.name)
            if number and int(number[1]) > options:
                stale.unlink()
        write_set_usd(
            folder / "set.usda", {f"option_{o.number}": f"option_{o.number}.usdc" for o in made}, name=brief.name
        )
        sheet = _sheet(folder, brief, made, cells)
        write_json(folder / "options.json", _record(brief, made))
        if progress:
            progress("set options", options, options)
    return SetResult(name=brief.name, folder=folder, kit=brief.kit, kit_by=kit_by, options=tuple(made), sheet=sheet)


def refuse_if_approved(show: Show, name: str, folder: Path) -> None:
    """Refuse to make an approved set anew.

    Raises
    ------
    BriefError
        It is approved.
    """
    if (folder / "approved.json").is_file():
        number = read_json(folder / "approved.json").get("option")
        raise BriefError(
            f"set {name!r} is approved (option {number}) and locked",
            fix="make options under another name, or take the approval back with --withdraw",
        )


def _brief(folder: Path, name: str, kit: str) -> tuple[SetBrief, str]:
    path = folder / "set.toml"
    known = ("avenue", "modern", "yard")
    if kit and kit not in known:
        raise BriefError(f"there is no kit {kit!r}", fix=f"use {', '.join(known)}")
    if not path.is_file():
        chosen: Kit = kit or guessed_kit(name)  # type: ignore[assignment]
        write_text(path, write_set_brief(default_brief(name, chosen)))
        return read_set_brief(path), "--kit" if kit else "its name"
    brief = read_set_brief(path)
    if kit and kit != brief.kit:
        raise BriefError(
            f"{path} says kit = {brief.kit!r}, --kit says {kit!r}", fix="edit set.toml, or leave --kit out"
        )
    return brief, "set.toml"


def _write(show: Show, folder: Path, brief: SetBrief, built: BuiltSet, width: int) -> tuple[Option, Codes]:
    number = built.brief.option
    stem = f"option_{number}"
    write_option_usd(folder / f"{stem}.usdc", built)
    write_glb(folder / f"{stem}.glb", built)
    sheets = draw_set(built, show=show.settings.code)
    write_svg(folder / f"{stem}_elevation.svg", sheets[0])
    write_svg(folder / f"{stem}_plan.svg", sheets[1])
    write_pdf(folder / f"{stem}_drawings.pdf", sheets)
    cell = picture_of(built, width=width)
    write_png(folder / f"{stem}.png", cell)
    names = [f"{stem}{end}" for end in (".usdc", ".glb", "_elevation.svg", "_plan.svg", "_drawings.pdf", ".png")]
    option = Option(
        number=number, direction=built.brief.direction, digest=built.digest, triangles=built.triangles,
        stored=built.triangles_stored, differs=differences(brief, built.brief),
        held=tuple((h.name, h.asked, h.measured) for h in built.held),
        files={name: seal(folder / name) for name in names},
    )  # fmt: skip
    return option, cell


def picture_of(built: BuiltSet, *, width: int = _CELL_W) -> Codes:
    """Return one picture of a set: the whole from above, two views from the street, its palette.

    The far side of the street is cut away in the first, as models are photographed.
    """
    high = round(width / ASPECT / 2) * 2
    half = (width - 6) // 2
    low = round(half / ASPECT / 2) * 2
    above = _view(_without(built, "street/far", "buildings/across"), built, "three_quarter", width, high, 6)
    street = _view(built.stage, built, "street", half, low, 6)
    detail = _view(built.stage, built, "detail", half, low, 6)
    page = np.full((high + 6 + low + 26, width, 3), 24, np.uint8)
    page[:high] = above
    page[high + 6 : high + 6 + low, :half] = street
    page[high + 6 : high + 6 + low, width - half :] = detail
    card = palette(built.brief.design.palette).card
    for k, swatch in enumerate(card):
        a, b = round(width * k / len(card)), round(width * (k + 1) / len(card))
        page[high + 6 + low + 6 :, a:b] = [int(swatch[i : i + 2], 16) for i in (1, 3, 5)]
    return page


def _without(built: BuiltSet, *paths: str) -> Stage:
    names = [m.path for m in built.singles] + [p.path for p in built.placements for _ in p.prototype.meshes]
    parts = tuple(
        p for p, n in zip(built.stage.parts, names, strict=True) if not n.startswith(paths) or "pavement" in n
    )
    return Stage(parts=parts, materials=built.stage.materials, ground=built.stage.ground)


def _view(stage: Stage, built: BuiltSet, name: str, width: int, height: int, samples: int) -> Codes:
    image = render_stage(stage, built.cameras[name], width=width, height=height, sun=built.brief.sun, samples=samples)
    return np.asarray(display(image.beauty * np.float32(_EXPOSURE), view=ACES_VIEW), np.uint8)


def _prove_kept(folder: Path, first: BuiltSet, built: BuiltSet) -> None:
    """Refuse an option whose kept lots are not those of the first: that they are is proved, not believed."""
    for name, mark in first.kept_digests.items():
        if built.kept_digests.get(name) != mark:
            raise BriefError(
                f"{folder}: kept lot {name!r} differs in option {built.brief.option}", fix="report this: it is a fault"
            )


def _sheet(folder: Path, brief: SetBrief, made: list[Option], cells: list[Codes]) -> Path:
    labels = []
    for option in made:
        title, _, line = option.direction.partition(": ")
        labels.append(
            f"{option.number}  {title}\n{line}\n"
            f"differs in {', '.join(option.differs) or 'lots only'}   {option.digest[:12]}"
        )
    sun = brief.sun
    picture = contact_sheet(
        cells, columns=3 if len(cells) > 4 else 2, labels=labels, title=f"{brief.name}: {len(made)} options",
        subtitle=(
            f"kit {brief.kit}, seed {brief.seed}, sun azimuth {sun.azimuth_deg:g}, elevation {sun.elevation_deg:g} "
            "degrees; "
            "far side of the street cut away in the upper view"
        ),
        cell_width=640,
    )  # fmt: skip
    path = folder / "contact.png"
    write_png(path, np.asarray(Pillow.fromarray(picture).convert("RGB")))
    return path


def _record(brief: SetBrief, made: list[Option]) -> dict[str, Any]:
    return {
        "schema": 1,
        "generator": VERSION,
        "brief": digest(brief),
        "options": [
            {
                "number": o.number, "direction": o.direction, "digest": o.digest, "triangles": o.triangles,
                "stored": o.stored, "differs": list(o.differs), "constraints": [list(h) for h in o.held],
                "files": o.files,
            }
            for o in made
        ],
    }  # fmt: skip
