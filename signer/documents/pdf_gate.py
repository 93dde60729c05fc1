"""The raw gate of PDF files: what can be refused before anything is parsed.

Readers repair what is broken, each in its own way; a file that two readers may see differently
cannot carry a signature that means one thing. So the gate asks for a header at the first byte,
nothing but white space after the last ``%%EOF``, and no second format in the same bytes.
"""

from __future__ import annotations

import re
from typing import Final

from signer.documents.limits import PDF_MAX_REVISIONS
from signer.validation.facts import Problem, ProblemCode

_WHITE_SPACE: Final = b" \t\r\n\0\f"
_FIRST_OBJECT: Final = re.compile(rb"\d+\s+\d+\s+obj")
_OTHER_FORMATS: Final = re.compile(
    rb"<(?:html|script|!doctype|\?xml|svg)|PK\x03\x04|\xff\xd8\xff|GIF8", re.I
)
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_END_LENGTH: Final = 22
_ZIP_COMMENT_MAX: Final = 65_535


def pdf_problems(data: bytes) -> tuple[Problem, ...]:
    """Name everything about the raw file that forbids to trust a signature in it.

    Args:
        data: the whole file.

    Returns:
        The faults in the order of the file; empty for a file that may be parsed.
    """
    found = (_header(data), polyglot_problem(data), _revision_count(data), _after_the_end(data))
    return tuple(problem for problem in found if problem)


def _header(data: bytes) -> Problem | None:
    at = data.find(b"%PDF-")
    if at == 0:
        return None
    if at < 0:
        return Problem(ProblemCode.UNREADABLE, "The file has no %PDF- header.")
    return Problem(
        ProblemCode.AMBIGUOUS,
        f"{at} bytes stand before the %PDF- header; readers disagree on how to count from there.",
    )


def polyglot_problem(data: bytes) -> Problem | None:
    """Name a PDF that is another kind of file at once; this one counts for unsigned files, too."""
    first = _FIRST_OBJECT.search(data)
    prologue = data[: first.start() if first else 1024][:4096]
    if _OTHER_FORMATS.search(prologue, 8) or _is_archive_too(data):
        message = "The file is a PDF and another kind of file at once."
        return Problem(ProblemCode.AMBIGUOUS, message)
    return None


def _is_archive_too(data: bytes) -> bool:
    """Whether archive tools would open it: an end record whose comment ends where the file does."""
    at = data.rfind(_ZIP_END, max(0, len(data) - _ZIP_END_LENGTH - _ZIP_COMMENT_MAX))
    if at < 0 or at + _ZIP_END_LENGTH > len(data):
        return False
    comment = int.from_bytes(data[at + 20 : at + 22], "little")
    return at + _ZIP_END_LENGTH + comment == len(data)


def _revision_count(data: bytes) -> Problem | None:
    if data.count(b"startxref") <= PDF_MAX_REVISIONS:
        return None
    return Problem(
        ProblemCode.LIMIT, f"The file has more than {PDF_MAX_REVISIONS} revisions; it is not read."
    )


def _after_the_end(data: bytes) -> Problem | None:
    end = data.rfind(b"%%EOF")
    if end < 0:
        return Problem(ProblemCode.STRUCTURE, "The file has no %%EOF: it is cut off or damaged.")
    rest = data[end + 5 :].strip(_WHITE_SPACE)
    if not rest:
        return None
    return Problem(
        ProblemCode.AMBIGUOUS,
        f"{len(rest)} bytes stand after the last %%EOF: content that nobody signed and that some"
        " readers show.",
    )
