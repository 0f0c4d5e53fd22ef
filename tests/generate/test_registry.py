import pytest

from secondunit.core.errors import BackendError
from secondunit.generate.registry import generator_names, get_generator


@pytest.mark.parametrize("name", generator_names())
def test_every_name_gives_its_generator(name):
    assert get_generator(name).name == name


@pytest.mark.parametrize("name", ["", "Procedural", "best", "procedural "])
def test_an_unknown_name_is_refused_and_says_what_there_is(name):
    with pytest.raises(BackendError, match="procedural") as caught:
        get_generator(name)
    assert caught.value.fix.startswith("use one of: ")
