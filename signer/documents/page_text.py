"""Whether something stands under an area of a page, asked of PDFium.

Native code on hostile input, like the preview: used only where a later visible signature must be
held against the page that was signed before, and best in a process that may die.
"""

from __future__ import annotations

import pypdfium2

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points of the page's own coordinates."""


def has_text(data: bytes, index: int, box: Box) -> bool | None:
    """Tell whether any text of a page lies inside an area.

    Args:
        data: the PDF document.
        index: 0 for the first page.
        box: the area, in the coordinates of annotations.

    Returns:
        None where the page cannot be read.
    """
    left, right = sorted((box[0], box[2]))
    bottom, top = sorted((box[1], box[3]))
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return None
    try:
        words = document[index].get_textpage().get_text_bounded(left, bottom, right, top)
    except (pypdfium2.PdfiumError, IndexError):
        return None
    finally:
        document.close()
    return bool(words.strip())
