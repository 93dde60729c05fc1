"""People's names and identifiers, sealed in their rows."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from exchange.identity.tables import PersonRow
from exchange.people import PersonIdentity
from storage import ColumnCipher


class Profiles:
    """Find, create and refresh people by their login identity."""

    def __init__(self, cipher: ColumnCipher) -> None:
        self._cipher = cipher

    def remember(self, session: Session, identity: PersonIdentity, now: datetime) -> PersonIdentity:
        """Create the person or refresh their names as the provider just told them.

        Gives them with their lasting id.
        """
        known = self._find(session, identity)
        if known is None:
            return self._create(session, identity, now)
        row, old = known
        person = replace(identity, person_id=row.id)
        if person != old:
            row.profile_sealed = self._seal(person)
        return person

    def introduce(
        self, session: Session, identity: PersonIdentity, now: datetime
    ) -> PersonIdentity:
        """Create a person who has not signed in yet; one who is known keeps their names."""
        known = self._find(session, identity)
        return known[1] if known else self._create(session, identity, now)

    def get(self, session: Session, person_id: UUID) -> PersonIdentity:
        """Give the person with this id; raises `LookupError` when there is none."""
        row = session.get(PersonRow, person_id)
        if row is None:
            raise LookupError(person_id)
        return self._open(row)

    def _find(
        self, session: Session, identity: PersonIdentity
    ) -> tuple[PersonRow, PersonIdentity] | None:
        index = self._index(identity.provider, identity.subject)
        row = session.scalar(select(PersonRow).where(PersonRow.identity_index == index))
        return (row, self._open(row)) if row else None

    def _create(self, session: Session, identity: PersonIdentity, now: datetime) -> PersonIdentity:
        """Create the person, or give the one that another request made meanwhile."""
        values = {
            "id": identity.person_id,
            "identity_index": self._index(identity.provider, identity.subject),
            "profile_sealed": self._seal(identity),
            "created_at": now,
        }
        session.execute(insert(PersonRow).values(values).on_conflict_do_nothing())
        known = self._find(session, identity)
        return known[1] if known else identity

    def _index(self, provider: str, subject: str) -> bytes:
        return self._cipher.blind_index(f"{provider}\n{subject}", context="person.identity")

    def _seal(self, person: PersonIdentity) -> bytes:
        profile = asdict(person)
        del profile["person_id"]
        text = json.dumps(profile, ensure_ascii=False)
        return self._cipher.seal(text, context=f"person.profile:{person.person_id}")

    def _open(self, row: PersonRow) -> PersonIdentity:
        profile = self._cipher.open(row.profile_sealed, context=f"person.profile:{row.id}")
        return PersonIdentity(person_id=row.id, **json.loads(profile))


def new_identity(
    provider: str, subject: str, given_name: str, family_name: str, pesel: str | None
) -> PersonIdentity:
    """Name a person who may not be known yet; the id counts only if they are new."""
    return PersonIdentity(uuid4(), provider, subject, given_name, family_name, pesel)
