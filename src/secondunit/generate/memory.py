"""How much memory there is, and how much a clip model is likely to take. Estimates, and said to be."""

import os
from dataclasses import dataclass
from pathlib import Path

GIB = 1024**3
_BYTES_PER_TOKEN_AND_WIDTH = 48
"""Bytes that a transformer block keeps for each token and each unit of its width: about two dozen 16-bit copies."""
_BYTES_PER_PIXEL = 12_000
"""What a VAE takes for each pixel while it decodes: four frames of 96 channels, 32 bits, eight copies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryNeed:
    """What a run is likely to take, in bytes."""

    weights: int
    working: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.working

    def said(self, free: int, *, where: str) -> str:
        """Return it in words."""
        return (
            f"about {self.total / GIB:.1f} GiB (weights {self.weights / GIB:.1f}, working {self.working / GIB:.1f}, "
            f"estimate); free on {where}: {free / GIB:.1f} GiB"
        )


def need_for(
    *, weights: int, frames: int, height: int, width: int, token_px: int, token_frames: int, model_width: int
) -> MemoryNeed:
    """Return what a clip is likely to take.

    Parameters
    ----------
    weights
        Bytes of weights as they are loaded.
    token_px, token_frames
        Pixels a side, and frames, that one token stands for.
    model_width
        Width of the transformer.
    """
    tokens = -(-frames // token_frames) * -(-height // token_px) * -(-width // token_px)
    working = tokens * model_width * _BYTES_PER_TOKEN_AND_WIDTH + height * width * _BYTES_PER_PIXEL
    return MemoryNeed(weights=weights, working=working)


def free_bytes() -> int:
    """Return the memory that a process may still take on this machine; all there is where the system does not say."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
