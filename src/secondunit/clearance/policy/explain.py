"""A judgement in plain words: what was decided, why, and who must do what."""

from secondunit.clearance.policy.fields import FIELDS
from secondunit.clearance.policy.judgement import Hit, Judgement
from secondunit.clearance.policy.vocabulary import ROLE_WORDS

OPENING = {
    "allow": "Allowed: no rule speaks of this use.",
    "allow_record": "Allowed, and recorded.",
    "needs_approval": "Not yet: it needs approval.",
    "forbidden": "Forbidden. No approval lifts this; change the use, or the policy by a new signed revision.",
}


def explain(judgement: Judgement) -> str:
    """Return a judgement in plain words, one matter a line."""
    lines = [OPENING[judgement.decision]]
    lines += [_forbids(hit) for hit in judgement.hits if hit.decision == "forbidden"]
    if judgement.decision == "needs_approval":
        for role in judgement.missing:
            rules = [hit.rule for hit in judgement.hits if role in hit.roles]
            lines.append(f"- {_capital(ROLE_WORDS[role])} must approve ({', '.join(dict.fromkeys(rules))}).")
    for hit in judgement.hits:
        lines += [f"- Answer: {FIELDS[name].says} ({name})." for name in hit.unanswered]
    lines += [f"- Approved, {said}." for said in judgement.approved_by]
    lines += [f"- Does not count, {said}." for said in judgement.heeded_not]
    if judgement.decision != "forbidden" and judgement.evidence:
        lines.append(f"- To be recorded: {'; '.join(judgement.evidence)}.")
    lines += [f"- Note: {note}." for note in judgement.notes]
    lines.append(f"Policy {judgement.policy[:12]} on {judgement.on}: {', '.join(judgement.packs)}.")
    return "\n".join(lines)


def reasons(judgement: Judgement) -> tuple[str, ...]:
    """Return why the decision is what it is, one line for each rule as strict as the decision."""
    strictest = "needs_approval" if judgement.roles and judgement.allowed else judgement.decision
    return tuple(f"{hit.rule}: {hit.says}" for hit in judgement.hits if hit.decision == strictest)


def _forbids(hit: Hit) -> str:
    because = f" [{'; '.join(hit.facts)}]" if hit.facts else ""
    where = f" (step {', '.join(hit.steps)})" if hit.steps else ""
    return f"- {hit.rule}: {hit.says}{where}{because}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
