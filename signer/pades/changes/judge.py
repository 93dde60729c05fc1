"""One revision against the one before: which of its changes may follow a signature unseen.

The plan, in the order of the methods of :class:`RevisionJudge`:

1. the trailer still names the same catalog and no encryption was added;
2. every object that the revision states anew is compared with what it was, by value;
3. an object that was missing when older revisions already referred to it has changed them, and
   one that nothing uses has no place in an update;
4. each changed object is judged by what it is for. Silent are only: a new signature or document
   time stamp with its own field and widget, the document security store, metadata of the file.

Whatever no rule knows is listed: a rule can only allow.
"""

from __future__ import annotations

from signer.pades.changes.comparison import Comparison
from signer.pades.changes.document_parts import DocumentParts
from signer.pades.changes.form import FormJudge, name_of
from signer.pades.changes.references import TRAILER, ReferenceIndex, references_in
from signer.pades.syntax import PdfDictionary, PdfFile, PdfObject, PdfSyntaxError, Reference, Stream
from signer.validation.facts import PdfModification

_CATALOG_SILENT = frozenset({"AcroForm", "DSS", "Extensions", "Metadata", "Version"})
"""Judged on their own, or stating only which edition of the format the file uses."""
_CATALOG_WORDS = {
    "Pages": "the list of pages",
    "OpenAction": "what happens when the file is opened",
    "AA": "the actions that the file runs",
    "Names": "the attached files, scripts or named places",
    "OCProperties": "which layers are shown",
    "Perms": "the changes that the author permits",
    "Outlines": "the bookmarks",
    "StructTreeRoot": "the structure for assistive tools",
}
_INFO_SILENT = frozenset({"ModDate", "Producer", "CreationDate", "Creator"})
_PAGE_WORDS = {
    "Contents": "its content",
    "Resources": "its fonts, images or other resources",
    "MediaBox": "its size",
    "CropBox": "the part of it that is shown",
    "Rotate": "its rotation",
    "AA": "the actions that it runs",
}
_PATH_LIMIT = 4
"""Steps from a changed object up to the page that it belongs to."""

Change = tuple[int, PdfObject, PdfObject]


class RevisionJudge:
    """Judges what one revision changed."""

    def __init__(self, file: PdfFile, revision: int, index: ReferenceIndex) -> None:
        self.file = file
        self.revision = revision
        self.index = index
        self.old = DocumentParts(file, revision - 1)
        self.new = DocumentParts(file, revision)
        self.found: list[PdfModification] = []
        self.added: set[int] = set()
        self.compare = Comparison(file, revision - 1, revision)
        self.form = FormJudge(self.old, self.new, self.compare, self.note)

    def judge(self) -> list[PdfModification]:
        """Give the changes; raises PdfSyntaxError where the revision cannot be read."""
        self._trailer()
        changed = self._changed_objects()
        self.form.judge(changed)
        for change in changed:
            self._judge_object(change)
        self._unused({number for number, _old, _new in changed})
        return self.found

    def note(self, kind: str, description: str, *, harmless: bool = False) -> None:
        """Note one change, once."""
        modification = PdfModification(kind, description, harmless)
        if modification not in self.found:
            self.found.append(modification)

    # --- 1. trailer ---------------------------------------------------------------------------

    def _trailer(self) -> None:
        old, new = (self.file.revisions[i].trailer for i in (self.revision - 1, self.revision))
        if old.get("Root") != new.get("Root"):
            self.note("OTHER", "the document was exchanged for another one (new catalog)")
        if not self.compare.same(old.get("Encrypt"), new.get("Encrypt")):
            self.note("OTHER", "the encryption of the file was changed")
        if not self.file.revisions[self.revision].regular:
            self.note("OTHER", "the end of a later revision is malformed")
        self._information(old.get("Info"), new.get("Info"))

    def _information(self, old_reference: PdfObject, new_reference: PdfObject) -> None:
        """Judge the document information, which a reader shows as properties."""
        if new_reference is None:
            return
        old = self.file.dictionary(old_reference, self.revision - 1)
        new = self.file.dictionary(new_reference, self.revision)
        for key in self.compare.changed_keys(old, new):
            if key not in _INFO_SILENT:
                self.note("OTHER", f"the document property {key} was changed")

    # --- 2. and 3. comparison -------------------------------------------------------------------

    def _changed_objects(self) -> list[Change]:
        changed: list[Change] = []
        for number, entry in self.file.revisions[self.revision].entries().items():
            before = self.file.entry(number, self.revision - 1)
            if entry == before:
                continue
            if entry.kind == "free":
                if before is not None:
                    self.note("OTHER", f"{self._place(number)}: object {number} was removed")
                continue
            if before is None:
                self._added(number)
                continue
            old = self._value(number, self.revision - 1)
            new = self.file.get(number, self.revision)
            if not self.compare.same(old, new):
                changed.append((number, old, new))
            elif before.kind == entry.kind == "offset" and before.detail != entry.detail:
                self.note("OTHER", f"object {number} was given another generation number")
        return changed

    def _added(self, number: int) -> None:
        self.added.add(number)
        if self.index.missing_before(number, self.revision):
            message = f"object {number}, missing when it was signed, was supplied"
            self.note("OTHER", f"{self._place(number)}: {message}")

    def _unused(self, changed: set[int]) -> None:
        """Name new objects that no change leads to: nobody knows what they wait for."""
        trailer = self.file.revisions[self.revision].trailer
        waiting = list(references_in([trailer.get("Info"), trailer.get("Root")]))
        waiting += changed
        reached: set[int] = set()
        while waiting:
            number = waiting.pop()
            if number in reached or number not in changed | self.added:
                continue
            reached.add(number)
            waiting += references_in(self.file.get(number, self.revision))
        for number in sorted(self.added - reached):
            if not self._may_stand_alone(number):
                self.note("OTHER", f"an object was added that nothing uses ({number})")

    def _may_stand_alone(self, number: int) -> bool:
        """Whether nothing need refer to it: it carries others, or some programs leave it behind."""
        value = self.file.get(number, self.revision)
        if isinstance(value, Stream):
            return value.dictionary.get("Type") in ("ObjStm", "XRef")
        return isinstance(value, dict) and value.get("Type") == "VRI"

    def _value(self, number: int, revision: int) -> PdfObject:
        try:
            return self.file.get(number, revision)
        except PdfSyntaxError:
            return None

    # --- 4. rules -------------------------------------------------------------------------------

    def _judge_object(self, change: Change) -> None:
        number, old, new = change
        if self.form.knows(change):
            return
        if Reference(number, 0) == self.file.revisions[self.revision].trailer.get("Root"):
            self._catalog(old, new)
        elif number in self.old.pages and isinstance(old, dict) and isinstance(new, dict):
            self._page(number, old, new)
        elif number in self.old.annotation_arrays:
            page = self.old.annotation_arrays[number]
            self.form.annotations(page, _items(old), _items(new))
        elif not self._is_silent_part(number) and not self._is_writer_mark(old, new):
            self._other(number, old, new)

    def _catalog(self, old: PdfObject, new: PdfObject) -> None:
        if not (isinstance(old, dict) and isinstance(new, dict)):
            self.note("OTHER", "the document catalog was replaced")
            return
        for key in self.compare.changed_keys(old, new):
            if key == "DSS":
                self.note("DSS", "validation data were added", harmless=True)
            elif key not in _CATALOG_SILENT:
                words = _CATALOG_WORDS.get(key, f"/{key} of the document catalog")
                self.note("OTHER", f"changed: {words}")

    def _page(self, number: int, old: PdfDictionary, new: PdfDictionary) -> None:
        page = self.old.pages[number]
        for key in self.compare.changed_keys(old, new):
            if key == "Annots":
                before = self.file.array(old.get(key), self.revision - 1)
                self.form.annotations(page, before, self.file.array(new.get(key), self.revision))
            else:
                words = _PAGE_WORDS.get(key, f"its /{key}")
                self.note("OTHER", f"page {page}: {words} was changed")

    def _is_silent_part(self, number: int) -> bool:
        """Whether the object is part of the security store or metadata, and of nothing else."""
        root = self.new.number_of(self.file.revisions[self.revision].trailer, "Root")
        referrers = self.index.referrers.get(number, set())
        if number in self.old.security_store:
            if referrers <= self.old.security_store | self.new.security_store | {root}:
                self.note("DSS", "validation data were added", harmless=True)
                return True
            return False
        if number == self.old.number_of(self.old.catalog, "Metadata"):
            return referrers == {root}
        information = self.file.revisions[self.revision].trailer.get("Info")
        return information == Reference(number, 0) and referrers == {TRAILER}

    def _is_writer_mark(self, old: PdfObject, new: PdfObject) -> bool:
        """Whether a list of pages only got the name of the writing program, as iText leaves it."""
        if not (isinstance(old, dict) and isinstance(new, dict) and old.get("Type") == "Pages"):
            return False
        return self.compare.changed_keys(old, new) == ["ITXT"]

    def _other(self, number: int, old: PdfObject, new: PdfObject) -> None:
        page = self.old.annotation_pages.get(number)
        if page is not None and isinstance(new, dict):
            kind = name_of(new.get("Subtype"))
            self.note("ANNOTATION", f"page {page}: an annotation ({kind}) was changed")
            return
        self.note(
            "OTHER", f"{self._place(number)}: {_what(old, new)} was changed (object {number})"
        )

    def _place(self, number: int) -> str:
        """Say on which page an object is used, as far as that can be told."""
        level = {number}
        for _step in range(_PATH_LIMIT):
            pages = sorted(self.old.pages[item] for item in level if item in self.old.pages)
            if pages:
                return f"page {pages[0]}"
            level = {up for item in level for up in self.index.referrers.get(item, ())}
        return "the document"


def _items(value: PdfObject) -> list[PdfObject]:
    return value if isinstance(value, list) else []


def _what(old: PdfObject, new: PdfObject) -> str:
    value = new if isinstance(new, dict | Stream) else old
    entries = value.dictionary if isinstance(value, Stream) else value
    if isinstance(entries, dict):
        kind = entries.get("Subtype", entries.get("Type"))
        if isinstance(kind, str):
            return f"a part ({kind})"
    return "content" if isinstance(value, Stream) else "a part"
