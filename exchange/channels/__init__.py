"""How a letter leaves and arrives. A letter never knows its channel."""

from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from exchange.channels.local import LocalChannel
from exchange.letters.tables import LetterRow

__all__ = ["Channel", "LocalChannel"]


class Channel(Protocol):
    """One way to an addressee."""

    def hand_over(self, session: Session, letter: LetterRow, now: datetime) -> bool:
        """Bring a letter to its addressee in the caller's transaction; False if it was there."""
