"""Marks that a file already carries: an AI source type, a generator's settings, a C2PA manifest.

For what comes in: a mark raises a question, and must be carried on; no mark proves nothing, they are easily stripped.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from secondunit.core.errors import BriefError

SCAN_BYTES = 4_000_000
"""Metadata lies at either end of a file; its middle is not read."""
_MARKS: Mapping[str, re.Pattern[bytes]] = {
    "IPTC source type of a trained model": re.compile(
        rb"digitalsourcetype/(?:\w*[tT]rainedAlgorithmicMedia|compositeSynthetic)"
    ),
    "C2PA manifest": re.compile(rb"jumb.{4,40}c2pa|c2pa\.(?:claim|signature)", re.DOTALL),
    "settings of an image model": re.compile(rb"(?:Negative prompt:|Steps: \d+, Sampler:|\"class_type\": ?\"KSampler)"),
    "IPTC AI fields": re.compile(rb"Iptc4xmpExt:AI(?:Prompt|System)\w+"),
    "name of a generator": re.compile(
        rb"(?:Midjourney|DALL[-\xc2\xb7 ]?E|Stable Diffusion|Adobe Firefly|Made with Google AI|ComfyUI|invokeai)",
        re.IGNORECASE,
    ),
}


def ai_marks(path: Path) -> tuple[str, ...]:
    """Return what marks a file carries, in words.

    Raises
    ------
    BriefError
        It cannot be read.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            data = handle.read(SCAN_BYTES)
            if size > SCAN_BYTES:
                handle.seek(max(SCAN_BYTES, size - SCAN_BYTES))
                data += handle.read()
    except OSError as error:
        raise BriefError(f"{path} cannot be read: {error.strerror}", fix="check the path") from error
    return tuple(words for words, pattern in _MARKS.items() if pattern.search(data))
