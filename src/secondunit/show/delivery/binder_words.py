"""What the report says in words: notices, the audience, awards, gaps, work."""

from collections.abc import Sequence
from typing import Any

from secondunit.clearance.binder.report import Audience, AwardRow, GapRow, NoticeRow
from secondunit.clearance.ledger.entry import Entry
from secondunit.show.delivery.check import Checked


def notices(entries: Sequence[Entry], touched: Sequence[dict[str, Any]]) -> tuple[NoticeRow, ...]:
    """Return who was told or asked."""
    rows = [
        NoticeRow(
            whom="the director",
            about=f"{d['shot']} take {d['take']}",
            at=str(d["declared"]),
            answer=f"{d['director_answer']}, as declared",
        )
        for d in touched
        if d["director_answer"] != "unsure"
    ]
    rows += [
        NoticeRow(whom=str(f.get("whom", "")), about=str(f.get("about", "")), at=e.at, answer=str(f.get("answer", "")))
        for e in entries
        if e.kind in ("notice", "consultation") and (f := e.facts).get("whom")
    ]
    return tuple(rows)


def audience(touched: Sequence[dict[str, Any]], uses: Sequence[Any]) -> Audience:
    """Return what the audience is to be told."""
    finals = [use for use in uses if use.status == "final"]
    trained = any("rained" in use.source_type or use.source_type == "compositeSynthetic" for use in finals)
    how = (
        "generative AI under the direction of visual effects artists"
        if trained
        else ("procedural simulation directed by visual effects artists; no trained model was used")
    )
    like = tuple(sorted({d["shot"] for d in touched if set(d["resembles"]) - {"none"}}))
    return Audience(
        credit=f"Visual effects of destruction were made with {how}." if finals else "No credit is needed yet.",
        place="end credits, with the visual effects; in a title's technical details where there are no credits",
        eu=(
            "Every published file carries a signed, machine-readable mark (C2PA) that says how it was made. For "
            "evidently fictional work the credit line discloses that it exists, without hampering its display."
        ),
        lookalikes=like,
    )


def awards(touched: Sequence[dict[str, Any]], finals: int) -> tuple[AwardRow, ...]:
    """Return what the record answers to the awards that are aimed at."""
    asked = sorted({award for d in touched for award in d["awards"]})
    questions = {
        "academy": ("Academy Awards", "Human-authored screenplay; roles performed by humans with consent",
                    "The software writes no script text and makes no performance. It holds no record of other tools."),
        "golden_globes": ("Golden Globes", "All generative AI anywhere in the production",
                          f"{finals} finished version(s), each in the shot map. Other tools are not known here."),
        "emmys": ("Emmys", "Use of AI, on request", "The shot map and the authorship section answer it."),
        "cannes": ("Cannes", "Whether generative AI drives script, picture or performance",
                   "The share of each shot is in the shot map; people judge what drives a film."),
        "bbc": ("BBC", "Commissioner's approval; disclosure where an audience could be misled",
                "See approvals and what the audience is told."),
    }  # fmt: skip
    return tuple(AwardRow(award=a, question=q, answer=s) for a, q, s in (questions[name] for name in asked))


def gaps(checked: Checked, touched: Sequence[dict[str, Any]], *, finals: bool) -> tuple[GapRow, ...]:
    """Return what is missing or wrong, as far as it can be known."""
    rows = [GapRow(where="check", what=found) for found in checked.wrong]
    rows += [GapRow(where="check", what=note) for note in checked.notes]
    for d in touched:
        where = f"{d['shot']} take {d['take']}"
        unsure = [
            key for key in ("covered_role", "director_answer", "presented", "similarity") if d.get(key) == "unsure"
        ]
        if unsure:
            rows.append(GapRow(where=where, what=f"declared as not sure: {', '.join(unsure)}"))
        rows += [
            GapRow(where=where, what=f"{asset['id']}: no document for its right ({asset['rights']['basis']})")
            for asset in d["inputs"]
            if not asset["rights"]["document"]
        ]
    if finals:
        rows.append(
            GapRow(where="finals", what="no invisible watermark: a mark that is stripped is found by digest only")
        )
    return tuple(dict.fromkeys(rows))


def employment(touched: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Return what was declared of its effect on people's work."""
    words = {
        "none": "no covered role is affected",
        "assists": "it assists people in a covered role",
        "replaces": "it takes over work of a covered role",
        "unsure": "its effect on covered roles was not declared",
    }
    return tuple(f"{d['shot']} take {d['take']}: {words[d['covered_role']]}, as declared." for d in touched)
