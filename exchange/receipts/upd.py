"""The official proof of delivery (UPD): prepared by us, signed by the addressee, checked by us."""

import io
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

import signer
from exchange.errors import Refused
from exchange.identity.tables import InstitutionRow, MailboxRow
from exchange.letters.formal_requirement import is_signed_by
from exchange.letters.rows import open_letter
from exchange.letters.tables import LetterRow
from exchange.parts import Parts
from exchange.people import Actor
from exchange.receipts.tables import UpdDraftRow
from exchange.receipts.upp import holder
from schemas import XmlError
from schemas.receipts import (
    SHA256_INFORMATION,
    Information,
    ReceiptParty,
    Upd,
    build_upd,
    read_receipt,
)

# A UPD states its time of receipt before it is signed: the two must lie near each other.
UPD_VALIDITY = timedelta(minutes=15)
UPD_SIZE_LIMIT = 2_000_000  # bytes: a signed UPD is some ten kB; long certificate chains fit


@dataclass(frozen=True)
class PreparedUpd:
    """The exact UPD an addressee is asked to sign."""

    identifier: str
    content: bytes
    sha256: str
    upd: Upd


def prepare_upd(parts: Parts, session: Session, letter: LetterRow, now: datetime) -> PreparedUpd:
    """Make the UPD to be signed, or give the one already made while it is still current."""
    draft = session.get(UpdDraftRow, letter.id)
    if draft is not None and now - draft.prepared_at < UPD_VALIDITY:
        return _load(parts, session, draft)
    upd = _upd(parts, session, letter, f"SKRYTKA-UPD-{uuid4()}", now)
    stored = parts.vault.put(io.BytesIO(build_upd(upd)), document_id=uuid4())
    parts.vault.record(session, stored)
    session.flush()
    draft = session.merge(
        UpdDraftRow(
            letter_id=letter.id,
            identifier=upd.identifier,
            document_id=stored.document_id,
            prepared_at=now,
        )
    )
    session.flush()
    return _load(parts, session, draft)


def check_upd(signed: bytes, report: signer.Report, prepared: PreparedUpd, actor: Actor) -> None:
    """Raise `Refused` unless this is the prepared UPD, validly signed by the addressee."""
    _check_same(signed, prepared)
    if report.conclusion.indication != "TOTAL_PASSED":
        raise Refused(
            "upd_not_signed_by_addressee", field="content", reason=report.conclusion.reason
        )
    if not any(is_signed_by(signature, actor) for signature in report.signatures):
        raise Refused("upd_not_signed_by_addressee", field="content", reason="")


def _check_same(signed: bytes, prepared: PreparedUpd) -> None:
    try:
        read = read_receipt(signed)
    except XmlError as error:
        raise Refused("upd_is_another", field="content") from error
    if not isinstance(read, Upd) or replace(read, signed=False) != prepared.upd:
        raise Refused("upd_is_another", field="content")


def _load(parts: Parts, session: Session, draft: UpdDraftRow) -> PreparedUpd:
    stored = parts.vault.find(session, draft.document_id)
    if stored is None:
        raise LookupError(draft.document_id)
    content = parts.vault.read(stored, limit=UPD_SIZE_LIMIT)
    upd = read_receipt(content)
    if not isinstance(upd, Upd):
        raise TypeError(draft.document_id)
    return PreparedUpd(draft.identifier, content, stored.sha256, upd)


def _upd(parts: Parts, session: Session, letter: LetterRow, identifier: str, now: datetime) -> Upd:
    sender = session.get_one(MailboxRow, letter.sender_mailbox_id)
    addressee = session.get_one(MailboxRow, letter.addressee_mailbox_id)
    office = session.get_one(InstitutionRow, sender.institution_id)
    return Upd(
        identifier=identifier,
        issuer=ReceiptParty(office.name, office.short_id),
        addressee=ReceiptParty(
            open_letter(parts.cipher, letter, "addressee_name"), holder(addressee.address)
        ),
        received_at=now,
        created_at=now,
        case_identifier=letter.case_number,
        document_identifier=str(letter.id),
        information=(Information(SHA256_INFORMATION, letter.content_sha256),),
    )
