"""A take that a clip model drew, as a final is asked of it: read from its own record, no backend is needed."""

import shlex
from dataclasses import dataclass, replace

from secondunit.core.clip import ClipBrief
from secondunit.core.errors import BriefError
from secondunit.core.recipe import Recipe, digest
from secondunit.generate.clip_windows import Canvas, Stretch
from secondunit.show.brief.clip_recipe import ClipEngine, ClipTool, asked, clip_recipe, paste_recipe
from secondunit.show.brief.recipes import Plan
from secondunit.show.brief.shot_file import read_shot
from secondunit.show.shot.scene import Scene
from secondunit.show.store.clip_record import ClipRecord, read_clip_record
from secondunit.show.store.takes import TakeResult

_OPTIONS = ("backend", "model", "server", "seed", "steps", "strength")
"""Keys of [clip] that the command line has options for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What drew a take, with what, and what it drew."""

    brief: ClipBrief
    """[clip] as it ran."""
    engine: ClipEngine
    place: Canvas
    cuts: tuple[Stretch, ...]
    recipe: Recipe
    """Of the drawn take; the cache holds the model's pictures under it."""
    record: ClipRecord
    final_render: str
    """Digest of that take's own final, whose frames the model's dust is put into."""
    scale: float
    """Pixels of the final for each of the drawn take."""

    @property
    def tool(self) -> ClipTool:
        """What drew it."""
        return self.engine.tool


def brief_as_drawn(scene: Scene, made: TakeResult) -> tuple[ClipBrief, ClipRecord]:
    """Return [clip] as it stands now, with the changes of this take's run over it, and the take's record.

    Raises
    ------
    BriefError
        A key that its pictures depend on has changed since.
    StoreError
        The take does not say what was drawn.
    """
    shot, number = scene.brief.name, made.take.number
    again = f"secondunit shot enhance {scene.show.typed} {shot} --take N"
    record = read_clip_record(
        made.folder, fix=f"run '{again}' as it was run for this take: nothing is drawn, the record alone is written"
    )
    ran = read_shot(made.folder / "shot.toml").clip
    now = replace(scene.brief.clip, **{key: getattr(ran, key) for key in record.changed})
    before, after = asked(ran) | {"backend": ran.backend}, asked(now) | {"backend": now.backend}
    if changed := sorted(key for key in before if before[key] != after[key]):
        raise BriefError(
            f"[clip] {', '.join(changed)} in {scene.folder / 'shot.toml'} has changed since take {number} was drawn",
            fix=f"put it back, or draw a take with it: {again}",
        )
    return now, record


def enhance_command(scene: Scene, brief: ClipBrief, record: ClipRecord) -> str:
    """Return the command that drew a take."""
    options = "".join(f" --{key} {shlex.quote(str(getattr(brief, key)))}" for key in record.changed if key in _OPTIONS)
    others = ", ".join(key for key in record.changed if key not in _OPTIONS)
    command = f"secondunit shot enhance {scene.show.typed} {scene.brief.name} --take {record.take}{options}"
    return command + (f" (with the same {others} as then)" if others else "")


def drawn_of(scene: Scene, made: TakeResult, *, brief: ClipBrief, record: ClipRecord, base: Plan, final: Plan) -> Drawn:
    """Return what drew a take, where its recipe can still be said in full from the brief as it stands.

    Parameters
    ----------
    brief, record
        As ``brief_as_drawn`` returned them.
    base, final
        Plans of the take that was drawn over, and of its own final.

    Raises
    ------
    BriefError
        The brief has changed since, or another version of this software drew it.
    """
    said = made.take.recipes["clip"]
    parameters, (name, version) = said["parameters"], str(said["backend"]).rsplit(" ", 1)
    engine = ClipEngine(
        tool=ClipTool(name=name, version=version, weights_digest=said["weights_digest"]),
        settings=parameters["engine"],
        encoding_stops=parameters["encoding_stops"],
    )
    sizes = {key: parameters[key] for key in ("canvas", "stretches", "width")}
    recipe = clip_recipe(brief, engine=engine, render=base.render.digest, sizes=sizes)
    content = digest(clip_recipe(brief, engine=engine, render=base.content))
    if (recipe.digest, content) != (made.take.recipe_digest, made.content) or record.recipe != recipe.digest:
        shot, number = scene.brief.name, made.take.number
        other = said["stage_version"] != recipe.stage_version
        raise BriefError(
            f"take {number} was drawn by another version of this software"
            if other
            else f"{scene.folder / 'shot.toml'} has changed since take {number} was made",
            fix=f"make takes again with 'secondunit shot take {scene.show.typed} {shot}' and draw them anew"
            + ("" if other else ", or put it back"),
        )
    return Drawn(
        brief=brief,
        engine=engine,
        place=Canvas(**parameters["canvas"]),
        cuts=tuple(Stretch(**cut) for cut in parameters["stretches"]),
        recipe=recipe,
        record=record,
        final_render=final.render.digest,
        scale=final.width / made.take.width,
    )


def plan_of_final(drawn: Drawn, final: Plan, *, content: str) -> Plan:
    """Return the plan of a drawn take's final: the plain final's, its render that of the pasted frames."""
    render = paste_recipe(
        drawn.brief,
        tool=drawn.tool,
        width=final.width,
        height=final.height,
        scale=drawn.scale,
        render=drawn.final_render,
        clip=drawn.recipe.digest,
        approved=drawn.record.digest,
    )
    return replace(final, render=render, content=content)
