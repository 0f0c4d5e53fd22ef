"""The show's record: takes, uses, verdicts and approvals. Rows are added, never changed.

SQLite by default, any SQLAlchemy URL else. On SQLite, triggers refuse updates and deletions.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    DDL,
    URL,
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from secondunit.core.errors import BackendError, BriefError

_META = MetaData()


def _record(name: str, *columns: Column[Any]) -> Table:
    table = Table(
        name, _META, Column("id", Integer, primary_key=True), Column("at", String(40), nullable=False), *columns
    )
    for verb in ("UPDATE", "DELETE"):
        trigger = DDL(  # type: ignore[no-untyped-call]
            f"CREATE TRIGGER IF NOT EXISTS {name}_no_{verb.lower()} BEFORE {verb} ON {name} "
            "BEGIN SELECT RAISE(ABORT, 'the record is appended, never changed'); END"
        )
        event.listen(table, "after_create", trigger.execute_if(dialect="sqlite"))
    return table


TAKES = _record(
    "takes",
    Column("shot", String(64), nullable=False),
    Column("take", Integer, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("state", String(16), nullable=False),
    Column("recipe", String(64), nullable=False),
    Column("folder", Text, nullable=False),
)
USES = _record(
    "uses",
    Column("digest", String(64), nullable=False),
    Column("shot", String(64), nullable=False),
    Column("take", Integer, nullable=False),
    Column("artist", String(200), nullable=False),
    Column("output_use", String(32), nullable=False),
    Column("statement", Text, nullable=False),
)
VERDICTS = _record(
    "verdicts",
    Column("digest", String(64), nullable=False),
    Column("use", String(64), nullable=False),
    Column("shot", String(64), nullable=False),
    Column("take", Integer, nullable=False),
    Column("decision", String(32), nullable=False),
    Column("reason", Text, nullable=False),
)
APPROVALS = _record(
    "approvals",
    Column("shot", String(64), nullable=False),
    Column("take", Integer, nullable=False),
    Column("content", String(64), nullable=False),
    Column("by", String(200), nullable=False),
    Column("role", String(32), nullable=False),
    Column("note", Text, nullable=False),
)


class Record:
    """An open database. Rows come back as dictionaries, oldest first."""

    def __init__(self, url: str | URL) -> None:
        """Open the database, its tables made where missing."""
        try:
            self._engine: Engine = create_engine(url, poolclass=NullPool)
            _META.create_all(self._engine)
        except ArgumentError as error:
            raise BriefError(
                f"{_shown(url)!r} is no database URL", fix='write one as "sqlite:////path/show.db"'
            ) from error
        except ModuleNotFoundError as error:
            raise BackendError(
                f"the driver of {str(url).split(':')[0]} is not installed", fix=f"install {error.name}"
            ) from error
        except SQLAlchemyError as error:
            raise BackendError(
                f"the database {_shown(url)} cannot be used: {_reason(error)}", fix="check its folder and URL"
            ) from error

    def add(self, table: Table, **values: Any) -> str:
        """Append a row stamped with the time in UTC; return the stamp.

        Raises
        ------
        BackendError
            The database refuses.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(table).values(at=at, **values))
        except SQLAlchemyError as error:
            raise BackendError(
                f"the show's record cannot be written: {_reason(error)}", fix="check the database's permissions"
            ) from error
        return at

    def rows(self, table: Table, **equal: Any) -> Sequence[Mapping[str, Any]]:
        """Return the rows whose columns equal the values given.

        Raises
        ------
        BackendError
            The database refuses.
        """
        query = select(table).order_by(table.c.id)
        for key, value in equal.items():
            query = query.where(table.c[key] == value)
        try:
            with self._engine.connect() as connection:
                return [dict(row) for row in connection.execute(query).mappings()]
        except SQLAlchemyError as error:
            raise BackendError(
                f"the show's record cannot be read: {_reason(error)}", fix="check the database"
            ) from error


def _shown(url: str | URL) -> str:
    """Return a URL for a message: without its password."""
    return re.sub(r"(?<=:)[^:@/]+(?=@)", "***", str(url))


def _reason(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
