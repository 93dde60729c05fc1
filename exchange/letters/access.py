"""Who may see a letter: its sender, and its addressee once it was delivered. Nobody else, ever.

Every page, download and image of a letter goes through here, so that a stranger's request and a
request for nothing end alike, in `NotFound`.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from exchange.errors import NotAllowed, NotFound
from exchange.letters.states import LetterState
from exchange.letters.tables import LetterRow
from exchange.people import Actor, Right


def sent_or_delivered(session: Session, actor: Actor, letter_id: UUID) -> LetterRow:
    """Give a letter whose content the actor may see; raises `NotFound`."""
    row = session.get(LetterRow, letter_id)
    _require(actor)
    mailbox_id = actor.mailbox.mailbox_id
    if row is not None and row.sender_mailbox_id == mailbox_id:
        return row
    if (
        row is not None
        and row.addressee_mailbox_id == mailbox_id
        and row.state == LetterState.DELIVERED
    ):
        return row
    raise NotFound


def waiting_for(
    session: Session, actor: Actor, letter_id: UUID, *, lock: bool = False
) -> LetterRow:
    """Give a letter that waits, or waited, for the actor's UPD; raises `NotFound`."""
    row = session.get(LetterRow, letter_id, with_for_update=lock or None)
    _require(actor)
    if (
        row is None
        or row.addressee_mailbox_id != actor.mailbox.mailbox_id
        or row.mode != "UPD"
        or row.state == LetterState.ACCEPTED
    ):
        raise NotFound
    return row


def _require(actor: Actor) -> None:
    if not actor.can(Right.READ):
        raise NotAllowed
