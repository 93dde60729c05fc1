"""Images of a PDF's pages, drawn in a killable child: nothing active ever reaches a browser."""

import signer
from exchange.errors import NotFound
from exchange.parts import Parts
from exchange.workers import NotExaminedError
from storage import StoredDocument


def count_pages(parts: Parts, stored: StoredDocument) -> int | None:
    """Count a PDF's pages; None when they cannot be drawn."""
    try:
        return parts.workers.page_count(stored)
    except (NotExaminedError, signer.InputError):
        return None


def draw_page(parts: Parts, stored: StoredDocument, index: int) -> bytes:
    """Draw a PDF's page as PNG; raises `NotFound` when it cannot be drawn."""
    try:
        return parts.workers.page_image(stored, index)
    except (NotExaminedError, signer.InputError):
        raise NotFound("preview_unavailable") from None
