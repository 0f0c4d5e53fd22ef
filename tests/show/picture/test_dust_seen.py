from dataclasses import replace

import numpy as np
import pytest

from secondunit.imaging.buffers import ControlBuffers, DustLayers
from secondunit.show.picture.dust_seen import KEPT, LAYERS, DustSeen

SIZE = (6, 10)


def seen() -> DustSeen:
    rng = np.random.default_rng(5)

    def plane(most: float = 1.0) -> np.ndarray:
        return (most * rng.random(SIZE)).astype(np.float32)

    def layers() -> DustLayers:
        return DustLayers(alpha=plane(), sun=plane(), sky=plane())

    channels = {name: plane(40.0) for name in (*KEPT, "noise_0")}
    return DustSeen(
        front=layers(), behind=layers(), near=layers(), front_depth=plane(90.0), behind_depth=plane(90.0),
        buffers=ControlBuffers(frame=1012, slab="front", channels=channels),
    )  # fmt: skip


def same(one: DustSeen, other: DustSeen) -> bool:
    pairs = [(one.front_depth, other.front_depth), (one.behind_depth, other.behind_depth)]
    for name in ("front", "behind", "near"):
        a, b = getattr(one, name), getattr(other, name)
        if (a is None) != (b is None):
            return False
        pairs += [(getattr(a, part), getattr(b, part)) for part in LAYERS if a is not None]
    if one.buffers.channels.keys() != other.buffers.channels.keys() or one.buffers.frame != other.buffers.frame:
        return False
    pairs += [(one.buffers.channels[name], other.buffers.channels[name]) for name in KEPT]
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("missing", [(), ("behind",), ("front", "behind")], ids=["whole", "no behind", "near alone"])
def test_what_is_used_at_once_is_what_is_read_later_bit_for_bit(tmp_path, missing):
    made = replace(seen(), **dict.fromkeys(missing))
    path = tmp_path / "frame.1012.npz"
    made.save(path)
    assert same(DustSeen.load(path), made.kept())
    assert not same(made, made.kept())
    assert same(made.kept().kept(), made.kept())
