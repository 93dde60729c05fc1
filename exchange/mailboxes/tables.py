"""Rows of what lies in mailboxes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage import Base


class InboxEntryRow(Base):
    """A letter placed in a mailbox: at most once, whoever tries again."""

    __tablename__ = "inbox_entry"
    __table_args__ = (Index("ix_inbox_entry_mailbox_placed", "mailbox_id", "placed_at"),)

    letter_id: Mapped[UUID] = mapped_column(ForeignKey("letter.id"), primary_key=True)
    mailbox_id: Mapped[UUID] = mapped_column(ForeignKey("mailbox.id"), primary_key=True)
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
