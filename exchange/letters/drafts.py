"""Letters being prepared: written or uploaded, looked at, signed.

The digest that a page showed travels with the consent to sign: what was shown is what is signed.
"""

import io
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

import signer
from exchange.downloads import Download, download
from exchange.errors import Conflict, NotAllowed, NotFound, Refused
from exchange.identity.directory import Directory
from exchange.letters.access import sent_or_delivered
from exchange.letters.composing import (
    ComposeForm,
    UploadForm,
    check_compose,
    check_heading,
    plain_file_name,
)
from exchange.letters.content import read_content, title_of
from exchange.letters.draft_views import DraftSummary, DraftView
from exchange.letters.kinds import FILEABLE_KINDS, fileable_kind
from exchange.letters.pages import count_pages, draw_page
from exchange.letters.rows import open_draft, seal_draft
from exchange.letters.tables import DraftRow
from exchange.letters.writing import write_letter
from exchange.parts import Parts
from exchange.people import Actor, MailboxRef, Right
from exchange.streams import Seekable
from storage import StoredDocument

UNFINISHED_LIMIT = 100  # drafts listed: whoever has more finishes some first
DOCUMENT_LIMIT = 500_000_000  # bytes: the upload limit of the service


class Drafts:
    """Prepare letters; a draft is seen only by the mailbox that prepares it."""

    def __init__(self, parts: Parts, directory: Directory) -> None:
        self._parts = parts
        self._directory = directory

    def compose(self, actor: Actor, form: ComposeForm) -> UUID:
        """Write a general letter; gives the draft's id. Raises `Refused` naming the field."""
        _require(actor, Right.WRITE)
        check_compose(form)
        addressee = self._addressee(actor, form.addressee_mailbox_id)
        content = write_letter(actor, addressee, form, self._parts.clock())
        row = self._new_row(actor, form, "xml", form.title.strip(), "pismo.xml")
        return self._keep(actor, row, io.BytesIO(content), form.in_reply_to)

    def upload(self, actor: Actor, form: UploadForm) -> UUID:
        """Take a PDF or XML file, signed or to be signed; gives the draft's id."""
        _require(actor, Right.WRITE)
        check_heading(form)
        self._addressee(actor, form.addressee_mailbox_id)
        kind = fileable_kind(form.content)
        name = plain_file_name(form.file_name)
        title = form.title.strip() or title_of(form.content, kind) or name
        return self._keep(
            actor, self._new_row(actor, form, kind, title, name), form.content, form.in_reply_to
        )

    def view(self, actor: Actor, draft_id: UUID) -> DraftView:
        """Give a draft with what will be signed, rendered; raises `NotFound`."""
        with self._parts.database.transaction() as session:
            row = self._own(session, actor, draft_id)
            stored, signed = self._documents(session, row)
            addressee = self._directory.get(session, row.addressee_mailbox_id)
        return self._view(actor, row, addressee, stored, signed)

    def unfinished(self, actor: Actor) -> tuple[DraftSummary, ...]:
        """List the mailbox's drafts that are not filed yet, newest first."""
        _require(actor, Right.READ)
        own = (
            select(DraftRow)
            .where(DraftRow.mailbox_id == actor.mailbox.mailbox_id, DraftRow.letter_id.is_(None))
            .order_by(DraftRow.created_at.desc())
            .limit(UNFINISHED_LIMIT)
        )
        with self._parts.database.transaction() as session:
            return tuple(self._summary(session, row) for row in session.scalars(own))

    def discard(self, actor: Actor, draft_id: UUID) -> None:
        """Throw a draft away; raises `Conflict` when it was filed."""
        _require(actor, Right.WRITE)
        with self._parts.database.transaction() as session:
            session.delete(self._own(session, actor, draft_id, unfiled=True))

    def sign(self, actor: Actor, draft_id: UUID, expected_sha256: str) -> None:
        """Sign the draft with the actor's certificate kept here, if the digest is still the same.

        Raises `Conflict` when the document is not the one shown, `Refused` when there is no
        certificate or the file cannot be signed.
        """
        _require(actor, Right.SIGN)
        credential = self._parts.credentials.personal(actor.person)
        if credential is None:
            raise Refused("no_signing_certificate")
        with self._parts.database.transaction() as session:
            row = self._own(session, actor, draft_id, unfiled=True)
            stored, _ = self._documents(session, row)
            kind = row.kind
        if stored.sha256 != expected_sha256:
            raise Conflict("digest_changed")
        content = self._parts.vault.read(stored, limit=DOCUMENT_LIMIT)
        self._keep_signed(actor, draft_id, io.BytesIO(_signed(content, credential, kind)))

    def attach_signed(self, actor: Actor, draft_id: UUID, content: Seekable) -> None:
        """Take the draft's signed file, made with the sender's own application."""
        _require(actor, Right.SIGN)
        kind = fileable_kind(content)
        with self._parts.database.transaction() as session:
            if self._own(session, actor, draft_id, unfiled=True).kind != kind:
                raise Refused("signed_file_of_other_kind", field="content")
        self._keep_signed(actor, draft_id, content)

    def mark_as_signed(self, actor: Actor, draft_id: UUID) -> None:
        """File the uploaded file as it is: it carries its signature already."""
        _require(actor, Right.SIGN)
        with self._parts.database.transaction() as session:
            row = self._own(session, actor, draft_id, unfiled=True)
            row.signed_document_id = row.document_id

    def download(self, actor: Actor, draft_id: UUID, *, signed: bool) -> Download:
        """Give the draft's file to be signed elsewhere, or its signed file."""
        with self._parts.database.transaction() as session:
            row = self._own(session, actor, draft_id)
            stored, signed_document = self._documents(session, row)
        chosen = signed_document if signed else stored
        if chosen is None:
            raise NotFound
        stem = f"pismo-{draft_id}" + ("-podpisane" if signed else "")
        return download(self._parts.vault.open(chosen), chosen.size, stem, row.kind)

    def page_image(self, actor: Actor, draft_id: UUID, index: int) -> bytes:
        """Draw one page of a PDF draft as PNG; raises `NotFound` where there is none."""
        with self._parts.database.transaction() as session:
            stored, signed = self._documents(session, self._own(session, actor, draft_id))
        return draw_page(self._parts, signed or stored, index)

    def _addressee(self, actor: Actor, mailbox_id: UUID) -> MailboxRef:
        if mailbox_id == actor.mailbox.mailbox_id:
            raise Refused("addressee_is_sender", field="addressee")
        with self._parts.database.transaction() as session:
            try:
                addressee = self._directory.get(session, mailbox_id)
            except NotFound:
                raise Refused("addressee_missing", field="addressee") from None
        if not addressee.is_office and not actor.is_office:
            raise Refused("addressee_missing", field="addressee")  # people write to offices only
        return addressee

    def _new_row(
        self, actor: Actor, form: ComposeForm | UploadForm, kind: str, title: str, file_name: str
    ) -> DraftRow:
        draft_id = uuid4()
        return DraftRow(
            id=draft_id,
            mailbox_id=actor.mailbox.mailbox_id,
            addressee_mailbox_id=form.addressee_mailbox_id,
            kind=kind,
            title_sealed=seal_draft(self._parts.cipher, draft_id, "title", title),
            file_name_sealed=seal_draft(self._parts.cipher, draft_id, "file_name", file_name),
            case_number=form.case_number,
            in_reply_to=form.in_reply_to,
            created_at=self._parts.clock(),
        )

    def _keep(
        self, actor: Actor, row: DraftRow, content: Seekable, in_reply_to: UUID | None
    ) -> UUID:
        draft_id = row.id
        stored = self._parts.vault.put(content, document_id=uuid4())
        with self._parts.database.transaction() as session:
            if in_reply_to is not None:
                sent_or_delivered(session, actor, in_reply_to)
            self._parts.vault.record(session, stored)
            session.flush()
            row.document_id = stored.document_id
            session.add(row)
        return draft_id

    def _keep_signed(self, actor: Actor, draft_id: UUID, content: Seekable) -> None:
        stored = self._parts.vault.put(content, document_id=uuid4())
        with self._parts.database.transaction() as session:
            row = self._own(session, actor, draft_id, unfiled=True)
            self._parts.vault.record(session, stored)
            session.flush()
            row.signed_document_id = stored.document_id

    def _own(
        self, session: Session, actor: Actor, draft_id: UUID, *, unfiled: bool = False
    ) -> DraftRow:
        row = session.get(DraftRow, draft_id, with_for_update=unfiled or None)
        if row is None or row.mailbox_id != actor.mailbox.mailbox_id:
            raise NotFound
        if unfiled and row.letter_id is not None:
            raise Conflict("already_filed")
        return row

    def _documents(
        self, session: Session, row: DraftRow
    ) -> tuple[StoredDocument, StoredDocument | None]:
        stored = self._parts.vault.find(session, row.document_id)
        if stored is None:
            raise NotFound
        if row.signed_document_id is None:
            return stored, None
        return stored, self._parts.vault.find(session, row.signed_document_id)

    def _summary(self, session: Session, row: DraftRow) -> DraftSummary:
        return DraftSummary(
            draft_id=row.id,
            title=open_draft(self._parts.cipher, row, "title"),
            addressee_name=self._directory.get(session, row.addressee_mailbox_id).name,
            created_at=row.created_at,
            signed=row.signed_document_id is not None,
        )

    def _view(
        self,
        actor: Actor,
        row: DraftRow,
        addressee: MailboxRef,
        stored: StoredDocument,
        signed: StoredDocument | None,
    ) -> DraftView:
        is_pdf = row.kind == "pdf"
        shown = signed or stored  # a file signed elsewhere may say something else
        return DraftView(
            draft_id=row.id,
            addressee=addressee,
            title=open_draft(self._parts.cipher, row, "title"),
            kind=row.kind,
            file_name=open_draft(self._parts.cipher, row, "file_name"),
            size=stored.size,
            sha256=stored.sha256,
            signed_sha256=signed.sha256 if signed else None,
            content=None if is_pdf else read_content(self._parts.vault, shown),
            page_count=count_pages(self._parts, shown) if is_pdf else None,
            can_sign_here=self._parts.credentials.personal(actor.person) is not None,
            case_number=row.case_number,
            in_reply_to=row.in_reply_to,
            letter_id=row.letter_id,
        )


def _signed(content: bytes, credential: signer.Credential, kind: str) -> bytes:
    try:
        return signer.sign(content, credential, format=FILEABLE_KINDS[kind], level="B")
    except signer.InputError as error:
        raise Refused("cannot_sign_file", reason=str(error)) from error


def _require(actor: Actor, right: Right) -> None:
    if not actor.can(right):
        raise NotAllowed
