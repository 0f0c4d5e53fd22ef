"""A show's register of clip models: weights by digest, entered and signed by somebody who is not the artist.

The product's own register (``show/clearing/tools.py``) is code. Weights that a show brings are not in it, and nothing
unregistered runs (SE-01); a person who answers for tools reads their licence and terms, and enters them in the ledger.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_type_hints

from secondunit.clearance.policy.canonical import plain
from secondunit.clearance.policy.records import ToolRecord
from secondunit.clearance.use import same_person
from secondunit.core.errors import ClearanceError
from secondunit.generate.clip_registry import get_clip_generator
from secondunit.show.brief.table import convert
from secondunit.show.clearing.approvals import is_approver
from secondunit.show.clearing.tools import REGISTRARS, SAYS
from secondunit.show.record.ledger import ledger_of
from secondunit.show.record.people import signing_key
from secondunit.show.store.show import Show

_ASKED = ("licence", "training_data", "hosting", "network", "trains_on_inputs", "retention", "training_statement")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A tool as entered."""

    tool: ToolRecord
    by: str
    entry: str


def register_clip(
    show: Show,
    shot: str,
    *,
    by: str,
    role: str,
    said: Mapping[str, str],
    keys: Path | None = None,
    passphrase: str = "",
) -> Registered:
    """Enter the weights that a shot's [clip] names, signed by a person's key.

    Parameters
    ----------
    said
        Answers of a tool's record: licence, training_data, hosting, network, trains_on_inputs, retention and, where
        there is one, training_statement. What is not said is unsure, and unsure is not yes.

    Raises
    ------
    BriefError
        A word that is not in its list, or the person has no key.
    ClearanceError
        The person is the artist, or their role does not answer for tools.
    BackendError
        The weights cannot be looked at.
    """
    name = " ".join(by.split())
    if same_person(name, show.settings.artist):
        raise ClearanceError(f"{name} is the artist here and cannot register the show's tools", fix="ask somebody else")
    if role not in REGISTRARS:
        raise ClearanceError(f"{role} does not answer for tools", fix=f"ask one of: {', '.join(REGISTRARS)}")
    if not is_approver(show, name, role):
        raise ClearanceError(f"{name} ({role}) may not register tools of this show", fix="see approvers in show.toml")
    key = signing_key(show, name=name, role=role, keys=keys, passphrase=passphrase)
    brief = show.brief(shot)
    generator = get_clip_generator(brief.clip, folder=show.shot_folder(shot))
    hints = get_type_hints(ToolRecord)
    answers = {k: convert(v, hints[k], f"--{k.replace('_', '-')}") for k, v in said.items() if k in _ASKED and v}
    tool = ToolRecord(
        id=generator.name,
        version=generator.version,
        weights_digest=generator.weights_digest,
        method="trained",
        registered="yes",
        talent_model="no",
        **answers,
    )
    body = {"tool": plain(tool), "model": brief.clip.model or brief.clip.graph, "role": role, "key_id": key.key_id}
    signed = {**body, "signature": key.sign(SAYS, body)}
    with ledger_of(show) as ledger:
        entry = ledger.append("tool", signed, private={"person": name})
    return Registered(tool=tool, by=name, entry=entry.hash)
