"""Reading OCSP responses (RFC 6960 4.2.1): who answered, when, about what, and what was said."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import core, ocsp

from signer.trust.certificates import Certificate, read_certificate
from signer.trust.encoding import check_der
from signer.trust.names import Rdns, match_key, read_name
from signer.trust.revocation.evidence import HOLD, REASONS, SignedEvidence
from signer.trust.signatures import read_algorithm
from signer.validation.facts import RevocationStatus

MAX_OCSP_BYTES = 64 * 1024  # an answer with a certificate or two has 2 to 6 KB
MAX_EMBEDDED = 16  # certificates looked at in one answer
MAX_ANSWERS = 64  # certificates one answer may speak of; public responders give one

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
class Answer:
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
    answers: tuple[Answer, ...]
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


def _read_answer(answer: ocsp.SingleResponse) -> Answer:
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
    return Answer(
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
