"""Read letters of any published template, as tolerant as their writers are various.

Elements are known by their local names: writers redeclare namespaces, use older sets of them, or
none where one belongs. Comments and instructions are never part of a value, nor blanks around one.
"""

from collections.abc import Iterator

from lxml import etree

from schemas.errors import VocabularyError, XmlReason
from schemas.letters.attachments import read_attachments
from schemas.letters.model import Letter, OtherField
from schemas.letters.parties import read_parties
from schemas.namespaces import LETTER_TEMPLATES, SIGNATURE
from schemas.parsing import parse_xml, text_of
from schemas.texts import read_date

# Texts without a field of their own: more than any form has; a hostile letter may have 100 000.
OTHER_FIELDS_LIMIT = 1_000

_FORM_IDENTIFIER = "Identyfikator[@typIdentyfikatora='idFormularza']"

# Parts of the content that have a field of their own.
_READ_PARTS = frozenset(
    {
        "MiejscowoscDokumentu",
        "Tytul",
        "RodzajWnioskuRozszerzony",
        "Informacje",
        "Oswiadczenia",
        "InformacjeDodatkowe",
        "DoWiadomosci",
        "Podpis",
        "Zalaczniki",
    }
)


def read_letter(data: bytes) -> Letter:
    """Give the letter in `data`, whichever `http://crd.gov.pl/wzor/…` template it is written in.

    Raises `XmlError` for what is not usable XML, its kind `VocabularyError` for other documents.
    What a letter lacks is empty in the result; a damaged attachment is said to be one.
    """
    root = parse_xml(data)
    template = etree.QName(root).namespace or ""
    if not template.startswith(LETTER_TEMPLATES):
        found = etree.QName(root).localname
        raise VocabularyError(XmlReason.VOCABULARY, expected="crd.gov.pl/wzor", found=found)
    return _read(root, template)


def _read(root: etree._Element, template: str) -> Letter:
    content = root.find("{*}TrescDokumentu")
    content = root if content is None else content
    name = _text(root, "DaneDokumentu/Naglowek/NazwaDokumentu")
    kind = content.find("{*}RodzajWnioskuRozszerzony")
    return Letter(
        template=template,
        identifier=_text(root, "OpisDokumentu/CID"),
        form_id=_text(root, f"OpisDokumentu/{_FORM_IDENTIFIER}/Wartosc"),
        document_name=name,
        created_on=read_date(_text(root, "DaneDokumentu/Data[@typDaty='stworzony']/Czas")),
        addressees=read_parties(root.find(_path("DaneDokumentu/Adresaci"))),
        senders=read_parties(root.find(_path("DaneDokumentu/Nadawcy"))),
        place=_text(content, "MiejscowoscDokumentu"),
        title=_text(content, "Tytul") or name,
        kind=_attribute(kind, "rodzaj"),
        # `jakisInny` is a slip of the pen that real letters have.
        other_kind=_attribute(kind, "jakiInny") or _attribute(kind, "jakisInny"),
        paragraphs=_texts(content, "Informacje/Informacja"),
        statements=_texts(content, "Oswiadczenia/Oswiadczenie"),
        additional_information=_text(content, "InformacjeDodatkowe"),
        copies_to=read_parties(content.find("{*}DoWiadomosci")),
        signatory_position=_text(content, "Podpis/Stanowisko"),
        signatory_authority=_text(content, "Podpis/ZUpowaznienia"),
        attachments=read_attachments(root),
        other_fields=tuple(_other_fields(content)),
        signature_count=sum(1 for _ in root.iter(SIGNATURE)),
    )


def _other_fields(content: etree._Element) -> Iterator[OtherField]:
    left = OTHER_FIELDS_LIMIT
    for part in content.iterchildren("*"):
        if etree.QName(part).localname in _READ_PARTS or part.tag == SIGNATURE:
            continue
        for element in part.iter("*"):
            value = _own_text(element)
            if value and left:
                left -= 1
                yield OtherField(etree.QName(element).localname, value)


def _own_text(element: etree._Element) -> str:
    parts = [element.text, *(child.tail for child in element)]
    return "".join(part for part in parts if part).strip()


def _text(parent: etree._Element, path: str) -> str:
    element = parent.find(_path(path))
    return "" if element is None else text_of(element).strip()


def _texts(parent: etree._Element, path: str) -> tuple[str, ...]:
    texts = (text_of(element).strip() for element in parent.iterfind(_path(path)))
    return tuple(text for text in texts if text)


def _attribute(element: etree._Element | None, name: str) -> str:
    return "" if element is None else str(element.get(name, "")).strip()


def _path(path: str) -> str:
    return "/".join(f"{{*}}{name}" for name in path.split("/"))
