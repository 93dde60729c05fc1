"""Changes to the form, its fields and the annotations of pages (ISO 32000-2 12.7, 12.5)."""

from __future__ import annotations

from typing import Protocol

from signer.documents.limits import PDF_MAX_NESTING
from signer.documents.page_text import Box
from signer.pades.changes.comparison import Comparison
from signer.pades.changes.document_parts import DocumentParts
from signer.pades.changes.overlap import box_of, what_it_hides
from signer.pades.fields import text
from signer.pades.syntax import Name, PdfDictionary, PdfObject, Reference

_FIELD_KEYS = {"FT", "T", "TU", "TM", "V", "Ff", "Parent", "Kids", "DA", "DR", "Q", "Lock", "SV"}
_ANNOTATION_KEYS = {
    "Type",
    "Subtype",
    "F",
    "Rect",
    "P",
    "AP",
    "AS",
    "MK",
    "BS",
    "Border",
    "NM",
    "M",
}
_DISPLAY_KEYS = {"StructParent", "Contents", "H", "C", "CA", "BM", "Lang", "OC"}
_WIDGET_KEYS = frozenset(_FIELD_KEYS | _ANNOTATION_KEYS | _DISPLAY_KEYS)
"""What the field of a new signature may say; none of it makes it a page, an action or content."""
_SIGNING_KEYS = frozenset(
    {"V", "AP", "AS", "M", "F", "Ff", "MK", "DA", "DR", "P", "Type", "BS", "Border"}
)
"""What signing an empty field that was there before may change in it."""
_FORM_WORDS = {"XFA": "the XFA form", "NeedAppearances": "how field values are drawn"}


class Lister(Protocol):
    """Notes one change."""

    def __call__(self, kind: str, description: str, *, harmless: bool = False) -> None:
        """Note it."""


class FormJudge:
    """Judges what one revision did to the form and to annotations."""

    def __init__(
        self, old: DocumentParts, new: DocumentParts, compare: Comparison, note: Lister
    ) -> None:
        self.old = old
        self.new = new
        self.compare = compare
        self.note = note
        self.new_widgets: set[int] = set()
        """Object numbers of the fields and widgets of signatures that this revision added."""
        self._known: set[int] = set()

    def judge(self, changed: list[tuple[int, PdfObject, PdfObject]]) -> None:
        """Judge the form first: which new widgets are signatures decides about the annotations."""
        self._form()
        for number, old, new in changed:
            if isinstance(old, dict) and isinstance(new, dict) and self._is_field(old, new):
                self._known.add(number)
                self._field(old, new)

    def knows(self, change: tuple[int, PdfObject, PdfObject]) -> bool:
        """Whether the changed object is a part of the form that was judged here."""
        return change[0] in self._known

    def annotations(self, page: int, old: list[PdfObject], new: list[PdfObject]) -> None:
        """Judge the list of annotations of a page."""
        kept = [item for item in new if any(self.compare.same(item, before) for before in old)]
        if len(kept) < len(old):
            self.note("ANNOTATION", f"page {page}: an annotation was removed")
        for item in new:
            if any(item is other for other in kept):
                continue
            if isinstance(item, Reference) and item.number in self.new_widgets:
                continue
            kind = name_of(self._entries(item).get("Subtype"))
            self.note("ANNOTATION", f"page {page}: an annotation ({kind}) was added")

    # --- the form itself --------------------------------------------------------------------

    def _form(self) -> None:
        for parts, owner, key in (
            (self.old, self.old.catalog, "AcroForm"),
            (self.old, self.old.form, "Fields"),
            (self.new, self.new.form, "Fields"),
        ):
            number = parts.number_of(owner, key)
            if number is not None:
                self._known.add(number)
        old, new = self.old.form, self.new.form
        for key in self.compare.changed_keys(old, new):
            if key == "SigFlags" or (key == "DA" and key not in old):
                continue
            if key == "DR" and self._fonts_were_added(old, new):
                continue
            if key != "Fields":
                self.note("OTHER", f"changed: {_FORM_WORDS.get(key, f'/{key} of the form')}")
        self._field_list(
            self.old.file.array(old.get("Fields"), self.old.revision),
            self.new.file.array(new.get("Fields"), self.new.revision),
        )

    def _fonts_were_added(self, old: PdfDictionary, new: PdfDictionary) -> bool:
        """Whether the form's resources only grew: no font that a field uses was exchanged."""
        before, after = self._fonts(old, self.old), self._fonts(new, self.new)
        return all(
            name in after and self.compare.equivalent(font, after[name])
            for name, font in before.items()
        )

    def _fonts(self, form: PdfDictionary, parts: DocumentParts) -> PdfDictionary:
        resources = parts.file.dictionary(form.get("DR"), parts.revision)
        return parts.file.dictionary(resources.get("Font"), parts.revision)

    def _field_list(self, old: list[PdfObject], new: list[PdfObject]) -> None:
        before = {item for item in old if isinstance(item, Reference)}
        after = {item for item in new if isinstance(item, Reference)}
        complete = before <= after and len(old) == len(before)
        if not complete and not self.compare.same(old, new):
            self.note("OTHER", "a form field was removed or exchanged")
        for item in new:
            if item not in old:
                self._new_field(item)

    # --- fields -----------------------------------------------------------------------------

    def _new_field(self, item: PdfObject) -> None:
        fault = self._accept(item)
        entries = self._entries(item)
        name = text(self._resolved(entries.get("T"))) or "without name"
        if fault:
            self.note("FORM", f"a form field “{name}” was added: {fault}")
        elif self._is_timestamp(entries):
            seen = bool(self._boxes(item))
            words = f"a document time stamp was added (“{name}”)" + seen * ", with a visible image"
            self.note("DOC_TIMESTAMP", words, harmless=not seen)
        else:
            hidden = next(filter(None, (self._hidden(*box) for box in self._boxes(item))), "")
            words = f"a signature was added (“{name}”) {hidden}".rstrip()
            self.note("SIGNATURE", words, harmless=not hidden)

    def _accept(self, item: PdfObject, depth: int = 0) -> str:
        """Say why this is not the field of a new signature; accept it and say nothing if it is."""
        if not isinstance(item, Reference) or depth > PDF_MAX_NESTING:
            return "it is no object of its own"
        if self.old.file.entry(item.number, self.old.revision) is not None:
            return "it was there before, out of sight"
        entries = self._entries(item)
        strange = sorted(set(entries) - _WIDGET_KEYS)
        if strange:
            return f"it carries /{strange[0]}"
        kids = self.new.file.array(entries.get("Kids"), self.new.revision)
        if self._kind(entries, self.new) != "Sig":
            return "it is no signature"
        if not kids and not self._has_signature(entries):
            return "it is not signed"
        self.new_widgets.add(item.number)
        return next(filter(None, (self._accept(kid, depth + 1) for kid in kids)), "")

    def _has_signature(self, entries: PdfDictionary) -> bool:
        value = self._inherited(entries, "V", self.new)
        return isinstance(value, dict) and "ByteRange" in value

    def _is_timestamp(self, entries: PdfDictionary) -> bool:
        value = self._inherited(entries, "V", self.new)
        return isinstance(value, dict) and value.get("SubFilter") == "ETSI.RFC3161"

    def _boxes(self, field: PdfObject) -> list[tuple[int, Box]]:
        """Give object number and area of the field's visible widgets."""
        kids = self.new.file.array(self._entries(field).get("Kids"), self.new.revision)
        widgets = [item for item in (field, *kids) if isinstance(item, Reference)]
        boxes = [(item.number, box_of(self.new, self._entries(item))) for item in widgets]
        return [(number, box) for number, box in boxes if box is not None]

    def _hidden(self, number: int, box: Box) -> str:
        return what_it_hides(self.old, self.new.annotation_pages.get(number), box)

    def _is_field(self, old: PdfDictionary, new: PdfDictionary) -> bool:
        is_field = "FT" in old or "FT" in new or "T" in old
        return is_field or (old.get("Subtype") == "Widget" and "Parent" in old)

    def _field(self, old: PdfDictionary, new: PdfDictionary) -> None:
        keys = self.compare.changed_keys(old, new)
        kind = self._kind(old, self.old)
        name = self._name(old)
        if keys == ["Kids"]:
            self._kids(name, old, new)
        elif kind != "Sig":
            what = "its value" if "V" in keys else "its appearance or behaviour"
            self.note("FORM_FILLING", f"form field “{name}”: {what} was changed")
        elif self._was_signed_now(old, new, keys):
            self.note("SIGNATURE", f"the empty signature field “{name}” was signed", harmless=True)
        else:
            self.note("OTHER", f"the signature field “{name}” was changed (/{keys[0]})")

    def _was_signed_now(self, old: PdfDictionary, new: PdfDictionary, keys: list[str]) -> bool:
        if self._inherited(old, "V", self.old) is not None or not set(keys) <= _SIGNING_KEYS:
            return False
        return self._has_signature(new)

    def _kids(self, name: str, old: PdfDictionary, new: PdfDictionary) -> None:
        before = self.old.file.array(old.get("Kids"), self.old.revision)
        after = self.new.file.array(new.get("Kids"), self.new.revision)
        if after[: len(before)] != before:
            self.note("OTHER", f"the fields under “{name}” were removed or exchanged")
        for item in after:
            if item not in before:
                self._new_field(item)

    # --- looking up ---------------------------------------------------------------------------

    def _entries(self, item: PdfObject) -> PdfDictionary:
        return self.new.file.dictionary(item, self.new.revision)

    def _resolved(self, value: PdfObject) -> PdfObject:
        return self.new.file.resolve(value, self.new.revision)

    def _kind(self, entries: PdfDictionary, parts: DocumentParts) -> PdfObject:
        return self._inherited(entries, "FT", parts)

    def _inherited(self, entries: PdfDictionary, key: str, parts: DocumentParts) -> PdfObject:
        for _step in range(PDF_MAX_NESTING):
            if key in entries:
                return parts.file.resolve(entries[key], parts.revision)
            if "Parent" not in entries:
                return None
            entries = parts.file.dictionary(entries["Parent"], parts.revision)
        return None

    def _name(self, entries: PdfDictionary) -> str:
        names = []
        for _step in range(PDF_MAX_NESTING):
            names.append(text(self.old.file.resolve(entries.get("T"), self.old.revision)))
            if "Parent" not in entries:
                break
            entries = self.old.file.dictionary(entries["Parent"], self.old.revision)
        return ".".join(name for name in reversed(names) if name) or "without name"


def name_of(value: PdfObject) -> str:
    """Give a name as text for a sentence."""
    return value[:40] if isinstance(value, Name) else "unknown"
