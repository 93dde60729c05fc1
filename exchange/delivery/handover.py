"""The job that brings an accepted letter to its addressee's mailbox."""

from uuid import UUID

from exchange.channels import Channel
from exchange.errors import NotFound
from exchange.letters.states import LetterState, Mode, next_state
from exchange.letters.tables import LetterRow
from exchange.parts import Parts
from storage import failpoint


class Handover:
    """Move letters on from ``accepted``."""

    def __init__(self, parts: Parts, channel: Channel) -> None:
        self._parts = parts
        self._channel = channel

    def deliver(self, letter_id: UUID) -> None:
        """Hand a letter to its channel, once; later calls change nothing.

        A letter in UPP mode is delivered from its filing time on, as its UPP says; one in UPD mode
        waits for its addressee's signature.
        """
        with self._parts.database.transaction() as session:
            letter = session.get(LetterRow, letter_id, with_for_update=True)
            if letter is None:
                raise NotFound
            if letter.state != LetterState.ACCEPTED:
                return
            now = self._parts.clock()
            mode = Mode(letter.mode)
            self._channel.hand_over(session, letter, now)
            letter.state = next_state(mode, LetterState.ACCEPTED)
            if letter.state == LetterState.DELIVERED:
                letter.delivered_at = letter.filed_at
            self._parts.ledger.append(
                session,
                event="letter.handed_over",
                subject=f"letter:{letter.id}",
                actor="service",
                facts={"state": letter.state},
            )
            failpoint("after_send_before_mark")
