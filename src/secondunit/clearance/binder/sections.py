"""The report's sections, each a function from the report to blocks. Numbers never stand without their measure."""

from collections.abc import Callable, Mapping

from secondunit.clearance.binder.document import Block, Facts, Grid, Items, Paragraph, Picture
from secondunit.clearance.binder.report import Report, UseRow

NAMES_WITHHELD = "named in the studio edition"
NOT_ADVICE = "This report is a record kept by software. It is not legal advice."


def statement(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Say in plain sentences what was and was not done."""
    counts, finals = report.counts, report.finals
    shots = sorted({use.shot for use in finals})
    where = f"in {_count(len(shots), 'shot')} of the picture: {', '.join(shots)}" if shots else "in no finished shot"
    said = (
        f"Script. Uses that write, rewrite or continue script text: {counts.script_text_operations or 'none'}. "
        "The software has no such operation.",
        f"Characters. Uses that make or change a character: {counts.characters or 'none'}.",
        f"Performers. Faces, bodies or voices altered or replicated: {counts.performers_altered or 'none'}.",
        f"Picture. Generative or simulated material is {where}.",
        "Sound. None was made or altered by this software.",
        f"Refusals. Requests that were stopped: {counts.refused or 'none'}.",
    )
    total = sum(use.seconds for use in finals)
    measure = (
        f"On record: {_count(len(finals), 'finished version')}, {total:.1f} s of picture with handles (the sum of "
        f"their lengths); {_count(counts.temps, 'temp take')}, none of them for the picture."
    )
    return (Items(items=said), Paragraph(text=measure), Paragraph(text=NOT_ADVICE, tone="small"))


def shot_map(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Return each use with its timecode, area, method and approvals."""
    columns = ("Shot", "Timecode", "Length", "Area", "What was done", "Made by", "Approved", "State")
    widths = (0.12, 0.13, 0.08, 0.08, 0.2, 0.15, 0.14, 0.1)
    rows = tuple(_use_row(use, names=names) for use in report.uses)
    text = (
        "Area is the share of the picture that is no longer the plate as photographed, edges and shadows included, as "
        "a mean over the frames of the version. Timecode counts from frame zero and includes handles."
    )
    return (
        Grid(columns=columns, widths=widths, rows=rows, none="Nothing was generated."),
        Paragraph(text=text, tone="small"),
    )


def finals_map(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Return the shot map less the temp takes."""
    columns = ("Shot", "Timecode", "Length", "Area", "What was done", "Source type")
    rows = tuple(
        (use.shot, f"{use.timecode[0]} – {use.timecode[1]}", _seconds(use), _area(use), _doing(use), use.source_type)
        for use in report.finals
    )
    none = "No finished shot holds generated material."
    return (Grid(columns=columns, widths=(0.14, 0.24, 0.1, 0.1, 0.2, 0.22), rows=rows, none=none),)


def tools(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Return tools and models with licences and training data, and what clip models drew."""
    columns = ("Tool", "Version", "Hosting", "Licence", "Weights", "Training data", "Keeps inputs", "Uses")
    rows = tuple(
        (t.name, t.version, t.hosting, t.licence, _short(t.weights), t.training_data, t.keeps_inputs, str(t.uses))
        for t in report.tools
    )
    widths = (0.13, 0.09, 0.1, 0.12, 0.17, 0.2, 0.11, 0.08)
    return (Grid(columns=columns, widths=widths, rows=rows, none="No tool ran."), *_clips(report))


def _clips(report: Report) -> tuple[Block, ...]:
    if not report.clips:
        return ()
    columns = ("Take", "State", "Drawn by", "Weights", "Licence", "Prompts", "Pictures")
    rows = tuple(
        (
            f"{c.shot} take {c.take}",
            c.status,
            f"{c.tool}, seed {c.seed}",
            _short(c.weights),
            c.licence.replace("_", " "),
            ", ".join(map(_short, c.prompts)) or "none",
            _short(c.pictures),
        )
        for c in report.clips
    )
    text = "Large video models drew the dust of these takes over the simulation's. Prompts are known by salted digests."
    widths = (0.16, 0.08, 0.16, 0.15, 0.13, 0.16, 0.16)
    return (Paragraph(text=text), Grid(columns=columns, widths=widths, rows=rows, none=""))


def rights(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Return the inputs and by what right they are used."""
    columns = ("Input", "Kind", "Digest", "Author", "Right", "Document", "Shots")
    rows = tuple(
        (r.asset, r.kind, _short(r.digest), r.author, r.basis, _short(r.document) or "none given", ", ".join(r.shots))
        for r in report.rights
    )
    widths = (0.18, 0.1, 0.15, 0.15, 0.14, 0.14, 0.14)
    return (Grid(columns=columns, widths=widths, rows=rows, none="No input is on record."),)


def consents(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Return consents by the digest of their documents."""
    columns = ("Person", "Kind", "What for", "Scope", "Period", "State", "Document")
    rows = tuple(
        (
            c.person if names else NAMES_WITHHELD,
            c.kind,
            c.description,
            c.scope,
            c.period,
            c.state,
            _short(c.document),
        )
        for c in report.consents
    )
    none = "No performer's face, body or voice is in any declared use, so there is no consent on record."
    return (Grid(columns=columns, widths=(0.16, 0.13, 0.22, 0.16, 0.13, 0.08, 0.12), rows=rows, none=none),)


def approvals(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Return signed decisions."""
    columns = ("Shot", "Take", "Who", "Role", "When (UTC)", "Holds until", "Looked at", "State")
    rows = tuple(
        (
            a.shot,
            str(a.take),
            a.person if names else NAMES_WITHHELD,
            _words(a.role),
            _when(a.at),
            _when(a.expires),
            _short(a.opened),
            a.state,
        )
        for a in report.approvals
    )
    widths = (0.12, 0.06, 0.18, 0.12, 0.14, 0.12, 0.15, 0.11)
    return (Grid(columns=columns, widths=widths, rows=rows, none="No approval is on record."),)


def notices(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Return guild notices and consultations."""
    columns = ("To", "About", "When (UTC)", "Answer")
    rows = tuple((n.whom, n.about, _when(n.at), n.answer) for n in report.notices)
    none = "No notice or consultation is on record here. Those kept elsewhere are not known to the software."
    return (Grid(columns=columns, widths=(0.2, 0.4, 0.18, 0.22), rows=rows, none=none),)


def authorship(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Return what people made, shot by shot."""
    blocks: list[Block] = []
    for row in report.authorship:
        human = "; ".join(row.human) or "nothing is on record"
        facts = (
            ("Made by people", human),
            ("Chosen by people", "; ".join(row.choices) or "nothing is on record"),
            ("Changes to the brief", f"{row.edits}, by digest before and after in the ledger"),
            ("Made by software", "; ".join(row.generated) or "nothing"),
        )
        blocks += [Paragraph(text=row.shot, tone="lead"), Facts(rows=facts)]
    if not blocks:
        blocks.append(Paragraph(text="No shot was made."))
    text = (
        "For a copyright registration: what is listed as made or chosen by people may be claimed; what is listed as "
        "made by software is to be described to the office where it is more than minor. Whether it is, people decide."
    )
    return (*blocks, Paragraph(text=text, tone="small"))


def audience(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Return the credit line and the EU wording."""
    told = report.audience
    listed = ", ".join(told.lookalikes) or "none declared"
    facts = (
        ("Credit line", told.credit),
        ("Where", told.place),
        ("EU AI Act, Article 50", told.eu),
        ("Shots that resemble something real, or may", listed),
    )
    return (Facts(rows=facts),)


def awards(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Answer what awards ask."""
    rows = tuple((a.award, a.question, a.answer) for a in report.awards)
    grid = Grid(
        columns=("Award", "It asks", "The record says"),
        widths=(0.18, 0.37, 0.45),
        rows=rows,
        none="No award is declared as a target.",
    )
    return (grid, Paragraph(text="Rules change; check the year's own text before submitting.", tone="small"))


def employment(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Return what it did to people's work."""
    declined = f"Artists declined {_count(report.counts.declined_by_artists, 'offer')}; only the number is kept."
    return (Items(items=(*report.employment, declined)),)


def exceptions(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Return refused requests and what became of them."""
    columns = ("When (UTC)", "Shot", "Asked for", "Why it was refused", "Who had to decide", "Later")
    rows = tuple(
        (
            _when(r.at),
            f"{r.shot} take {r.take}",
            _words(r.asked),
            r.reason,
            ", ".join(map(_words, r.roles)) or "nobody may",
            r.later,
        )
        for r in report.refusals
    )
    widths = (0.13, 0.15, 0.13, 0.27, 0.18, 0.14)
    return (Grid(columns=columns, widths=widths, rows=rows, none="Nothing was refused."),)


def gaps(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Return what is missing, wrong, or cannot be known."""
    rows = tuple((g.where, g.what) for g in report.gaps)
    none = "No gap was found by the checks this software has."
    return (
        Grid(columns=("Where", "What"), widths=(0.35, 0.65), rows=rows, none=none),
        Paragraph(text="Not known, and not knowable by this software:", tone="lead"),
        Items(items=report.unknown),
    )


def verification(report: Report, *, names: bool) -> tuple[Block, ...]:
    """Say how to check all this."""
    cover, check = report.cover, report.verification
    facts = (
        ("Ledger", f"{cover.tree_size} entries"),
        ("Head of the chain", cover.ledger_head),
        ("Merkle root", cover.tree_root),
        ("Signer of this report", cover.signer),
        ("Time-stamp", check.timestamp),
    )
    grid = Grid(
        columns=("What", "Entry", "Inclusion proof"),
        widths=(0.4, 0.25, 0.35),
        rows=check.proofs,
        none="No proof is attached.",
    )
    found = check.findings or ("When this was written the ledger and every published file verified.",)
    return (
        Facts(rows=facts),
        Paragraph(text="To check it again, without a network:"),
        Items(items=check.commands),
        grid,
        Items(items=found),
    )


def pictures(stills: Mapping[str, bytes]) -> tuple[Block, ...]:
    """Return the stills of the finished shots."""
    return tuple(Picture(jpeg=jpeg, caption=caption) for caption, jpeg in stills.items())


Section = Callable[..., tuple[Block, ...]]
SECTIONS: Mapping[str, tuple[str, Section]] = {
    "statement": ("Statement", statement),
    "shot_map": ("Shot map", shot_map),
    "finals": ("Where it is in the picture", finals_map),
    "tools": ("Tools and models", tools),
    "rights": ("Rights and clearances", rights),
    "consents": ("Consents", consents),
    "approvals": ("Approvals", approvals),
    "notices": ("Guild notices and consultations", notices),
    "authorship": ("Human authorship", authorship),
    "audience": ("What the audience is told", audience),
    "awards": ("Awards", awards),
    "employment": ("Work and people", employment),
    "exceptions": ("Refusals and exceptions", exceptions),
    "gaps": ("Gaps, and what is not known", gaps),
    "verification": ("How to verify this", verification),
}


def _use_row(use: UseRow, *, names: bool) -> tuple[str, ...]:
    approved = ", ".join(use.approvals) if names else _count(len(use.approvals), "signature")
    return (
        f"{use.shot} take {use.take}",
        f"{use.timecode[0]} – {use.timecode[1]}",
        _seconds(use),
        _area(use),
        f"{_doing(use)}; {use.source_type}",
        f"{', '.join(use.authors) if names else 'a named artist'} with {use.tool}",
        approved if use.status == "final" else "not needed",
        use.status,
    )


def _doing(use: UseRow) -> str:
    return f"{_words(use.operation)}, {_words(use.subject)} ({_words(use.output_use)})"


def _seconds(use: UseRow) -> str:
    return f"{use.seconds:.2f} s"


def _area(use: UseRow) -> str:
    return "not measured" if use.area_percent is None else f"{use.area_percent:.1f} %"


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}" + ("" if number == 1 else "s")


def _short(digest: str) -> str:
    """Return a digest's beginning; words are left whole."""
    return f"{digest[:12]}…" if len(digest) == 64 and " " not in digest else digest


def _when(at: str) -> str:
    return at[:16].replace("T", " ")


def _words(name: str) -> str:
    return name.replace("_", " ")
