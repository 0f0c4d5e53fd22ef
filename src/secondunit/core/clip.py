"""``[clip]`` of ``shot.toml``: a large video model that draws a whole take's dust anew. Never needed."""

from dataclasses import dataclass
from typing import Literal

ClipBackend = Literal["diffusers", "comfyui"]
Inside = Literal["grey", "comp", "depth", "neutral"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipBrief:
    """What drives a clip model, and with what. No key makes it download anything."""

    backend: ClipBackend = "diffusers"
    model: str = ""
    """diffusers: a folder of weights on this machine; comfyui: the diffusion model's file as the server lists it."""
    text_encoder: str = ""
    """comfyui: the text encoder's file as the server lists it."""
    vae: str = ""
    """comfyui: the VAE's file as the server lists it."""
    graph: str = ""
    """comfyui: your own graph in API format, beside the brief; the shipped Wan VACE graph where left out."""
    server: str = "http://127.0.0.1:8188"
    prompt: str = ""
    """May stay empty: the control buffers say what happens. It is linted like any prompt."""
    negative: str = ""
    inside: Inside = "grey"
    """What the model sees inside the mask: our dust in grey, our dust in colour, its depth, or nothing."""
    reference: bool = True
    """Give the plate, before anything falls, as the reference picture."""
    steps: int = 30
    seed: int = 1
    control: float = 1.0
    """How strongly the control buffers hold (Wan: conditioning scale; LTX-2: reference strength)."""
    strength: float = 0.6
    """LTX-Video: how far the model may leave our render, 0 not at all to 1 wholly. The others start from noise."""
    guidance: float = 0.0
    """How strongly the prompt holds; 0 is the model's own default."""
    width: int = 0
    """Width that the model works at; 0 is the take's own. Results are brought back to the take's size."""
    frames: int = 0
    """Most frames the model is given at once; 0 is what it was made for. Longer takes go in overlapping stretches."""
    device: Literal["auto", "cuda", "cpu"] = "auto"
    offload: Literal["none", "model"] = "none"
    """diffusers on CUDA: keep only the part at work on the card; slower, and it fits smaller cards."""
    dilate_px: float = 4.0
    """How far beyond the physics' alpha new dust may reach, in pixels of the take."""
    feather_px: float = 3.0
    low_band: float = 1.0
    """How far the dust's broad light and colour stay the simulation's: 1 wholly, 0 not at all."""
