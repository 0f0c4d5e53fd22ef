"""A draft that a clip model draws, declared and asked for. Its final is asked for like any (``clearing/ask.py``)."""

from secondunit.clearance.gate import Grant, clear
from secondunit.clearance.policy.declaration import Declaration
from secondunit.clearance.use import Use
from secondunit.core.errors import ClearanceError
from secondunit.core.recipe import digest
from secondunit.generate.clip import ClipGenerator
from secondunit.generate.registry import get_generator
from secondunit.show.brief.recipes import Plan
from secondunit.show.clearing.ask import record_verdict
from secondunit.show.clearing.clip_step import clip_fix, prompt_hits, with_clip
from secondunit.show.clearing.declare import declare
from secondunit.show.clearing.tools import registered_tool
from secondunit.show.record.ledger import ledger_of
from secondunit.show.record.policies import rules_of
from secondunit.show.shot.scene import Scene


def ask_clip(scene: Scene, plan: Plan, *, number: int, clip: ClipGenerator, area: float | None) -> Grant:
    """Ask for a draft take that a clip model draws the dust of.

    Parameters
    ----------
    plan
        Of the new take: its render is the clip's recipe.
    area
        Largest share of the frame that is not the plate, in percent.

    Raises
    ------
    ClearanceError
        The weights are in no register, a prompt names somebody, or what is declared is forbidden.
    """
    show, base = scene.show, get_generator(plan.brief.detail.generator)
    rules = rules_of(show)
    brief = scene.brief.clip
    with ledger_of(show, policy=rules.digest) as ledger:
        rules.record(ledger)
        tool = registered_tool(clip, ledger)

        def more(said: Declaration) -> Declaration:
            return with_clip(said, scene, brief, tool=tool, drawn=digest({"clip": plan.content}))

        declared = declare(
            scene, plan, kind="draft", number=number, generator=base, ledger=ledger, area=area, more=more
        )
        use = Use(
            show=show.settings.code,
            shot=scene.brief.name,
            take=number,
            kind="draft",
            artist=show.settings.artist,
            output_use=declared.declaration.output_use,
            generator=clip.name,
            generator_version=clip.version,
            weights_digest=clip.weights_digest,
            recipe=plan.render.digest,
            content=plan.content,
            declaration=declared.declaration.digest,
        )
        try:
            return clear(use, declared.declaration, rules=rules.rules, record=lambda v: record_verdict(ledger, v))
        except ClearanceError as error:
            fix = clip_fix(scene, tool, prompt_hits(brief)) or error.fix
            raise ClearanceError(error.message, fix=fix, roles=error.roles) from error
