"""Reading letters: inbox, outbox, one letter, its attachments and page images."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from exchange.downloads import Download, download
from exchange.errors import NotFound
from exchange.identity.directory import Directory
from exchange.letters.access import sent_or_delivered
from exchange.letters.content import read_attachment, read_content
from exchange.letters.formal_requirement import FormalRequirement
from exchange.letters.pages import count_pages, draw_page
from exchange.letters.rows import open_letter, open_report
from exchange.letters.states import LetterState, Mode
from exchange.letters.tables import LetterRow
from exchange.mailboxes.tables import InboxEntryRow
from exchange.mailboxes.views import (
    LetterSummary,
    LetterView,
    Page,
    ReceiptSummary,
    RelatedLetter,
)
from exchange.parts import Parts
from exchange.people import Actor, Right
from exchange.receipts.tables import ReceiptRow
from storage import StoredDocument

PAGE_LENGTH = 25  # letters a page: a screen and a half


class Letters:
    """What the parties of a letter may see of it."""

    def __init__(self, parts: Parts, directory: Directory) -> None:
        self._parts = parts
        self._directory = directory

    def inbox(self, actor: Actor, page: int = 1) -> Page:
        """Give the letters in the actor's mailbox, newest first."""
        placed = (
            select(LetterRow)
            .join(InboxEntryRow, InboxEntryRow.letter_id == LetterRow.id)
            .where(InboxEntryRow.mailbox_id == actor.mailbox.mailbox_id)
            .order_by(InboxEntryRow.placed_at.desc(), LetterRow.id)
        )
        return self._page(actor, placed, page)

    def outbox(self, actor: Actor, page: int = 1) -> Page:
        """Give the letters that the actor's mailbox sent, newest first."""
        sent = (
            select(LetterRow)
            .where(LetterRow.sender_mailbox_id == actor.mailbox.mailbox_id)
            .order_by(LetterRow.filed_at.desc(), LetterRow.id)
        )
        return self._page(actor, sent, page)

    def view(self, actor: Actor, letter_id: UUID) -> LetterView:
        """Open a letter; raises `NotFound` for everyone but its parties."""
        with self._parts.database.transaction() as session:
            row = sent_or_delivered(session, actor, letter_id)
            stored = self._document(session, row)
            receipts = self._receipts(session, row)
            answered = self._answered(session, actor, row)
            replies = self._replies(session, actor, row)
            sender = self._directory.get(session, row.sender_mailbox_id)
        report = open_report(self._parts.cipher, row)
        is_pdf = row.kind == "pdf"
        return LetterView(
            summary=self._summary(actor, row),
            kind=row.kind,
            file_name=open_letter(self._parts.cipher, row, "file_name"),
            size=row.size,
            sha256=row.content_sha256,
            message_id=row.message_id,
            content=None if is_pdf else read_content(self._parts.vault, stored),
            page_count=count_pages(self._parts, stored) if is_pdf else None,
            report=report["report"],
            texts=report["texts"],
            receipts=receipts,
            in_reply_to=answered,
            replies=replies,
            sender=sender,
            may_answer=actor.can(Right.WRITE) and row.sender_mailbox_id != actor.mailbox.mailbox_id,
        )

    def download(self, actor: Actor, letter_id: UUID) -> Download:
        """Give the letter's bytes exactly as they were filed."""
        row, stored = self._row_and_document(actor, letter_id)
        return download(self._parts.vault.open(stored), row.size, f"pismo-{row.id}", row.kind)

    def attachment(self, actor: Actor, letter_id: UUID, index: int) -> Download:
        """Give an attachment that travels inside the letter (counted from 0)."""
        row, stored = self._row_and_document(actor, letter_id)
        if row.kind != "xml":
            raise NotFound
        return read_attachment(self._parts.vault, stored, index, f"zalacznik-{row.id}-{index + 1}")

    def page_image(self, actor: Actor, letter_id: UUID, index: int) -> bytes:
        """Draw one page (from 0) of a letter in PDF as PNG."""
        row, stored = self._row_and_document(actor, letter_id)
        if row.kind != "pdf":
            raise NotFound
        return draw_page(self._parts, stored, index)

    def _row_and_document(self, actor: Actor, letter_id: UUID) -> tuple[LetterRow, StoredDocument]:
        with self._parts.database.transaction() as session:
            row = sent_or_delivered(session, actor, letter_id)
            return row, self._document(session, row)

    def _document(self, session: Session, row: LetterRow) -> StoredDocument:
        stored = self._parts.vault.find(session, row.document_id)
        if stored is None:
            raise NotFound
        return stored

    def _page(self, actor: Actor, wanted: Select[LetterRow], number: int) -> Page:
        if not actor.can(Right.READ):
            raise NotFound
        window = wanted.offset((number - 1) * PAGE_LENGTH).limit(PAGE_LENGTH + 1)
        with self._parts.database.transaction() as session:
            rows = session.scalars(window).all()
            summaries = tuple(self._summary(actor, row) for row in rows[:PAGE_LENGTH])
        return Page(summaries, number, has_more=len(rows) > PAGE_LENGTH)

    def _summary(self, actor: Actor, row: LetterRow) -> LetterSummary:
        cipher = self._parts.cipher
        waiting = row.mode == Mode.UPD and row.state != LetterState.DELIVERED
        closed = waiting and row.sender_mailbox_id != actor.mailbox.mailbox_id
        return LetterSummary(
            letter_id=row.id,
            subject=None if closed else open_letter(cipher, row, "title"),
            sender_name=open_letter(cipher, row, "sender_name"),
            addressee_name=open_letter(cipher, row, "addressee_name"),
            filed_at=row.filed_at,
            delivered_at=row.delivered_at,
            register_number=None if closed else row.register_number,
            case_number=row.case_number,
            mode=Mode(row.mode),
            state=LetterState(row.state),
            indication=None if closed else row.indication,
            formal=None if closed else _formal(row),
            waiting=waiting,
        )

    def _receipts(self, session: Session, row: LetterRow) -> tuple[ReceiptSummary, ...]:
        found = (
            select(ReceiptRow).where(ReceiptRow.letter_id == row.id).order_by(ReceiptRow.issued_at)
        )
        return tuple(
            ReceiptSummary(r.id, r.kind, r.identifier, r.issued_at) for r in session.scalars(found)
        )

    def _answered(self, session: Session, actor: Actor, row: LetterRow) -> RelatedLetter | None:
        if row.in_reply_to is None:
            return None
        try:
            return self._related(sent_or_delivered(session, actor, row.in_reply_to))
        except NotFound:
            return None

    def _replies(self, session: Session, actor: Actor, row: LetterRow) -> tuple[RelatedLetter, ...]:
        found = (
            select(LetterRow).where(LetterRow.in_reply_to == row.id).order_by(LetterRow.filed_at)
        )
        mailbox_id = actor.mailbox.mailbox_id
        return tuple(
            self._related(reply)
            for reply in session.scalars(found)
            if reply.sender_mailbox_id == mailbox_id
            or (reply.addressee_mailbox_id == mailbox_id and reply.state == LetterState.DELIVERED)
        )

    def _related(self, row: LetterRow) -> RelatedLetter:
        return RelatedLetter(row.id, open_letter(self._parts.cipher, row, "title"), row.filed_at)


def _formal(row: LetterRow) -> FormalRequirement:
    met: Any = row.formal_met
    return FormalRequirement(met, row.formal_code)
