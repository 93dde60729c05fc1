"""Read letters of any published template, as tolerant as their writers are various."""

from lxml import etree

from schemas.errors import VocabularyError, XmlReason
from schemas.letters.attachments import read_attachments
from schemas.letters.model import Letter
from schemas.letters.parties import read_parties
from schemas.letters.source import Source, find
from schemas.namespaces import LETTER_TEMPLATES, SIGNATURE
from schemas.parsing import parse_xml
from schemas.texts import read_date

_FORM_IDENTIFIER = "OpisDokumentu/Identyfikator[@typIdentyfikatora='idFormularza']/Wartosc"
_CREATED_ON = "DaneDokumentu/Data[@typDaty='stworzony']/Czas"
# Says "tekst" of every letter.
_CATEGORY = "OpisDokumentu/RodzajDokumentu/Kategoria"


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
    return _read(Source(root), template)


def _read(source: Source, template: str) -> Letter:
    root = source.root
    content = find(root, "TrescDokumentu")
    content = root if content is None else content
    kind = find(content, "RodzajWnioskuRozszerzony")
    source.text(root, _CATEGORY)
    name = source.text(root, "DaneDokumentu/Naglowek/NazwaDokumentu")
    return Letter(
        template=template,
        identifier=source.text(root, "OpisDokumentu/CID"),
        form_id=source.text(root, _FORM_IDENTIFIER),
        document_name=name,
        created_on=read_date(source.text(root, _CREATED_ON)),
        addressees=read_parties(source, find(root, "DaneDokumentu/Adresaci")),
        senders=read_parties(source, find(root, "DaneDokumentu/Nadawcy")),
        place=source.text(content, "MiejscowoscDokumentu"),
        title=source.text(content, "Tytul") or name,
        kind=_attribute(kind, "rodzaj"),
        # `jakisInny` is a slip of the pen that real letters have.
        other_kind=_attribute(kind, "jakiInny") or _attribute(kind, "jakisInny"),
        paragraphs=source.texts(content, "Informacje/Informacja"),
        statements=source.texts(content, "Oswiadczenia/Oswiadczenie"),
        additional_information=source.text(content, "InformacjeDodatkowe"),
        copies_to=read_parties(source, find(content, "DoWiadomosci")),
        signatory_position=source.text(content, "Podpis/Stanowisko"),
        signatory_authority=source.text(content, "Podpis/ZUpowaznienia"),
        attachments=read_attachments(source),
        other_fields=tuple(source.rest()),  # after everything else has been read
        signature_count=sum(1 for _ in root.iter(SIGNATURE)),
    )


def _attribute(element: etree._Element | None, name: str) -> str:
    return "" if element is None else str(element.get(name, "")).strip()
