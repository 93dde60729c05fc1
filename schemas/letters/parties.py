"""Read the persons and institutions of a letter."""

from lxml import etree

from schemas.letters.model import Address, Contact, Institution, OtherIdentifier, Party, Person
from schemas.letters.vocabulary import (
    ADDRESS_PARTS,
    CONTACT_PARTS,
    INSTITUTION_IDENTIFIERS,
    PERSON_IDENTIFIERS,
)
from schemas.parsing import text_of


def read_parties(parent: etree._Element | None) -> tuple[Party, ...]:
    """Give all persons and institutions inside `parent`, in order; none for None."""
    if parent is None:
        return ()
    found = (party for subject in parent.iterfind("{*}Podmiot") for party in subject)
    return tuple(_party(element) for element in found if _is_party(element))


def _is_party(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and etree.QName(element).localname in (
        "Osoba",
        "Instytucja",
    )


def _party(element: etree._Element) -> Party:
    return _person(element) if etree.QName(element).localname == "Osoba" else _institution(element)


def _person(element: etree._Element) -> Person:
    family_names = [text_of(part).strip() for part in element.iterfind("{*}Nazwisko")]
    identifiers = element.find("{*}IdOsoby")
    return Person(
        given_name=_part(element, "Imie") or "",
        second_name=_part(element, "ImieDrugie"),
        family_name="-".join(name for name in family_names if name),
        identifiers=_other_identifiers(identifiers),
        address=_address(element),
        contact=_contact(element),
        **_parts(identifiers, PERSON_IDENTIFIERS),
    )


def _institution(element: etree._Element) -> Institution:
    identifiers = element.find("{*}IdInstytucji")
    return Institution(
        name=_part(element, "NazwaInstytucji") or "",
        unit=_part(element, "Jednostka"),
        identifiers=_other_identifiers(identifiers),
        address=_address(element),
        contact=_contact(element),
        **_parts(identifiers, INSTITUTION_IDENTIFIERS),
    )


def _address(element: etree._Element) -> Address | None:
    address = element.find("{*}Adres")
    return None if address is None else Address(**_parts(address, ADDRESS_PARTS))


def _contact(element: etree._Element) -> Contact | None:
    contact = element.find("{*}Kontakt")
    return None if contact is None else Contact(**_parts(contact, CONTACT_PARTS))


def _other_identifiers(parent: etree._Element | None) -> tuple[OtherIdentifier, ...]:
    if parent is None:
        return ()
    return tuple(
        OtherIdentifier(
            _part(element, "TypIdentyfikatora") or "", _part(element, "WartoscIdentyfikatora") or ""
        )
        for element in parent.iterfind("{*}InnyIdentyfikator")
    )


def _parts(
    parent: etree._Element | None, parts: tuple[tuple[str, str], ...]
) -> dict[str, str | None]:
    return {name: None if parent is None else _part(parent, tag) for name, tag in parts}


def _part(parent: etree._Element, name: str) -> str | None:
    element = parent.find(f"{{*}}{name}")
    return None if element is None else text_of(element).strip() or None
