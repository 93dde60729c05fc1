"""Appending: records wait in the session and are chained as the last act before its commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session as SqlalchemySession
from sqlalchemy.orm import SessionTransaction

from storage.database.database import Session
from storage.failpoints import failpoint
from storage.ledger.records import JSON, LedgerHead, LedgerRecord, canonical, record_hash
from storage.ledger.walk import LedgerCheck, check

# Where a session keeps what waits, and how much of it there was when each savepoint was set.
_PENDING = "storage.ledger.pending"
_MARKS = "storage.ledger.marks"


class Anchor(Protocol):
    """Fixes the ledger's head outside this database (a timestamp, a copy elsewhere).

    What a hash chain cannot show, that all of it was written anew, an anchor does. `app.py` hands
    the implementation in.
    """

    def fix(self, sequence: int, head: bytes) -> bytes:
        """Gives proof that the chain ended in `head` at record `sequence` by now."""
        ...

    def check(self, sequence: int, head: bytes, proof: bytes) -> bool:
        """Whether `proof` is for this head."""
        ...


@dataclass(frozen=True)
class _Entry:
    event: str
    subject: str
    actor: str
    facts: str
    clock: Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """Appends to the ledger and verifies it."""

    def __init__(self, *, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock

    def append(
        self,
        session: SqlalchemySession,
        *,
        event: str,
        subject: str,
        actor: str,
        facts: Mapping[str, JSON],
    ) -> None:
        """Adds a record to `session`'s transaction: it is there when that commits, and only then.

        `subject` and `actor` are identifiers; `facts` identifiers, digests, states and integers: no
        names, no PESEL. The chain is extended under the head's lock as the last act before the
        commit, so the lock is held for one round trip. `session` comes from `Database.transaction`.
        Raises `ValueError` for facts that have no canonical form (floats, dates, bytes).
        """
        if not isinstance(session, Session):
            raise TypeError("The ledger needs a session from Database.transaction.")
        entry = _Entry(event, subject, actor, canonical(dict(facts)), self._clock)
        session.info.setdefault(_PENDING, []).append(entry)

    def verify(self, session: SqlalchemySession) -> LedgerCheck:
        """Walks the chain in constant memory; names the first record that is not as written."""
        return check(session)


@event.listens_for(Session, "after_transaction_create")
def _mark_savepoint(session: SqlalchemySession, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(_MARKS, {})[transaction] = len(session.info.get(_PENDING, ()))


@event.listens_for(Session, "after_soft_rollback")
def _forget_undone(session: SqlalchemySession, transaction: SessionTransaction) -> None:
    """What was appended after a savepoint goes with it; all of it with the whole transaction."""
    mark = session.info.get(_MARKS, {}).get(transaction, 0)
    del session.info.get(_PENDING, [])[mark:]


@event.listens_for(Session, "after_transaction_end")
def _forget_ended(session: SqlalchemySession, transaction: SessionTransaction) -> None:
    session.info.get(_MARKS, {}).pop(transaction, None)
    if transaction.parent is None:
        session.info.pop(_PENDING, None)


@event.listens_for(Session, "before_commit")
def _chain_pending(session: SqlalchemySession) -> None:
    pending: list[_Entry] = session.info.get(_PENDING, [])
    if not pending or session.in_nested_transaction():
        return  # the release of a savepoint announces itself as a commit, too
    session.flush()  # everything else first: the head is locked last, so nobody waits behind it
    failpoint("before_db_commit")
    _extend_chain(session, pending)
    pending.clear()


def _extend_chain(session: SqlalchemySession, pending: list[_Entry]) -> None:
    query = select(LedgerHead.sequence, LedgerHead.hash).with_for_update()
    head = session.execute(query).one()
    sequence, previous = head.sequence, head.hash
    rows: list[dict[str, Any]] = []
    for entry in pending:
        sequence += 1
        fields: dict[str, Any] = {
            "sequence": sequence,
            "recorded_at": entry.clock(),
            "event": entry.event,
            "subject": entry.subject,
            "actor": entry.actor,
            "facts": entry.facts,
            "previous_hash": previous,
        }
        previous = record_hash(**fields)
        rows.append({**fields, "hash": previous})
    session.execute(insert(LedgerRecord), rows)
    failpoint("mid_audit_append")
    session.execute(update(LedgerHead).values(sequence=sequence, hash=previous))
