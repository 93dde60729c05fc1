"""Whether the image of a later signature hides something that was signed before it.

Readers draw annotations over the page: who adds a visible signature can cover a sum or a name.
"""

from __future__ import annotations

from signer.documents.page_text import Box, has_text
from signer.pades.changes.document_parts import DocumentParts
from signer.pades.syntax import PdfDictionary, PdfObject, Reference


def box_of(parts: DocumentParts, annotation: PdfDictionary) -> Box | None:
    """Give the area that an annotation covers; None where it covers none."""
    written = parts.file.array(annotation.get("Rect"), parts.revision)
    values = [parts.file.resolve(item, parts.revision) for item in written]
    numbers = [float(item) for item in values if isinstance(item, int | float)]
    if len(numbers) != 4:
        return None
    left, right = sorted((numbers[0], numbers[2]))
    bottom, top = sorted((numbers[1], numbers[3]))
    return (left, bottom, right, top) if left < right and bottom < top else None


def what_it_hides(old: DocumentParts, page: int | None, box: Box) -> str:
    """Say what of the earlier revision lies under an area; empty where nothing does.

    Args:
        old: the revision before.
        page: number of the page from 1; None: it is on no page that can be found.
        box: the area of the new annotation.
    """
    if page is None:
        return "on no page of the document"
    for annotation in _annotations(old, page):
        other = box_of(old, annotation)
        if other is not None and _overlap(box, other):
            return f"over another mark on page {page}"
    end = old.file.revisions[old.revision].end
    text = has_text(old.file.data[:end], page - 1, box)
    if text is None:
        return f"on page {page}, which cannot be read"
    return f"over text of page {page}" if text else ""


def _annotations(parts: DocumentParts, page: int) -> list[PdfDictionary]:
    number = next((item for item, count in parts.pages.items() if count == page), None)
    if number is None:
        return []
    entries = parts.file.dictionary(Reference(number, 0), parts.revision)
    annotations: list[PdfObject] = parts.file.array(entries.get("Annots"), parts.revision)
    return [parts.file.dictionary(item, parts.revision) for item in annotations]


def _overlap(one: Box, other: Box) -> bool:
    across = one[0] < other[2] and other[0] < one[2]
    return across and one[1] < other[3] and other[1] < one[3]
