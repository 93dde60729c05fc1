"""A person's data inside a signature's claimed roles, as the Trusted Profile writes it.

New form: ``EPSignature/NaturalPerson``; old form: ``PodpisZP/DaneZP/DaneZPOsobyFizycznej``. Anybody
can write such a role: the decision believes it only under the minister's seal.
"""

from __future__ import annotations

from lxml import etree

from signer.validation.facts import PersonClaim
from signer.xades import names
from signer.xades.structure import leaf_text

_NEW = "http://crd.gov.pl/xml/schematy/podpis_zaufany/"
_OLD = "http://crd.gov.pl/xml/schematy/ppzp/"
_OLD_PERSON = "http://crd.gov.pl/xml/schematy/osoba/"
SOURCE = "trusted_profile_role"

_NEW_FIELDS = ("FirstName", "CurrentFamilyName", "PersonalIdentifier")
_OLD_FIELDS = ("Imie", "Nazwisko", "PESEL")


def person_claims(roles: list[etree._Element]) -> tuple[PersonClaim, ...]:
    """Read the persons that claimed roles name; a field that is not plain text is left out."""
    claims = []
    for role in roles:
        for child in role:
            if child.tag == f"{{{_NEW}}}EPSignature":
                claims.append(_claim(child.find(f"{{{_NEW}}}NaturalPerson"), _NEW, _NEW_FIELDS))
            elif child.tag == f"{{{_OLD}}}PodpisZP":
                person = next(child.iter(f"{{{_OLD}}}DaneZPOsobyFizycznej"), None)
                claims.append(_claim(person, _OLD_PERSON, _OLD_FIELDS))
    return tuple(claims)


def _claim(
    person: etree._Element | None, namespace: str, fields: tuple[str, str, str]
) -> PersonClaim:
    given, family, pesel = (_field(person, namespace, name) for name in fields)
    return PersonClaim(SOURCE, given, family, pesel)


def _field(person: etree._Element | None, namespace: str, name: str) -> str | None:
    """Read one field; several elements of a name (a double surname) are joined by a hyphen."""
    found = [
        leaf_text(child)
        for child in (() if person is None else person)
        if names.local_name(child) == name and names.namespace_of(child).startswith(namespace)
    ]
    if not found or any(text is None or not text.strip() for text in found):
        return None
    return "-".join((text or "").strip() for text in found)
