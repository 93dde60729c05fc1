"""The way of a letter from its last byte to its receipt (docs/architecture.md).

1. The caller has received the whole document; `received_at` is the instant of its last byte.
2. reserve   a row with the sender's message id and the digest, committed.
3. put       encrypted object, read back.
4. examine   signatures validated in a killable child.
5. accept    letter, report, ledger record and jobs in one transaction.
6. answer    only now the receipt, made from what was committed.
7. A job hands the letter to its channel.

Every step may be repeated: whoever files the same bytes under the same message id gets the same
answer, whoever files others under it is refused.
"""

from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from exchange.delivery.acceptance import Acceptance, Examined
from exchange.delivery.submission import Filed, Submission
from exchange.errors import Conflict, NotAllowed, NotFound, Refused
from exchange.identity.directory import Directory
from exchange.letters.tables import FilingRow
from exchange.parts import Parts
from exchange.people import MailboxRef, Right
from exchange.receipts.upp import UppIssuer
from exchange.workers import NotExaminedError
from storage import StorageError, StoredDocument, failpoint


class Filing:
    """Accept letters, exactly once."""

    def __init__(
        self, parts: Parts, directory: Directory, acceptance: Acceptance, upp: UppIssuer
    ) -> None:
        self._parts = parts
        self._directory = directory
        self._acceptance = acceptance
        self._upp = upp

    def file(self, submission: Submission) -> Filed:
        """File a letter; give its id and, from a public office, the id of its UPP.

        Raises `Refused` for what cannot be stored or sent, `Conflict` for a message id that
        already stands for something else, `NotAllowed` without the right to sign for the office.
        """
        addressee = self._check(submission)
        filing = self._reserve(submission)
        failpoint("after_reserve_commit")
        if filing.letter_id is None:
            stored = self._parts.vault.put(submission.content, document_id=uuid4())
            failpoint("after_put_before_db")
            examined = self._examine(stored)
            letter_id = self._acceptance.accept(
                submission, addressee, filing.id, filing.received_at, stored, examined
            )
            failpoint("after_db_commit_before_receipt")
        else:
            letter_id = filing.letter_id
        return self._answer(letter_id)

    def _check(self, submission: Submission) -> MailboxRef:
        if not submission.sender.can(Right.SIGN):
            raise NotAllowed
        if submission.size == 0:
            raise Refused("empty_document", field="content")
        if submission.addressee_mailbox_id == submission.sender.mailbox.mailbox_id:
            raise Refused("addressee_is_sender", field="addressee")
        with self._parts.database.transaction() as session:
            try:
                return self._directory.get(session, submission.addressee_mailbox_id)
            except NotFound:
                raise Refused("addressee_missing", field="addressee") from None

    def _reserve(self, submission: Submission) -> FilingRow:
        sender = submission.sender.mailbox.mailbox_id
        with self._parts.database.transaction() as session:
            session.execute(
                insert(FilingRow)
                .values(
                    id=uuid4(),
                    sender_mailbox_id=sender,
                    addressee_mailbox_id=submission.addressee_mailbox_id,
                    message_id=submission.message_id,
                    content_sha256=submission.sha256,
                    received_at=submission.received_at,
                )
                .on_conflict_do_nothing()
            )
            row = session.scalars(
                select(FilingRow).where(
                    FilingRow.sender_mailbox_id == sender,
                    FilingRow.message_id == submission.message_id,
                )
            ).one()
            session.expunge(row)
        self._refuse_other_content(row, submission)
        return row

    def _refuse_other_content(self, row: FilingRow, submission: Submission) -> None:
        asked = (submission.sha256, submission.addressee_mailbox_id)
        if (row.content_sha256, row.addressee_mailbox_id) == asked:
            return
        with self._parts.database.transaction() as session:
            self._parts.ledger.append(
                session,
                event="filing.refused",
                subject=f"filing:{row.id}",
                actor=submission.sender.reference,
                facts={"reason": "message_id_reused", "sha256": submission.sha256},
            )
        raise Conflict("message_id_reused")

    def _examine(self, stored: StoredDocument) -> Examined:
        now = self._parts.clock()
        try:
            return Examined(self._parts.workers.examine(stored, now), now)
        except NotExaminedError:
            return Examined(None, now)

    def _answer(self, letter_id: UUID) -> Filed:
        try:
            return Filed(letter_id, self._upp.issue(letter_id))
        except (Refused, StorageError):
            # No seal, or the store went away just now: the letter is filed all the same, and the
            # job issues the receipt as soon as it can.
            return Filed(letter_id, None)
