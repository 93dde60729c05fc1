"""One certificate: its DER read once, as facts and as what building paths needs.

Reading is total: whatever the bytes, there is a `Certificate`. What cannot be read is empty and
stands in `fact.problems`.
"""

import hashlib
import threading
import warnings
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from signer.trust.extensions import Extensions, read_extensions
from signer.trust.names import Rdns, from_asn1, from_cryptography, match_key, rfc4514
from signer.trust.signatures import Algorithm, key_fact, read_algorithm, verify
from signer.validation.facts import CertificateFact, KeyFact

# The largest certificates of trusted lists have 5 KB; a larger one is an attack on the reader.
MAX_CERTIFICATE_BYTES = 64 * 1024

# Certificates remembered as read: a busy office sees a few hundred issuers. At the size limit
# above, the memory is bounded by 64 MB and what parsing adds.
READ_CACHE_ENTRIES = 1024

# RFC 5280 4.1.2.2: positive, at most 20 octets.
_MAX_SERIAL_BITS = 159

# `warnings.catch_warnings` swaps process-wide state, so only one thread at a time may do it.
_WARNINGS_LOCK = threading.Lock()


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
    public_key: CertificatePublicKeyTypes | None = None
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
        with _WARNINGS_LOCK, warnings.catch_warnings():
            # cryptography warns of odd serials and over-long names; both become problems below.
            warnings.simplefilter("ignore")
            return _read(der)
    # The parsers raise whatever hostile bytes provoke (ValueError, TypeError, RecursionError,
    # PyO3 panics excepted); for us each means the same: this is no certificate.
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
    parsed = x509.load_der_x509_certificate(der)
    loose = asn1_x509.Certificate.load(der, strict=True)
    tbs = loose["tbs_certificate"]
    spki = tbs["subject_public_key_info"]
    extensions = read_extensions(tbs["extensions"])
    algorithm = read_algorithm(loose["signature_algorithm"])
    subject = _name(parsed, loose, "subject")
    issuer = _name(parsed, loose, "issuer")
    public_key, key_problems = _public_key(parsed)
    broken = (*extensions.problems, *_algorithm_problems(loose))
    certificate = Certificate(
        fact=CertificateFact(
            sha256=hashlib.sha256(der).hexdigest(),
            der=der,
            subject=rfc4514(subject),
            issuer=rfc4514(issuer),
            serial=_serial_text(parsed.serial_number),
            not_before=parsed.not_valid_before_utc,
            not_after=parsed.not_valid_after_utc,
            key=key_fact(public_key) if public_key else _unsupported_key(spki),
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
            problems=(*broken, *key_problems, *_lesser_problems(parsed, extensions)),
        ),
        extensions=extensions,
        subject=subject,
        subject_key=match_key(subject),
        issuer_key=match_key(issuer),
        subject_der=tbs["subject"].dump(),
        issuer_der=tbs["issuer"].dump(),
        serial=parsed.serial_number,
        public_key=public_key,
        public_key_bits=spki["public_key"].contents[1:],  # after the count of unused bits
        key_id=hashlib.sha256(spki.dump()).hexdigest(),
        algorithm=algorithm,
        signature=parsed.signature,
        signed_bytes=parsed.tbs_certificate_bytes,
        broken=broken,
    )
    self_signed = certificate.self_issued and verify_issued(certificate, certificate) is True
    return replace(certificate, fact=replace(certificate.fact, self_signed=self_signed))


def _name(parsed: x509.Certificate, loose: asn1_x509.Certificate, which: str) -> Rdns:
    """Give a name; strictly read where possible, loosely where a value is ill-encoded."""
    try:
        return from_cryptography(getattr(parsed, which))
    except ValueError:
        return from_asn1(loose["tbs_certificate"][which])


def _public_key(
    parsed: x509.Certificate,
) -> tuple[CertificatePublicKeyTypes | None, tuple[str, ...]]:
    try:
        return parsed.public_key(), ()
    except (ValueError, UnsupportedAlgorithm):
        return None, ("The public key is broken or of a kind that is not supported.",)


def _unsupported_key(spki: asn1_x509.PublicKeyInfo) -> KeyFact:
    return KeyFact(str(spki["algorithm"]["algorithm"].dotted))


def _serial_text(serial: int) -> str:
    return f"-{-serial:x}" if serial < 0 else f"{serial:x}"


def _algorithm_problems(loose: asn1_x509.Certificate) -> tuple[str, ...]:
    if loose["signature_algorithm"].dump() == loose["tbs_certificate"]["signature"].dump():
        return ()
    return ("The certificate names two different signature algorithms (RFC 5280 4.1.1.2).",)


def _lesser_problems(parsed: x509.Certificate, extensions: Extensions) -> tuple[str, ...]:
    """Give the breaches of RFC 5280 that a reader survives: they are told, not refused."""
    serial = parsed.serial_number
    checks = (
        (serial > 0, "The serial number is not positive (RFC 5280 4.1.2.2)."),
        (serial.bit_length() <= _MAX_SERIAL_BITS, "The serial number has more than 20 octets."),
        (
            extensions.path_length is None or extensions.ca is True,
            "A path length stands in a certificate that is no CA's (RFC 5280 4.2.1.9).",
        ),
        (
            parsed.not_valid_before_utc <= parsed.not_valid_after_utc,
            "The validity ends before it begins.",
        ),
    )
    return tuple(problem for good, problem in checks if not good)
