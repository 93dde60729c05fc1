"""The official proof of submission (UPP): made by the office, from committed facts only."""

import io
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

import signer
from exchange.errors import NotFound, Refused
from exchange.identity.tables import InstitutionRow, MailboxRow
from exchange.letters.rows import open_letter
from exchange.letters.states import Mode
from exchange.letters.tables import LetterRow
from exchange.parts import Parts
from exchange.receipts.store import find_receipt, keep_receipt
from exchange.receipts.tables import ReceiptRow
from schemas.receipts import SHA256_INFORMATION, Information, ReceiptParty, Upp, build_upp
from storage import failpoint

REGISTER_INFORMATION = "NumerRPW"


class UppIssuer:
    """Issue each letter's UPP once; the same bytes for every repeat."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def issue(self, letter_id: UUID) -> UUID | None:
        """Give the id of the letter's UPP, issuing it if there is none yet.

        None for a letter in UPD mode. Raises `NotFound` for no such letter, `Refused` when the
        office has no seal.
        """
        with self._parts.database.transaction() as session:
            letter = session.get(LetterRow, letter_id, with_for_update=True)
            if letter is None:
                raise NotFound
            if letter.mode != Mode.UPP:
                return None
            receipt = find_receipt(session, letter_id, "UPP")
            if receipt is None:
                receipt = self._issue(session, letter)
            receipt_id = receipt.id
        failpoint("after_receipt_store_before_send")
        return receipt_id

    def _issue(self, session: Session, letter: LetterRow) -> ReceiptRow:
        office = self._office(session, letter.addressee_mailbox_id)
        seal = self._parts.credentials.seal(office.short_id)
        if seal is None:
            raise Refused("seal_missing")
        now = self._parts.clock()
        identifier = f"SKRYTKA-UPP-{uuid4()}"
        upp = self._upp(session, letter, office, identifier, now)
        content = signer.sign(build_upp(upp), seal, format="xades", level="B")
        stored = self._parts.vault.put(io.BytesIO(content), document_id=uuid4())
        return keep_receipt(
            self._parts,
            session,
            letter_id=letter.id,
            kind="UPP",
            identifier=identifier,
            stored=stored,
            issued_at=now,
            actor=f"institution:{office.id}",
        )

    def _upp(
        self,
        session: Session,
        letter: LetterRow,
        office: InstitutionRow,
        identifier: str,
        now: datetime,
    ) -> Upp:
        sender = session.get_one(MailboxRow, letter.sender_mailbox_id)
        information = [Information(SHA256_INFORMATION, letter.content_sha256)]
        if letter.register_number is not None:
            information.append(Information(REGISTER_INFORMATION, letter.register_number))
        return Upp(
            identifier=identifier,
            addressee=ReceiptParty(office.name, office.short_id),
            sender=ReceiptParty(
                open_letter(self._parts.cipher, letter, "sender_name"), holder(sender.address)
            ),
            delivered_at=letter.filed_at,
            created_at=now,
            document_identifier=str(letter.id),
            information=tuple(information),
        )

    @staticmethod
    def _office(session: Session, mailbox_id: UUID) -> InstitutionRow:
        mailbox = session.get_one(MailboxRow, mailbox_id)
        return session.get_one(InstitutionRow, mailbox.institution_id)


def holder(address: str) -> str:
    """Give the holder's part of a mailbox address: ``/holder/name``."""
    return address.split("/")[1]
