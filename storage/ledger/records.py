"""What a record is, and what is hashed of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from sqlalchemy import Identity
from sqlalchemy.orm import Mapped, mapped_column

from storage.database.base import Base, BigInt, LongText

JSON: TypeAlias = "str | int | bool | Sequence[JSON] | Mapping[str, JSON] | None"
HASH_SIZE = 32
GENESIS = bytes(HASH_SIZE)  # what the first record is chained to


class LedgerRecord(Base):
    """The table `ledger_record`: the database refuses to change or delete its rows."""

    __tablename__ = "ledger_record"

    sequence: Mapped[BigInt] = mapped_column(primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime]
    event: Mapped[LongText]
    subject: Mapped[LongText] = mapped_column(index=True)
    actor: Mapped[LongText]
    facts: Mapped[LongText]
    previous_hash: Mapped[bytes]
    hash: Mapped[bytes]


class LedgerPending(Base):
    """The table `ledger_pending`: records of a running transaction, chained when it commits."""

    __tablename__ = "ledger_pending"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    pending_id: Mapped[BigInt] = mapped_column(Identity(), primary_key=True)
    recorded_at: Mapped[datetime]
    event: Mapped[LongText]
    subject: Mapped[LongText]
    actor: Mapped[LongText]
    facts: Mapped[LongText]


class LedgerHead(Base):
    """The table `ledger_head`: one row, the end of the chain, which only moves forward."""

    __tablename__ = "ledger_head"

    singleton: Mapped[bool] = mapped_column(primary_key=True)
    sequence: Mapped[BigInt]
    hash: Mapped[bytes]


def canonical(value: JSON) -> str:
    """Gives the one JSON text of a value: sorted keys, no spaces, no floats.

    Raises `ValueError` for what has no such form.
    """
    _refuse_others(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


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
    """Gives the hash of a record: SHA-256 over the canonical JSON of its fields.

    The database makes it when a record is written (`ledger_chain` in the migration); here it is
    made again to verify. `facts` enters as the text it is stored as, the time in UTC with
    microseconds.
    """
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


def _refuse_others(value: object) -> None:
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("Facts of the ledger have text keys.")
        for item in value.values():
            _refuse_others(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_others(item)
    elif not isinstance(value, str | int | None):
        raise ValueError(  # noqa: TRY004 - one error for every value without a canonical form
            "Facts of the ledger are text, integers, booleans, lists and objects, "
            f"not {type(value).__name__}."
        )
