"""The closed words a declaration is written in. ``unsure`` is an answer wherever a person answers."""

from typing import Literal, get_args

Answer = Literal["yes", "no", "unsure"]

Stage = Literal[
    "dev", "prep", "shoot", "vfx", "edit", "di", "sound", "loc", "marketing", "archive", "unsure"
]  # fmt: skip

Operation = Literal[
    "generate", "edit", "inpaint", "relight", "upscale", "denoise", "roto", "deage", "lipsync", "voiceclone",
    "scan", "train", "finetune", "index", "rewrite", "summarise", "simulate", "composite", "paint", "process",
    "unsure",
]  # fmt: skip
"""What a step does. The last four before ``unsure`` are no generative tool: physics, merging, a hand, a converter."""

OperationClass = Literal["generative", "enhancing", "learning", "reading", "capturing", "plain", "unsure"]

OPERATION_CLASS: dict[str, OperationClass] = {
    **dict.fromkeys(
        ("generate", "edit", "inpaint", "relight", "upscale", "deage", "lipsync", "voiceclone", "rewrite"), "generative"
    ),
    **dict.fromkeys(("denoise", "roto"), "enhancing"),
    **dict.fromkeys(("train", "finetune", "index"), "learning"),
    "summarise": "reading",
    "scan": "capturing",
    **dict.fromkeys(("simulate", "composite", "paint", "process"), "plain"),
    "unsure": "unsure",
}
"""What kind of work an operation is. ``upscale`` counts as generative: it invents detail."""

Subject = Literal[
    "script_text", "character", "story_setting", "key_visual", "environment", "prop_incidental", "prop_prominent",
    "onscreen_text", "performer_face", "performer_voice", "performer_body", "background_performer",
    "synthetic_person", "real_person", "deceased", "minor", "real_event", "unsure",
]  # fmt: skip

OutputUse = Literal[
    "ideation", "temp_internal", "temp_screened", "final_incidental", "final_prominent", "final_story", "marketing",
    "unsure",
]  # fmt: skip

Modality = Literal["picture", "sound", "text", "data", "unsure"]
Resemblance = Literal["person", "place", "event", "none", "unsure"]
Presented = Literal["fiction", "docu_fiction", "authentic", "unsure"]
CoveredRole = Literal["none", "assists", "replaces", "unsure"]
Guild = Literal["wga", "sag_aftra", "dga", "iatse", "none"]
Award = Literal["academy", "golden_globes", "emmys", "cannes", "bbc"]
Department = Literal["vfx", "animation", "edit", "sound", "art", "camera", "writing", "production", "other"]

InputKind = Literal[
    "plate", "sketch", "reference", "prompt", "control_map", "geometry", "third_party", "script_derived", "sound",
    "dataset", "unsure",
]  # fmt: skip
RightsBasis = Literal[
    "owned", "licensed", "licensed_for_training", "public_domain", "consent", "unlicensed", "unsure"
]  # fmt: skip
Confidentiality = Literal["open", "proprietary", "sensitive", "unsure"]
"""``sensitive``: talent, unreleased, contracts."""

Hosting = Literal["local", "enterprise", "public", "unsure"]
Network = Literal["blocked", "none", "open", "unsure"]
"""While the tool runs: ``blocked`` by a sandbox, ``none`` where its code makes no call, ``open``."""
Method = Literal["procedural", "trained", "unsure"]
Licence = Literal["open", "commercial", "non_commercial", "unsure"]
"""What the licence of code and weights lets a production do."""
Retention = Literal["none", "agreed", "kept", "unsure"]
TrainingData = Literal["verified", "vendor_stated", "unknown", "not_applicable", "unsure"]

LintHit = Literal["artist", "work", "title", "brand", "performer", "public_person", "dead_person", "unsure"]

TalentKind = Literal[
    "none", "customary_alteration", "significant_alteration", "ebdr", "icdr", "background", "synthetic", "deceased",
    "minor", "unsure",
]  # fmt: skip
"""``ebdr`` and ``icdr``: replicas from employment, and made independently from existing material."""
AlterationException = Literal[
    "cosmetic", "wardrobe", "noise", "timing", "continuity", "pitch_clarity", "standards", "unsure"
]  # fmt: skip
Capacity = Literal["self", "guardian", "estate", "union", "unsure"]
Registry = Literal["allow", "allow_with_terms", "prohibited", "not_listed", "not_named", "unsure"]
"""The public consent registry's answer; ``not_named`` where nobody's likeness is used."""

HumanWorkKind = Literal["plate", "sketch", "matte", "camera", "layout", "keys", "paint", "comp", "roto", "grade",
                        "selection", "edit"]  # fmt: skip

Moment = Literal["run", "export", "conform", "access", "setup", "login"]

Role = Literal[
    "director", "writer", "producer", "vfx_supervisor", "legal", "studio", "performer", "guild_notice", "security",
    "artist",
]  # fmt: skip
ROLES: tuple[Role, ...] = get_args(Role)
"""``performer`` stands for the performer, a guardian, an estate or a representative."""

ROLE_WORDS: dict[str, str] = {
    "director": "the director",
    "writer": "the writer or showrunner",
    "producer": "a producer",
    "vfx_supervisor": "the VFX supervisor",
    "legal": "legal",
    "studio": "the studio contact, in writing",
    "performer": "the performer, or who may speak for them",
    "guild_notice": "the guild-notice officer",
    "security": "the security officer",
    "artist": "the artist who does the work, by opting in",
}

Decision = Literal["allow", "allow_record", "needs_approval", "forbidden"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)
"""From the mildest to the strictest."""


def stricter(one: Decision, other: Decision) -> Decision:
    """Return the stricter of two decisions.

    >>> stricter("needs_approval", "allow_record")
    'needs_approval'
    """
    return max(one, other, key=DECISIONS.index)
