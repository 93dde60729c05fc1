"""What kind of file this is, by its first bytes and never by its name."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

from signer.documents.limits import PDF_HEADER_WINDOW, ZIP_MAX_ENTRIES
from signer.validation.facts import DocumentKind

_SIGNED_DATA_OID: Final = bytes.fromhex("06092a864886f70d010702")
_OID_WINDOW: Final = 24
"""The content type follows at most two DER headers (RFC 5652 3)."""
_PEM_CMS: Final = (b"-----BEGIN PKCS7-----", b"-----BEGIN CMS-----")
_BYTE_ORDER_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_TEXT_WINDOW: Final = 4096
_HTML_START: Final = re.compile(r"<(?:!doctype\s+html|html[\s>])", re.IGNORECASE)

_ASIC_TYPES: Final = {
    b"application/vnd.etsi.asic-e+zip": DocumentKind.ASIC_E,
    b"application/vnd.etsi.asic-s+zip": DocumentKind.ASIC_S,
}
_ASIC_S_NAMES: Final = {
    "META-INF/signatures.xml",
    "META-INF/signature.p7s",
    "META-INF/timestamp.tst",
    "META-INF/evidencerecord.ers",
    "META-INF/evidencerecord.xml",
}
_ASIC_E_NAME: Final = re.compile(
    r"META-INF/(?:\S*signatures\S*\.xml|\S*manifest\S*\.xml|\S*signature\S*\.p7s)", re.I
)


def kind_of(data: bytes) -> DocumentKind:
    """Tell what kind of document the bytes are.

    A file that is also something else keeps the kind that its first bytes claim: the gate of
    that kind refuses it. Never raises.
    """
    if data.startswith(b"PK\x03\x04"):
        return _archive_kind(data)
    if data.find(b"%PDF-", 0, PDF_HEADER_WINDOW) >= 0:
        return DocumentKind.PDF
    if _is_cms(data):
        return DocumentKind.CMS
    if _is_xml(data):
        return DocumentKind.XML
    return DocumentKind.UNKNOWN


def _is_cms(data: bytes) -> bool:
    if data.lstrip()[:32].startswith(_PEM_CMS):
        return True
    return data.startswith(b"\x30") and _SIGNED_DATA_OID in data[:_OID_WINDOW]


def _is_xml(data: bytes) -> bool:
    head = _decoded_start(data).lstrip()
    return head.startswith("<") and not _HTML_START.match(head)


def _decoded_start(data: bytes) -> str:
    window = data[:_TEXT_WINDOW]
    for mark, encoding in _BYTE_ORDER_MARKS:
        if window.startswith(mark):
            return window[len(mark) :].decode(encoding, "replace")
    if window.startswith(b"<\0"):
        return window.decode("utf-16-le", "replace")
    if window.startswith(b"\0<"):
        return window.decode("utf-16-be", "replace")
    return window.decode("latin-1")


def _archive_kind(data: bytes) -> DocumentKind:
    """Tell an ASiC container from another archive (EN 319 162-1 4.3.3, 4.4.3)."""
    declared = _ASIC_TYPES.get(_mimetype_entry(data))
    return declared or _kind_by_names(data)


def _mimetype_entry(data: bytes) -> bytes:
    """Give the content of a leading, stored ``mimetype`` entry, else nothing."""
    header = data[:30]
    if len(header) < 30 or header[8:10] != b"\0\0" or data[30:38] != b"mimetype":
        return b""
    size = int.from_bytes(header[18:22], "little")
    start = 38 + int.from_bytes(header[28:30], "little")
    return data[start : start + min(size, 128)].strip()


def _kind_by_names(data: bytes) -> DocumentKind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [entry.filename for entry in archive.infolist()[: ZIP_MAX_ENTRIES + 1]]
    except Exception:  # noqa: BLE001 - zipfile raises six kinds for broken archives; none is ours
        return DocumentKind.UNKNOWN
    if len(names) > ZIP_MAX_ENTRIES:
        return DocumentKind.UNKNOWN
    contents = [name for name in names if not name.startswith("META-INF/") and name != "mimetype"]
    if len(contents) == 1 and _ASIC_S_NAMES.intersection(names):
        return DocumentKind.ASIC_S
    if any(_ASIC_E_NAME.fullmatch(name) for name in names):
        return DocumentKind.ASIC_E
    return DocumentKind.UNKNOWN
