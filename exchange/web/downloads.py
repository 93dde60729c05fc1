"""Handing out people's documents: as files to save, never as something to open here."""

import re

from flask import Response
from werkzeug.wsgi import FileWrapper

from exchange.downloads import Download
from exchange.web.headers import DOCUMENT_POLICY

CHUNK = 64 * 1024  # bytes read at a time, so that a download of any size takes little memory
LONGEST_NAME = 100  # characters; some file systems stop at 143 bytes

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_FALLBACK_NAME = "document.bin"


def as_file(download: Download) -> Response:
    """Give the answer by which a browser saves `download`: opaque bytes, a harmless name."""
    response = Response(
        FileWrapper(download.content, CHUNK),
        mimetype="application/octet-stream",
        direct_passthrough=True,
    )
    response.content_length = download.size
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{safe_name(download.file_name)}"'
    )
    response.headers["Content-Security-Policy"] = DOCUMENT_POLICY
    response.call_on_close(download.content.close)
    return response


def as_picture(png: bytes) -> Response:
    """Give the answer that shows a page image which we rendered ourselves."""
    response = Response(png, mimetype="image/png")
    response.headers["Content-Security-Policy"] = DOCUMENT_POLICY
    return response


def safe_name(name: str) -> str:
    """Give `name` reduced to ASCII letters, digits, dot, dash and underscore.

    Such a name cannot break a header or climb a path.
    """
    cleaned = _UNSAFE.sub("_", name).strip("._-")
    return cleaned[-LONGEST_NAME:].lstrip("._-") or _FALLBACK_NAME
