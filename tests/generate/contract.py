"""What every generator must keep. A backend's test subclasses ``GeneratorContract`` and names its generator."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from secondunit.core.camera import Camera, Filmback
from secondunit.core.collapse import Detail
from secondunit.core.errors import BackendError
from secondunit.fx.control.march import march
from secondunit.fx.dust.grid import DustFrame, LightGrid
from secondunit.generate.detail import cut_sigma_px, low_band
from secondunit.generate.protocol import Generator
from secondunit.imaging.buffers import ControlBuffers

LAYERS = ("alpha", "sun", "sky")


def cloud(sigma: float = 1.2) -> tuple[DustFrame, LightGrid]:
    """A lumpy ball of dust, 12 m wide, lit from above."""
    cell, shape = 0.5, (40, 32, 32)
    x, y, z = np.meshgrid(*(np.arange(n) * cell - n * cell / 2 for n in shape), indexing="ij")
    rng = np.random.default_rng(11)
    lump = rng.standard_normal((10, 8, 8)).repeat(4, 0).repeat(4, 1).repeat(4, 2)
    extinction = sigma * np.clip((6.0 + 0.6 * lump - np.sqrt(x**2 + y**2 + z**2)) / 1.5, 0, 1)
    half = tuple(n // 2 for n in shape)
    origin = np.array([-10, 0, -8], np.float32)
    dust = DustFrame(
        frame=1010, origin_m=origin, cell_m=cell, extinction=extinction.astype(np.float16),
        velocity=np.zeros((3, *half), np.float16), drift=np.zeros((3, 3, *half), np.float16),
        weight=np.array([0.2, 0.5, 0.3], np.float32), phase=np.array([1, 2, 3], np.float32),
    )  # fmt: skip
    height = np.broadcast_to(np.linspace(0.2, 0.9, half[1])[None, :, None], half)
    light = LightGrid(
        frame=1010, origin_m=origin, cell_m=1.0, sun=height.astype(np.float16),
        sun_scatter=(0.4 * height).astype(np.float16), sky=height.astype(np.float16),
        reach_m=np.stack([origin, origin + np.array(half)]).astype(np.float32),
    )  # fmt: skip
    return dust, light


def buffers_for(
    generator: Generator, *, width: int = 160, height: int = 120, detail: Detail = Detail(), sigma: float = 1.2
) -> ControlBuffers:
    """March the cloud as a generator asks for it."""
    camera = Camera(focal_length_mm=36, filmback=Filmback(width_mm=36, height_mm=27), position_m=(0, 7, 16))
    dust, light = cloud(sigma)
    front, _ = march(
        dust, light, camera=camera, camera_next=camera, width=width, height=height,
        surface_depth=np.full((height, width), np.inf, np.float32), sun_direction=(0.0, 1.0, 0.0),
        detail=detail, channels=generator.needs,
    )  # fmt: skip
    return front


def scaled(image: np.ndarray, scale: int) -> np.ndarray:
    """A channel at the size of the layers."""
    height, width = image.shape
    return cv2.resize(image, (scale * width, scale * height), interpolation=cv2.INTER_LINEAR)


class GeneratorContract:
    """The contract."""

    @pytest.fixture
    def generator(self) -> Generator:
        raise NotImplementedError

    @pytest.fixture
    def buffers(self, generator):
        return buffers_for(generator)

    def test_it_names_itself(self, generator):
        assert generator.name
        assert generator.name == generator.name.lower()
        assert generator.version
        assert isinstance(generator.needs, frozenset)
        assert generator.weights_digest == "" or len(generator.weights_digest) == 64

    @pytest.mark.parametrize("width, height", [(160, 120), (61, 47), (1, 1), (1, 9), (13, 1)])
    def test_layers_have_the_buffers_size_and_range(self, generator, width, height):
        buffers = buffers_for(generator, width=width, height=height)
        layers = generator.generate(buffers, detail=Detail())
        for name in LAYERS:
            image = getattr(layers, name)
            assert image.shape == tuple(generator.scale * n for n in buffers.size)
            assert image.dtype == np.float32
            assert np.isfinite(image).all()
            assert image.min() >= 0.0
        assert layers.alpha.max() <= 1.0

    def test_clear_stays_clear(self, generator, buffers):
        layers = generator.generate(buffers, detail=Detail())
        clear = scaled(buffers.channels["alpha"], generator.scale) <= 0.0
        assert clear.any()
        for name in LAYERS:
            assert not getattr(layers, name)[clear].any()
        nothing = replace(buffers, channels={k: np.zeros_like(v) for k, v in buffers.channels.items()})
        empty = generator.generate(nothing, detail=Detail())
        assert not any(getattr(empty, name).any() for name in LAYERS)

    def test_the_same_input_gives_the_same_bits(self, generator, buffers):
        one, two = (generator.generate(buffers, detail=Detail(seed=5)) for _ in range(2))
        assert all(np.array_equal(getattr(one, name), getattr(two, name)) for name in LAYERS)

    def test_frames_beside_may_be_given(self, generator, buffers):
        others = [replace(buffers, frame=buffers.frame + n) for n in (-1, 1)]
        one, two = (generator.generate(buffers, detail=Detail(), beside=o) for o in (others, others[::-1]))
        assert all(np.array_equal(getattr(one, name), getattr(two, name)) for name in LAYERS)
        if generator.reach == 0:
            alone = generator.generate(buffers, detail=Detail())
            assert all(np.array_equal(getattr(one, name), getattr(alone, name)) for name in LAYERS)

    def test_inputs_are_left_alone(self, generator, buffers):
        before = {name: image.copy() for name, image in buffers.channels.items()}
        generator.generate(buffers, detail=Detail())
        assert before.keys() == buffers.channels.keys()
        assert all(np.array_equal(before[name], buffers.channels[name]) for name in before)

    def test_it_adds_fine_structure(self, generator, buffers):
        layers = generator.generate(buffers, detail=Detail())
        sigma = generator.scale * cut_sigma_px(buffers) / 2

        def fine(image):
            return float(np.sqrt(np.mean((image - low_band(image, sigma_px=sigma)) ** 2)))

        for name in ("sun", "sky"):
            coarse = scaled(buffers.channels[name], generator.scale)
            assert fine(getattr(layers, name)) > 1.5 * fine(coarse), name

    def test_the_low_band_follows_the_coarse_render(self, generator, buffers):
        layers = generator.generate(buffers, detail=Detail())
        sigma = 2 * generator.scale * cut_sigma_px(buffers)
        for name in LAYERS:
            coarse = low_band(scaled(buffers.channels[name], generator.scale), sigma_px=sigma)
            found = low_band(getattr(layers, name), sigma_px=sigma)
            # Within a seventh of the layer's own range everywhere, a tenth on average: crisp edges cost some alpha.
            assert np.abs(found - coarse).max() < 0.15 * coarse.max(), name
            assert np.abs(found - coarse).mean() < 0.10 * coarse.max(), name

    def test_the_seed_moves_the_high_band_only(self, generator):
        layers = []
        for seed in (1, 2):
            detail = Detail(seed=seed)
            buffers = buffers_for(generator, detail=detail)
            layers.append(generator.generate(buffers, detail=detail))
        sigma = 2 * generator.scale * cut_sigma_px(buffers)
        for name in LAYERS:
            apart = getattr(layers[0], name) - getattr(layers[1], name)
            whole = float(np.sqrt(np.mean(apart**2)))
            low = float(np.sqrt(np.mean(low_band(apart, sigma_px=sigma) ** 2)))
            assert whole > 0.005, name
            assert low < 0.35 * whole, name

    def test_no_gain_is_the_coarse_render(self, generator):
        detail = Detail(gain=0.0)
        buffers = buffers_for(generator, detail=detail)
        layers = generator.generate(buffers, detail=detail)
        for name in LAYERS:
            coarse = scaled(buffers.channels[name], generator.scale)
            assert np.allclose(getattr(layers, name), coarse, atol=1e-5)

    def test_a_missing_channel_is_refused(self, generator, buffers):
        if not generator.needs:
            pytest.skip("this generator asks for nothing extra")
        lost = sorted(generator.needs)[0]
        poorer = replace(buffers, channels={k: v for k, v in buffers.channels.items() if k != lost})
        with pytest.raises(BackendError, match=lost):
            generator.generate(poorer, detail=Detail())
