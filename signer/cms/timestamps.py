"""RFC 3161 time stamp tokens as facts: what time, over what, and does the token hold."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from asn1crypto import core, tsp

from signer.cms import object_identifiers as oid
from signer.cms.signed_data import CmsError, SignedData, Signer, read_signed_data
from signer.cms.verification import (
    certificate_reference,
    find_signing_certificate,
    signature_algorithm,
    verify_signer,
)
from signer.validation.facts import EmbeddedMaterial, Problem, ProblemCode, TimestampFact


@dataclass(frozen=True, slots=True)
class _Imprint:
    time: datetime
    digest_algorithm: str
    digest: bytes


def timestamp_fact(
    token: bytes, covered: bytes, kind: str
) -> tuple[TimestampFact, EmbeddedMaterial]:
    """Give what a time stamp token says and whether it covers these bytes.

    Args:
        token: DER of the token (CMS SignedData around a TSTInfo).
        covered: the bytes that it should have stamped.
        kind: ``content``, ``signature``, ``archive`` or ``document``.

    Returns:
        The fact, and the certificates and revocation data inside the token. Never raises for
        content: a token that cannot be read is a fact with a problem.
    """
    fact = TimestampFact(kind, hashlib.sha256(token).hexdigest(), None, None, None, None)
    try:
        signed = read_signed_data(token)
        imprint = _read_imprint(signed)
        signer = _only_signer(signed)
    except CmsError as error:
        problem = Problem(ProblemCode.UNREADABLE, f"A time stamp cannot be read: {error}")
        return replace(fact, problems=(problem,)), EmbeddedMaterial()
    material = EmbeddedMaterial(signed.certificates, signed.crls, signed.ocsps)
    return _verified(fact, signed, signer, imprint, covered), material


def _verified(
    fact: TimestampFact, signed: SignedData, signer: Signer, imprint: _Imprint, covered: bytes
) -> TimestampFact:
    certificate = find_signing_certificate(signer, signed.certificates)
    intact: bool | None = None
    if certificate is not None:
        intact = verify_signer(signer, certificate, signed.content)
        if intact and not content_digest_matches(signer, signed):
            intact = False
    return replace(
        fact,
        time=imprint.time,
        imprint_intact=_digest_matches(imprint.digest_algorithm, covered, imprint.digest),
        signature_intact=intact,
        signing_certificate=hashlib.sha256(certificate).hexdigest() if certificate else None,
        digest_algorithm=imprint.digest_algorithm,
        signature_algorithm=signature_algorithm(signer),
        problems=_problems(signer, certificate),
    )


def _problems(signer: Signer, certificate: bytes | None) -> tuple[Problem, ...]:
    if certificate is None:
        return (Problem(ProblemCode.STRUCTURE, "The time stamp's certificate is not in it."),)
    reference = certificate_reference(signer, certificate)
    if not reference.matches:
        message = "The time stamp does not name the certificate that made it (RFC 3161 2.4.2)."
        return (Problem(ProblemCode.STRUCTURE, message),)
    return ()


def _only_signer(signed: SignedData) -> Signer:
    if len(signed.signers) != 1:
        raise CmsError(f"It has {len(signed.signers)} signers instead of one (RFC 3161 2.4.2).")
    return signed.signers[0]


def _read_imprint(signed: SignedData) -> _Imprint:
    if signed.content_type != oid.TST_INFO or signed.content is None:
        raise CmsError("It is no time stamp token.")
    try:
        info = tsp.TSTInfo.load(signed.content)
        dotted = info["message_imprint"]["hash_algorithm"]["algorithm"].dotted
        return _Imprint(
            info["gen_time"].native.astimezone(UTC),
            oid.DIGESTS.get(dotted, dotted),
            info["message_imprint"]["hashed_message"].native,
        )
    except Exception as error:
        raise CmsError("Its content is damaged.") from error


def content_digest_matches(signer: Signer, signed: SignedData) -> bool | None:
    """Tell whether the message-digest attribute is the digest of the content inside.

    None where there is no such attribute (the signature is over the content itself) and no digest
    is due.
    """
    if signer.signed_attributes_der is None:
        return True
    value = signer.single(oid.MESSAGE_DIGEST)
    if value is None or signed.content is None:
        return False
    return _digest_matches(signer.digest_algorithm, signed.content, octets(value))


def octets(value: bytes) -> bytes:
    """Give the contents of a DER OCTET STRING; empty where it is none."""
    try:
        return bytes(core.OctetString.load(value).native)
    except Exception:  # noqa: BLE001 - asn1crypto raises many kinds on damaged input
        return b""


def _digest_matches(algorithm: str, data: bytes, digest: bytes) -> bool | None:
    name = oid.HASHLIB_NAMES.get(algorithm)
    if name is None:
        return None
    return hashlib.new(name, data, usedforsecurity=False).digest() == digest
