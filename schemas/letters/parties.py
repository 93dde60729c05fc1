"""Read the persons and institutions of a letter."""

from lxml import etree

from schemas.letters.model import Address, Contact, Institution, OtherIdentifier, Party, Person
from schemas.letters.source import Source, find, find_all
from schemas.letters.vocabulary import (
    ADDRESS_PARTS,
    CONTACT_PARTS,
    INSTITUTION_IDENTIFIERS,
    PERSON_IDENTIFIERS,
)


def read_parties(source: Source, parent: etree._Element | None) -> tuple[Party, ...]:
    """Give all persons and institutions inside `parent`, in order; none for None."""
    if parent is None:
        return ()
    subjects = find_all(parent, "Podmiot")
    found = (element for subject in subjects for element in subject.iterchildren("*"))
    return tuple(party for element in found for party in _party(source, element))


def _party(source: Source, element: etree._Element) -> tuple[Party, ...]:
    match etree.QName(element).localname:
        case "Osoba":
            return (_person(source, element),)
        case "Instytucja":
            return (_institution(source, element),)
        case _:
            return ()


def _person(source: Source, element: etree._Element) -> Person:
    identifiers = find(element, "IdOsoby")
    return Person(
        given_name=source.text(element, "Imie"),
        second_name=source.text(element, "ImieDrugie") or None,
        family_name="-".join(source.texts(element, "Nazwisko")),
        identifiers=_other_identifiers(source, identifiers),
        address=_address(source, element),
        contact=_contact(source, element),
        **_parts(source, identifiers, PERSON_IDENTIFIERS),
    )


def _institution(source: Source, element: etree._Element) -> Institution:
    identifiers = find(element, "IdInstytucji")
    return Institution(
        name=source.text(element, "NazwaInstytucji"),
        unit=source.text(element, "Jednostka") or None,
        identifiers=_other_identifiers(source, identifiers),
        address=_address(source, element),
        contact=_contact(source, element),
        **_parts(source, identifiers, INSTITUTION_IDENTIFIERS),
    )


def _address(source: Source, element: etree._Element) -> Address | None:
    address = find(element, "Adres")
    return None if address is None else Address(**_parts(source, address, ADDRESS_PARTS))


def _contact(source: Source, element: etree._Element) -> Contact | None:
    contact = find(element, "Kontakt")
    return None if contact is None else Contact(**_parts(source, contact, CONTACT_PARTS))


def _other_identifiers(
    source: Source, parent: etree._Element | None
) -> tuple[OtherIdentifier, ...]:
    if parent is None:
        return ()
    return tuple(
        OtherIdentifier(
            source.text(element, "TypIdentyfikatora"), source.text(element, "WartoscIdentyfikatora")
        )
        for element in find_all(parent, "InnyIdentyfikator")
    )


def _parts(
    source: Source, parent: etree._Element | None, parts: tuple[tuple[str, str], ...]
) -> dict[str, str | None]:
    if parent is None:
        return {}
    return {name: source.text(parent, tag) or None for name, tag in parts}
