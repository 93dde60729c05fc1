"""Images of PDF pages, drawn by PDFium: what a clerk sees instead of the document itself.

Nothing active survives: scripts, links, attachments and forms' actions are not run to draw a page.
PDFium is native code on hostile input: call these functions in a process that may die.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2

from signer.documents.limits import (
    PDF_MAX_PAGES,
    PREVIEW_MAX_PIXELS,
    PREVIEW_MAX_POINTS,
    PREVIEW_MAX_WIDTH,
)
from signer.errors import InputError

_CHANNELS = 3
_FAST = 3
"""zlib level: a page is looked at once or twice, so time counts more than size."""


def page_count(data: bytes) -> int:
    """Give how many pages a PDF document has, at most the limit that is drawn.

    Raises:
        InputError: it cannot be opened: damaged, or locked with a password.
    """
    with _opened(data) as document:
        return min(len(document), PDF_MAX_PAGES)


def render_page(data: bytes, index: int, width: int) -> bytes:
    """Draw one page with its annotations and filled form fields.

    Args:
        data: the PDF document.
        index: 0 for the first page.
        width: pixels across, up to the limit; the height follows from the page, and a page of
            extreme shape comes out narrower so that the whole stays within the limit of pixels.

    Returns:
        A PNG image.

    Raises:
        InputError: no such page, a width out of bounds, or a document that cannot be drawn.
    """
    if not 1 <= width <= PREVIEW_MAX_WIDTH:
        raise InputError(f"A page image is between 1 and {PREVIEW_MAX_WIDTH} pixels wide.")
    with _opened(data) as document:
        if not 0 <= index < min(len(document), PDF_MAX_PAGES):
            raise InputError(f"The document has no page {index + 1}.")
        document.init_forms()
        try:
            return _draw(document, index, width)
        except pypdfium2.PdfiumError as error:
            raise InputError(f"Page {index + 1} cannot be drawn.") from error


@contextmanager
def _opened(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        message = "The PDF document cannot be shown: it is damaged or locked with a password."
        raise InputError(message) from error
    try:
        yield document
    finally:
        document.close()


def _draw(document: pypdfium2.PdfDocument, index: int, width: int) -> bytes:
    page = document[index]
    page_width, page_height = page.get_size()
    bitmap = page.render(scale=_scale(page_width, page_height, width), rev_byteorder=True)
    try:
        rows = bytes(bitmap.buffer)
        return _png(rows, bitmap.width, bitmap.height, bitmap.stride)
    finally:
        bitmap.close()
        page.close()


def _scale(page_width: float, page_height: float, width: int) -> float:
    """Give pixels per point so that the page has this width and no more pixels than the limit."""
    sides = (page_width, page_height)
    if not all(math.isfinite(side) and 0 < side <= PREVIEW_MAX_POINTS for side in sides):
        raise InputError("The page has an impossible size.")
    for_limit = math.sqrt(PREVIEW_MAX_PIXELS / (page_width * page_height))
    return min(width / page_width, for_limit)


def _png(pixels: bytes, width: int, height: int, stride: int) -> bytes:
    """Write RGB pixels as PNG (ISO/IEC 15948): one image, no metadata."""
    length = width * _CHANNELS
    rows = b"".join(b"\0" + pixels[y * stride : y * stride + length] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, _FAST)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
