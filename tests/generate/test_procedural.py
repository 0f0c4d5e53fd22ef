import pytest
from contract import GeneratorContract

from secondunit.generate.procedural import Procedural


class TestProcedural(GeneratorContract):
    @pytest.fixture
    def generator(self):
        return Procedural()
