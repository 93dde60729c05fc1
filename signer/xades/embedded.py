"""Certificates and revocation data that a signature brings along in its properties."""

from __future__ import annotations

from signer.validation.facts import EmbeddedCertificate, EmbeddedMaterial
from signer.xades.keys import certificates_in, sha256
from signer.xades.properties import Qualifying

MAX_REVOCATION_DATA = 64
"""CRLs, and OCSP answers, read per signature."""

_HOLDERS = {
    "CertificateValues": "CERTIFICATE_VALUES",
    "AttrAuthoritiesCertValues": "ATTR_AUTHORITIES_CERT_VALUES",
    "TimeStampValidationData": "TIMESTAMP_VALIDATION_DATA",
}
"""Property → DSS's name of the origin of certificates in it."""


def property_certificates(qualifying: Qualifying) -> tuple[tuple[bytes, str], ...]:
    """Give (DER, origin) of the certificates in the unsigned properties."""
    return tuple(
        (der, origin)
        for holder, origin in _HOLDERS.items()
        for element in qualifying.all(holder)
        for der in certificates_in(element.iter("{*}EncapsulatedX509Certificate"))
    )


def certificate_facts(
    signing: bytes | None, certificates: tuple[tuple[bytes, str], ...]
) -> tuple[EmbeddedCertificate, ...]:
    """List the embedded certificates, the signing one first, each place once."""
    ordered = sorted(certificates, key=lambda found: found[0] != signing)
    unique = dict.fromkeys((sha256(der), origin) for der, origin in ordered)
    return tuple(EmbeddedCertificate(digest, origin) for digest, origin in unique)


def embedded_material(
    qualifying: Qualifying, certificates: tuple[tuple[bytes, str], ...]
) -> EmbeddedMaterial:
    """Collect what may help to judge this signature's certificates."""
    holders = qualifying.all("RevocationValues", "TimeStampValidationData")
    crls = [node for holder in holders for node in holder.iter("{*}EncapsulatedCRLValue")]
    ocsps = [node for holder in holders for node in holder.iter("{*}EncapsulatedOCSPValue")]
    return EmbeddedMaterial(
        certificates=tuple(dict.fromkeys(der for der, _origin in certificates)),
        crls=certificates_in(crls[:MAX_REVOCATION_DATA]),
        ocsps=certificates_in(ocsps[:MAX_REVOCATION_DATA]),
    )
