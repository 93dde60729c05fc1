"""The demo's offices and people, made known to the service. Running it again changes nothing."""

import hashlib
from pathlib import Path

from exchange.identity.profiles import new_identity
from exchange.people import PersonIdentity, Role
from exchange.services import Services
from sandbox.people import OFFICES, PEOPLE, Person


def seed(services: Services, issuer: str, done: Path) -> None:
    """Make the offices, their members and the citizens known.

    `issuer` is the login provider at which they are who they are;
    `done` is a file that remembers it; a seeding that was killed is done again from the start.
    """
    story = hashlib.sha256(repr((OFFICES, PEOPLE)).encode()).hexdigest()
    if done.exists() and done.read_text(encoding="ascii") == story:
        return  # the ledger must not tell the same story at every start
    for person in PEOPLE:
        services.identity.add_person(_identity(person, issuer))
    for office in OFFICES:
        services.identity.add_institution(office.short_id, office.name, office.register_prefix)
    for person in PEOPLE:
        if person.office is not None:
            roles = [Role(role) for role in person.roles]
            services.identity.set_member(person.office, _identity(person, issuer), roles)
    done.write_text(story, encoding="ascii")


def _identity(person: Person, issuer: str) -> PersonIdentity:
    return new_identity(issuer, person.subject, person.given_name, person.family_name, person.pesel)
