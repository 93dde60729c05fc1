"""Collecting a letter in UPD mode: the addressee signs the proof, only then the content opens."""

import io
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import signer
from exchange.errors import Conflict, NotAllowed, Refused
from exchange.letters.access import waiting_for
from exchange.letters.rows import open_letter
from exchange.letters.states import LetterState, Mode, next_state
from exchange.letters.tables import LetterRow
from exchange.parts import Parts
from exchange.people import Actor, Right
from exchange.receipts.store import find_receipt, keep_receipt
from exchange.receipts.upd import UPD_SIZE_LIMIT, PreparedUpd, check_upd, prepare_upd
from exchange.streams import Seekable
from exchange.workers import NotExaminedError
from storage import StoredDocument, failpoint


@dataclass(frozen=True)
class PendingDelivery:
    """What an addressee may know before they sign: who, when, in which case; not what."""

    letter_id: UUID
    sender_name: str
    dispatched_at: datetime
    case_number: str | None
    can_sign_here: bool
    collected: bool


class Collection:
    """Open letters to those who signed for them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def pending(self, actor: Actor, letter_id: UUID) -> PendingDelivery:
        """Tell what waits; raises `NotFound` for everyone but the addressee."""
        with self._parts.database.transaction() as session:
            letter = waiting_for(session, actor, letter_id)
            return PendingDelivery(
                letter_id=letter.id,
                sender_name=open_letter(self._parts.cipher, letter, "sender_name"),
                dispatched_at=letter.filed_at,
                case_number=letter.case_number,
                can_sign_here=self._parts.credentials.personal(actor.person) is not None,
                collected=letter.state == LetterState.DELIVERED,
            )

    def prepare(self, actor: Actor, letter_id: UUID) -> PreparedUpd:
        """Give the exact UPD to be signed; stays the same for `UPD_VALIDITY`."""
        _require_signing(actor)
        with self._parts.database.transaction() as session:
            letter = waiting_for(session, actor, letter_id, lock=True)
            if letter.state == LetterState.DELIVERED:
                raise Conflict("already_collected")
            return prepare_upd(self._parts, session, letter, self._parts.clock())

    def sign(self, actor: Actor, letter_id: UUID, expected_sha256: str) -> UUID:
        """Sign the UPD that was shown with the addressee's certificate kept here, and collect.

        Gives the id of the UPD's receipt. Raises `Conflict` when another UPD than the one shown
        is current, `Refused` where there is no certificate.
        """
        _require_signing(actor)
        credential = self._parts.credentials.personal(actor.person)
        if credential is None:
            raise Refused("no_signing_certificate")
        done = self._collected(actor, letter_id)
        if done is not None:
            return done
        prepared = self.prepare(actor, letter_id)
        if prepared.sha256 != expected_sha256:
            raise Conflict("digest_changed")
        signed = signer.sign(prepared.content, credential, format="xades", level="B")
        return self._collect(actor, letter_id, signed, prepared)

    def submit(self, actor: Actor, letter_id: UUID, content: Seekable) -> UUID:
        """Take the UPD signed with the addressee's own application, and collect.

        Gives the id of the UPD's receipt; `Refused` says why the file is not the signed proof.
        """
        _require_signing(actor)
        done = self._collected(actor, letter_id)
        if done is not None:
            return done
        prepared = self.prepare(actor, letter_id)
        signed = content.read(UPD_SIZE_LIMIT + 1)
        if len(signed) > UPD_SIZE_LIMIT:
            raise Refused("upd_is_another", field="content")
        return self._collect(actor, letter_id, signed, prepared)

    def _collected(self, actor: Actor, letter_id: UUID) -> UUID | None:
        with self._parts.database.transaction() as session:
            waiting_for(session, actor, letter_id)
            receipt = find_receipt(session, letter_id, "UPD")
            return receipt.id if receipt else None

    def _collect(self, actor: Actor, letter_id: UUID, signed: bytes, prepared: PreparedUpd) -> UUID:
        stored = self._parts.vault.put(io.BytesIO(signed), document_id=uuid4())
        check_upd(signed, self._validate(stored), prepared, actor)
        with self._parts.database.transaction() as session:
            letter = waiting_for(session, actor, letter_id, lock=True)
            existing = find_receipt(session, letter_id, "UPD")
            if existing is not None:
                return existing.id
            receipt = keep_receipt(
                self._parts,
                session,
                letter_id=letter_id,
                kind="UPD",
                identifier=prepared.identifier,
                stored=stored,
                issued_at=self._parts.clock(),
                actor=actor.reference,
            )
            self._open(letter, prepared)
            failpoint("before_collection_commit")
            receipt_id = receipt.id
        failpoint("after_collection_commit")
        return receipt_id

    def _open(self, letter: LetterRow, prepared: PreparedUpd) -> None:
        letter.state = next_state(Mode.UPD, LetterState(letter.state))
        letter.delivered_at = prepared.upd.received_at

    def _validate(self, stored: StoredDocument) -> signer.Report:
        try:
            return self._parts.workers.examine(stored, self._parts.clock())
        except NotExaminedError as error:
            raise Refused("validation_unavailable") from error


def _require_signing(actor: Actor) -> None:
    if not actor.can(Right.SIGN):
        raise NotAllowed
