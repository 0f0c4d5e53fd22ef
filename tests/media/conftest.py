import os
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def material() -> Path:
    folder = Path(os.environ.get("SECONDUNIT_MATERIAL", REPOSITORY / "../shared/material")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no real material at {folder}: set SECONDUNIT_MATERIAL")
    return folder


@pytest.fixture
def codes() -> np.ndarray:
    """A 48 x 64 picture of every kind of value, without noise that codecs would eat."""
    y, x = np.mgrid[0:48, 0:64].astype(np.float32)
    picture = np.stack([x / 63, y / 47, (x + y) / 110], axis=-1)
    return np.rint(picture * 255).astype(np.uint8)
