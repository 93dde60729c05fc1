"""Making a PAdES B-B signature (EN 319 142-1 6.3) as an incremental update of the file.

pyHanko writes the update; the CMS inside is our own, so that one signature takes one operation of
the key and the room for it is known beforehand.
"""

from __future__ import annotations

import io
from collections.abc import Generator
from datetime import datetime
from typing import Any, Final

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from signer.cms import object_identifiers as oid
from signer.cms.building import build_signed_data, scheme_for, signed_data_size
from signer.credentials import Credential
from signer.documents import pdf_problems
from signer.errors import InputError
from signer.pades.fields import form_fields, signature_values, unlisted_byte_ranges
from signer.pades.permissions import NO_CHANGES, certified_permission
from signer.pades.syntax import PdfFile, PdfSyntaxError

_FIELD_NAME: Final = "Signature"
"""Names of new fields start so, then a number."""

_Embedding = Generator[Any, Any, None]
"""pyHanko's protocol for filling a signature in: see PdfCMSEmbedder.write_cms."""


def create(
    data: bytes,
    credential: Credential,
    *,
    now: datetime,
    level: str = "B",
    field_name: str | None = None,
    name: str | None = None,
    reason: str | None = None,
    location: str | None = None,
) -> bytes:
    """Sign a PDF document and give it back with an invisible approval signature added.

    Args:
        data: the document; signatures in it stay valid.
        credential: who signs; its key is used once.
        now: what the document will claim as time of signing (``/M``), with a time zone.
        level: ``B``.
        field_name: an empty signature field of the document, or the name of a new one; None: new.
        name: the signer's name (``/Name``).
        reason: why it was signed (``/Reason``).
        location: where it was signed (``/Location``).

    Raises:
        InputError: the document or the key cannot be used; the message says why.
        SourceError: the device or service that keeps the key did not answer.
    """
    if level != "B":
        raise InputError(f"PDF documents can be signed at level B, not {level}.")
    if now.tzinfo is None:
        raise InputError("The time of signing has no time zone.")
    scheme = scheme_for(credential)
    dictionary = SignatureObject(
        timestamp=now.replace(microsecond=0),
        subfilter=SigSeedSubFilter.PADES,
        name=name,
        reason=reason,
        location=location,
        bytes_reserved=2 * signed_data_size(credential),
    )
    field = _checked_field(data, field_name)
    digest, output, embedding = _prepare(data, field, dictionary, scheme.digest)
    embedding.send(build_signed_data(digest, credential, scheme))
    return output.getvalue()


def _prepare(
    data: bytes, field: str, dictionary: SignatureObject, digest: str
) -> tuple[bytes, io.BytesIO, _Embedding]:
    """Write the update with room for the signature; give the digest that is to be signed."""
    output = io.BytesIO()
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
        embedding: _Embedding = PdfCMSEmbedder().write_cms(field, writer)
        next(embedding)
        embedding.send(SigObjSetup(sig_placeholder=dictionary))
        setup = SigIOSetup(md_algorithm=oid.HASHLIB_NAMES[digest], output=output)
        prepared, _output = embedding.send(setup)
    except Exception as error:
        # pyHanko raises PdfError, SigningError, ValueError, TypeError, KeyError, RecursionError …
        # for documents that it cannot extend (F9): all of them are about what the caller gave
        message = (
            "The document cannot be signed: its structure is damaged or unusual. Save it anew."
        )
        raise InputError(message) from error
    return prepared.document_digest, output, embedding


# --- what can be signed -------------------------------------------------------------------------


def _checked_field(data: bytes, wanted: str | None) -> str:
    """Refuse what could not be validated afterwards; give the name of the field to sign in."""
    for problem in pdf_problems(data):
        raise InputError(f"The document cannot be signed: {problem.message}")
    try:
        file = PdfFile(data)
        _check_file(file)
        return _field(file, wanted)
    except PdfSyntaxError as error:
        raise InputError(f"The document cannot be signed: {error}") from error


def _check_file(file: PdfFile) -> None:
    if file.encrypted:
        raise InputError("The document is encrypted. Save it without a password, then sign it.")
    if certified_permission(file) == NO_CHANGES:
        raise InputError(
            "The document's author certified that nothing may be added to it any more."
        )
    values, faults = signature_values(file)
    if faults or unlisted_byte_ranges(file, values):
        raise InputError(
            "The document holds a damaged or removed signature; start from a clean copy."
        )
    size = file.revisions[-1].trailer.get("Size")
    if not isinstance(size, int) or size <= max(file.history(), default=0):
        raise InputError("The document does not say how many objects it has (/Size). Save it anew.")


def _field(file: PdfFile, wanted: str | None) -> str:
    fields = {field.name: field for field in form_fields(file, file.last)}
    if wanted is None:
        numbers = range(1, len(fields) + 2)
        return next(name for n in numbers if (name := f"{_FIELD_NAME}{n}") not in fields)
    existing = fields.get(wanted)
    if existing is not None and (existing.kind != "Sig" or existing.value is not None):
        raise InputError(f"The field “{wanted}” is signed already or is no signature field.")
    if existing is None and (not wanted or "." in wanted):
        raise InputError("The name of a new signature field must not be empty or contain a dot.")
    return wanted
