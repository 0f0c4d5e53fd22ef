"""The ledger itself: append, read, erase, prove."""

import json
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, get_args

from sqlalchemy import URL, Connection, Engine, delete, func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from secondunit.clearance.keys import SigningKey
from secondunit.clearance.ledger.checkpoint import Checkpoint, leaves_of, public_part, sign_checkpoint
from secondunit.clearance.ledger.entry import GENESIS, Entry, Kind, body_text, entry_hash
from secondunit.clearance.ledger.merkle import consistency_proof, inclusion_proof, root_of
from secondunit.clearance.ledger.tables import LEDGER, PRIVATE, VAULT, create_tables, open_engine, refusal, writing
from secondunit.clearance.ledger.vault import Sealed, seal, unseal
from secondunit.core.errors import BriefError, StoreError

_TRIES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A Merkle proof: of an entry within a tree, or of an old tree within a new one."""

    index: int
    """The entry, or the size of the old tree."""
    size: int
    root: str
    path: tuple[str, ...]


class Ledger:
    """An open ledger. Many processes may write to one; each entry is committed before it is returned."""

    def __init__(self, url: str | URL, *, policy: str = "") -> None:
        """Open the ledger, its tables made where missing.

        Parameters
        ----------
        url
            SQLAlchemy URL of the database.
        policy
            Digest of the policy in force, which every entry then carries.
        """
        self._url, self._policy = url, policy
        self._engine, self._process = open_engine(url), os.getpid()
        self._left: list[Engine] = []
        create_tables(self._engine)

    def append(self, kind: Kind, body: Mapping[str, Any], *, private: Mapping[str, Any] | None = None) -> Entry:
        """Append an entry and return it once it is committed.

        Parameters
        ----------
        body
            What anybody may read, for ever: no names, no prompts.
        private
            What may have to be erased one day: kept encrypted, its salted hash in the chain.

        Raises
        ------
        BriefError
            The kind is unknown, or a body holds what JSON cannot say.
        BackendError
            The database refuses, or is busy for too long.
        """
        return self._write(lambda connection: self._append(connection, kind, body, private))

    def entries(self, *, kind: Kind | None = None) -> tuple[Entry, ...]:
        """Return the entries, oldest first."""
        query = select(LEDGER).order_by(LEDGER.c.seq)
        if kind is not None:
            query = query.where(LEDGER.c.kind == kind)
        return tuple(Entry(**row) for row in self._read(query))

    def private(self, entry: Entry) -> Mapping[str, Any] | None:
        """Return an entry's private body; None where it has none or its key was erased.

        Raises
        ------
        StoreError
            The private body is not the one that was recorded.
        """
        query = select(PRIVATE.c.nonce, PRIVATE.c.cipher, VAULT.c.key).join(VAULT, VAULT.c.seq == PRIVATE.c.seq)
        rows = self._read(query.where(PRIVATE.c.seq == entry.seq)) if entry.sealed else []
        if not rows:
            return None
        body = unseal(commitment=entry.sealed, **rows[0])
        if body is None:
            raise StoreError(f"the private body of entry {entry.seq} was altered", fix="secondunit clearance verify")
        parsed: Mapping[str, Any] = json.loads(body)
        return parsed

    def erase(self, entry: Entry, *, reason: str) -> Entry:
        """Destroy the key of an entry's private body; return the erasure's own entry.

        Raises
        ------
        BriefError
            The entry has nothing private, or it was erased before.
        """

        def work(connection: Connection) -> Entry:
            gone = connection.execute(delete(VAULT).where(VAULT.c.seq == entry.seq)).rowcount
            if not gone:
                raise BriefError(f"entry {entry.seq} has nothing private left", fix="nothing is to be erased")
            return self._append(connection, "erasure", {"entry": entry.seq, "reason": reason}, None)

        return self._write(work)

    def checkpoint(self, key: SigningKey) -> Checkpoint:
        """Sign the ledger as it stands, record that, and return the checkpoint for a witness.

        Raises
        ------
        BriefError
            The ledger is empty.
        """
        point = sign_checkpoint(key, self._hashes(), at=_now())
        self.append("checkpoint", public_part(point))
        return point

    def root(self, *, size: int | None = None) -> str:
        """Return the Merkle root over the first entries, or all."""
        return root_of(leaves_of(self._hashes(size))).hex()

    def inclusion(self, seq: int, *, size: int | None = None) -> Proof:
        """Return the proof that an entry is in the tree of a size.

        Raises
        ------
        IndexError
            It is not.
        """
        leaves = leaves_of(self._hashes(size))
        path = tuple(step.hex() for step in inclusion_proof(seq, leaves))
        return Proof(index=seq, size=len(leaves), root=root_of(leaves).hex(), path=path)

    def consistency(self, old: int, *, size: int | None = None) -> Proof:
        """Return the proof that the tree of ``old`` entries is a prefix of the tree of a size.

        Raises
        ------
        IndexError
            The old tree is empty or the larger one.
        """
        leaves = leaves_of(self._hashes(size))
        path = tuple(step.hex() for step in consistency_proof(old, leaves))
        return Proof(index=old, size=len(leaves), root=root_of(leaves).hex(), path=path)

    def size(self) -> int:
        """Return the number of entries."""
        return int(self._read(select(func.count().label("n")).select_from(LEDGER))[0]["n"])

    def close(self) -> None:
        """Close the database's connections."""
        self._connected().dispose()

    def _append(
        self, connection: Connection, kind: Kind, body: Mapping[str, Any], private: Mapping[str, Any] | None
    ) -> Entry:
        if kind not in get_args(Kind):
            raise BriefError(f"{kind!r} is no kind of entry", fix=f"use {', '.join(get_args(Kind))}")
        sealed = seal(body_text(private)) if private is not None else None
        head = connection.execute(select(LEDGER.c.seq, LEDGER.c.hash).order_by(LEDGER.c.seq.desc()).limit(1)).first()
        columns: dict[str, Any] = {
            "seq": head.seq + 1 if head else 0,
            "at": _now(),
            "kind": kind,
            "policy": self._policy,
            "body": body_text(body),
            "sealed": sealed.commitment if sealed else "",
            "prev": head.hash if head else GENESIS,
        }
        entry = Entry(**columns, hash=entry_hash(**columns))
        connection.execute(insert(LEDGER).values(**columns, hash=entry.hash))
        if sealed:
            _keep(connection, entry.seq, sealed)
        return entry

    def _write(self, work: Callable[[Connection], Entry]) -> Entry:
        engine = self._connected()
        for attempt in range(_TRIES):
            try:
                with writing(engine) as connection:
                    return work(connection)
            except (IntegrityError, OperationalError) as error:
                # Somebody else took this place in the chain, or the database was busy: read the head again.
                if attempt == _TRIES - 1 or not _may_pass(error):
                    raise refusal("written", error) from error
                time.sleep(random.uniform(0.005, 0.02) * 2 ** min(attempt, 5))
            except SQLAlchemyError as error:
                raise refusal("written", error) from error
        raise AssertionError("unreachable")

    def _read(self, query: Any) -> list[dict[str, Any]]:
        try:
            with self._connected().connect() as connection:
                return [dict(row) for row in connection.execute(query).mappings()]
        except SQLAlchemyError as error:
            raise refusal("read", error) from error

    def _hashes(self, size: int | None = None) -> list[str]:
        hashes = [row["hash"] for row in self._read(select(LEDGER.c.hash).order_by(LEDGER.c.seq))]
        if size is not None and not 0 <= size <= len(hashes):
            raise IndexError(f"a tree of {size} in a ledger of {len(hashes)}")
        return hashes if size is None else hashes[:size]

    def _connected(self) -> Engine:
        if self._process != os.getpid():
            # Connections do not survive a fork, and closing a copy of one would end the parent's: it is left alone.
            self._left.append(self._engine)
            self._engine, self._process = open_engine(self._url), os.getpid()
        return self._engine


def _keep(connection: Connection, seq: int, sealed: Sealed) -> None:
    connection.execute(insert(PRIVATE).values(seq=seq, nonce=sealed.nonce, cipher=sealed.cipher))
    connection.execute(insert(VAULT).values(seq=seq, key=sealed.key))


def _may_pass(error: SQLAlchemyError) -> bool:
    reason = str(getattr(error, "orig", error)).lower()
    return isinstance(error, IntegrityError) or any(w in reason for w in ("locked", "serialize", "deadlock"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
