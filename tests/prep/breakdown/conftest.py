import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def screenplays() -> Path:
    """Folder of real screenplays."""
    folder = Path(os.environ.get("SECONDUNIT_MATERIAL", REPOSITORY / "../shared/material")).resolve() / "screenplays"
    if not folder.is_dir():
        pytest.skip(f"no real material at {folder}: set SECONDUNIT_MATERIAL")
    return folder
