"""Appending and verifying."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import insert
from sqlalchemy.orm import Session

from storage.failpoints import failpoint
from storage.ledger.records import JSON, LedgerPending, canonical
from storage.ledger.walk import LedgerCheck, check


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


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """Appends to the ledger and verifies it."""

    def __init__(self, *, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock

    def append(
        self,
        session: Session,
        *,
        event: str,
        subject: str,
        actor: str,
        facts: Mapping[str, JSON],
    ) -> None:
        """Adds a record to `session`'s transaction: it is there when that commits, and only then.

        `subject` and `actor` are identifiers; `facts` identifiers, digests, states and integers: no
        names, no PESEL. The database numbers and chains the record as the last act of the commit
        (a deferred trigger), so nobody waits for a transaction that is still working. Raises
        `ValueError` for facts that have no canonical form (floats, dates, bytes).
        """
        record = {
            "recorded_at": self._clock(),
            "event": event,
            "subject": subject,
            "actor": actor,
            "facts": canonical(dict(facts)),
        }
        session.execute(insert(LedgerPending).values(record))
        failpoint("mid_audit_append")

    def verify(self, session: Session) -> LedgerCheck:
        """Walks the chain in constant memory; names the first record that is not as written.

        Use a transaction that has appended nothing itself.
        """
        return check(session)
