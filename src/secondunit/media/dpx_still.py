"""DPX film scans (SMPTE ST 268), decoded by PyAV."""

from pathlib import Path

import av
import numpy as np

from secondunit.core.errors import BriefError
from secondunit.media.colour import LINEAR_REC709, VIDEO
from secondunit.media.stills import Still, check_size

_TRANSFER_BYTE = 801
"""Transfer characteristic of the first image element (SMPTE ST 268-1 table 1)."""
_TRANSFERS = {2: (LINEAR_REC709, "its header says linear"), 6: (VIDEO, "its header says BT.709")}


def read_dpx_still(path: Path) -> Still:
    """Decode a DPX of 8, 10, 12 or 16 bits.

    The colour space is taken from the header where that says linear or BT.709. Printing density and the camera logs
    look alike there, so anything else is left to be declared (``colour_space`` is empty).

    Raises
    ------
    BriefError
        Missing, damaged, not RGB as FFmpeg knows it, or a size out of bounds.
    """
    try:
        with path.open("rb") as handle:
            head = handle.read(_TRANSFER_BYTE + 1)
        with av.open(str(path), format="dpx_pipe") as container:
            frame = next(container.decode(video=0))
    except (av.FFmpegError, OSError, ValueError, StopIteration, IndexError) as error:
        raise BriefError(f"{path.name} cannot be read as DPX: {error}", fix="export it as EXR") from error
    check_size(path.name, width=frame.width, height=frame.height)
    space, decided = _TRANSFERS.get(head[_TRANSFER_BYTE], ("", "a DPX does not say which log it holds"))
    bits = frame.format.components[0].bits
    codes = frame.to_ndarray() if frame.format.name.startswith("gbr") else frame.to_ndarray(format="rgb48le")
    full = 2**bits - 1 if frame.format.name.startswith("gbr") else 2**16 - 1
    return Still(
        pixels=np.ascontiguousarray(codes[..., :3], dtype=np.float32) / np.float32(full),
        colour_space=space,
        decided=decided,
        notes=("alpha dropped: a plate has none",) if len(frame.format.components) == 4 else (),
    )
