"""What every test stands on: keys are never made in a person's own folder."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def key_home_of_the_tests(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("keys")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECONDUNIT_KEYS", str(folder))
        yield folder


@pytest.fixture
def key_home(key_home_of_the_tests: Path) -> Path:
    return key_home_of_the_tests
