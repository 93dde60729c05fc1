"""What the database knows of documents: rows of sealed objects, and of objects nobody points to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database.base import Base, BigInt, LongText

BATCH = 500  # rows or keys per statement
HEX_DIGITS = 64  # of a SHA-256


@dataclass(frozen=True)
class StoredDocument:
    """What must be known to get a document back, with the master key that wraps its key.

    `size` (bytes) and `sha256` (lowercase hex) are of the document, `stored_…` of its sealed
    object.
    """

    document_id: UUID
    generation: int
    object_key: str
    wrapped_key: bytes = field(repr=False)
    key_version: int
    commitment: bytes = field(repr=False)
    size: int
    sha256: str
    stored_size: int
    stored_sha256: str
    stored_at: datetime


class DocumentRow(Base):
    """The table `document`: one `StoredDocument` a row."""

    __tablename__ = "document"

    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    generation: Mapped[BigInt]
    object_key: Mapped[LongText] = mapped_column(unique=True)
    wrapped_key: Mapped[bytes]
    key_version: Mapped[int]
    commitment: Mapped[bytes]
    size: Mapped[BigInt]
    sha256: Mapped[str] = mapped_column(String(HEX_DIGITS))
    stored_size: Mapped[BigInt]
    stored_sha256: Mapped[str] = mapped_column(String(HEX_DIGITS))
    stored_at: Mapped[datetime]


class OrphanRow(Base):
    """The table `orphaned_object`: objects that no document points to, for a person to look at."""

    __tablename__ = "orphaned_object"

    object_key: Mapped[LongText] = mapped_column(primary_key=True)
    stored_size: Mapped[BigInt]
    modified_at: Mapped[datetime]
    quarantined_at: Mapped[datetime]


_FIELDS = tuple(StoredDocument.__dataclass_fields__)


def row_of(stored: StoredDocument) -> DocumentRow:
    """Gives the row for a document."""
    return DocumentRow(**{name: getattr(stored, name) for name in _FIELDS})


def stored_from(row: DocumentRow) -> StoredDocument:
    """Gives the document of a row."""
    return StoredDocument(**{name: getattr(row, name) for name in _FIELDS})


def documents_after(session: Session, after: UUID | None) -> list[StoredDocument]:
    """Gives the next `BATCH` documents in the order of their ids, from the beginning for None."""
    query = select(DocumentRow).order_by(DocumentRow.document_id).limit(BATCH)
    if after is not None:
        query = query.where(DocumentRow.document_id > after)
    return [stored_from(row) for row in session.scalars(query)]


def unknown_keys(session: Session, keys: Iterable[str]) -> set[str]:
    """Gives those of `keys` (at most `BATCH`) that neither a document nor an orphan has."""
    asked = set(keys)
    for column in (DocumentRow.object_key, OrphanRow.object_key):
        asked -= set(session.scalars(select(column).where(column.in_(asked))))
    return asked
