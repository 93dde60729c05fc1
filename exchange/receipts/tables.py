"""Rows of official receipts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage import Base


class ReceiptRow(Base):
    """A sealed UPP or a signed UPD; one of a kind for a letter, its bytes never change."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("letter_id", "kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    letter_id: Mapped[UUID] = mapped_column(ForeignKey("letter.id"))
    kind: Mapped[str] = mapped_column(String(3))
    identifier: Mapped[str] = mapped_column(String(60), unique=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.document_id"), unique=True)
    issued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class UpdDraftRow(Base):
    """The proof of delivery last shown to an addressee, waiting for their signature."""

    __tablename__ = "upd_draft"

    letter_id: Mapped[UUID] = mapped_column(ForeignKey("letter.id"), primary_key=True)
    identifier: Mapped[str] = mapped_column(String(60))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.document_id"))
    prepared_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
