"""A clip model's part of a declaration: its step, its register entry, its linted prompts by digest."""

import hmac
from collections.abc import Mapping
from dataclasses import replace

from secondunit.clearance.guard.prompt_lint import Hit, lint_all
from secondunit.clearance.policy.declaration import Declaration, Step
from secondunit.clearance.policy.records import PromptRecord, ToolRecord
from secondunit.core.clip import ClipBrief
from secondunit.show.shot.scene import Scene

Hits = Mapping[str, tuple[Hit, ...]]
"""What prompts name or imitate, by their keys."""
STEP = "clip"


def prompt_hits(clip: ClipBrief) -> Hits:
    """Return what a brief's prompts name or imitate."""
    return lint_all(_texts(clip))


def with_clip(said: Declaration, scene: Scene, clip: ClipBrief, *, tool: ToolRecord, drawn: str) -> Declaration:
    """Return a declaration with the clip model's step between the element and the comp.

    Parameters
    ----------
    drawn
        Digest of what it drew, or is to draw.
    """
    element = next(step for step in said.steps if step.id == "element")
    comp = next(step for step in said.steps if step.id == "comp")
    hits = prompt_hits(clip)
    prompts = tuple(
        PromptRecord(
            digest=_salted(scene, text),
            writer=scene.show.settings.artist,
            linted="yes",
            hits=tuple(sorted({hit.kind for hit in hits.get(key, ())})),
        )
        for key, text in sorted(_texts(clip).items())
    )
    step = Step(
        id=STEP,
        operation="inpaint",
        tool=tool.id,
        inputs=(scene.plate.digest, element.output),
        output=drawn,
        prompts=prompts,
    )
    others = tuple(s for s in said.steps if s.id != "comp")
    return replace(said, tools=(*said.tools, tool), steps=(*others, step, replace(comp, inputs=(*comp.inputs, drawn))))


def clip_fix(scene: Scene, tool: ToolRecord, hits: Hits) -> str:
    """Return what puts a refusal right where the clip model is the reason: a prompt, or a register; else nothing."""
    if hits:
        said = "; ".join(f"[clip] {key} {hit.reason}" for key, found in hits.items() for hit in found)
        return f"change it: {said}"
    show, shot = scene.show.typed, scene.brief.name
    command = (
        f'secondunit clearance register {show} {shot} --by "NAME" --role security '
        "--licence open --training-data vendor_stated"
    )
    if tool.registered != "yes":
        return (
            f"these weights ({tool.weights_digest[:16]}…) are in no register; somebody who answers for tools reads "
            f"their licence and enters them: {command}"
        )
    if tool.licence == "unsure":
        return (
            f"the register does not say what the licence of these weights ({tool.weights_digest[:16]}…) allows; "
            f"somebody who answers for tools reads it and enters them again: {command}"
        )
    return ""


def _texts(clip: ClipBrief) -> dict[str, str]:
    return {key: text for key, text in (("prompt", clip.prompt), ("negative", clip.negative)) if text.strip()}


def _salted(scene: Scene, text: str) -> str:
    """Return a digest of a prompt that tells nobody who guesses at it outside this shot what it says."""
    salt = f"{scene.show.settings.code} {scene.brief.name} {scene.show.settings.artist}".encode()
    return hmac.new(salt, text.encode(), "sha256").hexdigest()
