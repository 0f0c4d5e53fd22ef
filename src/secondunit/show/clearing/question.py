"""What is asked about a take before it may become a final: its scene, its plan, its declaration."""

from dataclasses import dataclass

from secondunit.clearance.ledger.store import Ledger
from secondunit.core.errors import BriefError
from secondunit.core.take import Axes
from secondunit.generate.registry import get_generator
from secondunit.show.brief.axes import apply
from secondunit.show.brief.recipes import Plan, plan_take
from secondunit.show.clearing.declare import Declared, declare
from secondunit.show.shot.scene import Scene, open_scene
from secondunit.show.store.show import Show
from secondunit.show.store.takes import TakeResult, area_of, read_axes, read_take


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether a take may be finished."""

    scene: Scene
    plan: Plan
    axes: Axes
    take: TakeResult
    declared: Declared


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
    """
    folder = show.shot_folder(shot)
    scene = scene or open_scene(show, shot)
    axes, content = read_axes(folder / "takes", take)
    if "clip" in read_take(folder, take).take.recipes:
        raise BriefError(
            f"take {take} was drawn by a clip model, and such a take is a temp: it cannot be finished",
            fix="finish the take that it was made from (clip.json beside its frames names it)",
        )
    plan = plan_of(scene, axes, scene.plate.width, scene.plate.height)
    if plan.content != content:
        raise BriefError(
            f"{folder / 'shot.toml'} has changed since take {take} was made",
            fix=f"make takes again with 'secondunit shot take {show.root} {shot}', or put it back",
        )
    made = read_take(folder, take)
    area = area_of(made.folder)
    declared = declare(
        scene,
        plan,
        kind="final",
        number=take,
        generator=get_generator(plan.brief.detail.generator),
        ledger=ledger,
        area=area[1] if area else None,
    )
    return Question(scene=scene, plan=plan, axes=axes, take=made, declared=declared)
