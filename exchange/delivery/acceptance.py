"""The one transaction in which a letter begins to exist."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import get_args
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

import signer
from exchange.delivery.jobs import Job, JobQueue
from exchange.delivery.submission import Submission
from exchange.errors import ExchangeError
from exchange.identity.directory import Directory
from exchange.letters.formal_requirement import FormalRequirement, assess
from exchange.letters.register import take_register_number
from exchange.letters.rows import seal_letter
from exchange.letters.states import LetterState, Mode
from exchange.letters.tables import FilingRow, LetterRow
from exchange.parts import Parts
from exchange.people import Actor, MailboxRef
from exchange.texts import Language
from storage import StoredDocument, failpoint

NOT_EXAMINED = "INDETERMINATE"


@dataclass(frozen=True)
class Examined:
    """What validation found; `report` is None when the document exceeded the safety limits."""

    report: signer.Report | None
    at: datetime


class Acceptance:
    """Commit a stored and examined document as a letter."""

    def __init__(self, parts: Parts, directory: Directory, jobs: JobQueue) -> None:
        self._parts = parts
        self._directory = directory
        self._jobs = jobs

    def accept(
        self,
        submission: Submission,
        addressee: MailboxRef,
        filing_id: UUID,
        filed_at: datetime,
        stored: StoredDocument,
        examined: Examined,
    ) -> UUID:
        """Write letter, report, ledger record and jobs in one transaction; gives the letter's id.

        If another attempt under the same reservation was faster, gives its letter; the object
        stored by this one is then an orphan, which the sweep quarantines.
        """
        with self._parts.database.transaction() as session:
            filing = session.get(FilingRow, filing_id, with_for_update=True)
            if filing is None:  # swept as abandoned while this attempt was still at work
                raise ExchangeError("validation_unavailable")
            if filing.letter_id is not None:
                return filing.letter_id
            self._parts.vault.record(session, stored)
            letter = self._letter(session, submission, addressee, filed_at, stored, examined)
            session.add(letter)
            session.flush()
            filing.letter_id = letter.id
            self._follow(session, letter, submission.sender)
            failpoint("before_db_commit")
            return letter.id

    def _letter(
        self,
        session: Session,
        submission: Submission,
        addressee: MailboxRef,
        filed_at: datetime,
        stored: StoredDocument,
        examined: Examined,
    ) -> LetterRow:
        letter_id = uuid4()
        formal = self._assess(examined, submission.sender)
        row = LetterRow(
            id=letter_id,
            sender_mailbox_id=submission.sender.mailbox.mailbox_id,
            addressee_mailbox_id=addressee.mailbox_id,
            message_id=submission.message_id,
            mode=Mode.UPP if addressee.is_office else Mode.UPD,
            state=LetterState.ACCEPTED,
            kind=submission.kind,
            document_id=stored.document_id,
            content_sha256=stored.sha256,
            size=stored.size,
            filed_at=filed_at,
            accepted_at=examined.at,
            register_number=self._register(session, addressee, filed_at),
            case_number=submission.case_number,
            in_reply_to=submission.in_reply_to,
            indication=_indication(examined),
            formal_met=formal.met,
            formal_code=formal.code,
        )
        self._seal_texts(row, submission, addressee, examined)
        return row

    def _seal_texts(
        self, row: LetterRow, submission: Submission, addressee: MailboxRef, examined: Examined
    ) -> None:
        cipher = self._parts.cipher
        sender_name = submission.sender.mailbox.name
        row.title_sealed = seal_letter(cipher, row.id, "title", submission.title)
        row.file_name_sealed = seal_letter(cipher, row.id, "file_name", submission.file_name)
        row.sender_name_sealed = seal_letter(cipher, row.id, "sender_name", sender_name)
        row.addressee_name_sealed = seal_letter(cipher, row.id, "addressee_name", addressee.name)
        row.report_sealed = seal_letter(cipher, row.id, "report", _report_json(examined))

    def _assess(self, examined: Examined, sender: Actor) -> FormalRequirement:
        seal = None
        if sender.institution is not None:
            seal = self._parts.credentials.seal(sender.institution.short_id)
        seal_sha256 = hashlib.sha256(seal.certificate).hexdigest() if seal else None
        return assess(examined.report, sender, seal_sha256)

    def _register(self, session: Session, addressee: MailboxRef, filed_at: datetime) -> str | None:
        owner = self._directory.owner(session, addressee.mailbox_id)
        if owner.institution_id is None:
            return None
        return take_register_number(session, owner.institution_id, filed_at)

    def _follow(self, session: Session, letter: LetterRow, sender: Actor) -> None:
        facts = {
            "sha256": letter.content_sha256,
            "filed_at": letter.filed_at.isoformat(),
            "mode": letter.mode,
            "indication": letter.indication,
        }
        self._parts.ledger.append(
            session,
            event="letter.accepted",
            subject=f"letter:{letter.id}",
            actor=sender.reference,
            facts=facts,
        )
        self._jobs.defer(session, Job.DELIVER_LETTER, letter.id)
        if letter.mode == Mode.UPP:
            self._jobs.defer(session, Job.ISSUE_UPP, letter.id)


def _indication(examined: Examined) -> str:
    return examined.report.conclusion.indication if examined.report else NOT_EXAMINED


def _report_json(examined: Examined) -> str:
    """Give what pages show later: the report, every PESEL masked, and its words by language."""
    report = examined.report
    if report is None:
        return json.dumps({"report": None, "texts": {}})
    texts = {}
    for language in get_args(Language):
        worded = report.conclusion.in_language(language)
        texts[language] = {"reason": worded.reason, "advice": worded.advice}
    return json.dumps({"report": report.to_dict(), "texts": texts}, ensure_ascii=False)
