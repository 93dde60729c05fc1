"""Which certificate signed, and whether the signed attribute pins it.

EN 319 102-1 5.2.3 with EN 319 132-1 5.2.2 (SigningCertificateV2; SigningCertificate of old): the
digest decides, issuer and serial are only a hint.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lxml import etree

from signer.trust.certificates import Certificate, read_certificate
from signer.validation.facts import CertificateReferenceFact
from signer.xades import names
from signer.xades.algorithms import DIGESTS, HASHLIB_NAMES, digest
from signer.xades.properties import Qualifying
from signer.xades.structure import leaf_text, strict_base64

_NAME_VALUES = re.compile(r"=\s*((?:\\.|[^,+;\\])*)")


@dataclass(frozen=True, slots=True)
class CertificatePin:
    """One ``Cert`` of the attribute: a digest, and perhaps issuer and serial."""

    digest_algorithm: str | None
    digest_value: bytes | None
    issuer_serial: etree._Element | None

    def matches(self, der: bytes) -> bool:
        """Say whether this is the digest of that certificate."""
        if self.digest_value is None or self.digest_algorithm not in HASHLIB_NAMES:
            return False
        return hmac.compare_digest(digest(self.digest_algorithm, der), self.digest_value)


def certificate_pins(qualifying: Qualifying) -> tuple[CertificatePin, ...]:
    """Read all certificates that the signing-certificate attributes name."""
    attributes = qualifying.all("SigningCertificate", "SigningCertificateV2")
    return tuple(
        _pin(cert) for attribute in attributes for cert in attribute.iterchildren("{*}Cert")
    )


def _pin(cert: etree._Element) -> CertificatePin:
    method = cert.find(f"{{*}}CertDigest/{names.DIGEST_METHOD}")
    value = cert.find(f"{{*}}CertDigest/{names.DIGEST_VALUE}")
    issuer_serial = cert.find("{*}IssuerSerial")
    if issuer_serial is None:
        issuer_serial = cert.find("{*}IssuerSerialV2")
    return CertificatePin(
        None if method is None else DIGESTS.get(method.get("Algorithm", "")),
        None if value is None else strict_base64(leaf_text(value)),
        issuer_serial,
    )


def choose_certificate(
    pool: Iterable[bytes],
    pins: tuple[CertificatePin, ...],
    signed_with: Callable[[bytes], bool],
) -> bytes | None:
    """Give the certificate that signed, as DER: pinned and verifying, else pinned, else verifying.

    ``signed_with`` says whether a certificate's key verifies the signature value. Without any of
    the three the first certificate offered is the one that claims to have signed.
    """
    offered = list(pool)
    pinned = [der for der in offered if any(pin.matches(der) for pin in pins)]
    for der in [*pinned, *(der for der in offered if der not in pinned)]:
        if signed_with(der):
            return der
    return next(iter(pinned or offered), None)


def reference_fact(
    qualifying: Qualifying, pins: tuple[CertificatePin, ...], der: bytes | None
) -> CertificateReferenceFact:
    """Say what the signed attribute is worth for the certificate that signed."""
    attributes = qualifying.all("SigningCertificate", "SigningCertificateV2")
    pin = next((pin for pin in pins if der is not None and pin.matches(der)), None)
    shown = pin or next(iter(pins), None)
    return CertificateReferenceFact(
        present=bool(attributes),
        unique=len(pins) == 1,
        matches=None if not attributes or der is None else pin is not None,
        issuer_serial_matches=None
        if pin is None or der is None or pin.issuer_serial is None
        else _issuer_serial_matches(pin.issuer_serial, der),
        digest_algorithm=None if shown is None else shown.digest_algorithm,
    )


def _issuer_serial_matches(element: etree._Element, der: bytes) -> bool | None:
    certificate = read_certificate(der)
    if certificate.serial is None:
        return None
    if names.local_name(element) == "IssuerSerialV2":
        return _encoded_matches(strict_base64(leaf_text(element)), certificate)
    name = element.findtext(names.ds("X509IssuerName")) or ""
    number = (element.findtext(names.ds("X509SerialNumber")) or "").strip()
    return number == str(certificate.serial) and _same_name(name, certificate.fact.issuer)


def _encoded_matches(octets: bytes | None, certificate: Certificate) -> bool:
    """Compare the DER of RFC 5035 IssuerSerial by its parts: the name's octets and the number."""
    if octets is None or certificate.serial is None:
        return False
    length = certificate.serial.bit_length() // 8 + 1
    number = certificate.serial.to_bytes(length, "big", signed=True)
    return octets.endswith(b"\x02" + bytes([length]) + number) and certificate.issuer_der in octets


def _same_name(written: str, issuer: str) -> bool:
    """Compare names in text by their values: writers differ in order, labels, escapes and case."""
    return _values(written) == _values(issuer)


def _values(name: str) -> list[str]:
    return sorted(_folded(match[1]) for match in _NAME_VALUES.finditer(name))


def _folded(value: str) -> str:
    unescaped = re.sub(r"\\([0-9A-Fa-f]{2}|.)", lambda match: match[1], value)
    return "".join(unescaped.strip('" ').casefold().split())
