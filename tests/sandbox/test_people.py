"""The people and offices of the demonstration are well formed and plainly invented."""

import re

import pytest

from sandbox import OFFICES, PEOPLE, CertificateState, Office, Person


def weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=False))


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.person_id)
def test_a_pesel_has_its_check_digit_and_a_birth_date_nobody_alive_can_have(
    person: Person,
) -> None:
    assert re.fullmatch(r"\d{11}", person.pesel)
    assert weighted(person.pesel, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0
    century_and_month = int(person.pesel[2:4])
    assert 81 <= century_and_month <= 92, "month + 80 is a birth in the 19th century"
    is_woman = int(person.pesel[9]) % 2 == 0
    assert is_woman == person.given_name.endswith("a")


@pytest.mark.parametrize("office", OFFICES, ids=lambda office: office.short_id)
def test_an_office_has_numbers_that_check_and_that_no_real_one_can_have(office: Office) -> None:
    assert re.fullmatch(r"000\d{7}", office.tax_id)
    nip = weighted(office.tax_id, (6, 5, 7, 2, 3, 4, 5, 6, 7))
    assert nip % 11 == int(office.tax_id[9])
    assert re.fullmatch(r"98\d{7}", office.regon)
    assert weighted(office.regon, (8, 9, 2, 3, 4, 5, 6, 7)) % 11 % 10 == int(office.regon[8])


def test_everybody_the_story_needs_is_there() -> None:
    roles = {(p.office, role) for p in PEOPLE for role in p.roles}
    assert {("umluban", "clerk"), ("umluban", "signatory"), ("umluban", "auditor")} <= roles
    assert {("splubans", "clerk"), ("splubans", "signatory")} <= roles
    citizens = [p for p in PEOPLE if not p.office]
    assert sum(p.certificate_state is CertificateState.VALID for p in citizens) == 2
    assert {p.certificate_state for p in PEOPLE} == set(CertificateState)


def test_nobody_is_there_twice() -> None:
    assert len({p.person_id for p in PEOPLE}) == len({p.pesel for p in PEOPLE}) == len(PEOPLE)
    assert {p.office for p in PEOPLE} - {None} == {office.short_id for office in OFFICES}
