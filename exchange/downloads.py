"""Handing stored bytes out: what is downloaded, and under which harmless name and type."""

from dataclasses import dataclass
from typing import BinaryIO

MEDIA_TYPES = {"xml": "application/xml", "pdf": "application/pdf"}
UNKNOWN_MEDIA_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Download:
    """Bytes to send as an attachment. `file_name` is ours: plain ASCII with a known ending."""

    content: BinaryIO
    size: int
    file_name: str
    media_type: str


def download(content: BinaryIO, size: int, stem: str, kind: str) -> Download:
    """Name a stored document of ours for a download; an unknown kind is plain bytes."""
    suffix = kind if kind in MEDIA_TYPES else "bin"
    media_type = MEDIA_TYPES.get(kind, UNKNOWN_MEDIA_TYPE)
    return Download(content, size, f"{stem}.{suffix}", media_type)
