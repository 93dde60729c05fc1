"""OCSP answers (RFC 6960): what one says of one certificate, and whether its signer may say it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import core, ocsp
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp as x509_ocsp

from signer.trust.certificates import Certificate, read_certificate
from signer.trust.encoding import check_der
from signer.trust.names import Rdns, match_key, read_name
from signer.trust.paths import CertificatePool
from signer.trust.revocation.evidence import HOLD, REASONS, Finding, Question, SignedEvidence
from signer.trust.signatures import read_algorithm
from signer.validation.facts import RevocationFact, RevocationStatus

MAX_OCSP_BYTES = 64 * 1024  # an answer with a certificate or two has 2 to 6 KB
MAX_RESPONDERS = 4  # certificates that fit the responder's identifier and are tried
MAX_EMBEDDED = 16  # certificates looked at in one answer
MAX_ANSWERS = 64  # certificates one answer may speak of; public responders give one

OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
_NONCE = "1.3.6.1.5.5.7.48.1.2"
_EXTENDED_REVOKE = "1.3.6.1.5.5.7.48.1.9"
_ARCHIVE_CUTOFF = "1.3.6.1.5.5.7.48.1.6"
_CERT_HASH = "1.3.36.8.3.13"  # Common PKI: the responder has seen this very certificate
_HARMLESS = frozenset({_NONCE, _EXTENDED_REVOKE, "1.3.6.1.5.5.7.48.1.3", "2.5.29.21"})

_STATUSES = {
    "good": RevocationStatus.GOOD,
    "revoked": RevocationStatus.REVOKED,
    "unknown": RevocationStatus.UNKNOWN,
}


@dataclass(frozen=True)
class _Answer:
    """What the responder says of one certificate identifier."""

    digest: str
    name_hash: bytes
    key_hash: bytes
    serial: int
    status: RevocationStatus
    this_update: datetime
    next_update: datetime | None
    revocation_time: datetime | None = None
    reason: str | None = None
    archive_cutoff: datetime | None = None
    certificate_hash: tuple[str, bytes] | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class OcspResponse:
    """A basic OCSP response as read; the responder is named by name or by the hash of its key."""

    shell: SignedEvidence
    responder_name: Rdns | None
    responder_key_hash: bytes | None
    produced_at: datetime
    certificates: tuple[Certificate, ...]
    answers: tuple[_Answer, ...]
    problems: tuple[str, ...]


def read_ocsp(der: bytes) -> OcspResponse | None:
    """Read an OCSPResponse or a BasicOCSPResponse (DER).

    None where it is neither, is larger than `MAX_OCSP_BYTES`, or the responder gave no answer
    (`tryLater`, `unauthorized` …).
    """
    if len(der) > MAX_OCSP_BYTES:
        return None
    try:
        check_der(der)
        return _read(der)
    # asn1crypto raises whatever hostile bytes provoke; all of it means: no OCSP response.
    except Exception:  # noqa: BLE001  # see above
        return None


def ocsp_request(question: Question) -> bytes | None:
    """Give the request (DER) for one certificate; None for a serial number no request can carry.

    The identifier uses SHA-1, as RFC 5019 2.1.1 wants of clients and every responder understands;
    it names a certificate here and protects nothing. No nonce: answers are cached and their times
    are checked instead (RFC 5019 4).
    """
    serial = question.certificate.serial
    if serial is None or serial <= 0:
        return None
    builder = x509_ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        hashlib.sha1(question.certificate.issuer_der, usedforsecurity=False).digest(),
        hashlib.sha1(question.issuer.public_key_bits, usedforsecurity=False).digest(),
        serial,
        hashes.SHA1(),  # noqa: S303  # RFC 5019 2.1.1, see above
    )
    return builder.build().public_bytes(serialization.Encoding.DER)


def _read(der: bytes) -> OcspResponse | None:
    basic = _basic(der)
    if basic is None:
        return None
    data = basic["tbs_response_data"]
    responder = data["responder_id"]
    by_name = responder.name == "by_name"
    return OcspResponse(
        shell=SignedEvidence(
            hashlib.sha256(der).hexdigest(),
            read_algorithm(basic["signature_algorithm"]),
            basic["signature"].native,
            data.dump(),
        ),
        responder_name=match_key(read_name(responder.chosen.untag().dump())) if by_name else None,
        responder_key_hash=None if by_name else responder.chosen.native,
        produced_at=data["produced_at"].native,
        certificates=_certificates(basic["certs"]),
        answers=tuple(_read_answer(answer) for answer in list(data["responses"])[:MAX_ANSWERS]),
        problems=tuple(_unknown_critical(data["response_extensions"], _HARMLESS)),
    )


def _basic(der: bytes) -> ocsp.BasicOCSPResponse | None:
    """Unwrap: a bare BasicOCSPResponse begins with a SEQUENCE, an OCSPResponse with a status."""
    outer = core.Sequence.load(der, strict=True)
    if isinstance(outer[0], core.Sequence):
        return ocsp.BasicOCSPResponse.load(der, strict=True)
    response = ocsp.OCSPResponse.load(der, strict=True)
    if response["response_status"].native != "successful":
        return None
    return response["response_bytes"]["response"].parsed


def _certificates(certificates: "ocsp.Certificates | core.Void") -> tuple[Certificate, ...]:
    if isinstance(certificates, core.Void):
        return ()
    return tuple(read_certificate(entry.dump()) for entry in list(certificates)[:MAX_EMBEDDED])


def _read_answer(answer: ocsp.SingleResponse) -> _Answer:
    identifier = answer["cert_id"]
    status = answer["cert_status"]
    revoked = status.chosen if status.name == "revoked" else None
    reason = _reason(revoked)
    cutoff, certificate_hash = None, None
    for extension in answer["single_extensions"]:
        oid, value = extension["extn_id"].dotted, extension["extn_value"].contents
        if oid == _ARCHIVE_CUTOFF:
            cutoff = core.GeneralizedTime.load(value, strict=True).native
        elif oid == _CERT_HASH:
            certificate_hash = _read_certificate_hash(value)
    return _Answer(
        digest=identifier["hash_algorithm"]["algorithm"].native,
        name_hash=identifier["issuer_name_hash"].native,
        key_hash=identifier["issuer_key_hash"].native,
        serial=identifier["serial_number"].native,
        status=RevocationStatus.ON_HOLD if reason == HOLD else _STATUSES[status.name],
        this_update=answer["this_update"].native,
        next_update=answer["next_update"].native,
        revocation_time=revoked["revocation_time"].native if revoked is not None else None,
        reason=reason,
        archive_cutoff=cutoff,
        certificate_hash=certificate_hash,
        problems=tuple(
            _unknown_critical(
                answer["single_extensions"], _HARMLESS | {_ARCHIVE_CUTOFF, _CERT_HASH}
            )
        ),
    )


def _reason(revoked: ocsp.RevokedInfo | None) -> str | None:
    if revoked is None or isinstance(revoked["revocation_reason"], core.Void):
        return None
    return REASONS.get(int.from_bytes(revoked["revocation_reason"].contents or b"\0"))


class _CertHash(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    _fields = [  # noqa: RUF012  # asn1crypto's way of declaring a structure
        ("hash_algorithm", ocsp.DigestAlgorithm),
        ("certificate_hash", core.OctetString),
    ]


def _read_certificate_hash(value: bytes) -> tuple[str, bytes]:
    stated = _CertHash.load(value, strict=True)
    return stated["hash_algorithm"]["algorithm"].native, stated["certificate_hash"].native


def _unknown_critical(extensions: core.SequenceOf, known: frozenset[str]) -> Iterable[str]:
    for extension in extensions:
        oid = extension["extn_id"].dotted
        if extension["critical"].native and oid not in known:
            yield f"It has a critical extension that is not known here: {oid}."


# --- what a response says of one certificate ----------------------------------------------------


def ocsp_finding(
    response: OcspResponse, question: Question, pool: CertificatePool, origin: str
) -> Finding | None:
    """Give what the response says of the certificate; None where it speaks of others only."""
    answers = [answer for answer in response.answers if _is_about(answer, question)]
    if not answers:
        return None
    answer = answers[0]
    signer, intact = _responder(response, question, pool)
    problems = [*response.problems, *answer.problems]
    if any(other.status is not answer.status for other in answers):
        problems.append("It gives two different answers for the certificate.")
    objections = _objections(signer, intact, response, question, pool)
    problems += objections
    hash_matches = _certificate_hash_matches(answer, question.certificate)
    if hash_matches is False:
        problems.append("It speaks of another certificate with the same serial number.")
    return Finding(
        RevocationFact(
            kind="OCSP",
            sha256=response.shell.sha256,
            certificate=question.certificate.sha256,
            status=RevocationStatus.UNKNOWN if problems else answer.status,
            this_update=answer.this_update,
            next_update=answer.next_update,
            produced_at=response.produced_at,
            issuer=signer.sha256 if signer else None,
            signature_intact=intact,
            authorised=not objections,
            origin=origin,
            revocation_time=answer.revocation_time,
            reason=answer.reason,
            signature_algorithm=response.shell.algorithm.fact,
            signer_key=signer.fact.key if signer else None,
            archive_cutoff=answer.archive_cutoff,
            certificate_hash_matches=hash_matches,
            problems=tuple(problems),
        ),
        signer,
    )


def _is_about(answer: _Answer, question: Question) -> bool:
    """The identifier is the certificate's: serial number, issuer's name and issuer's key."""
    if answer.serial != question.certificate.serial:
        return False
    try:
        name_hashes = {
            hashlib.new(answer.digest, der, usedforsecurity=False).digest()
            for der in (question.certificate.issuer_der, question.issuer.subject_der)
        }
        key_hash = hashlib.new(
            answer.digest, question.issuer.public_key_bits, usedforsecurity=False
        ).digest()
    except ValueError:  # a digest that is not known here
        return False
    return answer.name_hash in name_hashes and answer.key_hash == key_hash


def _responder(
    response: OcspResponse, question: Question, pool: CertificatePool
) -> tuple[Certificate | None, bool | None]:
    """Give the certificate whose key signed the response, among those its identifier fits."""
    at_hand = (question.issuer, *response.certificates, *pool)
    fitting = {entry.key_id: entry for entry in reversed(at_hand) if _fits(entry, response)}
    outcome: bool | None = None
    for responder in list(reversed(fitting.values()))[:MAX_RESPONDERS]:
        verified = response.shell.verified_by(responder)
        if verified:
            return responder, True
        outcome = False if verified is False else outcome
    return None, outcome


def _fits(certificate: Certificate, response: OcspResponse) -> bool:
    if response.responder_key_hash is None:
        return certificate.subject_key == response.responder_name
    key_hash = hashlib.sha1(certificate.public_key_bits, usedforsecurity=False).digest()
    return key_hash == response.responder_key_hash


def _objections(
    responder: Certificate | None,
    intact: bool | None,
    response: OcspResponse,
    question: Question,
    pool: CertificatePool,
) -> list[str]:
    """Say why the signer may not speak for the issuer (RFC 6960 4.2.2.2); empty: it may."""
    if responder is None:
        if intact is False:
            return ["Its signature does not verify."]
        return ["Its signer's certificate is not at hand, or its signature cannot be verified."]
    issuer = question.issuer
    if responder.key_id == issuer.key_id and responder.subject_key == issuer.subject_key:
        return []
    usage = responder.fact.key_usage
    checks = (
        (
            OCSP_SIGNING in (responder.fact.extended_key_usage or ()),
            "Its signer's certificate is not meant for signing OCSP answers.",
        ),
        (
            responder.issuer_key == issuer.subject_key and pool.link(responder, issuer) is True,
            "Its signer was not appointed by the certificate's issuer.",
        ),
        (
            responder.valid_at(response.produced_at),
            "Its signer's certificate was not valid when the answer was produced.",
        ),
        (
            usage is None or bool({"digitalSignature", "nonRepudiation"} & set(usage)),
            "Its signer's key is not meant for signing.",
        ),
        (
            not responder.broken and not responder.extensions.unknown_critical,
            "Its signer's certificate cannot be relied on.",
        ),
    )
    return [problem for good, problem in checks if not good]


def _certificate_hash_matches(answer: _Answer, certificate: Certificate) -> bool | None:
    if answer.certificate_hash is None:
        return None
    digest, stated = answer.certificate_hash
    try:
        return hashlib.new(digest, certificate.fact.der, usedforsecurity=False).digest() == stated
    except ValueError:  # a digest that is not known here
        return None
