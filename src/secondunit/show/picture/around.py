"""A frame and those beside it, up to where its dust is painted: frames that are made in order need each once.

A generator that holds its detail steady is shown the frames before and after too (``Generator.reach``).
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from secondunit.fx.dust.grid import DustFrame, LightGrid
from secondunit.fx.dust.light import light_dust, standing_boxes
from secondunit.imaging.buffers import ControlBuffers, Image, SurfaceLayer
from secondunit.show.brief.recipes import sunlit
from secondunit.show.picture.dust_view import DustLook, DustView, look_at_dust
from secondunit.show.picture.kit import FrameKit
from secondunit.show.picture.near import Standing
from secondunit.show.picture.prepare import PreparedPlate, prepared_at, standing_depth

Mark = Callable[[str], None]
"""Called with the name of what was just done."""


def stand(kit: FrameKit, frame: int, mark: Mark) -> Standing:
    """Return a frame less its dust; made once while it is near."""
    known = kit.near.standing
    if frame not in known:
        plan = kit.job.plan
        dust, light = _dust_and_light(kit, frame)
        mark("light")
        camera = plan.layout.camera.at(frame)
        neighbours = standing_depth(plan.layout, camera, width=plan.width, height=plan.height)
        known[frame] = Standing(
            dust=dust,
            light=light,
            prepared=prepared_of(kit, frame),
            camera=camera,
            neighbours=neighbours,
            surface=_hidden(kit.renderer.render(frame, light=light), neighbours),
        )
        mark("debris")
    return known[frame]


def look_at(kit: FrameKit, frame: int, mark: Mark) -> DustLook | None:
    """Return a frame's dust as it is marched, None where there is none; made once while it is near."""
    known = kit.near.looks
    if frame not in known:
        standing = stand(kit, frame, mark)
        known[frame] = None
        if standing.dust.extinction.any():
            view = _dust_view(kit, frame, standing)
            known[frame] = look_at_dust(
                view, generator=kit.generator, grant=kit.job.grant, mark=mark, opened=kit.near.opened.get(frame)
            )
        look = known[frame]
        kit.near.painted[frame] = None if look is None else look.painted
    return known[frame]


def painted_beside(kit: FrameKit, frame: int, mark: Mark) -> list[ControlBuffers]:
    """Return what is painted of the take's frames within the generator's reach."""
    found = []
    for offset in range(-kit.generator.reach, kit.generator.reach + 1):
        other = frame + offset
        if offset == 0 or other not in kit.job.plan.frames:
            continue
        if other not in kit.near.painted:
            look_at(kit, other, mark)
        painted = kit.near.painted[other]
        if painted is not None:
            found.append(painted)
    return found


def _dust_view(kit: FrameKit, frame: int, standing: Standing) -> DustView:
    plan, surface, neighbours = kit.job.plan, standing.surface, standing.neighbours
    depth = surface.depth if neighbours is None else np.minimum(surface.depth, neighbours)
    return DustView(
        dust=standing.dust,
        light=standing.light,
        plan=plan,
        camera=standing.camera,
        camera_next=plan.layout.camera.at(frame + 1),
        depth=depth,
        coverage=surface.alpha + surface.static if neighbours is None else np.isfinite(depth).astype(np.float32),
        holdout_layers=standing.prepared.holdout_layers,
        holdout_depths=standing.prepared.holdout_depths,
    )


def _dust_and_light(kit: FrameKit, frame: int) -> tuple[DustFrame, LightGrid]:
    """Load a frame's dust, and its light or make and keep it."""
    job, caches = kit.job, kit.job.caches
    name = caches.dust.frame_name(frame)
    dust = DustFrame.load(caches.dust.path(name))
    if caches.light.holds(name):
        return dust, LightGrid.load(caches.light.path(name))
    layout = sunlit(job.plan.layout)
    light = light_dust(
        dust, layout, occluders=standing_boxes(kit.renderer.pieces, kit.renderer.motion, layout, frame=frame)
    )
    caches.light.put(name, light.save)
    return dust, light


def prepared_of(kit: FrameKit, frame: int) -> PreparedPlate:
    """Return a frame's mattes at the render's size; the kit's own where the camera does not move."""
    job, plan = kit.job, kit.job.plan
    if not plan.layout.camera.moves:
        return kit.prepared
    full = prepared_at(
        kit.full,
        brief=plan.brief,
        layout=plan.layout,
        plate=job.plate,
        folder=job.folder,
        frame=frame,
        reference=job.texture_frame,
    )
    return full.resized(width=plan.width, height=plan.height)


def _hidden(surface: SurfaceLayer, neighbours: Image | None) -> SurfaceLayer:
    """Take away what stands or falls behind a neighbour."""
    if neighbours is None:
        return surface
    seen = (surface.depth <= neighbours).astype(np.float32)
    return replace(
        surface,
        sun=surface.sun * seen[..., None],
        sky=surface.sky * seen[..., None],
        alpha=surface.alpha * seen,
        static=surface.static * seen,
    )
