"""Who is asking, and in whose name."""

from datetime import timedelta

import pytest

from exchange.errors import NotFound, Refused
from exchange.identity import sessions
from exchange.identity.profiles import new_identity
from exchange.identity.tables import PersonRow, SessionRow
from exchange.people import Right, Role
from tests.exchange.conftest import PROVIDER, House


def test_a_citizen_acts_for_themselves(house: House) -> None:
    anna = house.sign_in("anna")
    assert not anna.is_office
    assert anna.mailbox.name == anna.person.display_name
    assert anna.can(Right.SIGN)


def test_an_offices_clerk_begins_in_the_office_and_may_not_sign_for_it(house: House) -> None:
    clerk = house.sign_in("zofia")
    assert clerk.is_office
    assert clerk.mailbox.address == "/umluban/skrytkaESP"
    assert clerk.can(Right.WRITE)
    assert not clerk.can(Right.SIGN)


def test_a_citizens_address_does_not_tell_who_they_are(house: House) -> None:
    anna = house.sign_in("anna")
    assert anna.person.family_name.lower() not in anna.mailbox.address.lower()
    assert (anna.person.pesel or "") not in anna.mailbox.address


def test_signing_in_again_finds_the_same_person_and_takes_their_new_name(house: House) -> None:
    first = house.sign_in("anna")
    identity = house.services.identity
    token = identity.sign_in(PROVIDER, "anna", "Anna", "Nowe-Nazwisko", first.person.pesel)
    again = identity.actor(token)
    assert again is not None
    assert again.person.person_id == first.person.person_id
    assert again.mailbox.mailbox_id == first.mailbox.mailbox_id
    assert again.person.family_name == "Nowe-Nazwisko"


def test_the_same_subject_of_another_provider_is_another_person(house: House) -> None:
    anna = house.sign_in("anna")
    token = house.services.identity.sign_in("elsewhere", "anna", "Anna", "Inna", None)
    other = house.services.identity.actor(token)
    assert other is not None
    assert other.person.person_id != anna.person.person_id


def test_an_administrator_cannot_rename_someone_who_signed_in(house: House) -> None:
    anna = house.sign_in("anna")
    member = new_identity(PROVIDER, "anna", "Ktoś", "Inny", None)
    house.services.identity.set_member("umluban", member, [Role.CLERK])
    assert house.sign_in("anna").person == anna.person


def test_another_name_is_acted_in_under_a_new_token(house: House) -> None:
    identity = house.services.identity
    office_token = identity.sign_in(PROVIDER, "zofia", "Zofia", "Z", None)
    own_token = identity.act_as(office_token, "")
    assert identity.actor(office_token) is None
    actor = identity.actor(own_token)
    assert actor is not None
    assert not actor.is_office


def test_nobody_acts_for_an_office_without_a_role_in_it(house: House) -> None:
    clerk = house.sign_in("zofia")
    assert clerk.institution is not None
    token = house.services.identity.sign_in(PROVIDER, "anna", "Anna", "A", None)
    with pytest.raises(NotFound):
        house.services.identity.act_as(token, str(clerk.institution.institution_id))


def test_a_withdrawn_role_ends_the_sessions_that_use_it(house: House) -> None:
    identity = house.services.identity
    token = identity.sign_in(PROVIDER, "zofia", "Zofia", "Z", None)
    identity.set_member("umluban", new_identity(PROVIDER, "zofia", "Zofia", "Z", None), [])
    assert identity.actor(token) is None


@pytest.mark.parametrize("limit", [sessions.IDLE_LIMIT, sessions.AGE_LIMIT])
def test_a_session_ends_by_itself(house: House, limit: timedelta) -> None:
    token = house.services.identity.sign_in(PROVIDER, "anna", "Anna", "A", None)
    house.clock.ahead = limit + timedelta(seconds=1)
    assert house.services.identity.actor(token) is None


def test_a_session_in_use_lives_until_its_age_limit(house: House) -> None:
    token = house.services.identity.sign_in(PROVIDER, "anna", "Anna", "A", None)
    while house.clock.ahead < sessions.AGE_LIMIT - timedelta(hours=1):
        house.clock.ahead += sessions.IDLE_LIMIT - timedelta(minutes=1)
        assert house.services.identity.actor(token) is not None
    house.clock.ahead = sessions.AGE_LIMIT + timedelta(minutes=1)
    assert house.services.identity.actor(token) is None


def test_a_token_is_over_after_signing_out_and_never_stored(house: House) -> None:
    token = house.services.identity.sign_in(PROVIDER, "anna", "Anna", "A", None)
    with house.parts.database.transaction() as session:
        stored = [row.token_sha256 for row in session.query(SessionRow)]
    assert all(token.encode() not in digest for digest in stored)
    house.services.identity.sign_out(token)
    assert house.services.identity.actor(token) is None


def test_names_and_pesel_are_not_readable_in_the_row(house: House) -> None:
    anna = house.sign_in("anna")
    with house.parts.database.transaction() as session:
        rows = list(session.query(PersonRow))
    for secret in (anna.person.family_name, anna.person.pesel or "", "anna"):
        assert all(secret.encode() not in row.profile_sealed for row in rows)
        assert all(secret.encode() not in row.identity_index for row in rows)


@pytest.mark.parametrize("short_id", ["", "a", "ab", "UM", "um luban", "-um-", "x" * 101])
def test_an_institution_needs_a_plain_short_id(house: House, short_id: str) -> None:
    with pytest.raises(Refused):
        house.services.identity.add_institution(short_id, "Urząd", "RPW")


def test_a_role_in_an_unknown_institution_is_refused(house: House) -> None:
    with pytest.raises(NotFound):
        house.services.identity.set_member(
            "nowhere", new_identity(PROVIDER, "x", "X", "Y", None), [Role.CLERK]
        )


def test_a_masked_pesel_keeps_two_digits(house: House) -> None:
    anna = house.sign_in("anna")
    pesel = anna.person.pesel
    assert pesel is not None
    assert anna.person.pesel_masked == "•" * 9 + pesel[-2:]
