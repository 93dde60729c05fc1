"""The signature fields of a document, and traces of signatures that it no longer lists."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from signer.documents.limits import PDF_MAX_FIELDS, PDF_MAX_NESTING
from signer.pades.syntax import PdfDictionary, PdfFile, PdfObject, PdfSyntaxError, Reference, Stream
from signer.validation.facts import ProblemCode

_BYTE_RANGE: Final = re.compile(
    rb"/(?:B|#42)(?:y|#79)(?:t|#74)(?:e|#65)(?:R|#52)(?:a|#61)(?:n|#6[eE])(?:g|#67)(?:e|#65)"
    rb"(?=[\0\t\n\f\r \[%])"
)
"""The name in every spelling that means it (ISO 32000-1 7.3.5)."""


_Visit = tuple[PdfObject, str, str | None, PdfObject, int]
"""A field to look at, with the name, type and value that it inherits, and its depth."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One terminal field of the form, with what it inherits."""

    name: str
    kind: str | None
    """``Sig``, ``Tx``, ``Btn``, ``Ch`` or None."""
    value: PdfObject
    number: int | None
    """Object number of the field; None where it stands inside another object."""


_TIMESTAMP_FILTER: Final = "ETSI.RFC3161"


@dataclass(slots=True)
class SignatureValue:
    """One signature dictionary and the fields that show it."""

    number: int
    dictionary: PdfDictionary
    offset: int
    """Where its object starts in the file."""
    field_names: list[str] = field(default_factory=list)

    @property
    def is_document_timestamp(self) -> bool:
        """Whether it is a time stamp over the document (EN 319 142-1 5.4.3), no signature."""
        return self.dictionary.get("SubFilter") == _TIMESTAMP_FILTER

    @property
    def counts(self) -> bool:
        """Whether it is what it says: a time stamp that calls itself a signature is neither."""
        return not (self.is_document_timestamp and self.dictionary.get("Type") == "Sig")


def form_fields(file: PdfFile, revision: int) -> Iterator[FormField]:
    """Walk the terminal fields of the interactive form of a revision (ISO 32000-1 12.7.3).

    Raises:
        PdfSyntaxError: the field tree has a loop, or more fields than are read.
    """
    form = file.dictionary(file.catalog(revision).get("AcroForm"), revision)
    stack: list[_Visit] = [
        (item, "", None, None, 0) for item in reversed(file.array(form.get("Fields"), revision))
    ]
    seen: set[int] = set()
    while stack:
        item, prefix, kind, value, depth = stack.pop()
        number = item.number if isinstance(item, Reference) else None
        if number in seen or len(seen) > PDF_MAX_FIELDS or depth > PDF_MAX_NESTING:
            raise PdfSyntaxError(
                "The form's fields lead in a circle or are too many.", ProblemCode.LIMIT
            )
        if number is not None:
            seen.add(number)
        entries = file.dictionary(item, revision)
        name, kind, value = _inherited(file, revision, entries, prefix, kind, value)
        kids = _child_fields(file, revision, entries)
        if kids:
            stack.extend((kid, name, kind, value, depth + 1) for kid in reversed(kids))
        else:
            yield FormField(name, kind, value, number)


def _inherited(
    file: PdfFile,
    revision: int,
    entries: PdfDictionary,
    prefix: str,
    kind: str | None,
    value: PdfObject,
) -> tuple[str, str | None, PdfObject]:
    own_kind = file.resolve(entries.get("FT"), revision)
    partial = text(file.resolve(entries.get("T"), revision))
    name = ".".join(part for part in (prefix, partial) if part)
    return name, str(own_kind) if own_kind is not None else kind, entries.get("V", value)


def _child_fields(file: PdfFile, revision: int, entries: PdfDictionary) -> list[PdfObject]:
    """Give the kids that are fields; kids without a name are only the field's widgets."""
    kids = file.array(entries.get("Kids"), revision)
    return [kid for kid in kids if "T" in file.dictionary(kid, revision)]


def text(value: PdfObject) -> str:
    """Give a text string (ISO 32000-1 7.9.2.2) as text; empty where it is none."""
    if not isinstance(value, bytes):
        return ""
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", "replace")
    if value.startswith(b"\xff\xfe"):
        return value[2:].decode("utf-16-le", "replace")
    if value.startswith(b"\xef\xbb\xbf"):
        return value[3:].decode("utf-8", "replace")
    return value.decode("latin-1")


def signature_values(file: PdfFile) -> tuple[list[SignatureValue], list[str]]:
    """Give the signature dictionaries of the newest revision, and faults of signature fields.

    Returns:
        The dictionaries in the order of the file, and a sentence for each field whose value is no
        signature dictionary of its own.
    """
    found: dict[int, SignatureValue] = {}
    faults = []
    for form_field in form_fields(file, file.last):
        if form_field.kind != "Sig" or form_field.value is None:
            continue
        value = _signature_value(file, form_field.value)
        if value is None:
            faults.append(f"The signature field “{form_field.name}” holds no signature.")
            continue
        found.setdefault(value.number, value).field_names.append(form_field.name)
    return sorted(found.values(), key=lambda value: value.offset), faults


def _signature_value(file: PdfFile, value: PdfObject) -> SignatureValue | None:
    if not isinstance(value, Reference):
        return None
    entry = file.entry(value.number, file.last)
    dictionary = file.get(value.number, file.last)
    if entry is None or entry.kind != "offset" or not isinstance(dictionary, dict):
        return None
    return SignatureValue(value.number, dictionary, entry.place)


def has_byte_range(data: bytes) -> bool:
    """Whether the raw file shows traces of a signature, listed or not."""
    return _BYTE_RANGE.search(data) is not None


def unlisted_byte_ranges(file: PdfFile, listed: list[SignatureValue]) -> int:
    """Count signature dictionaries in the raw file that no field of the newest revision shows.

    Usage rights of forms (``/Perms /UR3``) are no signatures of a person and not counted, nor is
    what stands inside the data of a stream, such as an attached file.
    """
    known = {value.offset for value in listed} | _usage_rights(file)
    places = _places(file)
    offsets = [offset for offset, _number, _revision in places]
    count = 0
    for match in _BYTE_RANGE.finditer(file.data):
        at = bisect_right(offsets, match.start()) - 1
        if at < 0 or offsets[at] in known:
            count += at < 0
            continue
        count += not _is_stream_data(file, places[at], match.start())
    return count


def _places(file: PdfFile) -> list[tuple[int, int, int]]:
    """Give (offset, number, revision) of every object that any revision places."""
    places = [
        (entry.place, number, revision)
        for number, history in file.history().items()
        for revision, entry in history
        if entry.kind == "offset"
    ]
    return sorted(places)


def _is_stream_data(file: PdfFile, place: tuple[int, int, int], position: int) -> bool:
    offset, number, revision = place
    try:
        value = file.object_at(offset, number, revision).value
    except PdfSyntaxError:
        return False
    return isinstance(value, Stream) and value.start <= position < value.end


def _usage_rights(file: PdfFile) -> set[int]:
    permissions = file.dictionary(file.catalog(file.last).get("Perms"), file.last)
    reference = permissions.get("UR3")
    if not isinstance(reference, Reference):
        return set()
    entry = file.entry(reference.number, file.last)
    return {entry.place} if entry is not None and entry.kind == "offset" else set()
