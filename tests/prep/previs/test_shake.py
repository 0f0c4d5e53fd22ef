import numpy as np
import pytest

from secondunit.prep.previs.shake import CARRIAGES, Carrier, Shake, shake_at

CARRIED: tuple[Carrier, ...] = ("shoulder", "hands", "vehicle", "drone")


def _seen(shake: Shake, *, seconds: float = 60.0, rate: float = 48.0) -> np.ndarray:
    moments = np.arange(round(seconds * rate)) / rate
    return np.array([np.concatenate(shake_at(shake, t)) for t in moments])


@pytest.mark.parametrize("carrier", CARRIED)
def test_it_is_as_large_as_it_says(carrier: Carrier) -> None:
    carriage = CARRIAGES[carrier]
    stated = np.array([*carriage.position_m, *carriage.turn_deg])
    found = np.mean([_seen(Shake(carrier=carrier, seed=s)).std(axis=0) for s in range(4)], axis=0)
    assert found == pytest.approx(stated, rel=0.25)


@pytest.mark.parametrize("carrier", CARRIED)
def test_nothing_above_its_band(carrier: Carrier) -> None:
    track = _seen(Shake(carrier=carrier)) * np.hanning(60 * 48)[:, None]
    power = np.abs(np.fft.rfft(track, axis=0)) ** 2
    hertz = np.fft.rfftfreq(len(track), 1 / 48)
    above = power[hertz > CARRIAGES[carrier].highest_hz + 0.2].sum(axis=0)
    assert (above < 1e-6 * power.sum(axis=0)).all()
    assert (power[hertz < 1.2 * CARRIAGES[carrier].corner_hz].sum(axis=0) > 0.3 * power.sum(axis=0)).all()


def test_no_part_of_the_body_is_thrown_about() -> None:
    """A shoulder rig's acceleration stays far below g, and a hand does not turn faster than eyes can follow."""
    track = _seen(Shake(carrier="shoulder"), seconds=20, rate=240)
    acceleration = np.diff(track[:, :3], n=2, axis=0) * 240**2
    assert np.abs(acceleration).max() < 0.5  # m/s2
    assert np.abs(np.diff(track[:, 3:], axis=0) * 240).max() < 8  # degrees a second


def test_seeded_and_none() -> None:
    one, other = Shake(carrier="hands", seed=1), Shake(carrier="hands", seed=2)
    assert np.array_equal(shake_at(one, 1.25)[0], shake_at(one, 1.25)[0])
    assert not np.allclose(shake_at(one, 1.25)[0], shake_at(other, 1.25)[0])
    assert not shake_at(Shake(), 3.0)[0].any()
    assert not shake_at(Shake(carrier="hands", amount=0), 3.0)[1].any()


def test_a_walking_operator_steps() -> None:
    still, walks = Shake(carrier="shoulder"), Shake(carrier="shoulder", steps_hz=1.9)
    step = _seen(walks) - _seen(still)
    hertz = np.fft.rfftfreq(len(step), 1 / 48)
    assert hertz[np.abs(np.fft.rfft(step[:, 1])).argmax()] == pytest.approx(1.9, abs=0.02)
    assert hertz[np.abs(np.fft.rfft(step[:, 0])).argmax()] == pytest.approx(0.95, abs=0.02)
