"""How a building comes down: preset, events, pieces, dust. Plain values read from ``shot.toml``."""

from dataclasses import dataclass
from typing import Literal

from secondunit.core.camera import Vec3

Preset = Literal["progressive", "pancake", "topple", "implosion", "corner"]
Part = Literal["columns", "slab", "facade", "core", "all"]
GeneratorName = Literal["embedded", "procedural"]
Side = Literal["all", "left", "middle", "right", "front", "back"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One failure at one frame: these parts of these storeys, on that side, let go."""

    frame: int
    storey: int
    """0 is the ground floor."""
    parts: Part = "columns"
    side: Side = "all"
    burst_m_per_s: float = 0.0
    """Extra outward speed given to what fails, 0 for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collapse:
    """The failure a director asks for."""

    preset: Preset = "progressive"
    start_frame: int = 1013
    direction_deg: float = 0.0
    """Lean of the fall: 0 towards the front of the facade, 90 towards its right end, 180 inward."""
    lean: float = 0.25
    """0 straight down to 1 a full topple."""
    storey_delay_s: float = 0.12
    """Time between one storey's failure and the next ('progressive' and 'implosion')."""
    pieces: int = 1200
    events: tuple[Event, ...] = ()
    """Events given here replace the preset's own."""
    seed: int = 1
    """The macro seed: how it breaks and falls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dust:
    """The dust a director asks for. 1.0 is the physical default of each gain."""

    amount: float = 1.0
    scale: float = 1.0
    """Size of the billows against the default."""
    surge: float = 1.0
    """Strength of the ground-hugging rush."""
    jets: float = 1.0
    """Strength of the bursts through windows between closing floors."""
    wind_m_per_s: Vec3 = (0.6, 0.0, 0.0)
    cells: int = 1_100_000
    seed: int = 1
    """The meso seed: where the dust billows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What the generator adds to the simulation: which one, its seed, and its gains."""

    generator: GeneratorName = "embedded"
    """The backend's name in ``generate.registry``."""
    seed: int = 1
    """The micro seed: fine structure alone."""
    gain: float = 1.0
    """0 leaves the coarse render, 1 is what was learned."""
    scale: float = 1.0
    """Size of the noise that the dust carries, against the default."""
    bands: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Gains of the broad, the middle and the fine band of the detail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the element sits in the plate."""

    dust_tint: tuple[float, float, float] = (0.50, 0.475, 0.44)
    """Single-scatter albedo colour of the dust (concrete and plaster)."""
    dust_density: float = 1.0
    """Times the optical depth that is seen."""
    sun_gain: float = 1.0
    """Times the sun's light in the dust."""
    sky_gain: float = 1.0
    """Times the sky's light in the dust."""
    exposure_stops: float = 0.0
    """Trim of the element against the plate, in stops."""
    haze_per_km: float = 0.0
    """Extinction of the air between camera and element, measured from the plate where 0."""
    light_wrap: float = 0.25
    shadow: float = 1.0
    grain: float = 1.0
    ring_px: int = 6
    """How far outside its matte the comp may touch the plate (wrap, softness, grain)."""
    motion_blur_deg: float = 180.0
