"""What is asked about a take before it may become a final: its scene, its plan, its declaration."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from secondunit.clearance.gate import Named
from secondunit.clearance.ledger.store import Ledger
from secondunit.clearance.policy.declaration import Declaration
from secondunit.clearance.policy.records import ToolRecord
from secondunit.core.errors import BriefError
from secondunit.core.recipe import canonical
from secondunit.core.take import Axes
from secondunit.generate.registry import get_generator
from secondunit.show.brief.axes import apply
from secondunit.show.brief.recipes import Plan, plan_take
from secondunit.show.clearing.clip_step import with_clip
from secondunit.show.clearing.declare import Declared, declare
from secondunit.show.clearing.drawn import Drawn, brief_as_drawn, drawn_of, plan_of_final
from secondunit.show.clearing.tools import registered_tool
from secondunit.show.shot.scene import Scene, open_scene
from secondunit.show.store.show import Show
from secondunit.show.store.takes import TakeResult, area_of, read_axes, read_take


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether a take may be finished."""

    scene: Scene
    plan: Plan
    """Its content is what people judge; of a drawn take its render is that of the pasted frames."""
    axes: Axes
    take: TakeResult
    declared: Declared
    tool: Named
    """What made the last of its dust: the generator of the use."""
    recipes: Mapping[str, Any]
    """Of each stage of the final, as its record keeps them."""
    drawn: Drawn | None = None
    """Where a clip model drew it."""
    registered: ToolRecord | None = None
    """What the show's register says of that model."""


def plan_of(scene: Scene, axes: Axes, width: int, height: int) -> Plan:
    """Return the plan of a take of a scene."""
    brief = apply(scene.brief, axes)
    generator = get_generator(brief.detail.generator)
    return plan_take(
        brief,
        scene.layout,
        frames=scene.plate.range,
        width=width,
        height=height,
        plate_width=scene.plate.width,
        plate_digest=scene.plate.digest,
        picture_digests=scene.picture_digests,
        generator=(generator.name, generator.version, generator.weights_digest),
    )


def final_question(show: Show, shot: str, *, take: int, ledger: Ledger, scene: Scene | None = None) -> Question:
    """Return the question of a final as it stands now, its declaration recorded.

    Raises
    ------
    BriefError
        There is no such take, or the brief has changed since it was made.
    StoreError
        The record of a take that a clip model drew is broken.
    """
    folder = show.shot_folder(shot)
    scene = scene or open_scene(show, shot)
    axes, content = read_axes(folder / "takes", take)
    made = read_take(folder, take)
    if "clip" in made.take.recipes:
        return _drawn_question(scene, made, axes=axes, ledger=ledger)
    plan = plan_of(scene, axes, scene.plate.width, scene.plate.height)
    if plan.content != content:
        raise BriefError(
            f"{folder / 'shot.toml'} has changed since take {take} was made",
            fix=f"make takes again with 'secondunit shot take {show.root} {shot}', or put it back",
        )
    generator = get_generator(plan.brief.detail.generator)
    declared = declare(scene, plan, kind="final", number=take, generator=generator, ledger=ledger, area=_area(made))
    return Question(
        scene=scene, plan=plan, axes=axes, take=made, declared=declared, tool=generator, recipes=plan.recipes
    )


def _drawn_question(scene: Scene, made: TakeResult, *, axes: Axes, ledger: Ledger) -> Question:
    brief, record = brief_as_drawn(scene, made)
    scene = replace(scene, brief=replace(scene.brief, clip=brief))
    final = plan_of(scene, axes, scene.plate.width, scene.plate.height)
    base = plan_of(scene, axes, made.take.width, made.take.height)
    drawn = drawn_of(scene, made, brief=brief, record=record, base=base, final=final)
    plan = plan_of_final(drawn, final, content=made.content)
    registered = registered_tool(drawn.tool, ledger)

    def more(said: Declaration) -> Declaration:
        return with_clip(said, scene, brief, tool=registered, drawn=record.digest)

    declared = declare(
        scene,
        plan,
        kind="final",
        number=made.take.number,
        generator=get_generator(plan.brief.detail.generator),
        ledger=ledger,
        area=_area(made),
        more=more,
    )
    stages = {recipe.stage: {"digest": recipe.digest, **canonical(recipe)} for recipe in (drawn.recipe, plan.render)}
    return Question(
        scene=scene,
        plan=plan,
        axes=axes,
        take=made,
        declared=declared,
        tool=drawn.tool,
        recipes={**final.recipes, **stages},
        drawn=drawn,
        registered=registered,
    )


def _area(made: TakeResult) -> float | None:
    area = area_of(made.folder)
    return area[1] if area else None
