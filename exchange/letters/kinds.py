"""Which kinds of file can be filed, told by their content and never by their name."""

from exchange.errors import Refused
from exchange.streams import Seekable
from signer.documents import kind_of

KIND_PREFIX = 65_536  # bytes: the kinds that can be filed show themselves at their beginning
FILEABLE_KINDS = {"xml": "xades", "pdf": "pades"}  # kind of document → format of its signature


def fileable_kind(content: Seekable) -> str:
    """Tell ``xml`` or ``pdf`` by content; raises `Refused` for an empty or any other file."""
    content.seek(0)
    beginning = content.read(KIND_PREFIX)
    content.seek(0)
    if not beginning:
        raise Refused("empty_document", field="content")
    kind = kind_of(beginning).value
    if kind not in FILEABLE_KINDS:
        raise Refused("unsupported_kind", field="content")
    return kind
