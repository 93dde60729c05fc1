"""The directory of mailboxes: who can be written to, and under which address."""

import secrets
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from exchange.errors import NotFound
from exchange.identity.profiles import Profiles
from exchange.identity.tables import InstitutionRow, MailboxRow
from exchange.people import MailboxRef

OFFICE_MAILBOX = "skrytkaESP"
PERSON_MAILBOX = "domyslna"
PERSON_ADDRESS_BYTES = 8  # a person's address is random: it must not tell who they are


class Directory:
    """Create and look up mailboxes inside the caller's transaction."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles

    def of_person(self, session: Session, person_id: UUID, now: datetime) -> MailboxRef:
        """Give a person's mailbox, made at first use."""
        row = session.scalar(select(MailboxRow).where(MailboxRow.person_id == person_id))
        if row is None:
            address = f"/{secrets.token_hex(PERSON_ADDRESS_BYTES)}/{PERSON_MAILBOX}"
            row = _open_mailbox(session, address, now, person_id=person_id)
        return self._reference(session, row)

    def of_institution(self, session: Session, institution_id: UUID, now: datetime) -> MailboxRef:
        """Give an institution's mailbox (its ESP), made at first use."""
        row = session.scalar(select(MailboxRow).where(MailboxRow.institution_id == institution_id))
        if row is None:
            institution = session.get_one(InstitutionRow, institution_id)
            address = f"/{institution.short_id}/{OFFICE_MAILBOX}"
            row = _open_mailbox(session, address, now, institution_id=institution_id)
        return self._reference(session, row)

    def get(self, session: Session, mailbox_id: UUID) -> MailboxRef:
        """Give a mailbox by its id; raises `NotFound`."""
        row = session.get(MailboxRow, mailbox_id)
        if row is None:
            raise NotFound
        return self._reference(session, row)

    def offices(self, session: Session) -> list[MailboxRef]:
        """Give the mailboxes that anyone may write to, by name of the office."""
        found = (
            select(MailboxRow)
            .join(InstitutionRow, InstitutionRow.id == MailboxRow.institution_id)
            .order_by(InstitutionRow.name)
        )
        return [self._reference(session, row) for row in session.scalars(found)]

    def owner(self, session: Session, mailbox_id: UUID) -> MailboxRow:
        """Give the row that tells whose mailbox it is."""
        return session.get_one(MailboxRow, mailbox_id)

    def _reference(self, session: Session, row: MailboxRow) -> MailboxRef:
        if row.institution_id is not None:
            name = session.get_one(InstitutionRow, row.institution_id).name
            return MailboxRef(row.id, row.address, name, is_office=True)
        if row.person_id is None:
            raise LookupError(row.id)  # the table's constraint rules this out
        person = self._profiles.get(session, row.person_id)
        return MailboxRef(row.id, row.address, person.display_name, is_office=False)


def _open_mailbox(session: Session, address: str, now: datetime, **owner: UUID) -> MailboxRow:
    """Create the owner's mailbox, or give the one that another request made meanwhile."""
    values = {"id": uuid4(), "address": address, "created_at": now, **owner}
    session.execute(insert(MailboxRow).values(values).on_conflict_do_nothing())
    return session.scalars(select(MailboxRow).filter_by(**owner)).one()
