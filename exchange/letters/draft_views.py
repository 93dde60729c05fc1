"""Drafts as their owners see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from exchange.letters.content import LetterContent
from exchange.people import MailboxRef


@dataclass(frozen=True)
class DraftView:
    """A draft as its owner sees it: the file that will be sent, and what can be done with it.

    `sha256` and `size` are of the file to be signed. `content` and `page_count` are of the signed
    file once there is one; the first is None for a PDF, the second for XML.
    """

    draft_id: UUID
    addressee: MailboxRef
    title: str
    kind: str
    file_name: str
    size: int
    sha256: str
    signed_sha256: str | None
    content: LetterContent | None
    page_count: int | None
    can_sign_here: bool
    case_number: str | None
    in_reply_to: UUID | None
    letter_id: UUID | None

    @property
    def signed(self) -> bool:
        """Whether there is a signed file that can be filed."""
        return self.signed_sha256 is not None


@dataclass(frozen=True)
class DraftSummary:
    """One line of the list of letters still being prepared."""

    draft_id: UUID
    title: str
    addressee_name: str
    created_at: datetime
    signed: bool
