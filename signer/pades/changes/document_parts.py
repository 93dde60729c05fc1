"""What the objects of a revision are for: pages, annotations, the security store, metadata."""

from __future__ import annotations

from functools import cached_property

from signer.documents.limits import PDF_MAX_NESTING, PDF_MAX_PAGES
from signer.pades.syntax import PdfDictionary, PdfFile, PdfObject, Reference


class DocumentParts:
    """Looks up, lazily, which object of one revision plays which part."""

    def __init__(self, file: PdfFile, revision: int) -> None:
        self.file = file
        self.revision = revision

    @cached_property
    def catalog(self) -> PdfDictionary:
        """The document catalog."""
        return self.file.catalog(self.revision)

    @cached_property
    def form(self) -> PdfDictionary:
        """The interactive form; empty where there is none."""
        return self.file.dictionary(self.catalog.get("AcroForm"), self.revision)

    @cached_property
    def pages(self) -> dict[int, int]:
        """Object number of each page → its number as readers count, from 1."""
        found: dict[int, int] = {}
        stack: list[tuple[PdfObject, int]] = [(self.catalog.get("Pages"), 0)]
        seen: set[int] = set()
        while stack and len(found) < PDF_MAX_PAGES:
            item, depth = stack.pop()
            if not isinstance(item, Reference) or item.number in seen or depth > PDF_MAX_NESTING:
                continue
            seen.add(item.number)
            node = self.file.dictionary(item, self.revision)
            if "Kids" in node:
                kids = self.file.array(node["Kids"], self.revision)
                stack.extend((kid, depth + 1) for kid in reversed(kids))
            else:
                found[item.number] = len(found) + 1
        return found

    @cached_property
    def annotation_arrays(self) -> dict[int, int]:
        """Object number of each indirect ``/Annots`` array → page number."""
        found = {}
        for number, page in self.pages.items():
            annotations = self.file.dictionary(Reference(number, 0), self.revision).get("Annots")
            if isinstance(annotations, Reference):
                found[annotations.number] = page
        return found

    @cached_property
    def annotation_pages(self) -> dict[int, int]:
        """Object number of each annotation → page number."""
        found = {}
        for number, page in self.pages.items():
            annotations = self.file.dictionary(Reference(number, 0), self.revision).get("Annots")
            for item in self.file.array(annotations, self.revision):
                if isinstance(item, Reference):
                    found[item.number] = page
        return found

    @cached_property
    def security_store(self) -> frozenset[int]:
        """Object numbers of the document security store and what it holds (ISO 32000-2 12.8.4.3).

        Only what stands where the standard puts it: a page that hangs under ``/DSS`` is none.
        """
        found: set[int] = set()
        store = self._part(self.catalog.get("DSS"), found)
        self._lists(store, ("Certs", "OCSPs", "CRLs"), found)
        validation = self._part(store.get("VRI"), found)
        for value in validation.values():
            entry = self._part(value, found)
            self._lists(entry, ("Cert", "OCSP", "CRL"), found)
            self._part(entry.get("TS"), found)
        return frozenset(found)

    def _part(self, value: PdfObject, found: set[int]) -> PdfDictionary:
        if isinstance(value, Reference):
            found.add(value.number)
        return self.file.dictionary(value, self.revision)

    def _lists(self, owner: PdfDictionary, keys: tuple[str, ...], found: set[int]) -> None:
        for key in keys:
            value = owner.get(key)
            if isinstance(value, Reference):
                found.add(value.number)
            items = self.file.array(value, self.revision)
            found.update(item.number for item in items if isinstance(item, Reference))

    def number_of(self, owner: PdfDictionary, key: str) -> int | None:
        """Give the object number under a key; None where the value stands in place."""
        value = owner.get(key)
        return value.number if isinstance(value, Reference) else None
