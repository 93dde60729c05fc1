"""Signing in, acting for oneself or for an office, and the administration of both.

Whoever signs in gets a mailbox, and every request is made in the name of one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from exchange.errors import NotAllowed
from exchange.identity import institutions, sessions
from exchange.identity.directory import Directory
from exchange.identity.profiles import Profiles, new_identity
from exchange.identity.tables import InstitutionRow
from exchange.parts import Parts
from exchange.people import Actor, InstitutionRef, MailboxRef, PersonIdentity, Role

DEFAULT_REGISTER_PREFIX = "RPW"  # rejestr przesyłek wpływających


@dataclass(frozen=True)
class ActingChoice:
    """One name in which a person may act. `key` is "" for themselves, else an institution id."""

    key: str
    label: str
    is_office: bool


class Access:
    """Who is asking, and in whose name."""

    def __init__(self, parts: Parts, profiles: Profiles, directory: Directory) -> None:
        self._parts = parts
        self._profiles = profiles
        self._directory = directory

    def sign_in(
        self, provider: str, subject: str, given_name: str, family_name: str, pesel: str | None
    ) -> str:
        """Open a session for someone whom the login provider named; gives the session token.

        Who holds a role in an office begins in the office, everyone else as themselves.
        """
        now = self._parts.clock()
        identity = new_identity(provider, subject, given_name, family_name, pesel)
        with self._parts.database.transaction() as session:
            person = self._profiles.remember(session, identity, now)
            self._directory.of_person(session, person.person_id, now)
            offices = institutions.institutions_of(session, person.person_id)
            acting = offices[0].institution_id if offices else None
            sessions.drop_ended(session, now)
            return sessions.open_session(session, person.person_id, acting, now)

    def actor(self, token: str) -> Actor | None:
        """Give who a session token stands for; None when it is unknown or over."""
        now = self._parts.clock()
        with self._parts.database.transaction() as session:
            row = sessions.find_session(session, token, now)
            if row is None:
                return None
            person = self._profiles.get(session, row.person_id)
            if row.institution_id is None:
                return self._as_oneself(session, person)
            return self._as_office(session, person, row.institution_id)

    def choices(self, actor: Actor) -> list[ActingChoice]:
        """Give the names in which this person may act: themselves first."""
        with self._parts.database.transaction() as session:
            offices = institutions.institutions_of(session, actor.person.person_id)
        oneself = ActingChoice("", actor.person.display_name, is_office=False)
        return [oneself] + [ActingChoice(str(o.institution_id), o.name, True) for o in offices]

    def act_as(self, token: str, key: str) -> str:
        """Go on in another name under a new session token; the old token ends.

        Raises `NotAllowed` when the person holds no role there.
        """
        now = self._parts.clock()
        with self._parts.database.transaction() as session:
            row = sessions.find_session(session, token, now)
            if row is None:
                raise NotAllowed
            institution_id = self._chosen(session, row.person_id, key)
            sessions.close_session(session, token)
            return sessions.open_session(session, row.person_id, institution_id, now)

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._parts.database.transaction() as session:
            sessions.close_session(session, token)

    def add_institution(
        self, short_id: str, name: str, register_prefix: str = DEFAULT_REGISTER_PREFIX
    ) -> InstitutionRef:
        """Create or rename an institution and its mailbox."""
        now = self._parts.clock()
        with self._parts.database.transaction() as session:
            row = institutions.add_institution(session, short_id, name, register_prefix, now)
            self._directory.of_institution(session, row.id, now)
            self._log(session, "institution.changed", row.id, {"short_id": short_id})
            return institutions.reference(row)

    def add_person(self, identity: PersonIdentity) -> MailboxRef:
        """Make a person known before they first sign in; gives their mailbox."""
        now = self._parts.clock()
        with self._parts.database.transaction() as session:
            person = self._profiles.introduce(session, identity, now)
            return self._directory.of_person(session, person.person_id, now)

    def set_member(
        self,
        short_id: str,
        member: PersonIdentity,
        roles: Iterable[Role],
    ) -> None:
        """Let a person hold exactly these roles in an institution.

        `member` (see `new_identity`) names a person by their login; the names count only until
        they first sign in. No roles: the person no longer belongs to the institution.
        """
        now = self._parts.clock()
        with self._parts.database.transaction() as session:
            institution = institutions.find_institution(session, short_id)
            person = self._profiles.introduce(session, member, now)
            self._directory.of_person(session, person.person_id, now)
            institutions.set_roles(session, institution.id, person.person_id, frozenset(roles))
            facts = {"person": str(person.person_id), "roles": ",".join(sorted(roles))}
            self._log(session, "membership.changed", institution.id, facts)

    def _chosen(self, session: Session, person_id: UUID, key: str) -> UUID | None:
        if not key:
            return None
        held = {str(o.institution_id): o for o in institutions.institutions_of(session, person_id)}
        if key not in held:
            raise NotAllowed
        return held[key].institution_id

    def _as_oneself(self, session: Session, person: PersonIdentity) -> Actor:
        mailbox = self._directory.of_person(session, person.person_id, self._parts.clock())
        return Actor(person, mailbox, None, frozenset())

    def _as_office(
        self, session: Session, person: PersonIdentity, institution_id: UUID
    ) -> Actor | None:
        roles = institutions.roles_of(session, institution_id, person.person_id)
        if not roles:
            return None  # the role was withdrawn while the session was open
        institution = session.get_one(InstitutionRow, institution_id)
        mailbox = self._directory.of_institution(session, institution_id, self._parts.clock())
        return Actor(person, mailbox, institutions.reference(institution), roles)

    def _log(self, session: Session, event: str, subject: UUID, facts: dict[str, str]) -> None:
        self._parts.ledger.append(
            session, event=event, subject=str(subject), actor="administrator", facts=facts
        )
