"""Signature dictionaries as no honest program writes them: what they cover, what they hold.

``wrapped`` redefines the signature dictionary of a signed document (nobody's key is needed);
``signed_as`` signs a document of any layout with the holder's own key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from signer.cms.building import build_signed_data, scheme_for
from tests.attacks.pdf_forgeries import EVIL, signature_dictionary, signature_number
from tests.signer.pdf_documents import CATALOG, FORM, OBJECTS, credential, increment, pdf

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[[^\]]*\]")
_CONTENTS = re.compile(rb"/Contents\s*<([0-9A-Fa-f]*)>")

BYTE_RANGES: dict[str, bytes] = {
    "absent": b"",
    "null": b"/ByteRange null",
    "empty": b"/ByteRange[]",
    "zeros": b"/ByteRange[0 0 0 0]",
    "negative": b"/ByteRange[0 10 -5 100]",
    "negative length": b"/ByteRange[0 -10 20 100]",
    "beyond the file": b"/ByteRange[0 10 20 99999999]",
    "two numbers": b"/ByteRange[0 100]",
    "six numbers": b"/ByteRange[0 10 20 30 40 50]",
    "starts later": b"/ByteRange[5 100 200 300]",
    "overlap": b"/ByteRange[0 1000 500 1000]",
    "reals": b"/ByteRange[0.0 100.0 200.0 300.0]",
    "names": b"/ByteRange[/a /b /c /d]",
    "reference": b"/ByteRange 77 0 R",
    "huge": b"/ByteRange[0 99999999999999999999 0 99999999999999999999]",
    "twice": b"/ByteRange[0 1 2 3]/ByteRange[0 4 5 6]",
    "as it was": b"",
}
CONTENTS: dict[str, bytes] = {
    "absent": b"",
    "null": b"/Contents null",
    "empty": b"/Contents<>",
    "zeros": b"/Contents<0000000000000000>",
    "odd": b"/Contents<308>",
    "literal string": b"/Contents(abc)",
    "reference": b"/Contents 77 0 R",
    "not CMS": b"/Contents<3003020101>",
    "truncated CMS": b"/Contents<3082FFFF06092A864886F70D010702>",
    "deep": b"/Contents<" + b"30" * 3000 + b">",
    "as it was": b"",
}


def wrapped(data: bytes, byte_range: str, contents: str) -> bytes:
    """Restate the signature dictionary and the page's content in an update."""
    body = signature_dictionary(data)
    if byte_range != "as it was":
        body = _BYTE_RANGE.sub(BYTE_RANGES[byte_range], body)
    if contents != "as it was":
        body = _CONTENTS.sub(CONTENTS[contents], body)
    return increment(data, {signature_number(data): body, 4: EVIL})


# --- with the holder's key -----------------------------------------------------------------------


@dataclass(frozen=True)
class Layout:
    """A document with one signature and what that signature covers."""

    data: bytes
    numbers: tuple[int, int, int, int]
    contents: int
    """Where the hexadecimal digits of /Contents start."""


CAPACITY = 3000
_PLACEHOLDER = b"[0000000000 0000000000 0000000000 0000000000]"
DICTIONARY = (
    b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:20261123120000Z)"
    b"/ByteRange" + _PLACEHOLDER + b"/Contents<" + b"0" * CAPACITY + b">>>"
)
_FIELD = b"<</FT/Sig/Type/Annot/Subtype/Widget/T(s)/V 12 0 R/F 132/P 3 0 R/Rect[0 0 0 0]>>"


def layout(dictionary: bytes = DICTIONARY, field: bytes = _FIELD) -> Layout:
    """Give a one-revision document with an empty signature that covers all but its /Contents."""
    objects = {
        **OBJECTS,
        1: CATALOG,
        6: FORM.replace(b"7 0 R", b"7 0 R 11 0 R"),
        11: field,
        12: dictionary,
    }
    return layout_of(pdf(objects))


def layout_of(data: bytes) -> Layout:
    """Say what the last empty signature of a document must cover: all but its /Contents."""
    start = data.rindex(b"/Contents<" + b"0" * 100) + len(b"/Contents")
    end = start + CAPACITY + 2
    return Layout(data, (0, start, end, len(data) - end), start + 1)


def signed_as(base: Layout, change: Callable[[bytes], bytes] = lambda cms: cms) -> bytes:
    """Sign a layout with the holder's key; ``change`` may spoil the CMS before it goes in."""
    written = b"[%010d %010d %010d %010d]" % base.numbers
    data = base.data.replace(_PLACEHOLDER, written, 1)
    first, length, second, rest = base.numbers
    scheme = scheme_for(credential())
    covered = data[first : first + length] + data[second : second + rest]
    cms = change(build_signed_data(hashlib.sha256(covered).digest(), credential(), scheme))
    digits = cms.hex().encode()
    assert len(digits) <= CAPACITY
    return data[: base.contents] + digits + data[base.contents + len(digits) :]
