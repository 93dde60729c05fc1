"""What a sender files, and what they get for it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from exchange.people import Actor
from exchange.streams import Seekable


@dataclass(frozen=True)
class Submission:
    """A whole signed document and where it shall go.

    `message_id` is the sender's own name for this filing: the same id stands for the same bytes
    for ever. `content` is read from its beginning; `sha256` is lowercase hex of all its bytes.
    """

    sender: Actor
    addressee_mailbox_id: UUID
    message_id: str
    content: Seekable
    sha256: str
    size: int
    kind: str
    received_at: datetime
    title: str
    file_name: str
    case_number: str | None = None
    in_reply_to: UUID | None = None


@dataclass(frozen=True)
class Filed:
    """A filing that is committed. `receipt_id` is None where the mode gives no receipt now."""

    letter_id: UUID
    receipt_id: UUID | None
