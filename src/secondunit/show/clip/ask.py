"""A clip model's use, declared and asked for: its step, its register entry, its linted prompt."""

import hmac
from dataclasses import replace

from secondunit.clearance.gate import Grant, clear
from secondunit.clearance.guard.prompt_lint import Hit, lint_all
from secondunit.clearance.policy.declaration import Declaration, Step
from secondunit.clearance.policy.records import PromptRecord, ToolRecord
from secondunit.clearance.use import Use
from secondunit.core.errors import ClearanceError
from secondunit.core.recipe import digest
from secondunit.generate.clip import ClipGenerator
from secondunit.generate.registry import get_generator
from secondunit.show.brief.recipes import Plan
from secondunit.show.clearing.ask import record_verdict
from secondunit.show.clearing.declare import declare
from secondunit.show.clip.register import registered_tool
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
    hits = prompt_hits(scene)
    with ledger_of(show, policy=rules.digest) as ledger:
        rules.record(ledger)
        tool = registered_tool(clip, ledger)

        def more(said: Declaration) -> Declaration:
            return with_clip(said, scene, plan, tool=tool, hits=hits)

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
            raise ClearanceError(error.message, fix=_fix(scene, tool, hits) or error.fix, roles=error.roles) from error


def prompt_hits(scene: Scene) -> dict[str, tuple[Hit, ...]]:
    """Return what the brief's prompts name or imitate, by their keys."""
    return lint_all(_texts(scene))


def with_clip(
    said: Declaration, scene: Scene, plan: Plan, *, tool: ToolRecord, hits: dict[str, tuple[Hit, ...]]
) -> Declaration:
    """Return a declaration with the clip model's step between the element and the comp."""
    element = next(step for step in said.steps if step.id == "element")
    comp = next(step for step in said.steps if step.id == "comp")
    drawn = digest({"clip": plan.content})
    prompts = tuple(
        PromptRecord(
            digest=_salted(scene, text),
            writer=scene.show.settings.artist,
            linted="yes",
            hits=tuple(sorted({hit.kind for hit in hits.get(key, ())})),
        )
        for key, text in sorted(_texts(scene).items())
    )
    step = Step(
        id="clip",
        operation="inpaint",
        tool=tool.id,
        inputs=(scene.plate.digest, element.output),
        output=drawn,
        prompts=prompts,
    )
    others = tuple(s for s in said.steps if s.id != "comp")
    return replace(said, tools=(*said.tools, tool), steps=(*others, step, replace(comp, inputs=(*comp.inputs, drawn))))


def _texts(scene: Scene) -> dict[str, str]:
    clip = scene.brief.clip
    return {key: text for key, text in (("prompt", clip.prompt), ("negative", clip.negative)) if text.strip()}


def _salted(scene: Scene, text: str) -> str:
    """Return a digest of a prompt that tells nobody who guesses at it outside this shot what it says."""
    salt = f"{scene.show.settings.code} {scene.brief.name} {scene.show.settings.artist}".encode()
    return hmac.new(salt, text.encode(), "sha256").hexdigest()


def _fix(scene: Scene, tool: ToolRecord, hits: dict[str, tuple[Hit, ...]]) -> str:
    if hits:
        said = "; ".join(f"[clip] {key} {hit.reason}" for key, found in hits.items() for hit in found)
        return f"change it: {said}"
    if tool.registered != "yes":
        show, shot = scene.show.typed, scene.brief.name
        return (
            f"these weights ({tool.weights_digest[:16]}…) are in no register; somebody who answers for tools reads "
            f'their licence and enters them: secondunit clearance register {show} {shot} --by "NAME" --role security '
            "--licence open --training-data vendor_stated"
        )
    return ""
