"""Reading PDF syntax (ISO 32000-1 clause 7) strictly, lazily and under limits.

Readers in use repair damaged files, each in its own way. This one does not repair: what it cannot
read exactly as the standard says raises :class:`PdfSyntaxError`, the only error that leaves here.
"""

from signer.pades.syntax.file import PdfFile, Revision
from signer.pades.syntax.objects import (
    Name,
    PdfDictionary,
    PdfObject,
    PdfSyntaxError,
    Reference,
    Stream,
)

__all__ = [
    "Name",
    "PdfDictionary",
    "PdfFile",
    "PdfObject",
    "PdfSyntaxError",
    "Reference",
    "Revision",
    "Stream",
]
