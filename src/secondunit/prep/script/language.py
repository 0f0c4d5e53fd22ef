"""Which language a script is in: by its letters, its heading words, its everyday words."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from secondunit.prep.script.heading_words import heading_words
from secondunit.prep.script.script import Element

_SCRIPTS: Final = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)
_UKRAINIAN: Final = re.compile(r"[іїєґІЇЄҐ]")
_SAMPLE: Final = 60_000
_WORD: Final = re.compile(r"[^\W\d_]+")


def language_of(elements: Sequence[Element]) -> str:
    """Return a script's language as ISO 639-1; ``und`` where nothing tells.

    Letters decide between writing systems; within the Latin and Cyrillic ones, everyday words and those of the
    headings.
    """
    texts = [e.text for e in elements if e.kind not in ("note", "page_break", "section", "synopsis")]
    sample = " ".join(texts)[:_SAMPLE]
    letters = sum(c.isalpha() for c in sample)
    if not letters:
        return "und"
    for code, pattern in _SCRIPTS:
        share = len(pattern.findall(sample)) / letters
        # Japanese mixes kana among ideographs: a tenth of it is enough to tell it from Chinese.
        if share > (0.1 if code == "ja" else 0.3):
            if code == "ru" and len(_UKRAINIAN.findall(sample)) / letters > 0.03:
                return "uk"
            return code
    return _latin(sample, [e.text for e in elements if e.kind == "heading"])


def _latin(sample: str, headings: Sequence[str]) -> str:
    words = heading_words()
    counts = Counter(word.lower() for word in _WORD.findall(sample))
    scores = {code: float(sum(counts[word] for word in common)) for code, common in words.common.items() if common}
    total = max(sum(counts.values()), 1)
    for heading in headings[:400]:
        for word in _WORD.findall(heading.upper()):
            for code in words.languages.get(word, ()):
                scores[code] = scores.get(code, 0.0) + 2.0 / len(words.languages[word])
    best = max(scores, key=lambda code: (scores[code], code == "en"))
    return best if scores[best] >= 1.0 and scores[best] / total > 0.01 else "und"
