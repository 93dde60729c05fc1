"""People's names and identifiers, sealed in their rows."""

import json
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from exchange.identity.tables import PersonRow
from exchange.people import PersonIdentity
from storage import ColumnCipher


class Profiles:
    """Find, create and refresh people by their login identity."""

    def __init__(self, cipher: ColumnCipher) -> None:
        self._cipher = cipher

    def remember(self, session: Session, identity: PersonIdentity, now: datetime) -> PersonIdentity:
        """Create the person or refresh their names; gives them with their lasting id."""
        index = self._index(identity.provider, identity.subject)
        row = session.scalar(select(PersonRow).where(PersonRow.identity_index == index))
        person_id = row.id if row else identity.person_id
        profile = self._seal(person_id, identity)
        if row is None:
            session.add(
                PersonRow(
                    id=person_id, identity_index=index, profile_sealed=profile, created_at=now
                )
            )
        elif self._open(row) != self._named(person_id, identity):
            row.profile_sealed = profile
        session.flush()
        return self._named(person_id, identity)

    def get(self, session: Session, person_id: UUID) -> PersonIdentity:
        """Give the person with this id; raises `LookupError` when there is none."""
        row = session.get(PersonRow, person_id)
        if row is None:
            raise LookupError(person_id)
        return self._open(row)

    def _index(self, provider: str, subject: str) -> bytes:
        return self._cipher.blind_index(f"{provider}\n{subject}", context="person.identity")

    def _seal(self, person_id: UUID, identity: PersonIdentity) -> bytes:
        profile = {
            "provider": identity.provider,
            "subject": identity.subject,
            "given_name": identity.given_name,
            "family_name": identity.family_name,
            "pesel": identity.pesel,
        }
        return self._cipher.seal(
            json.dumps(profile, ensure_ascii=False), context=f"person.profile:{person_id}"
        )

    def _open(self, row: PersonRow) -> PersonIdentity:
        profile = self._cipher.open(row.profile_sealed, context=f"person.profile:{row.id}")
        return PersonIdentity(person_id=row.id, **json.loads(profile))

    @staticmethod
    def _named(person_id: UUID, identity: PersonIdentity) -> PersonIdentity:
        return PersonIdentity(
            person_id,
            identity.provider,
            identity.subject,
            identity.given_name,
            identity.family_name,
            identity.pesel,
        )


def new_identity(
    provider: str, subject: str, given_name: str, family_name: str, pesel: str | None
) -> PersonIdentity:
    """Name a person who may not be known yet; the id counts only if they are new."""
    return PersonIdentity(uuid4(), provider, subject, given_name, family_name, pesel)
