"""What the element must share with its plate: black level, grain, softness, air and sky."""

from dataclasses import dataclass, field

from secondunit.imaging.grain import Grain

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateMatch:
    """A plate's measured look, ACEScg. The defaults match nothing: no haze, no grain, true black, pin sharp."""

    black: Colour = (0.0, 0.0, 0.0)
    """The darkest the plate gets, per channel."""
    grain: Grain = field(default_factory=Grain)
    softness_px: float = 0.35
    """Sigma of the blur of the plate's sharpest edges; 0.35 is what anti-aliasing alone gives."""
    haze_per_km: float = 0.0
    """Extinction of the air, 0 where the plate does not show it."""
    haze_colour: Colour = (0.6, 0.7, 0.8)
    """What very far things fade to."""
    sky_colour: Colour = (0.5, 0.6, 0.8)
    """Mean of the visible sky."""
    white_balance: Colour = (1.0, 1.0, 1.0)
    """What a neutral surface reads in this plate, divided by its mean."""
