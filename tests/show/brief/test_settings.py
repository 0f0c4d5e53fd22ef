from fractions import Fraction
from pathlib import Path

import pytest

from secondunit.core.errors import BriefError
from secondunit.show.brief.settings import Approver, ShowSettings, UseBrief, read_settings, write_settings

BASE = 'schema = 1\ncode = "SHW"\nartist = "Ada"\n'


def test_settings_read_back_as_written(tmp_path: Path):
    settings = ShowSettings(
        code="SHW",
        artist='Ada "A" Ö',
        rate=Fraction(24000, 1001),
        first_frame=1,
        handles=0,
        database="sqlite:////tmp/x.db",
        use=UseBrief(output_use="final_story", purpose="a collapse"),
        approvers=(Approver(name="Bo", role="director"), Approver(name="Cy", role="legal")),
    )
    path = tmp_path / "show.toml"
    path.write_text(write_settings(settings), encoding="utf-8")
    assert read_settings(path) == settings


@pytest.mark.parametrize(
    "text, message",
    [
        ('schema = 1\ncode = "SHW"', "artist is missing"),
        ('schema = 1\ncode = "SHW"\nartist = "  "', "artist is missing"),
        ('schema = 1\ncode = "S/W"\nartist = "A"', "cannot begin a file name"),
        (BASE + "handles = -1", "out of range"),
        (BASE + "handle = 8", "did you mean 'handles'"),
        (BASE + "rate = 0", "out of range"),
        (BASE + '[use]\noutput_use = "final"', "not known"),
        (BASE + "[use]\nskip_gate = true", "not a key"),
        (BASE + '[[approver]]\nname = "ada"\nrole = "legal"', "is the artist"),
        (BASE + '[[approver]]\nname = "Bo"\nrole = "boss"', "not known"),
        (BASE + '[approver]\nname = "Bo"', "one of several"),
        (BASE.replace("schema = 1", "schema = 9"), "schema is 9"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_meant(tmp_path: Path, text: str, message: str):
    path = tmp_path / "show.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BriefError) as caught:
        read_settings(path)
    assert message in str(caught.value)
    assert "show.toml" in caught.value.message
