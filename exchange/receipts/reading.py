"""Receipts as the parties of their letter see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from exchange.downloads import Download, download
from exchange.errors import NotFound
from exchange.letters.access import sent_or_delivered
from exchange.parts import Parts
from exchange.people import Actor
from exchange.receipts.tables import ReceiptRow
from schemas.receipts import Upd, Upp, read_receipt
from storage import StoredDocument

RECEIPT_LIMIT = 4_000_000  # bytes: a receipt is some ten kB


@dataclass(frozen=True)
class ReceiptView:
    """A receipt opened: what it attests, in the words of its XML."""

    receipt_id: UUID
    letter_id: UUID
    kind: str
    identifier: str
    issued_at: datetime
    receipt: Upp | Upd
    sha256: str


class Receipts:
    """Read receipts; only the parties of their letter may."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def view(self, actor: Actor, receipt_id: UUID) -> ReceiptView:
        """Open a receipt; raises `NotFound` for everyone but the letter's parties."""
        row, stored = self._find(actor, receipt_id)
        content = self._parts.vault.read(stored, limit=RECEIPT_LIMIT)
        return ReceiptView(
            receipt_id=row.id,
            letter_id=row.letter_id,
            kind=row.kind,
            identifier=row.identifier,
            issued_at=row.issued_at,
            receipt=read_receipt(content),
            sha256=stored.sha256,
        )

    def download(self, actor: Actor, receipt_id: UUID) -> Download:
        """Give a receipt's bytes exactly as they were sealed or signed."""
        row, stored = self._find(actor, receipt_id)
        stem = f"{row.kind.lower()}-{row.letter_id}"
        return download(self._parts.vault.open(stored), stored.size, stem, "xml")

    def _find(self, actor: Actor, receipt_id: UUID) -> tuple[ReceiptRow, StoredDocument]:
        with self._parts.database.transaction() as session:
            row = self._row(session, receipt_id)
            sent_or_delivered(session, actor, row.letter_id)
            stored = self._parts.vault.find(session, row.document_id)
        if stored is None:
            raise NotFound
        return row, stored

    @staticmethod
    def _row(session: Session, receipt_id: UUID) -> ReceiptRow:
        row = session.get(ReceiptRow, receipt_id)
        if row is None:
            raise NotFound
        return row
