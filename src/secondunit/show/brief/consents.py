"""``consents.toml``: what people agreed to, by the digest of the documents that say so."""

from pathlib import Path
from typing import Any

from secondunit.clearance.policy.records import ConsentRecord
from secondunit.core.errors import BriefError
from secondunit.show.brief.table import check_schema, load_toml, read_table, refuse_unknown

SCHEMA = 1


def read_consents(path: Path) -> tuple[ConsentRecord, ...]:
    """Read a show's consents; none where there is no file.

    Raises
    ------
    BriefError
        A key is unknown, missing or of another type.
    """
    if not path.is_file():
        return ()
    data = load_toml(path)
    check_schema(data, SCHEMA, path)
    refuse_unknown(data, ["consent"], file=path)
    tables: Any = data.get("consent", [])
    if not isinstance(tables, list):
        raise BriefError(f"{path}: [consent] is one of several", fix="write [[consent]] with two brackets")
    return tuple(read_table(ConsentRecord, table, file=path, section="consent", limits={}) for table in tables)
