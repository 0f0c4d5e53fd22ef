"""What a worker remembers of the frames near the one it makes."""

from dataclasses import dataclass, field

from secondunit.core.camera import Camera
from secondunit.fx.dust.grid import DustFrame, LightGrid
from secondunit.imaging.buffers import ControlBuffers, Image, SurfaceLayer
from secondunit.show.picture.dust_view import DustLook
from secondunit.show.picture.prepare import PreparedPlate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """A frame less its dust: what the dust is seen through and against."""

    dust: DustFrame
    light: LightGrid
    prepared: PreparedPlate
    camera: Camera
    neighbours: Image | None
    """Metres to the nearest neighbour that stands; None where there is none."""
    surface: SurfaceLayer


@dataclass(slots=True, kw_only=True, eq=False)
class Near:
    """What was made of a frame and of those beside it: where frames are made in order, the next one needs it again."""

    standing: dict[int, Standing] = field(default_factory=dict)
    recipe: str = ""
    """Of what follows."""
    looks: dict[int, DustLook | None] = field(default_factory=dict)
    painted: dict[int, ControlBuffers | None] = field(default_factory=dict)
    opening: str = ""
    """Of all passes but the last."""
    opened: dict[int, DustLook | None] = field(default_factory=dict)
    """Looks of another recipe that have gone through the same passes up to the last."""

    def turn_to(self, frame: int, *, recipe: str, opening: str) -> None:
        """Drop what a frame, made by a recipe, has no use for.

        Parameters
        ----------
        recipe, opening
            Digests: of what is painted, and of what of it no micro seed moves.
        """
        if recipe != self.recipe:
            self.opened = self.looks if opening == self.opening else {}
            self.recipe, self.opening, self.looks, self.painted = recipe, opening, {}, {}
        # What stands is kept of the frame before too: of one frame's many options it is the same for all.
        for kept, first in ((self.standing, frame - 1), (self.looks, frame), (self.painted, frame - 1)):
            for other in [other for other in kept if not first <= other <= frame + 1]:
                del kept[other]
