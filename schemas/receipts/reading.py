"""Read receipts, ours and others': what they state, and whatever else stands in them.

Tolerant of what is harmless (blanks, comments, order, attributes with or without the namespace) and
watchful of what is not: everything that the vocabulary does not know is named in `unexpected`, so
that whoever relies on a receipt can insist that it says nothing more than it should.
"""

from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from schemas.errors import VocabularyError, XmlError, XmlReason
from schemas.namespaces import RECEIPTS, SCHEMA_LOCATION, SIGNATURE
from schemas.parsing import parse_xml, text_of
from schemas.receipts.model import EPUAP_IDENTIFIER, Information, Receipt, ReceiptParty, Upd, Upp
from schemas.texts import read_instant

_PARTY = frozenset({"Nazwa", "IdentyfikatorPodmiotu"})
_UPP_PARTIES = frozenset({"Adresat", "Nadawca"})
_UPP_LEAVES = frozenset(
    {
        "IdentyfikatorPoswiadczenia",
        "DataDoreczenia",
        "DataWytworzeniaPoswiadczenia",
        "IdentyfikatorDokumentu",
    }
)
_UPD_PARTIES = frozenset({"Adresat", "PodmiotWystawiajacyPoswiadczenie"})
_UPD_LEAVES = frozenset(
    {
        "IdentyfikatorPoswiadczenia",
        "DataOdbioru",
        "DataUtworzeniaPoswiadczenia",
        "IdentyfikatorSprawy",
        "IdentyfikatorDokumentu",
    }
)
_INFORMATION = "InformacjaUzupelniajaca"
_ATTRIBUTES = {
    "IdentyfikatorPodmiotu": "TypIdentyfikatora",
    _INFORMATION: "TypInformacjiUzupelniajacej",
}


def read_receipt(data: bytes) -> Receipt:
    """Give the `Upp` or `Upd` in `data`.

    Raises `XmlError` for what is not usable XML, lacks a required value or has an unreadable date,
    and its kind `VocabularyError` for any other document.
    """
    root = parse_xml(data)
    contents = [element for name in ("UPP", "UPD") for element in root.findall(_qualified(name))]
    if root.tag != _qualified("Dokument") or len(contents) != 1:
        found = etree.QName(root).localname
        raise VocabularyError(XmlReason.VOCABULARY, expected="UPP/UPD", found=found)
    reader = _Reader(root, contents[0])
    return reader.upp() if contents[0].tag == _qualified("UPP") else reader.upd()


class _Reader:
    def __init__(self, root: etree._Element, content: etree._Element) -> None:
        self._root = root
        self._content = content

    def upp(self) -> Upp:
        sender = self._content.find(_qualified("Nadawca"))
        return Upp(
            identifier=self._required("IdentyfikatorPoswiadczenia"),
            addressee=self._party("Adresat"),
            sender=None if sender is None else self._party("Nadawca"),
            delivered_at=self._instant("DataDoreczenia"),
            created_at=self._instant("DataWytworzeniaPoswiadczenia"),
            document_identifier=self._required("IdentyfikatorDokumentu"),
            information=self._information(),
            signed=self._root.find(SIGNATURE) is not None,
            unexpected=self._unexpected(_UPP_LEAVES, _UPP_PARTIES),
        )

    def upd(self) -> Upd:
        received = _text(self._content, "DataOdbioru")
        return Upd(
            identifier=self._required("IdentyfikatorPoswiadczenia"),
            issuer=self._party("PodmiotWystawiajacyPoswiadczenie"),
            addressee=self._party("Adresat"),
            received_at=self._instant("DataOdbioru") if received else None,
            created_at=self._instant("DataUtworzeniaPoswiadczenia"),
            case_identifier=_text(self._content, "IdentyfikatorSprawy"),
            document_identifier=self._required("IdentyfikatorDokumentu"),
            information=self._information(),
            signed=self._root.find(SIGNATURE) is not None,
            unexpected=self._unexpected(_UPD_LEAVES, _UPD_PARTIES),
        )

    def _required(self, name: str) -> str:
        value = _text(self._content, name)
        if value is None:
            raise XmlError(XmlReason.MISSING, where=name)
        return value

    def _instant(self, name: str) -> datetime:
        return read_instant(self._required(name), name)

    def _party(self, name: str) -> ReceiptParty:
        element = self._content.find(_qualified(name))
        if element is None:
            raise XmlError(XmlReason.MISSING, where=name)
        identifier = element.find(_qualified("IdentyfikatorPodmiotu"))
        return ReceiptParty(
            name=_text(element, "Nazwa") or "",
            identifier=_text(element, "IdentyfikatorPodmiotu"),
            identifier_type=EPUAP_IDENTIFIER if identifier is None else _attribute(identifier),
        )

    def _information(self) -> tuple[Information, ...]:
        found = self._content.findall(_qualified(_INFORMATION))
        return tuple(Information(_attribute(item) or "", text_of(item).strip()) for item in found)

    def _unexpected(self, leaves: frozenset[str], parties: frozenset[str]) -> tuple[str, ...]:
        known = leaves | parties | {_INFORMATION}
        found = [*_strange(self._root, frozenset({_local(self._content)}), signatures=True)]
        found += _strange(self._content, known)
        for element in self._content.iterchildren(*(_qualified(name) for name in known)):
            is_party = _local(element) in parties
            found += _strange(element, _PARTY if is_party else frozenset(), text=not is_party)
            for part in element.iterchildren(*(_qualified(name) for name in _PARTY)):
                found += _strange(part, frozenset(), text=True)
        return tuple(found)


def _strange(
    element: etree._Element,
    known: frozenset[str],
    *,
    signatures: bool = False,
    text: bool = False,
) -> Iterator[str]:
    """Name what `element` holds beside one each of its `known` children."""
    where = _local(element)
    seen: set[str] = set()
    if not text and _has_own_text(element):
        yield f"text in {where}"
    for child in element.iterchildren("*"):
        name = _local(child)
        fits = child.tag == _qualified(name) and name in known
        if (fits and name not in seen) or (signatures and child.tag == SIGNATURE):
            seen |= {name} - {_INFORMATION}
        else:
            yield f"{name} in {where}"
    expected = {SCHEMA_LOCATION} | _both(_ATTRIBUTES.get(where, ""))
    for attribute in map(str, element.attrib):
        if attribute not in expected:
            yield f"attribute {attribute} in {where}"


def _has_own_text(element: etree._Element) -> bool:
    parts = [element.text, *(child.tail for child in element)]
    return any(part and part.strip() for part in parts)


def _text(parent: etree._Element, name: str) -> str | None:
    element = parent.find(_qualified(name))
    return None if element is None else text_of(element).strip() or None


def _attribute(element: etree._Element) -> str | None:
    name = _ATTRIBUTES[_local(element)]
    # Published stylesheets read it without a namespace; one known client writes it with one.
    return element.get(name, element.get(_qualified(name)))


def _both(name: str) -> set[str]:
    return {name, _qualified(name)}


def _qualified(name: str) -> str:
    return f"{{{RECEIPTS}}}{name}"


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
