"""What can be wrong with XML that somebody sent, and how to say it to a person.

::

    ValueError
     └ XmlError            refused before or while parsing, or unusable content
        └ VocabularyError  well-formed XML, but not the vocabulary that the reader was asked for

Both carry a `reason` (stable, for programs and tests) and a sentence in English; `message("pl")`
gives it in Polish.
"""

from enum import StrEnum


class XmlReason(StrEnum):
    """Why a document was refused; the value is stable and may be stored."""

    EMPTY = "empty"
    SIZE = "size"
    ENCODING = "encoding"
    DOCTYPE = "doctype"
    NODES = "nodes"
    DEPTH = "depth"
    ATTRIBUTES = "attributes"
    NAMESPACES = "namespaces"
    RELATIVE_NAMESPACE = "relative-namespace"
    MARKUP = "markup"
    SYNTAX = "syntax"
    UNWRITABLE = "unwritable"
    NOT_PLAIN_TEXT = "not-plain-text"
    VOCABULARY = "vocabulary"
    MISSING = "missing"
    TIME = "time"
    NOT_NEW = "not-new"


# reason -> (English, Polish); {…} are the details that the place of refusal knows.
_SENTENCES: dict[XmlReason, tuple[str, str]] = {
    XmlReason.EMPTY: (
        "The file is empty. Choose the XML document again.",
        "Plik jest pusty. Wybierz dokument XML jeszcze raz.",
    ),
    XmlReason.SIZE: (
        "The XML document is larger than {limit} bytes. Send large files as attachments by link.",
        "Dokument XML jest większy niż {limit} bajtów. "
        "Duże pliki przekaż jako załączniki z łączem.",
    ),
    XmlReason.ENCODING: (
        "The XML document is not readable as {found}. Save it as UTF-8 or UTF-16 "
        "and let its first line say so.",
        "Dokumentu XML nie da się odczytać ({found}). Zapisz go w UTF-8 lub UTF-16 "
        "i podaj to w pierwszym wierszu.",
    ),
    XmlReason.DOCTYPE: (
        "The XML document has a DOCTYPE (line {line}), which is not accepted. Remove it.",
        "Dokument XML zawiera DOCTYPE (wiersz {line}), co jest niedozwolone. Usuń tę deklarację.",
    ),
    XmlReason.NODES: (
        "The XML document has more than {limit} elements, comments and instructions "
        "(line {line}). Split it.",
        "Dokument XML ma więcej niż {limit} elementów, komentarzy i instrukcji "
        "(wiersz {line}). Podziel go.",
    ),
    XmlReason.DEPTH: (
        "The XML document nests more than {limit} elements in each other (line {line}).",
        "Dokument XML zagnieżdża w sobie więcej niż {limit} elementów (wiersz {line}).",
    ),
    XmlReason.ATTRIBUTES: (
        "The XML document has more than {limit} attributes {where} (line {line}).",
        "Dokument XML ma zbyt wiele atrybutów (dopuszczalne: {limit}; wiersz {line}).",
    ),
    XmlReason.NAMESPACES: (
        "The XML document has more than {limit} namespaces in force in one place (line {line}).",
        "Dokument XML ma w jednym miejscu ponad {limit} przestrzeni nazw (wiersz {line}).",
    ),
    XmlReason.RELATIVE_NAMESPACE: (
        "The XML document declares a namespace that is not an absolute address (line {line}). "
        "Such a document cannot be signed or checked.",
        "Dokument XML deklaruje przestrzeń nazw, która nie jest pełnym adresem (wiersz {line}). "
        "Takiego dokumentu nie można podpisać ani sprawdzić.",
    ),
    XmlReason.MARKUP: (
        "The XML document has a tag, comment or instruction longer than {limit} bytes "
        "(line {line}).",
        "Dokument XML ma znacznik, komentarz lub instrukcję dłuższą niż {limit} bajtów "
        "(wiersz {line}).",
    ),
    XmlReason.SYNTAX: (
        "The file is not well-formed XML (line {line}): {detail}.",
        "Plik nie jest poprawnym dokumentem XML (wiersz {line}).",
    ),
    XmlReason.UNWRITABLE: (
        "The text of {where} has a character that XML cannot carry ({found}). Remove it.",
        "Tekst w polu {where} zawiera znak niedozwolony w XML ({found}). Usuń go.",
    ),
    XmlReason.NOT_PLAIN_TEXT: (
        "The value of {where} is split by a comment, an instruction or another element "
        "(line {line}).",
        "Wartość elementu {where} jest rozdzielona komentarzem, instrukcją lub innym elementem "
        "(wiersz {line}).",
    ),
    XmlReason.VOCABULARY: (
        "This XML document is not of the kind {expected}: it begins with {found}.",
        "Ten dokument XML nie jest typu {expected}: zaczyna się od {found}.",
    ),
    XmlReason.MISSING: (
        "{where} is missing. Fill it in.",
        "Brakuje: {where}. Uzupełnij to pole.",
    ),
    XmlReason.TIME: (
        "The value of {where} is not a usable date and time with a time zone.",
        "Wartość pola {where} nie jest prawidłową datą i godziną ze strefą czasową.",
    ),
    XmlReason.NOT_NEW: (
        "{where} was read from a document and cannot be written anew. Send that document on.",
        "{where} odczytano z dokumentu i nie można utworzyć go na nowo. Przekaż tamten dokument.",
    ),
}


class XmlError(ValueError):
    """An XML document (or a text meant for one) that cannot be used.

    `reason` is the stable code, `str(error)` the English sentence, `message("pl")` the Polish one.
    """

    def __init__(self, reason: XmlReason, **details: object) -> None:
        self.reason = reason
        self.details = details
        super().__init__(_SENTENCES[reason][0].format(**details))

    def message(self, lang: str = "en") -> str:
        """Say it in `lang`: "pl" or "en" (any other language reads English)."""
        return _SENTENCES[self.reason][lang == "pl"].format(**self.details)


class VocabularyError(XmlError):
    """Well-formed XML that is not what the reader or builder was asked for."""
