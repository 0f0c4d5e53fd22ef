"""C2PA manifests: made, signed, embedded or laid beside the file, and read back. The one place that knows c2pa.

Signing refuses words that the closed lists do not hold; reading reports them. ``Trusted`` is the only state that
counts: an untrusted signer reads back as ``Valid``.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import c2pa

from secondunit.clearance.provenance.authority import SigningIdentity, Trust
from secondunit.clearance.provenance.lineage import ACTIONS, SOURCE_TYPES
from secondunit.clearance.provenance.statement import LABEL
from secondunit.core.errors import BackendError, BriefError
from secondunit.media.atomic import whole_file

JSON = "application/json"
EMBEDDED = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
_USES = ("cawg.data_mining", "cawg.ai_training", "cawg.ai_generative_training", "cawg.ai_inference")
_PARENT, _PART = "parentOf", "componentOf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """One action of a manifest."""

    action: str
    source_type: str = ""
    """The full IPTC address."""
    description: str = ""
    ingredient: str = ""
    """Label of the ingredient it acts on."""
    frames: tuple[int, int] | None = None

    def said(self) -> dict[str, Any]:
        """Return it as C2PA writes it; refuse what the closed lists do not hold."""
        if self.action not in ACTIONS or (self.source_type and self.source_type not in SOURCE_TYPES):
            raise BriefError(f"{self.action} {self.source_type} is not on the list", fix="use the listed words")
        found: dict[str, Any] = {"action": self.action}
        if self.source_type:
            found["digitalSourceType"] = self.source_type
        if self.description:
            found["description"] = self.description
        if self.ingredient:
            found["parameters"] = {"ingredientIds": [self.ingredient]}
        if self.frames is not None:
            first, last = self.frames
            frame = {"type": "frame", "frame": {"start": first, "end": last}}
            found["changes"] = [{"region": [frame], "description": f"frames {first} to {last}"}]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """Something that went into a file."""

    label: str
    title: str
    mime: str
    parent: bool
    digest: str = ""
    path: Path | None = None
    """The file; what manifest it carries is carried on."""
    sidecar: bytes = field(default=b"", repr=False)
    """The signed manifest of a document, with ``document``."""
    document: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a manifest is to say of a file."""

    title: str
    mime: str
    actions: Sequence[Did]
    ingredients: Sequence[Ingredient]
    complete: bool
    """Whether these are all actions."""
    statement: Mapping[str, object]
    watermark: tuple[str, str] | None = None
    """Algorithm and value of a mark in the picture; an action ``c2pa.watermarked`` needs one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadManifest:
    """What a manifest says, and whether it holds."""

    state: str
    """``Trusted``, ``Valid`` (somebody else's) or ``Invalid``; empty where there is none."""
    failures: tuple[str, ...] = ()
    ingredient_failures: tuple[str, ...] = ()
    """Of what it was made from, where they are new since it was signed."""
    actions: tuple[tuple[str, str], ...] = ()
    statement: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = False
    signed_at: str = ""
    """From a time-stamp authority that is trusted; empty without one."""

    @property
    def trusted(self) -> bool:
        """Whether it is whole and signed by whom the reader trusts. Nothing less counts."""
        return self.state == "Trusted" and not self.failures


def embed(path: Path, claim: Claim, identity: SigningIdentity) -> None:
    """Sign a file and put the manifest into it; the file is replaced whole.

    Raises
    ------
    BriefError
        The claim says an unlisted word.
    BackendError
        The library refused.
    """
    with whole_file(path) as temporary, path.open("rb") as source, temporary.open("w+b") as target:
        _sign(claim, identity, source, target, embedded=True)


def sidecar(document: bytes, claim: Claim, identity: SigningIdentity) -> bytes:
    """Return the manifest of a document, to lie beside it; errors as ``embed``."""
    return _sign(claim, identity, io.BytesIO(document), io.BytesIO(), embedded=False)


def read_embedded(path: Path, trust: Trust) -> ReadManifest:
    """Read the manifest in a file; its state is empty where there is none."""
    try:
        with path.open("rb") as handle:
            return _read(EMBEDDED[path.suffix.lower()], handle, None, trust)
    except OSError as error:
        return ReadManifest(state="Invalid", failures=(f"cannot be read: {error.strerror}",))


def read_sidecar(document: bytes, manifest: bytes, trust: Trust, *, mime: str = JSON) -> ReadManifest:
    """Read the manifest that lies beside a document."""
    return _read(mime, io.BytesIO(document), manifest, trust)


def _context(trust: Trust) -> c2pa.Context:
    """Return settings that trust these anchors alone and never reach for the network."""
    return c2pa.Context.from_dict(
        {
            "trust": {"trust_anchors": trust.anchors},
            "verify": {"ocsp_fetch": False, "remote_manifest_fetch": False},
            "builder": {"thumbnail": {"enabled": False}},
        }
    )


def _sign(claim: Claim, identity: SigningIdentity, source: Any, target: Any, *, embedded: bool) -> bytes:
    definition = _definition(claim, identity.trust)
    failed: list[Exception] = []

    def sign(data: bytes) -> bytes:
        try:
            return identity.sign(data)
        except Exception as error:
            failed.append(error)
            raise

    try:
        with _context(identity.trust) as context, c2pa.Builder(definition, context) as builder:
            if not embedded:
                builder.set_no_embed()
            for ingredient in claim.ingredients:
                _add(builder, ingredient, identity.trust)
            url = identity.time_stamp_url or None
            with c2pa.Signer.from_callback(sign, c2pa.C2paSigningAlg.ES256, identity.chain, url) as signer:
                return bytes(builder.sign(signer, claim.mime, source, target))
    except c2pa.C2paError as error:
        if failed:
            raise failed[0] from error
        raise BackendError(f"{claim.title} cannot be signed: {error}", fix="check the file and the keys") from error


def _add(builder: c2pa.Builder, ingredient: Ingredient, trust: Trust) -> None:
    if ingredient.path is not None:
        with ingredient.path.open("rb") as handle:
            builder.add_ingredient(_ingredient(ingredient, trust), ingredient.mime, handle)
    elif ingredient.sidecar:
        builder.add_resource(f"{ingredient.label}.c2pa", io.BytesIO(ingredient.sidecar))


def _ingredient(ingredient: Ingredient, trust: Trust) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": ingredient.title,
        "format": ingredient.mime,
        "relationship": _PARENT if ingredient.parent else _PART,
        "label": ingredient.label,
    }
    if ingredient.digest and ingredient.path is None:
        found["instance_id"] = f"sha256:{ingredient.digest}"
    if ingredient.sidecar:
        document = io.BytesIO(ingredient.document)
        with _context(trust) as context, c2pa.Reader(JSON, document, ingredient.sidecar, context=context) as reader:
            said = json.loads(reader.json())
        found["active_manifest"] = said["active_manifest"]
        found["validation_results"] = said["validation_results"]
        found["manifest_data"] = {"format": "application/c2pa", "identifier": f"{ingredient.label}.c2pa"}
    return found


def _definition(claim: Claim, trust: Trust) -> dict[str, Any]:
    actions: dict[str, Any] = {"actions": [did.said() for did in claim.actions]}
    if claim.complete:
        actions["allActionsIncluded"] = True
    marks = []
    if claim.watermark is not None:
        algorithm, value = claim.watermark
        mark = {"alg": algorithm, "blocks": [{"scope": {}, "value": value}]}
        marks.append({"label": "c2pa.soft-binding", "data": mark, "created": True})
    forbidden = {"entries": {use: {"use": "notAllowed"} for use in _USES}}
    return {
        "claim_generator_info": [{"name": "Second Unit", "version": version("secondunit")}],
        "title": claim.title,
        "format": claim.mime,
        "ingredients": [_ingredient(i, trust) for i in claim.ingredients if i.path is None],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": actions, "created": True},
            {"label": LABEL, "data": dict(claim.statement), "created": True},
            {"label": "cawg.training-mining", "data": forbidden, "created": True},
            *marks,
        ],
    }


def _read(mime: str, source: Any, manifest: bytes | None, trust: Trust) -> ReadManifest:
    try:
        with _context(trust) as context, c2pa.Reader(mime, source, manifest, context=context) as reader:
            said, state = json.loads(reader.json()), str(reader.get_validation_state() or "")
    except c2pa.C2paError as error:
        absent = "ManifestNotFound" in f"{type(error).__name__}{error}"
        return ReadManifest(state="" if absent else "Invalid", failures=() if absent else (str(error),))
    active = said["manifests"][said["active_manifest"]]
    results = said.get("validation_results", {})
    found = {item["label"]: item["data"] for item in active.get("assertions", ())}
    actions = found.get("c2pa.actions.v2", {})
    return ReadManifest(
        state=state,
        failures=_failures(results),
        ingredient_failures=_ingredient_failures(results),
        actions=tuple((str(a["action"]), str(a.get("digitalSourceType", ""))) for a in actions.get("actions", ())),
        statement=found.get(LABEL, {}),
        complete=actions.get("allActionsIncluded") is True,
        signed_at=str(active.get("signature_info", {}).get("time") or "") if _time_trusted(results) else "",
    )


def _failures(results: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(item["code"]) for item in results.get("activeManifest", {}).get("failure", ()))


def _time_trusted(results: Mapping[str, Any]) -> bool:
    """Whether the time-stamp's own signer is trusted; the library shows the time of anybody's."""
    return any(item["code"] == "timeStamp.trusted" for item in results.get("activeManifest", {}).get("success", ()))


def _ingredient_failures(results: Mapping[str, Any]) -> tuple[str, ...]:
    deltas = results.get("ingredientDeltas") or ()
    return tuple(str(i["code"]) for d in deltas for i in d.get("validationDeltas", {}).get("failure", ()))
