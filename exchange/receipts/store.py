"""Keeping receipts: their bytes in the vault, their rows beside the letter, their ledger record."""

from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.parts import Parts
from exchange.receipts.tables import ReceiptRow
from storage import StoredDocument

ReceiptKind = Literal["UPP", "UPD"]


def find_receipt(session: Session, letter_id: UUID, kind: ReceiptKind) -> ReceiptRow | None:
    """Give a letter's receipt of a kind, if it was issued."""
    return session.scalar(
        select(ReceiptRow).where(ReceiptRow.letter_id == letter_id, ReceiptRow.kind == kind)
    )


def keep_receipt(
    parts: Parts,
    session: Session,
    *,
    letter_id: UUID,
    kind: ReceiptKind,
    identifier: str,
    stored: StoredDocument,
    issued_at: datetime,
    actor: str,
) -> ReceiptRow:
    """Record a finished receipt that lies in the vault; the caller must hold the letter's lock."""
    parts.vault.record(session, stored)
    session.flush()
    row = ReceiptRow(
        id=uuid4(),
        letter_id=letter_id,
        kind=kind,
        identifier=identifier,
        document_id=stored.document_id,
        issued_at=issued_at,
    )
    session.add(row)
    parts.ledger.append(
        session,
        event="receipt.issued",
        subject=f"letter:{letter_id}",
        actor=actor,
        facts={
            "kind": kind,
            "identifier": identifier,
            "sha256": stored.sha256,
        },
    )
    session.flush()
    return row
