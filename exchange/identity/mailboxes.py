"""The directory of mailboxes, as pages ask for it."""

from uuid import UUID

from exchange.identity.directory import Directory
from exchange.parts import Parts
from exchange.people import MailboxRef


class Mailboxes:
    """Who can be written to."""

    def __init__(self, parts: Parts, directory: Directory) -> None:
        self._parts = parts
        self._directory = directory

    def offices(self) -> list[MailboxRef]:
        """Give the offices' mailboxes by name."""
        with self._parts.database.transaction() as session:
            return self._directory.offices(session)

    def find(self, mailbox_id: UUID) -> MailboxRef:
        """Give a mailbox by its id; raises `NotFound`."""
        with self._parts.database.transaction() as session:
            return self._directory.get(session, mailbox_id)
