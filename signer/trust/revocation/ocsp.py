"""OCSP answers (RFC 6960): what one says of one certificate, and whether its signer may say it."""

import hashlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp as x509_ocsp

from signer.trust.certificates import Certificate
from signer.trust.paths import CertificatePool
from signer.trust.revocation.evidence import Finding, Question
from signer.trust.revocation.ocsp_response import Answer, OcspResponse
from signer.validation.facts import RevocationFact, RevocationStatus

MAX_RESPONDERS = 4  # certificates that fit the responder's identifier and are tried

OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"


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


def _is_about(answer: Answer, question: Question) -> bool:
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


def _certificate_hash_matches(answer: Answer, certificate: Certificate) -> bool | None:
    if answer.certificate_hash is None:
        return None
    digest, stated = answer.certificate_hash
    try:
        return hashlib.new(digest, certificate.fact.der, usedforsecurity=False).digest() == stated
    except ValueError:  # a digest that is not known here
        return None
