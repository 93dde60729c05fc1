"""Clearing up after attempts that ended half way: what was never acknowledged may go."""

from datetime import timedelta

from sqlalchemy import delete

from exchange.letters.tables import FilingRow
from exchange.parts import Parts

ABANDONED_AFTER = timedelta(hours=24)  # far beyond the longest attempt at filing


class Sweep:
    """Remove abandoned reservations and set orphaned objects aside."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def run(self) -> int:
        """Sweep once; gives how many objects were newly quarantined.

        A reservation without a letter was never acknowledged: its sender files again and gets a
        new one. Its object, if any, is without a row and is quarantined, never deleted here.
        """
        before = self._parts.clock() - ABANDONED_AFTER
        with self._parts.database.transaction() as session:
            session.execute(
                delete(FilingRow).where(
                    FilingRow.letter_id.is_(None), FilingRow.received_at < before
                )
            )
            return self._parts.vault.quarantine_orphans(session, older_than=before)
