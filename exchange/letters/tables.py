"""Rows of drafts, filings and letters. Titles, names, file names and reports are sealed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage import Base

SHA256_HEX_LENGTH = 64


class DraftRow(Base):
    """A letter being prepared; seen only by the mailbox that prepares it."""

    __tablename__ = "draft"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    mailbox_id: Mapped[UUID] = mapped_column(ForeignKey("mailbox.id"), index=True)
    addressee_mailbox_id: Mapped[UUID] = mapped_column(ForeignKey("mailbox.id"))
    kind: Mapped[str] = mapped_column(String(10))
    title_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    file_name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.document_id"))
    signed_document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.document_id"))
    case_number: Mapped[str | None] = mapped_column(String(100))
    in_reply_to: Mapped[UUID | None] = mapped_column(ForeignKey("letter.id"))
    letter_id: Mapped[UUID | None] = mapped_column(ForeignKey("letter.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class FilingRow(Base):
    """The reservation of one filing: what a sender's message id stands for, for ever.

    Written and committed before the document is stored; `received_at` is the instant at which the
    last byte had arrived. `letter_id` is set in the transaction that accepts the letter.
    """

    __tablename__ = "filing"
    __table_args__ = (
        UniqueConstraint("sender_mailbox_id", "message_id"),
        Index("ix_filing_pending", "received_at", postgresql_where="letter_id IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sender_mailbox_id: Mapped[UUID] = mapped_column(ForeignKey("mailbox.id"))
    addressee_mailbox_id: Mapped[UUID] = mapped_column(ForeignKey("mailbox.id"))
    message_id: Mapped[str] = mapped_column(String(200))
    content_sha256: Mapped[str] = mapped_column(String(SHA256_HEX_LENGTH))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    letter_id: Mapped[UUID | None] = mapped_column(ForeignKey("letter.id"))


class LetterRow(Base):
    """A letter that was accepted: its document, its verdict and where it stands."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("ix_letter_sender_filed", "sender_mailbox_id", "filed_at"),
        Index("ix_letter_in_reply_to", "in_reply_to"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sender_mailbox_id: Mapped[UUID] = mapped_column(ForeignKey("mailbox.id"))
    addressee_mailbox_id: Mapped[UUID] = mapped_column(ForeignKey("mailbox.id"))
    message_id: Mapped[str] = mapped_column(String(200))
    mode: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(30))
    kind: Mapped[str] = mapped_column(String(10))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.document_id"), unique=True)
    content_sha256: Mapped[str] = mapped_column(String(SHA256_HEX_LENGTH))
    size: Mapped[int] = mapped_column(BigInteger)
    filed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    accepted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    delivered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    register_number: Mapped[str | None] = mapped_column(String(60))
    case_number: Mapped[str | None] = mapped_column(String(100))
    in_reply_to: Mapped[UUID | None] = mapped_column(ForeignKey("letter.id"))
    indication: Mapped[str] = mapped_column(String(20))
    formal_met: Mapped[str] = mapped_column(String(10))
    formal_code: Mapped[str] = mapped_column(String(40))
    title_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    file_name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sender_name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    addressee_name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    report_sealed: Mapped[bytes] = mapped_column(LargeBinary)


class RegisterRow(Base):
    """The last number given in an institution's register of incoming letters, by year."""

    __tablename__ = "incoming_register"

    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last_number: Mapped[int]
