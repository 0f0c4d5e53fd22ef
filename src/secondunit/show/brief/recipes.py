"""The recipes of a take: which values each stage depends on, and on no others.

::

    boxes, collapse ─► fracture ─► rigid ─► dust ─► light ─► generate ─► render
                                            wind      sun      plate, mattes, detail, size   look

A change re-runs the stages right of where it enters. A stage is handed values that hold nothing but what its
recipe names (``bare`` layouts without the light), so that it cannot depend on what its key does not say.
"""

from dataclasses import dataclass, replace
from typing import Any

from secondunit.core.brief import ShotBrief
from secondunit.core.frames import FrameRange
from secondunit.core.layout import Layout, Sun
from secondunit.core.recipe import Recipe, canonical, digest

VERSIONS = {"plate": 3, "fracture": 1, "rigid": 1, "dust": 2, "light": 2, "generate": 5, "render": 7}
"""Raise a stage's number whenever its code changes what it makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One take, wholly said: its brief with the axes in, its scene, its frames, and the recipe of each stage."""

    brief: ShotBrief
    layout: Layout
    frames: FrameRange
    width: int
    height: int
    plate_width: int
    """Of the plate itself, in pixels: drafts are painted in as many passes as their final."""
    plate: Recipe
    fracture: Recipe
    rigid: Recipe
    dust: Recipe
    light: Recipe
    generate: Recipe
    render: Recipe
    content: str
    """Digest of what a person judges: the render less its size."""

    @property
    def recipes(self) -> dict[str, Any]:
        """All recipes as plain JSON, as ``take.json`` keeps them."""
        stages = (self.plate, self.fracture, self.rigid, self.dust, self.light, self.generate, self.render)
        return {recipe.stage: {"digest": recipe.digest, **canonical(recipe)} for recipe in stages}


def bare(layout: Layout) -> Layout:
    """Return the scene without its light: what breaks and blows does not see the sun."""
    return replace(layout, sun=Sun())


def sunlit(layout: Layout) -> Layout:
    """Return the scene with a sun of standard strength: dust light is kept for one unit of sun and sky."""
    plain = Sun()
    return replace(layout, sun=replace(layout.sun, illuminance=plain.illuminance, sky=plain.sky))


def plan_take(
    brief: ShotBrief,
    layout: Layout,
    *,
    frames: FrameRange,
    width: int,
    height: int,
    plate_width: int,
    plate_digest: str,
    picture_digests: dict[str, str],
    generator: tuple[str, str, str],
) -> Plan:
    """Return the plan of a take.

    Parameters
    ----------
    brief
        With the take's axes applied.
    plate_digest, picture_digests
        SHA-256 of the plate's files and of each matte and clean plate that is given as a file.
    generator
        Name, version and weights digest.
    """
    scene = bare(layout)
    moments = {"first": frames.first, "last": frames.last, "rate": brief.plate.rate}
    plate = Recipe(
        stage="plate",
        stage_version=VERSIONS["plate"],
        parameters={
            "plate": brief.plate,
            "matte": brief.matte,
            "holdouts": brief.holdouts,
            "clean_plate": brief.clean_plate,
            "boxes": scene.boxes,
            "camera": scene.camera,
        },
        inputs={"plate": plate_digest, **picture_digests},
    )
    fracture = Recipe(
        stage="fracture",
        stage_version=VERSIONS["fracture"],
        backend="scipy+manifold3d",
        seed=brief.collapse.seed,
        parameters={"collapse": brief.collapse, "boxes": scene.boxes, "camera": scene.camera},
    )
    rigid = Recipe(
        stage="rigid",
        stage_version=VERSIONS["rigid"],
        backend="rapier3d",
        seed=brief.collapse.seed,
        parameters={"collapse": brief.collapse, "boxes": scene.boxes, **moments},
        inputs={"fracture": fracture.digest},
    )
    dust = Recipe(
        stage="dust",
        stage_version=VERSIONS["dust"],
        seed=brief.dust.seed,
        parameters={"dust": brief.dust, "camera": scene.camera, **moments},
        inputs={"rigid": rigid.digest},
    )
    light = Recipe(
        stage="light",
        stage_version=VERSIONS["light"],
        parameters={"azimuth_deg": layout.sun.azimuth_deg, "elevation_deg": layout.sun.elevation_deg},
        inputs={"dust": dust.digest},
    )
    name, version, weights = generator
    generate = Recipe(
        stage="generate",
        stage_version=VERSIONS["generate"],
        backend=name,
        weights_digest=weights,
        seed=brief.detail.seed,
        parameters={
            "detail": brief.detail,
            "generator_version": version,
            "motion_blur_deg": brief.look.motion_blur_deg,
            "width": width,
            "height": height,
        },
        inputs={"plate": plate.digest, "light": light.digest},
    )
    look: dict[str, Any] = {"detail": brief.detail, "look": brief.look, "sun": layout.sun, "generator_version": version}
    inputs = {"plate": plate.digest, "light": light.digest}

    def rendered(parameters: dict[str, Any]) -> Recipe:
        return Recipe(
            stage="render",
            stage_version=VERSIONS["render"],
            backend=name,
            weights_digest=weights,
            seed=brief.detail.seed,
            parameters=parameters,
            inputs=inputs,
        )

    return Plan(
        brief=brief,
        layout=layout,
        frames=frames,
        width=width,
        height=height,
        plate_width=plate_width,
        plate=plate,
        fracture=fracture,
        rigid=rigid,
        dust=dust,
        light=light,
        generate=generate,
        render=rendered({**look, "width": width, "height": height}),
        content=digest(rendered(look)),
    )


def draft_size(width: int, height: int) -> tuple[int, int]:
    """Return the size of a draft: half of each side, even, at least 16.

    >>> draft_size(868, 600), draft_size(501, 333)
    ((434, 300), (250, 166))
    """
    return max(width // 4 * 2, 16), max(height // 4 * 2, 16)
