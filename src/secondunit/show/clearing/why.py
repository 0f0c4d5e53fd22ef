"""Whether a take may be finished, in plain words: what the rules say, who must do what, what does not count."""

from dataclasses import dataclass
from typing import Any

from secondunit.clearance.policy.explain import explain
from secondunit.core.errors import BriefError
from secondunit.show.brief.use import WORDS
from secondunit.show.clearing.approvals import who_by_role
from secondunit.show.clearing.ask import Answer, would_say
from secondunit.show.clearing.clip_step import STEP
from secondunit.show.clearing.declare import unanswered
from secondunit.show.clearing.question import Question
from secondunit.show.store.show import Show


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """An explanation."""

    take: int
    answer: Answer
    text: str
    todo: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        verdict = self.answer.verdict
        return {
            "take": self.take,
            "decision": verdict.decision,
            "rules": list(verdict.judgement.rules),
            "roles": list(verdict.judgement.roles),
            "missing": list(verdict.roles),
            "approved_by": list(verdict.approved_by),
            "todo": list(self.todo),
            "drawn_by": drawn_by(self.answer.question),
            "text": self.text,
        }


def drawn_by(question: Question) -> dict[str, Any] | None:
    """Return which clip model drew a take, by whose leave and with what; prompts by their digests alone."""
    drawn, tool = question.drawn, question.registered
    if drawn is None or tool is None:
        return None
    step = next(step for step in question.declared.declaration.steps if step.id == STEP)
    return {
        "tool": drawn.tool.label,
        "weights": drawn.tool.weights_digest,
        "registered": tool.registered,
        "licence": tool.licence,
        "training_data": tool.training_data,
        "seed": drawn.brief.seed,
        "over_take": drawn.record.take,
        "prompts": [prompt.digest for prompt in step.prompts],
        "pictures": drawn.record.digest,
    }


def why(show: Show, shot: str, *, take: int = 0) -> Why:
    """Explain whether a take may be finished.

    Parameters
    ----------
    take
        The last whole one where 0.

    Raises
    ------
    BriefError
        There is no such take, or the brief has changed since it was made.
    """
    number = take or _last(show, shot)
    answer = would_say(show, shot, take=number)
    verdict, brief = answer.verdict, answer.question.declared.brief
    movie = answer.question.take.movie
    names = who_by_role(show)
    todo = []
    for role in verdict.roles:
        if role == "artist":
            todo.append(f"{show.settings.artist} opts in: secondunit clearance opt-in {show.root} {shot}")
        else:
            who = names.get(role, "somebody with a registered key")
            todo.append(
                f"{who} looks and signs: secondunit clearance approve {show.root} {shot} --take {number} "
                f'--by "NAME" --role {role} --proxy {movie}'
            )
    if verdict.contradiction:
        todo.append(f"{verdict.contradiction}: say in [use] output_use what the final is for")
    for key in unanswered(brief):
        todo.append(f"could be answered in [use] of shot.toml: {key} ({WORDS.get(key, '')})")
    for signed, reason in answer.standing.refused:
        todo.append(f"an approval as {signed.role} does not count: {reason}")
    lines = [f"take {number} of {shot}, as {brief.output_use}", *_drawn_lines(answer.question)]
    lines.append(explain(verdict.judgement))
    if todo:
        lines += ["", "to do:", *(f"- {line}" for line in todo)]
    return Why(take=number, answer=answer, text="\n".join(lines), todo=tuple(todo))


def _drawn_lines(question: Question) -> list[str]:
    said = drawn_by(question)
    if said is None:
        return []
    known = {"yes": "registered", "no": "in no register"}.get(said["registered"], "perhaps registered")
    prompts = ", ".join(digest[:16] + "…" for digest in said["prompts"]) or "none"
    return [
        f"dust drawn over take {said['over_take']} by {said['tool']} (weights {said['weights'][:16]}…, {known}, "
        f"licence {said['licence']}), training data {said['training_data'].replace('_', ' ')}, seed {said['seed']}; "
        f"prompts by digest: {prompts}"
    ]


def _last(show: Show, shot: str) -> int:
    takes = sorted(show.shot_folder(shot).glob("takes/t[0-9][0-9][0-9]/take.json"))
    if not takes:
        raise BriefError(f"{shot} has no whole take", fix=f"make one: secondunit shot take {show.root} {shot}")
    return int(takes[-1].parent.name[1:])
