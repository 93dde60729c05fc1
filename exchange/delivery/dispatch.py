"""Filing a finished draft: the step with which a citizen submits and an office dispatches."""

from datetime import datetime
from uuid import UUID

from exchange.delivery.filing import Filing
from exchange.delivery.submission import Filed, Submission
from exchange.errors import NotFound, Refused
from exchange.letters.rows import open_draft
from exchange.letters.tables import DraftRow
from exchange.parts import Parts
from exchange.people import Actor


class Dispatch:
    """File drafts under their own id, so that a second click is the same filing."""

    def __init__(self, parts: Parts, filing: Filing) -> None:
        self._parts = parts
        self._filing = filing

    def file(self, actor: Actor, draft_id: UUID, received_at: datetime) -> Filed:
        """File the signed file of a draft; `received_at` is when the order to file had arrived.

        Raises `NotFound` for another's draft, `Refused` for one without a signed file.
        """
        with self._parts.database.transaction() as session:
            draft = session.get(DraftRow, draft_id)
            if draft is None or draft.mailbox_id != actor.mailbox.mailbox_id:
                raise NotFound
            if draft.signed_document_id is None:
                raise Refused("not_signed_yet")
            stored = self._parts.vault.find(session, draft.signed_document_id)
        if stored is None:
            raise NotFound
        with self._parts.vault.open(stored) as content:
            filed = self._filing.file(
                Submission(
                    sender=actor,
                    addressee_mailbox_id=draft.addressee_mailbox_id,
                    message_id=f"draft:{draft_id}",
                    content=content,
                    sha256=stored.sha256,
                    size=stored.size,
                    kind=draft.kind,
                    received_at=received_at,
                    title=open_draft(self._parts.cipher, draft, "title"),
                    file_name=open_draft(self._parts.cipher, draft, "file_name"),
                    case_number=draft.case_number,
                    in_reply_to=draft.in_reply_to,
                )
            )
        self._mark(draft_id, filed.letter_id)
        return filed

    def _mark(self, draft_id: UUID, letter_id: UUID) -> None:
        with self._parts.database.transaction() as session:
            session.get_one(DraftRow, draft_id).letter_id = letter_id
