"""A clip model's dust put into frames: those of a drawn take, and those of its final at the plate's size."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from secondunit.clearance.gate import Grant, admit
from secondunit.comp.integrate import FrameOutputs
from secondunit.comp.model_dust import PasteSettings, TakeFrame, paste_dust
from secondunit.comp.plate_lock import allowed, lock
from secondunit.core.clip import ClipBrief
from secondunit.core.collapse import Look
from secondunit.core.errors import StoreError
from secondunit.generate.clip_windows import Canvas, from_canvas
from secondunit.imaging.buffers import Image
from secondunit.media.exr import stored_channels
from secondunit.show.brief.clip_recipe import ClipTool
from secondunit.show.clip.frames import kept_aovs, take_frame
from secondunit.show.clip.pictures import model_name, recorded
from secondunit.show.picture.frame import RenderedFrame
from secondunit.show.picture.passes import rgb
from secondunit.show.picture.work import Passes, Repainted
from secondunit.show.store.cache import StageCache
from secondunit.show.store.clip_record import ModelPicture


def settings_of(brief: ClipBrief, *, scale: float = 1.0) -> PasteSettings:
    """Return how the model's dust comes in.

    Parameters
    ----------
    scale
        Pixels of the picture for each of the drawn take, which the brief's reaches are said in.
    """
    return PasteSettings(
        dilate_px=brief.dilate_px * scale, feather_px=brief.feather_px * scale, low_band=brief.low_band
    )


def paste_frame(
    model: Image,
    base: TakeFrame,
    *,
    plate: Image,
    aovs: Mapping[str, NDArray[np.generic]],
    look: Look,
    settings: PasteSettings,
    gain: NDArray[np.float32],
) -> Repainted:
    """Return a frame with the model's dust in it, locked to the plate.

    Parameters
    ----------
    model
        (height, width, 3) ACEScg, of the frame's size.
    aovs
        Of the element.
    gain
        (3,) log2.
    """
    support = np.maximum(base.matte, np.abs(1 - base.shadow).max(axis=2)).astype(np.float32)
    pasted = paste_dust(model, base, allowed=allowed(support, ring_px=look.ring_px), gain=gain, settings=settings)
    comp = np.dstack([pasted.comp, np.ones(support.shape, np.float32)])
    comp, difference, touched = lock(comp, plate, support=support, ring_px=look.ring_px)
    outputs = FrameOutputs(
        comp=comp,
        element=pasted.element,
        support=support,
        matte=pasted.matte,
        shadow=base.shadow,
        clean=base.clean,
        max_abs_diff=difference,
        touched_share=touched,
    )
    passes = {
        "comp": rgb(comp),
        "element": rgb(pasted.element) | dict(aovs),
        "cleanplate": rgb(base.clean),
        "matte": {"A": pasted.matte},
        "shadow": rgb(base.shadow),
    }
    said = {"ring_gain_stops": [round(float(g), 4) for g in gain], "changed_share": float(pasted.changed.mean())}
    return Repainted(passes=passes, outputs=outputs, said=said)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalPaste:
    """Puts the model's pictures of a drawn take into the frames of its final; small enough to send to workers."""

    tool: ClipTool
    grant: Grant
    """For that tool."""
    cache: StageCache
    place: Canvas
    look: Look
    settings: PasteSettings
    approved: Mapping[int, ModelPicture]

    def __call__(self, rendered: RenderedFrame, passes: Passes, frame: int) -> Repainted:
        """Return a rendered frame with the model's dust in it.

        Raises
        ------
        ClearanceError
            The grant is not for this tool.
        StoreError
            The picture is not the one that was approved.
        """
        admit(self.tool, grant=self.grant)
        approved = self.approved[frame]
        picture = recorded(self.cache, frame, approved)
        if picture is None:
            path = self.cache.path(model_name(frame))
            raise StoreError(f"{path} is not the picture that was approved", fix="put it back as it was")
        # As its files hold it: what was drawn over was read from files too, and the two must not differ by rounding.
        stored = {name: stored_channels(channels) for name, channels in passes.items()}
        height, width = rendered.plate.shape[:2]
        painted = paste_frame(
            from_canvas(picture, self.place, width=width, height=height),
            take_frame(stored),
            plate=rendered.plate,
            aovs=kept_aovs(stored["element"]),
            look=self.look,
            settings=self.settings,
            gain=np.asarray(approved.gain_stops, np.float32),
        )
        return replace(painted, said={**painted.said, "model_pixels": approved.pixels})
