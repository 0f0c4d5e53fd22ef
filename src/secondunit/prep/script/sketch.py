"""What is remembered of a scene's words to know it again in a revision: keyed hashes that give no word back.

A sketch is the 48 smallest keyed hashes of a scene's three-word runs; two sketches tell how much two scenes share
(bottom-k estimate of the Jaccard index: Broder, "On the resemblance and containment of documents", 1997).
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from secondunit.prep.script.script import Element

KEPT: Final = 48
_RUN: Final = 3
_WORD: Final = re.compile(r"[^\W_]+")
_IDEOGRAPHS: Final = re.compile(r"([\u3040-\u30ff\u3400-\u9fff])")


def sketch_of(elements: Sequence[Element], *, key: bytes) -> tuple[int, ...]:
    """Return the sketch of a scene's elements under a show's key, smallest hash first."""
    words = [word for element in elements if element.kind != "note" for word in words_of(element.text)]
    if not words:
        return ()
    runs = {" ".join(words[at : at + _RUN]) for at in range(max(len(words) - _RUN + 1, 1))}
    hashes = (hashlib.blake2b(run.encode(), digest_size=6, key=key).digest() for run in runs)
    return tuple(sorted(int.from_bytes(value, "big") for value in hashes)[:KEPT])


def content_digest(elements: Sequence[Element], *, key: bytes) -> str:
    """Return a keyed digest of a scene's whole text: equal where every paragraph is."""
    state = hashlib.blake2b(digest_size=16, key=key)
    for element in elements:
        if element.kind != "note":
            state.update(f"{element.kind}\x1f{' '.join(element.text.split())}\x1e".encode())
    return state.hexdigest()


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    """Return how much two sketches share, 0 to 1.

    >>> likeness((1, 2, 3), (1, 2, 3)), likeness((1, 2), (3, 4)), likeness((), ())
    (1.0, 0.0, 1.0)
    """
    if not one or not other:
        return float(not one and not other)
    mine, theirs = set(one), set(other)
    smallest = sorted(mine | theirs)[: min(KEPT, max(len(one), len(other)))]
    both = mine & theirs
    return sum(value in both for value in smallest) / len(smallest)


def words_of(text: str) -> list[str]:
    """Return a text's words in small letters; each ideograph is one."""
    return _WORD.findall(_IDEOGRAPHS.sub(r" \1 ", text.casefold()))
