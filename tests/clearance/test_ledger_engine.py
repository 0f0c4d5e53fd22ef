"""Opening the ledger's database: what cannot be opened is told without its password."""

from pathlib import Path

import pytest

from secondunit.clearance.ledger.store import Ledger
from secondunit.core.errors import BackendError, BriefError


@pytest.mark.parametrize("url", ["sqlite://ada:secret@/{}/none/x.db", "nonsense ada:secret@host"])
def test_a_message_never_shows_the_databases_password(url: str, tmp_path: Path):
    with pytest.raises((BackendError, BriefError)) as caught:
        Ledger(url.format(tmp_path))
    assert "secret" not in str(caught.value)
