"""The append-only audit ledger: records chained by hash, written in the transaction of the fact they record.

A record's hash is SHA-256 over the canonical JSON of its fields and of the hash before it, so no record can be changed,
removed, moved or put in without every later hash changing; the head row says where the chain ends. Facts are
identifiers, digests, states and numbers: personal data never enter the ledger, because nothing ever leaves it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from sqlalchemy import Row, event, insert, select, true, update
from sqlalchemy.orm import Mapped, SessionTransaction, mapped_column
from sqlalchemy.orm import Session as SqlalchemySession

from storage.database.base import Base
from storage.database.database import Session
from storage.failpoints import failpoint

JSON: TypeAlias = "str | int | bool | None | list[JSON] | dict[str, JSON]"
HASH_SIZE = 32
GENESIS = bytes(HASH_SIZE)  # what the first record is chained to
VERIFY_BATCH = 1000  # rows fetched at once
_PENDING = "storage.ledger.pending"
_MARKS = "storage.ledger.marks"


class LedgerRecord(Base):
    """The table `ledger_record`."""

    __tablename__ = "ledger_record"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime]
    event: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    actor: Mapped[str]
    facts: Mapped[str]
    previous_hash: Mapped[bytes]
    hash: Mapped[bytes]


class LedgerHead(Base):
    """The table `ledger_head`: one row, the end of the chain."""

    __tablename__ = "ledger_head"

    singleton: Mapped[bool] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    hash: Mapped[bytes]


@dataclass(frozen=True)
class LedgerCheck:
    """What verifying found: `intact`, or the first bad record and what is wrong with it."""

    intact: bool
    records: int
    head: bytes
    bad_record: int | None = None
    reason: str | None = None


class Anchor(Protocol):
    """Fixes the head of the ledger outside this database (a timestamp, a copy elsewhere); handed in by `app.py`."""

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

        `subject` and `actor` are identifiers, `facts` identifiers, digests, states and integers; no names, no PESEL, no
        floats. The chain is extended under the head's lock as the last act before the commit. `session` must come from
        `Database.transaction`. Raises `ValueError` for facts that have no canonical form.
        """
        if not isinstance(session, Session):
            raise TypeError("The ledger needs a session of storage.Database.")
        entry = _Entry(event, subject, actor, canonical(dict(facts)), self._clock)
        session.info.setdefault(_PENDING, []).append(entry)
        if not session.in_transaction():
            session.begin()

    def verify(self, session: SqlalchemySession) -> LedgerCheck:
        """Walks the whole chain in constant memory and names the first record that is not as it was written."""
        expected, previous = 1, GENESIS
        head: tuple[int, bytes] | None = None
        for record, end_sequence, end_hash in _walk(session):
            head = (end_sequence, end_hash)
            if record is None:
                break
            fault = _fault(record, expected, previous, head)
            if fault:
                return LedgerCheck(False, expected - 1, previous, expected, fault)
            expected, previous = expected + 1, record.hash
        return _compare_head(head, expected - 1, previous)


def canonical(value: JSON) -> str:
    """Gives the one JSON text of a value: sorted keys, no spaces, no floats. Raises `ValueError` for anything else."""
    _refuse_floats(value)
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def record_hash(
    *,
    sequence: int,
    recorded_at: datetime,
    event: str,
    subject: str,
    actor: str,
    facts: str,
    previous_hash: bytes,
) -> bytes:
    """Gives the hash of a record: SHA-256 over the canonical JSON of its fields, `facts` being text, times UTC."""
    fields: dict[str, JSON] = {
        "actor": actor,
        "event": event,
        "facts": facts,
        "previous": previous_hash.hex(),
        "sequence": sequence,
        "subject": subject,
        "time": recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    return hashlib.sha256(canonical(fields).encode()).digest()


def _refuse_floats(value: object) -> None:
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("Facts of the ledger have text keys.")
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _refuse_floats(item)
    elif not isinstance(value, str | int | None):
        raise ValueError(
            f"Facts of the ledger are text, integers, booleans, lists and objects, not {type(value)}."
        )


# --- in the session: what is pending follows savepoints, and is chained as the last act before the commit


@event.listens_for(Session, "after_transaction_create")
def _mark_savepoint(session: SqlalchemySession, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(_MARKS, {})[transaction] = len(session.info.get(_PENDING, ()))


@event.listens_for(Session, "after_soft_rollback")
def _forget_rolled_back(session: SqlalchemySession, transaction: SessionTransaction) -> None:
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
        return
    session.flush()
    failpoint("before_db_commit")
    _extend_chain(session, pending)
    pending.clear()


def _extend_chain(session: SqlalchemySession, pending: list[_Entry]) -> None:
    head = session.execute(select(LedgerHead.sequence, LedgerHead.hash).with_for_update()).one()
    sequence, previous = head.sequence, head.hash
    rows: list[dict[str, object]] = []
    for entry in pending:
        sequence += 1
        row = {
            "sequence": sequence,
            "recorded_at": entry.clock(),
            "event": entry.event,
            "subject": entry.subject,
            "actor": entry.actor,
            "facts": entry.facts,
            "previous_hash": previous,
        }
        previous = record_hash(**row)
        rows.append({**row, "hash": previous})
    session.execute(insert(LedgerRecord), rows)
    failpoint("mid_audit_append")
    session.execute(update(LedgerHead).values(sequence=sequence, hash=previous))


# --- verifying


def _walk(session: SqlalchemySession) -> Iterator[Row[tuple[LedgerRecord | None, int, bytes]]]:
    """Every record beside the head, in one statement and therefore one snapshot; the head alone when there is none."""
    query = (
        select(LedgerRecord, LedgerHead.sequence, LedgerHead.hash)
        .select_from(LedgerHead)
        .outerjoin(LedgerRecord, true())
        .order_by(LedgerRecord.sequence)
        .execution_options(yield_per=VERIFY_BATCH)
    )
    yield from session.execute(query)


def _fault(
    record: LedgerRecord, expected: int, previous: bytes, head: tuple[int, bytes]
) -> str | None:
    """Says what is wrong with the record found where `expected` should stand; None when nothing is."""
    if record.sequence != expected:
        return f"record {expected} is missing; record {record.sequence} follows"
    if record.sequence > head[0]:
        return f"the record stands behind the head ({head[0]}): it was put in"
    if record.previous_hash != previous:
        return (
            "the record is not chained to the one before it: records were put in, moved or removed"
        )
    if _hash_of(record) != record.hash:
        return "the record's fields were changed after it was written"
    return None


def _compare_head(head: tuple[int, bytes] | None, records: int, last: bytes) -> LedgerCheck:
    if head is None:
        return LedgerCheck(False, records, last, records + 1, "the head of the ledger is missing")
    if head[0] > records:
        return LedgerCheck(
            False,
            records,
            last,
            records + 1,
            f"the records from here to {head[0]} are missing: the tail was cut off",
        )
    if head[1] != last:
        return LedgerCheck(
            False, records, last, max(records, 1), "the head does not match the last record"
        )
    return LedgerCheck(True, records, last)


def _hash_of(record: LedgerRecord) -> bytes:
    return record_hash(
        sequence=record.sequence,
        recorded_at=record.recorded_at,
        event=record.event,
        subject=record.subject,
        actor=record.actor,
        facts=record.facts,
        previous_hash=record.previous_hash,
    )
