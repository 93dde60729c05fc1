"""One PDF signature as mathematics and claims: what its dictionary, byte range and CMS say."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from asn1crypto import cms as asn1_cms
from asn1crypto import core

from signer.cms import (
    CmsError,
    SignedData,
    Signer,
    certificate_reference,
    find_signing_certificate,
    read_signed_data,
    signature_algorithm,
    timestamp_fact,
    verify_signer,
)
from signer.cms import object_identifiers as oid
from signer.cms.timestamps import content_digest_matches, octets
from signer.pades.byte_range import (
    ByteRange,
    covered_bytes,
    covered_digest,
    is_computable,
    read_byte_range,
)
from signer.pades.fields import SignatureValue
from signer.pades.syntax import PdfFile, PdfSyntaxError
from signer.pades.syntax.parser import dictionary_spans
from signer.validation.facts import (
    CertificateReferenceFact,
    EmbeddedMaterial,
    Problem,
    ProblemCode,
    ReferenceFact,
    SignatureAlgorithmFact,
    TimestampFact,
)

_SHA1_FILTER: Final = "adbe.pkcs7.sha1"
_SUPPORTED: Final = ("ETSI.CAdES.detached", "adbe.pkcs7.detached", _SHA1_FILTER)


@dataclass(frozen=True, slots=True)
class RawSignature:
    """A signature dictionary with its byte range and its CMS, read but not yet verified."""

    value: SignatureValue
    byte_range: ByteRange
    cms: SignedData
    signer: Signer
    problems: tuple[Problem, ...]

    @property
    def sub_filter(self) -> str | None:
        """``/SubFilter`` as written."""
        written = self.value.dictionary.get("SubFilter")
        return written if isinstance(written, str) else None


@dataclass(frozen=True, slots=True)
class VerifiedCore:
    """What verifying one signature gave."""

    reference: ReferenceFact
    value_intact: bool | None
    algorithm: SignatureAlgorithmFact
    certificate: bytes | None
    certificate_reference: CertificateReferenceFact
    timestamps: tuple[TimestampFact, ...]
    timestamp_material: tuple[EmbeddedMaterial, ...]
    problems: tuple[Problem, ...]


def read_raw_signature(file: PdfFile, value: SignatureValue) -> RawSignature:
    """Read byte range and CMS of a signature dictionary.

    Raises:
        CmsError: ``/Contents`` holds no CMS signed data, so there is no signature to look at.
        PdfSyntaxError: the dictionary cannot be read from the file.
    """
    spans = dictionary_spans(file.data, value.offset)
    byte_range = read_byte_range(value.dictionary, spans, file.data)
    contents = value.dictionary.get("Contents")
    if not isinstance(contents, bytes):
        raise CmsError("It has no /Contents.")
    if not contents.strip(b"\0"):
        raise CmsError("Its /Contents was never filled.")
    signed = read_signed_data(contents)
    if not signed.signers:
        raise CmsError("Its CMS has no signer.")
    problems = [Problem(ProblemCode.STRUCTURE, fault) for fault in byte_range.faults]
    if contents[signed.length :].strip(b"\0"):
        message = "Something other than zeros follows the signature inside /Contents."
        problems.append(Problem(ProblemCode.AMBIGUOUS, message))
    if len(signed.signers) > 1:
        message = f"One signature field holds {len(signed.signers)} signers instead of one."
        problems.append(Problem(ProblemCode.AMBIGUOUS, message))
    if len(value.field_names) > 1:
        message = "Several fields show one and the same signature: " + ", ".join(value.field_names)
        problems.append(Problem(ProblemCode.AMBIGUOUS, message))
    return RawSignature(value, byte_range, signed, signed.signers[0], tuple(problems))


def verify_core(raw: RawSignature, data: bytes, certificates: tuple[bytes, ...]) -> VerifiedCore:
    """Compute the digest and the signature value.

    Args:
        raw: the signature as read.
        data: the whole file.
        certificates: further certificates of the document, where the CMS lacks the signer's.
    """
    certificate = find_signing_certificate(raw.signer, (*raw.cms.certificates, *certificates))
    value_intact = _value_intact(raw, data, certificate)
    stamps = _timestamps(raw, data)
    return VerifiedCore(
        reference=_reference(raw, data, value_intact=value_intact),
        value_intact=value_intact,
        algorithm=signature_algorithm(raw.signer),
        certificate=certificate,
        certificate_reference=certificate_reference(raw.signer, certificate),
        timestamps=tuple(fact for fact, _material in stamps),
        timestamp_material=tuple(material for _fact, material in stamps),
        problems=raw.problems + _problems(raw),
    )


def _problems(raw: RawSignature) -> tuple[Problem, ...]:
    problems = []
    if raw.sub_filter not in _SUPPORTED:
        message = f"Signatures of the kind {str(raw.sub_filter)[:40]} are not judged."
        problems.append(Problem(ProblemCode.UNSUPPORTED, message))
    elif raw.sub_filter == _SHA1_FILTER and raw.cms.content is None:
        message = "The signature does not carry the digest of the document that its kind demands."
        problems.append(Problem(ProblemCode.STRUCTURE, message))
    elif raw.sub_filter != _SHA1_FILTER and raw.cms.content is not None:
        message = "The signature carries content of its own instead of covering the document."
        problems.append(Problem(ProblemCode.STRUCTURE, message))
    if raw.signer.signed_attributes_der is not None:
        problems += _attribute_problems(raw)
    return tuple(problems)


def _attribute_problems(raw: RawSignature) -> list[Problem]:
    problems = []
    if raw.signer.single(oid.MESSAGE_DIGEST) is None:
        message = "The signature does not state exactly one digest of the document (RFC 5652 11.2)."
        problems.append(Problem(ProblemCode.STRUCTURE, message))
    content_type = raw.signer.single(oid.CONTENT_TYPE)
    if content_type is None or content_type != _content_type_der(raw.cms.content_type):
        message = "The signature does not state the type of its content (RFC 5652 11.1)."
        problems.append(Problem(ProblemCode.STRUCTURE, message))
    return problems


def _content_type_der(dotted: str) -> bytes:
    return bytes(core.ObjectIdentifier(dotted).dump())


# --- mathematics ------------------------------------------------------------------------------


def _value_intact(raw: RawSignature, data: bytes, certificate: bytes | None) -> bool | None:
    if certificate is None:
        return False  # nothing in the document verifies it
    content = raw.cms.content
    if content is None and raw.signer.signed_attributes_der is None:
        if not is_computable(raw.byte_range.numbers, data):
            return None
        content = covered_bytes(raw.byte_range.numbers, data)
    if raw.cms.content is not None and content_digest_matches(raw.signer, raw.cms) is False:
        return False
    return verify_signer(raw.signer, certificate, content)


def _reference(raw: RawSignature, data: bytes, *, value_intact: bool | None) -> ReferenceFact:
    """Give the one digest over the document: an attribute, inside the content, or none at all."""
    if raw.cms.content is not None and raw.sub_filter == _SHA1_FILTER:
        fact = ReferenceFact(
            "CONTENT_DIGEST", None, found=True, intact=None, digest_algorithm="SHA1"
        )
        return _compared(fact, raw, data, raw.cms.content)
    if raw.signer.signed_attributes_der is None:
        computable = is_computable(raw.byte_range.numbers, data)
        digest_algorithm = raw.signer.digest_algorithm
        return ReferenceFact("CONTENT_DIGEST", None, computable, value_intact, digest_algorithm)
    stated = raw.signer.single(oid.MESSAGE_DIGEST)
    fact = ReferenceFact(
        "MESSAGE_DIGEST", None, stated is not None, None, raw.signer.digest_algorithm
    )
    return _compared(fact, raw, data, octets(stated)) if stated is not None else fact


def _compared(fact: ReferenceFact, raw: RawSignature, data: bytes, stated: bytes) -> ReferenceFact:
    name = oid.HASHLIB_NAMES.get(fact.digest_algorithm or "")
    if not is_computable(raw.byte_range.numbers, data):
        return replace(fact, found=False)
    if name is None:
        return fact
    return replace(fact, intact=covered_digest(raw.byte_range.numbers, data, name) == stated)


def _timestamps(raw: RawSignature, data: bytes) -> list[tuple[TimestampFact, EmbeddedMaterial]]:
    stamps = [
        timestamp_fact(token, raw.signer.signature, "signature")
        for token in raw.signer.unsigned_attributes.get(oid.SIGNATURE_TIMESTAMP, ())
    ]
    content_tokens = raw.signer.signed_attributes.get(oid.CONTENT_TIMESTAMP, ())
    if content_tokens and is_computable(raw.byte_range.numbers, data):
        covered = covered_bytes(raw.byte_range.numbers, data)
        stamps += [timestamp_fact(token, covered, "content") for token in content_tokens]
    return stamps


def claimed_time(signer: Signer) -> datetime | None:
    """Give the signing-time attribute in UTC, as claimed; None where there is none to read."""
    value = signer.single(oid.SIGNING_TIME)
    if value is None:
        return None
    try:
        moment: datetime = asn1_cms.Time.load(value).native
        return moment.astimezone(UTC)
    except Exception:  # noqa: BLE001 - asn1crypto raises many kinds on damaged input
        return None


def document_timestamp(raw: RawSignature, data: bytes) -> tuple[TimestampFact, EmbeddedMaterial]:
    """Give what a document time stamp says, and whether its imprint is that of the file."""
    contents = raw.value.dictionary.get("Contents")
    token = contents[: raw.cms.length] if isinstance(contents, bytes) else b""
    if not is_computable(raw.byte_range.numbers, data):
        fact = TimestampFact("document", hashlib.sha256(token).hexdigest(), None, None, None, None)
        return replace(fact, problems=raw.problems), EmbeddedMaterial()
    fact, material = timestamp_fact(token, covered_bytes(raw.byte_range.numbers, data), "document")
    return replace(fact, problems=raw.problems + fact.problems), material


__all__ = [
    "CmsError",
    "PdfSyntaxError",
    "RawSignature",
    "VerifiedCore",
    "claimed_time",
    "document_timestamp",
    "read_raw_signature",
    "verify_core",
]
