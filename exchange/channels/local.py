"""The channel between two mailboxes of the same house."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from exchange.letters.tables import LetterRow
from exchange.mailboxes.tables import InboxEntryRow


class LocalChannel:
    """Places letters into mailboxes kept here."""

    def hand_over(self, session: Session, letter: LetterRow, now: datetime) -> bool:
        """Place a letter in its addressee's mailbox; False when it already lay there."""
        placed = session.execute(
            insert(InboxEntryRow)
            .values(letter_id=letter.id, mailbox_id=letter.addressee_mailbox_id, placed_at=now)
            .on_conflict_do_nothing()
            .returning(InboxEntryRow.letter_id)
        )
        return placed.scalar_one_or_none() is not None
