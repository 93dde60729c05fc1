"""Rows of mailboxes and of what lies in them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage import Base


class MailboxRow(Base):
    """Where letters arrive: one of a person, or one of an institution (its ESP)."""

    __tablename__ = "mailbox"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (institution_id IS NULL)", name="one_owner"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(200), unique=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), unique=True)
    institution_id: Mapped[UUID | None] = mapped_column(ForeignKey("institution.id"), unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class InboxEntryRow(Base):
    """A letter placed in a mailbox: at most once, whoever tries again."""

    __tablename__ = "inbox_entry"
    __table_args__ = (Index("ix_inbox_entry_mailbox_placed", "mailbox_id", "placed_at"),)

    letter_id: Mapped[UUID] = mapped_column(ForeignKey("letter.id"), primary_key=True)
    mailbox_id: Mapped[UUID] = mapped_column(ForeignKey("mailbox.id"), primary_key=True)
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
