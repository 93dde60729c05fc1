"""One certificate: its DER read once, as facts and as what building paths needs.

Reading is total: whatever the bytes, there is a `Certificate`. What cannot be read is empty and
stands in `fact.problems`.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache

from asn1crypto import core
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from signer.trust.encoding import check_der, elements
from signer.trust.extensions import Extensions, read_extensions
from signer.trust.names import Rdns, match_key, read_name, rfc4514
from signer.trust.signatures import Algorithm, PublicKey, key_fact, read_algorithm, verify
from signer.validation.facts import CertificateFact, KeyFact

# The largest certificates of trusted lists have 5 KB; a larger one is an attack on the reader.
MAX_CERTIFICATE_BYTES = 64 * 1024

# Certificates remembered as read: a busy office sees a few hundred issuers. At the size limit
# above, the memory is bounded by 64 MB and what parsing adds.
READ_CACHE_ENTRIES = 1024

# RFC 5280 4.1.2.2: positive, at most 20 octets.
_MAX_SERIAL_BITS = 159

_EXTENSIONS_TAG = 0xA3  # [3] EXPLICIT, RFC 5280 4.1


@dataclass(frozen=True, eq=False)
class Certificate:
    """A certificate as read: its fact, and the parts that paths and revocation are built from.

    `broken` are the faults that forbid relying on it in a path (RFC 5280 4.2: an extension that
    cannot be processed); lesser ones are only in `fact.problems`.
    """

    fact: CertificateFact
    extensions: Extensions = field(default_factory=Extensions)
    subject: Rdns = ()
    subject_key: Rdns = ()
    issuer_key: Rdns = ()
    subject_der: bytes = b""
    issuer_der: bytes = b""
    serial: int | None = None
    public_key: PublicKey | None = None
    public_key_bits: bytes = b""
    key_id: str = ""
    algorithm: Algorithm | None = None
    signature: bytes = b""
    signed_bytes: bytes = b""
    broken: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """Give the SHA-256 of the DER (lowercase hex), the certificate's name everywhere."""
        return self.fact.sha256

    @property
    def readable(self) -> bool:
        """Tell whether it could be read as a certificate at all."""
        return self.algorithm is not None

    def valid_at(self, at: datetime) -> bool:
        """Tell whether the instant lies in the validity period, ends included."""
        fact = self.fact
        if fact.not_before is None or fact.not_after is None:
            return False
        return fact.not_before <= at <= fact.not_after

    @property
    def self_issued(self) -> bool:
        """Tell whether subject and issuer are the same name (RFC 5280 3.2)."""
        return self.subject_key == self.issuer_key


def certificate_fact(der: bytes) -> CertificateFact:
    """Give the fact of one DER certificate. Never raises: what cannot be read is a problem."""
    return read_certificate(bytes(der)).fact


@lru_cache(maxsize=READ_CACHE_ENTRIES)
def read_certificate(der: bytes) -> Certificate:
    """Read one DER certificate. Never raises: what cannot be read is a problem of its fact."""
    if len(der) > MAX_CERTIFICATE_BYTES:
        return _unreadable(der, f"The certificate is larger than {MAX_CERTIFICATE_BYTES} bytes.")
    try:
        check_der(der)
        return _read(der)
    # asn1crypto raises whatever hostile bytes provoke (ValueError, TypeError, KeyError …); for us
    # each means the same: this is no certificate.
    except Exception:  # noqa: BLE001  # see above
        return _unreadable(der, "The certificate cannot be read: its DER is broken.")


def verify_issued(certificate: Certificate, issuer: Certificate) -> bool | None:
    """Tell whether the certificate verifies under the issuer's key; None: not computable."""
    if issuer.public_key is None or certificate.algorithm is None:
        return None
    return verify(
        issuer.public_key, certificate.algorithm, certificate.signature, certificate.signed_bytes
    )


def _unreadable(der: bytes, problem: str) -> Certificate:
    fact = CertificateFact(
        sha256=hashlib.sha256(der).hexdigest(),
        der=der,
        subject="",
        issuer="",
        serial="",
        not_before=None,
        not_after=None,
        key=None,
        signature_algorithm=None,
        problems=(problem,),
    )
    return Certificate(fact, broken=(problem,))


def _read(der: bytes) -> Certificate:
    outer = asn1_x509.Certificate.load(der, strict=True)
    tbs = outer["tbs_certificate"]
    if len(outer) != len(outer._fields) or len(tbs) > len(tbs._fields):
        raise ValueError("not the structure of a certificate")
    extensions = read_extensions(_extension_list(tbs.contents))
    algorithm = read_algorithm(outer["signature_algorithm"])
    subject, issuer = read_name(tbs["subject"].dump()), read_name(tbs["issuer"].dump())
    key = _read_key(tbs["subject_public_key_info"].dump())
    serial: int = tbs["serial_number"].native
    not_before, not_after = (_time(tbs["validity"][end]) for end in ("not_before", "not_after"))
    rules_broken = _broken_rules(outer, not_before, not_after)
    lesser = _lesser_problems(serial, extensions, not_before, not_after)
    certificate = Certificate(
        fact=CertificateFact(
            sha256=hashlib.sha256(der).hexdigest(),
            der=der,
            subject=rfc4514(subject),
            issuer=rfc4514(issuer),
            serial=f"-{-serial:x}" if serial < 0 else f"{serial:x}",
            not_before=not_before,
            not_after=not_after,
            key=key.fact,
            signature_algorithm=algorithm.fact,
            key_usage=extensions.key_usage,
            extended_key_usage=extensions.extended_key_usage,
            ca=extensions.ca,
            path_length=extensions.path_length,
            policies=extensions.policies,
            unknown_critical_extensions=extensions.unknown_critical,
            qc=extensions.qc,
            subject_attributes=tuple(pair for rdn in subject for pair in rdn),
            subject_key_id=extensions.subject_key_id,
            ocsp_no_check=extensions.ocsp_no_check,
            ocsp_urls=extensions.ocsp_urls,
            crl_urls=extensions.distribution_points.urls,
            problems=(*extensions.problems, *rules_broken, *key.problems, *lesser),
        ),
        extensions=extensions,
        subject=subject,
        subject_key=match_key(subject),
        issuer_key=match_key(issuer),
        subject_der=tbs["subject"].dump(),
        issuer_der=tbs["issuer"].dump(),
        serial=serial,
        public_key=key.public_key,
        public_key_bits=key.bits,
        key_id=key.identifier,
        algorithm=algorithm,
        signature=outer["signature_value"].native,
        signed_bytes=tbs.dump(),
        broken=(*extensions.broken, *rules_broken),
    )
    self_signed = certificate.self_issued and verify_issued(certificate, certificate) is True
    return replace(certificate, fact=replace(certificate.fact, self_signed=self_signed))


def _extension_list(tbs: bytes) -> bytes:
    """Give the contents of the list of extensions ([3] of TBSCertificate); empty: there is none."""
    for tag, contents in elements(tbs):
        if tag == _EXTENSIONS_TAG:
            [(_, extensions)] = elements(contents)
            return extensions
    return b""


@dataclass(frozen=True)
class _Key:
    """A subject's key: its fact, SHA-256 of the SubjectPublicKeyInfo, and the bare key bits."""

    fact: KeyFact
    identifier: str
    bits: bytes
    public_key: PublicKey | None = None
    problems: tuple[str, ...] = ()


def _read_key(spki: bytes) -> _Key:
    parts = core.Sequence.load(spki)
    identifier = hashlib.sha256(spki).hexdigest()
    bits = parts[1].contents[1:]  # after the count of unused bits
    try:
        public_key = serialization.load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        problem = "The public key is broken or of a kind that is not supported."
        return _Key(KeyFact(str(parts[0][0].dotted)), identifier, bits, None, (problem,))
    return _Key(key_fact(public_key), identifier, bits, public_key)


def _time(value: asn1_x509.Time) -> datetime | None:
    try:
        read: datetime = value.native
    except ValueError:
        return None
    return read.astimezone(UTC)


def _broken_rules(
    outer: asn1_x509.Certificate, not_before: datetime | None, not_after: datetime | None
) -> tuple[str, ...]:
    """Give the breaches of RFC 5280 4.1 after which nothing can be relied on."""
    tbs = outer["tbs_certificate"]
    has_extensions = not isinstance(tbs["extensions"], core.Void)
    checks = (
        (
            outer["signature_algorithm"].dump() == tbs["signature"].dump(),
            "The certificate names two different signature algorithms (RFC 5280 4.1.1.2).",
        ),
        (
            tbs["version"].native == "v3" or not has_extensions,
            "The certificate has extensions without being version 3 (RFC 5280 4.1.2.1).",
        ),
        (not_before is not None and not_after is not None, "The validity cannot be read."),
    )
    return tuple(problem for good, problem in checks if not good)


def _lesser_problems(
    serial: int,
    extensions: Extensions,
    not_before: datetime | None,
    not_after: datetime | None,
) -> tuple[str, ...]:
    """Give the breaches of RFC 5280 that a reader survives: they are told, not refused."""
    backwards = not_before is not None and not_after is not None and not_before > not_after
    checks = (
        (serial > 0, "The serial number is not positive (RFC 5280 4.1.2.2)."),
        (serial.bit_length() <= _MAX_SERIAL_BITS, "The serial number has more than 20 octets."),
        (
            extensions.path_length is None or extensions.ca is True,
            "A path length stands in a certificate that is no CA's (RFC 5280 4.2.1.9).",
        ),
        (not backwards, "The validity ends before it begins."),
    )
    return tuple(problem for good, problem in checks if not good)
