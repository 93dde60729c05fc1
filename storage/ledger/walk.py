"""Verifying: one walk over the whole chain."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Row, func, select, true
from sqlalchemy.orm import Session

from storage.ledger.records import GENESIS, LedgerHead, LedgerPending, LedgerRecord, record_hash

BATCH = 1000  # rows fetched at once

# One statement, one snapshot: records that others append meanwhile are seen with their head or not
# at all. Columns and no objects: what a session has cached must not stand in for what is stored.
_QUERY = (
    select(
        LedgerHead.sequence.label("end"),
        LedgerHead.hash.label("end_hash"),
        *LedgerRecord.__table__.columns,
    )
    .select_from(LedgerHead)
    .outerjoin(LedgerRecord, true())
    .order_by(LedgerRecord.sequence)
    .execution_options(yield_per=BATCH)
)


@dataclass(frozen=True)
class LedgerCheck:
    """What verifying found: `intact`, or the first bad record and what is wrong with it.

    `records` is how many were good before that, `head` the hash of the last of them.
    """

    intact: bool
    records: int
    head: bytes
    bad_record: int | None = None
    reason: str | None = None


def check(session: Session) -> LedgerCheck:
    """Compares every record with its place in the chain and the last one with the head."""
    good, last = 0, GENESIS
    end: tuple[int, bytes] | None = None
    with closing(session.execute(_QUERY)) as rows:
        for row in rows:
            end = (row.end, row.end_hash)
            if row.sequence is None:
                break  # a head without any record
            fault = _fault(row, good + 1, last)
            if fault:
                return LedgerCheck(False, good, last, good + 1, fault)
            good, last = good + 1, row.hash
    fault = _fault_of_head(end, good, last) or _fault_of_pending(session)
    return LedgerCheck(fault is None, good, last, None if fault is None else good + 1, fault)


def _fault(row: Row[*tuple[object, ...]], expected: int, previous: bytes) -> str | None:
    if row.sequence != expected:
        return f"record {expected} is missing: after {expected - 1} comes {row.sequence}"
    if row.sequence > row.end:
        return f"the record stands behind the head, which says that the ledger ends at {row.end}"
    if row.previous_hash != previous:
        return "the record is not chained to the one before it: one of them was moved or put in"
    if _hash_of(row) != row.hash:
        return "the record is not what was written: a field was changed"
    return None


def _fault_of_head(end: tuple[int, bytes] | None, good: int, last: bytes) -> str | None:
    if end is None:
        return "the head of the ledger is missing"
    if end[0] > good:
        return f"the ledger was cut off here: its head says that it goes on to record {end[0]}"
    if end[1] != last:
        return "the head of the ledger was changed: it is not the hash of the last record"
    return None


def _fault_of_pending(session: Session) -> str | None:
    """Committed records that wait were never chained: the database's triggers were switched off."""
    waiting = session.scalar(select(func.count()).select_from(LedgerPending))
    return f"{waiting} records were committed but never chained" if waiting else None


def _hash_of(row: Row[*tuple[object, ...]]) -> bytes:
    return record_hash(
        sequence=row.sequence,
        recorded_at=row.recorded_at,
        event=row.event,
        subject=row.subject,
        actor=row.actor,
        facts=row.facts,
        previous_hash=row.previous_hash,
    )
