"""How our control buffers enter each pipeline of diffusers, as its signature has it (read in diffusers 0.42).

Pictures go in as float tensors and come out as float arrays: no 8-bit video is written anywhere. One exception is
diffusers' own: Wan's reference picture must be a PIL image, of 8 bits.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import PIL.Image
import torch
from diffusers import LTX2InContextPipeline, LTXConditionPipeline, UniPCMultistepScheduler, WanVACEPipeline
from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition
from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition
from diffusers.pipelines.ltx2.pipeline_ltx2_ic_lora import LTX2ReferenceCondition

from secondunit.generate.clip import ClipAsk
from secondunit.imaging.clip import ClipWindow, Frames

Callback = Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]
Driver = Callable[[Any, ClipWindow, ClipAsk, Callback, torch.Generator], Any]

PIPELINES: Mapping[str, Any] = {
    "WanVACEPipeline": WanVACEPipeline,
    "LTXConditionPipeline": LTXConditionPipeline,
    "LTX2InContextPipeline": LTX2InContextPipeline,
}
GUIDANCE = {"WanVACEPipeline": 5.0, "LTXConditionPipeline": 3.0, "LTX2InContextPipeline": 4.0}
"""Each model's own default."""
_HD = 900 * 500
"""More pixels than this is Wan's larger size, whose schedule is shifted further."""
_LTX_DECODE = (0.05, 0.025)
"""Time and noise at which LTX-Video's later decoders are run, as published with them."""


def schedule_of(pipeline: str, scheduler: str, *, pixels: int) -> str:
    """Return what a recipe says of the schedule; Wan's is shifted by the size of the picture.

    >>> schedule_of("WanVACEPipeline", "UniPCMultistepScheduler", pixels=832 * 480)
    'UniPCMultistepScheduler, flow_shift 3'
    """
    if pipeline == "WanVACEPipeline" and scheduler == "UniPCMultistepScheduler":
        return f"{scheduler}, flow_shift {_shift(pixels):g}"
    return scheduler


def prepare(pipe: Any, *, pixels: int) -> None:
    """Set a pipeline's schedule for a size of picture, as ``schedule_of`` says it."""
    if isinstance(pipe, WanVACEPipeline) and isinstance(pipe.scheduler, UniPCMultistepScheduler):
        pipe.scheduler = UniPCMultistepScheduler.from_config(pipe.scheduler.config, flow_shift=_shift(pixels))


def _shift(pixels: int) -> float:
    return 5.0 if pixels > _HD else 3.0


def wan_vace(pipe: Any, window: ClipWindow, ask: ClipAsk, step: Callback, chance: torch.Generator) -> Any:
    """Control video, mask (binary: diffusers cuts it at a half) and reference picture."""
    frames, height, width = window.size
    mask = torch.from_numpy(np.ascontiguousarray(window.mask)).reshape(1, frames, 1, height, width)
    reference = None
    if window.reference is not None:
        codes = np.round(np.clip(window.reference, 0, 1) * 255).astype(np.uint8)
        reference = [PIL.Image.fromarray(codes)]
    return pipe(
        prompt=ask.prompt,
        negative_prompt=ask.negative,
        video=_video(window.control)[None],
        mask=mask.expand(1, frames, 3, height, width),
        reference_images=reference,
        conditioning_scale=float(ask.control),
        height=height,
        width=width,
        num_frames=frames,
        num_inference_steps=ask.steps,
        guidance_scale=ask.guidance or GUIDANCE["WanVACEPipeline"],
        generator=chance,
        output_type="np",
        callback_on_step_end=step,
    ).frames[0]


def ltx_video(pipe: Any, window: ClipWindow, ask: ClipAsk, step: Callback, chance: torch.Generator) -> Any:
    """Our comp as a soft condition on every frame; what is known already, and a first frame of plate, as hard ones.

    This pipeline takes no mask: the whole picture is drawn anew, and only the dust of it is used.
    """
    frames, height, width = window.size
    comp = _video(window.comp)
    conditions = [LTXVideoCondition(video=comp, frame_index=0, strength=1.0 - ask.strength)]
    if window.kept:
        conditions.append(LTXVideoCondition(video=comp[: window.kept], frame_index=0, strength=1.0))
    elif window.reference is not None and not window.mask[0].any():
        conditions.append(LTXVideoCondition(video=comp[:1], frame_index=0, strength=1.0))
    timed = bool(pipe.vae.config.timestep_conditioning)
    return pipe(
        conditions=conditions,
        prompt=ask.prompt,
        negative_prompt=ask.negative,
        height=height,
        width=width,
        num_frames=frames,
        frame_rate=window.rate,
        num_inference_steps=ask.steps,
        guidance_scale=ask.guidance or GUIDANCE["LTXConditionPipeline"],
        generator=chance,
        decode_timestep=_LTX_DECODE[0] if timed else 0.0,
        decode_noise_scale=_LTX_DECODE[1] if timed else None,
        output_type="np",
        callback_on_step_end=step,
    ).frames[0]


def ltx_2(pipe: Any, window: ClipWindow, ask: ClipAsk, step: Callback, chance: torch.Generator) -> Any:
    """Our control video as the in-context reference; what is known, or the plate before anything falls, as frames.

    Its conditions hold codes of 0 to 255, as floats, and are not compressed (``crf=0``). Its sound is thrown away.
    """
    frames, height, width = window.size
    conditions = []
    if window.kept:
        conditions = [LTX2VideoCondition(frames=window.comp[: window.kept] * 255, index=0, strength=1.0, crf=0)]
    elif window.reference is not None and not window.mask[0].any():
        conditions = [LTX2VideoCondition(frames=window.comp[:1] * 255, index=0, strength=1.0, crf=0)]
    return pipe(
        reference_conditions=[LTX2ReferenceCondition(frames=_video(window.control), strength=float(ask.control))],
        conditions=conditions or None,
        prompt=ask.prompt,
        negative_prompt=ask.negative,
        height=height,
        width=width,
        num_frames=frames,
        frame_rate=window.rate,
        num_inference_steps=ask.steps,
        guidance_scale=ask.guidance or GUIDANCE["LTX2InContextPipeline"],
        # No sound is wanted, and one pass a step is enough for it.
        stg_scale=0.0,
        audio_stg_scale=0.0,
        modality_scale=1.0,
        audio_modality_scale=1.0,
        audio_guidance_scale=1.0,
        spatio_temporal_guidance_blocks=None,
        generator=chance,
        output_type="np",
        callback_on_step_end=step,
    ).frames[0]


DRIVERS: Mapping[str, Driver] = {
    "WanVACEPipeline": wan_vace,
    "LTXConditionPipeline": ltx_video,
    "LTX2InContextPipeline": ltx_2,
}


def _video(frames: Frames) -> torch.Tensor:
    """Return (frames, 3, height, width)."""
    return torch.from_numpy(np.ascontiguousarray(frames)).permute(0, 3, 1, 2)
