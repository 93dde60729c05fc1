"""Letters as their parties see them: lists, one letter, its files."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from exchange.letters.content import LetterContent
from exchange.letters.formal_requirement import FormalRequirement
from exchange.letters.states import LetterState, Mode
from exchange.people import MailboxRef
from exchange.texts import Language, phrase


@dataclass(frozen=True)
class LetterSummary:
    """One line of an inbox or outbox.

    `waiting` letters are closed until their addressee signs the UPD: for the addressee their
    `subject`, `register_number` and `indication` are None.
    """

    letter_id: UUID
    subject: str | None
    sender_name: str
    addressee_name: str
    filed_at: datetime
    delivered_at: datetime | None
    register_number: str | None
    case_number: str | None
    mode: Mode
    state: LetterState
    indication: str | None
    formal: FormalRequirement | None
    waiting: bool


@dataclass(frozen=True)
class ReceiptSummary:
    """One receipt of a letter."""

    receipt_id: UUID
    kind: str
    identifier: str
    issued_at: datetime


@dataclass(frozen=True)
class RelatedLetter:
    """A letter that this one answers, or that answers it."""

    letter_id: UUID
    subject: str
    filed_at: datetime


@dataclass(frozen=True)
class LetterView:
    """A letter opened by one of its parties.

    `report` is the JSON contract of validation with every PESEL masked, or None when the document
    could not be examined. `content` is None for a PDF, `page_count` None for a letter in XML.
    """

    summary: LetterSummary
    kind: str
    file_name: str
    size: int
    sha256: str
    message_id: str
    content: LetterContent | None
    page_count: int | None
    report: dict[str, Any] | None
    texts: dict[Language, dict[str, str]]
    receipts: tuple[ReceiptSummary, ...]
    in_reply_to: RelatedLetter | None
    replies: tuple[RelatedLetter, ...]
    sender: MailboxRef
    may_answer: bool

    def reason(self, language: Language) -> str:
        """Say the verdict's reason in one sentence."""
        return self._said("reason", language)

    def advice(self, language: Language) -> str:
        """Say what to do about it in one sentence."""
        return self._said("advice", language)

    def _said(self, what: str, language: Language) -> str:
        if self.report is None:
            return phrase("not_examined", language)
        return self.texts[language][what]


@dataclass(frozen=True)
class Page:
    """A page of a list, newest first; `number` counts from 1."""

    rows: tuple[LetterSummary, ...]
    number: int
    has_more: bool
