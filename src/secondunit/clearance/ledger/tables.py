"""The ledger's tables, and how each database is opened so that writers take turns.

``ledger`` and ``ledger_private`` are appended to, never changed: triggers refuse, on SQLite and PostgreSQL. They
stop accidents, not whoever owns the database; that is what hashes and checkpoints are for.
"""

import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import (
    DDL,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from secondunit.core.errors import BackendError, BriefError

META: Final = MetaData()
LEDGER: Final = Table(
    "ledger",
    META,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("kind", String(32), nullable=False, index=True),
    Column("policy", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("sealed", String(64), nullable=False),
    Column("prev", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
)
PRIVATE: Final = Table(
    "ledger_private",
    META,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("cipher", LargeBinary, nullable=False),
)
VAULT: Final = Table(
    "vault",
    META,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False),
)

WAIT_S: Final = 60
"""Seconds a writer waits for its turn before it says that the database is busy."""
TURN: Final = 0x5EC0_4D00
"""Number of the PostgreSQL advisory lock that writers take in turn."""

_REFUSAL = "the ledger is appended, never changed"
for _table in (LEDGER, PRIVATE):
    for _verb in ("UPDATE", "DELETE"):
        _name = f"{_table.name}_no_{_verb.lower()}"
        _sqlite = DDL(  # type: ignore[no-untyped-call]
            f"CREATE TRIGGER IF NOT EXISTS {_name} BEFORE {_verb} ON {_table.name} "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )
        event.listen(_table, "after_create", _sqlite.execute_if(dialect="sqlite"))
    _function = DDL(  # type: ignore[no-untyped-call]
        "CREATE OR REPLACE FUNCTION ledger_no_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    _trigger = DDL(  # type: ignore[no-untyped-call]
        f"CREATE TRIGGER {_table.name}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {_table.name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_no_change()"
    )
    event.listen(_table, "after_create", _function.execute_if(dialect="postgresql"))
    event.listen(_table, "after_create", _trigger.execute_if(dialect="postgresql"))


def shown(url: str | URL) -> str:
    """Return a URL for a message: without its password.

    >>> shown("postgresql://ada:secret@host/show")
    'postgresql://ada:***@host/show'
    """
    return re.sub(r"(?<=:)[^:@/]+(?=@)", "***", str(url))


def open_engine(url: str | URL) -> Engine:
    """Open a database for the ledger.

    Raises
    ------
    BriefError
        It is no database URL.
    BackendError
        Its driver is not installed.
    """
    try:
        dialect = make_url(url).get_backend_name()
        if dialect == "sqlite":
            engine = create_engine(url, connect_args={"timeout": WAIT_S})
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        # A writer reads the head after it waited for its turn: it must see what the one before committed.
        return create_engine(url, isolation_level="READ COMMITTED")
    except ArgumentError as error:
        raise BriefError(f"{shown(url)!r} is no database URL", fix='write one as "sqlite:////path/show.db"') from error
    except ModuleNotFoundError as error:
        raise BackendError(
            f"the driver of {str(url).split(':')[0]} is not installed", fix=f"install {error.name}"
        ) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Hold the one writer's turn within a transaction."""
    with engine.connect().execution_options(ledger_begin="IMMEDIATE") as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
        yield connection


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Read several tables as they stood at one moment."""
    level = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**level) as connection:
        yield connection


def create_tables(engine: Engine) -> None:
    """Make the tables where missing; many processes may do so at once.

    Raises
    ------
    BackendError
        The database refuses.
    """
    try:
        with writing(engine) as connection:
            META.create_all(connection)
    except SQLAlchemyError as error:
        raise refusal("opened", error) from error


def refusal(verb: str, error: SQLAlchemyError) -> BackendError:
    """Return a database's refusal in our words."""
    reason = (str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__])[0]
    busy = isinstance(error, OperationalError) and "locked" in reason
    fix = "wait until the other writers are done" if busy else "check the database and its permissions"
    return BackendError(f"the ledger cannot be {verb}: {reason}", fix=fix)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver leaves BEGIN to us
    connection.execute("PRAGMA secure_delete=ON")  # an erased key is overwritten with zeros
    connection.execute("PRAGMA synchronous=FULL")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete":
        connection.execute("PRAGMA journal_mode=TRUNCATE")  # as safe, and a third of the time for each entry


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("ledger_begin") != "IMMEDIATE":
        connection.exec_driver_sql("BEGIN")
        return
    # SQLite's own wait sleeps up to 100 ms at a time, which starves eight writers: ask more often for the turn alone.
    until = time.monotonic() + WAIT_S
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError as error:
                if "locked" not in str(error.orig) or time.monotonic() > until:
                    raise
                time.sleep(random.uniform(0.001, 0.006))
            else:
                return
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={int(WAIT_S * 1000)}")
