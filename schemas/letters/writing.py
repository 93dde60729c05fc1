"""Write the general letter: the same letter gives the same bytes; attachments stream through."""

import io
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from lxml import etree

from schemas.errors import XmlError, XmlReason
from schemas.letters.model import (
    Address,
    Attachment,
    AttachmentFile,
    Contact,
    GeneralLetter,
    LinkedAttachment,
    NewAttachment,
    Party,
    Person,
)
from schemas.letters.vocabulary import (
    ADDRESS_PARTS,
    BASE64,
    CONTACT_PARTS,
    INSTITUTION_IDENTIFIERS,
    LINK,
    PERSON_IDENTIFIERS,
)
from schemas.namespaces import (
    ADDRESS,
    GENERAL_LETTER,
    INSTITUTION,
    METADATA,
    PERSON,
    SCHEMA_LOCATION,
    STRUCTURE,
    XSI,
)
from schemas.texts import writable

_NAMESPACES = {
    "wnio": GENERAL_LETTER,
    "str": STRUCTURE,
    "meta": METADATA,
    "oso": PERSON,
    "inst": INSTITUTION,
    "adr": ADDRESS,
    "xsi": XSI,
}
_PROLOG = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<?xml-stylesheet type="text/xsl" href="%sstyl.xsl"?>\n' % GENERAL_LETTER.encode()
)
_SCHEMA = f"{GENERAL_LETTER} {GENERAL_LETTER}schemat.xsd"

# Base64 turns 3 bytes into 4 characters: pieces of whole groups join without padding between them.
_GROUP = 3
# Bytes of an attachment encoded at once: small beside a process, large beside the cost of a call.
_PIECE = _GROUP * 64 * 1024


def build_general_letter(letter: GeneralLetter) -> bytes:
    """Give the letter's XML without a signature.

    Raises `XmlError` naming what is missing or what text XML cannot carry.
    """
    sink = io.BytesIO()
    write_general_letter(letter, sink)
    return sink.getvalue()


def write_general_letter(letter: GeneralLetter, sink: BinaryIO) -> None:
    """Write the letter's XML to `sink`, holding no attachment whole; raises as the builder."""
    _require(letter)
    sink.write(_PROLOG)
    with etree.xmlfile(sink, encoding="UTF-8", close=False) as file:
        _Writer(file).document(letter)


def _require(letter: GeneralLetter) -> None:
    for name in ("identifier", "form_id", "document_name", "title"):
        if not getattr(letter, name).strip():
            raise XmlError(XmlReason.MISSING, where=name)
    for name in ("addressees", "senders"):
        if not getattr(letter, name):
            raise XmlError(XmlReason.MISSING, where=name)
    if not any(part.strip() for part in letter.paragraphs) and not letter.attachments:
        raise XmlError(XmlReason.MISSING, where="paragraphs")


class _Writer:
    def __init__(self, file: Any) -> None:  # lxml's writer has no public type
        self._file = file

    def document(self, letter: GeneralLetter) -> None:
        with self._file.element(
            f"{{{GENERAL_LETTER}}}Dokument", {SCHEMA_LOCATION: _SCHEMA}, nsmap=_NAMESPACES
        ):
            self._description(letter)
            self._data(letter)
            with self._element(
                GENERAL_LETTER, "TrescDokumentu", format="text/xml", kodowanie="XML"
            ):
                self._content(letter)
                self._attachments(letter.attachments)

    def _description(self, letter: GeneralLetter) -> None:
        with self._element(GENERAL_LETTER, "OpisDokumentu"):
            self._leaf(STRUCTURE, "CID", letter.identifier)
            with self._element(METADATA, "Identyfikator", typIdentyfikatora="idFormularza"):
                self._leaf(METADATA, "Wartosc", letter.form_id)
            with self._element(METADATA, "RodzajDokumentu"):
                self._leaf(METADATA, "Kategoria", "tekst")

    def _data(self, letter: GeneralLetter) -> None:
        with self._element(GENERAL_LETTER, "DaneDokumentu"):
            with self._element(STRUCTURE, "Naglowek"):
                self._leaf(STRUCTURE, "NazwaDokumentu", letter.document_name)
            with self._element(METADATA, "Data", typDaty="stworzony"):
                self._leaf(METADATA, "Czas", letter.created_on.isoformat())
            with self._element(STRUCTURE, "Adresaci"):
                self._parties(letter.addressees)
            with self._element(STRUCTURE, "Nadawcy"):
                self._parties(letter.senders)

    def _content(self, letter: GeneralLetter) -> None:
        self._leaf(GENERAL_LETTER, "MiejscowoscDokumentu", letter.place)
        self._leaf(GENERAL_LETTER, "Tytul", letter.title)
        self._kind(letter)
        self._list("Informacje", "Informacja", letter.paragraphs)
        self._list("Oswiadczenia", "Oswiadczenie", letter.statements)
        self._leaf(GENERAL_LETTER, "InformacjeDodatkowe", letter.additional_information)
        if letter.copies_to:
            with self._element(GENERAL_LETTER, "DoWiadomosci"):
                self._parties(letter.copies_to)
        if letter.signatory_position or letter.signatory_authority:
            with self._element(GENERAL_LETTER, "Podpis"):
                self._leaf(GENERAL_LETTER, "Stanowisko", letter.signatory_position)
                self._leaf(GENERAL_LETTER, "ZUpowaznienia", letter.signatory_authority)

    def _kind(self, letter: GeneralLetter) -> None:
        named = {"jakiInny": letter.other_kind, "rodzaj": letter.kind}
        given = {name: text for name, text in named.items() if text}
        if given:
            with self._element(GENERAL_LETTER, "RodzajWnioskuRozszerzony", **given):
                pass

    def _list(self, name: str, item: str, texts: Iterable[str]) -> None:
        given = [text for text in texts if text.strip()]
        if given:
            with self._element(GENERAL_LETTER, name):
                for text in given:
                    self._leaf(GENERAL_LETTER, item, text)

    def _parties(self, parties: Iterable[Party]) -> None:
        for party in parties:
            with self._element(METADATA, "Podmiot"):
                if isinstance(party, Person):
                    self._person(party)
                else:
                    self._institution(party)

    def _person(self, person: Person) -> None:
        with self._element(PERSON, "Osoba"):
            self._identifiers(PERSON, "IdOsoby", person, PERSON_IDENTIFIERS)
            self._leaf(PERSON, "Imie", person.given_name)
            self._leaf(PERSON, "ImieDrugie", person.second_name)
            self._leaf(PERSON, "Nazwisko", person.family_name)
            self._place(person)

    def _institution(self, institution: Any) -> None:
        with self._element(INSTITUTION, "Instytucja"):
            self._identifiers(INSTITUTION, "IdInstytucji", institution, INSTITUTION_IDENTIFIERS)
            self._leaf(INSTITUTION, "NazwaInstytucji", institution.name)
            self._leaf(INSTITUTION, "Jednostka", institution.unit)
            self._place(institution)

    def _identifiers(
        self, namespace: str, name: str, party: Party, known: tuple[tuple[str, str], ...]
    ) -> None:
        if not party.identifiers and not any(getattr(party, part) for part, _ in known):
            return
        with self._element(namespace, name):
            for part, element in known:
                self._leaf(namespace, element, getattr(party, part))
            for identifier in party.identifiers:
                with self._element(namespace, "InnyIdentyfikator"):
                    self._leaf(namespace, "TypIdentyfikatora", identifier.kind)
                    self._leaf(namespace, "WartoscIdentyfikatora", identifier.value)

    def _place(self, party: Party) -> None:
        self._parts("Adres", party.address, ADDRESS_PARTS)
        self._parts("Kontakt", party.contact, CONTACT_PARTS)

    def _parts(
        self, name: str, whole: Address | Contact | None, parts: tuple[tuple[str, str], ...]
    ) -> None:
        if whole is None:
            return
        with self._element(ADDRESS, name):
            for part, element in parts:
                self._leaf(ADDRESS, element, getattr(whole, part))

    def _attachments(self, attachments: tuple[NewAttachment, ...]) -> None:
        if not attachments:
            return
        with self._element(STRUCTURE, "Zalaczniki"):
            for attachment in attachments:
                self._attachment(attachment)

    def _attachment(self, attachment: NewAttachment) -> None:
        encoding = LINK if isinstance(attachment, LinkedAttachment) else BASE64
        with self._element(
            STRUCTURE,
            "Zalacznik",
            format=attachment.media_type,
            kodowanie=encoding,
            nazwaPliku=attachment.name,
        ):
            with self._element(STRUCTURE, "DaneZalacznika"):
                for piece in _pieces(attachment):
                    self._file.write(piece)
                    self._file.flush()  # libxml2 would collect the most of a large attachment
            with self._element(STRUCTURE, "OpisZalacznika"):
                self._file.write(writable(attachment.description.strip(), "OpisZalacznika"))

    def _leaf(self, namespace: str, name: str, text: str | None) -> None:
        stripped = (text or "").strip()
        if stripped:
            with self._element(namespace, name):
                self._file.write(writable(stripped, name))

    @contextmanager
    def _element(self, namespace: str, name: str, **attributes: str) -> Iterator[None]:
        checked = {key: writable(value.strip(), key) for key, value in attributes.items()}
        with self._file.element(f"{{{namespace}}}{name}", checked):
            yield


def _pieces(attachment: NewAttachment) -> Iterator[str]:
    if isinstance(attachment, LinkedAttachment):
        yield writable(attachment.address.strip(), "DaneZalacznika")
        return
    file = attachment.file if isinstance(attachment, AttachmentFile) else _file_of(attachment)
    rest = b""
    while piece := file.read(_PIECE):
        piece = rest + piece
        whole = len(piece) - len(piece) % _GROUP
        rest = piece[whole:]
        yield b64encode(piece[:whole]).decode("ascii")
    yield b64encode(rest).decode("ascii")


def _file_of(attachment: Attachment) -> BinaryIO:
    return io.BytesIO(attachment.content)
