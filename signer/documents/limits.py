"""What a document may cost before anything in it is believed.

Every limit stands here once, with its reason. They bound time and memory, not taste: real documents
stay far below them.
"""

from __future__ import annotations

from typing import Final

MEBIBYTE: Final = 1024 * 1024

PDF_HEADER_WINDOW: Final = 1024
"""Readers look this far for ``%PDF-`` (ISO 32000-1 annex H.3.4.1); we demand it at byte 0."""
PDF_MAX_REVISIONS: Final = 2_000
"""Incremental updates of one file; archives that are renewed every year have dozens."""
PDF_MAX_OBJECTS: Final = 1_000_000
"""Entries over all cross-reference sections: bounds the tables that are built from them."""
PDF_MAX_STREAM_BYTES: Final = 64 * MEBIBYTE
"""One decoded stream: 195 kB of Flate can hold 200 MB of zeros."""
PDF_MAX_DECODED_BYTES: Final = 256 * MEBIBYTE
"""All decoded streams of one document together."""
PDF_MAX_FILTERS: Final = 4
"""Filters chained on one structural stream: each may multiply the size again."""
PDF_MAX_NESTING: Final = 100
"""Arrays and dictionaries inside each other: 100,000 ``[`` would exhaust the stack."""
PDF_MAX_PAGES: Final = 5_000
"""Pages that are looked at one by one."""
PDF_MAX_FIELDS: Final = 10_000
"""Form fields that are walked to find the signature fields."""
PDF_MAX_SIGNATURES: Final = 64
"""Signatures in one document; the largest published sample has 51."""
PDF_MAX_CONTENTS_BYTES: Final = 4 * MEBIBYTE
"""One ``/Contents``: a signature with certificates, time stamps and long revocation lists."""

ZIP_MAX_ENTRIES: Final = 1_000
"""Entries of an archive whose names are read to tell what it is."""

PREVIEW_MAX_WIDTH: Final = 2_400
"""Pixels across a page image: enough to read small print on a large screen."""
PREVIEW_MAX_PIXELS: Final = 12_000_000
"""Pixels of one page image, whatever the page's shape: four bytes each while it is drawn."""
PREVIEW_MAX_POINTS: Final = 14_400.0
"""Longest side of a page in points (200 inches, ISO 32000-1 annex C.2)."""
