"""The text of a new XAdES signature, with the places that are filled in later left empty.

EN 319 132-1 6.3: SigningTime, SigningCertificateV2 with IssuerSerialV2, DataObjectFormat with
MimeType, all under the signature by a reference to SignedProperties.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from xml.sax.saxutils import escape

from cryptography import x509

from signer.xades import names
from signer.xades.algorithms import (
    DIGEST_URIS,
    ENVELOPED_SIGNATURE_URI,
    EXCLUSIVE_C14N_URI,
    XPATH_URI,
    digest,
)


@dataclass(frozen=True, slots=True)
class Template:
    """What one new signature states; ``claimed_roles`` are XML fragments, one element each."""

    identifier: str
    signing_time: datetime
    certificate: bytes
    chain: tuple[bytes, ...]
    signature_method: str
    digest: str
    mime_type: str
    data_digest: bytes
    claimed_roles: Sequence[str] = ()


def signature_template(template: Template) -> str:
    """Give the ``ds:Signature`` with its properties' digest and its value still empty.

    The reference over the document leaves all signatures out twice over: by the XPath that Polish
    administration uses, and by enveloped-signature for verifiers that know only that.
    """
    name = template.identifier
    digest_uri = DIGEST_URIS[template.digest]
    return (
        f'<ds:Signature xmlns:ds="{names.DS}" Id="{name}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N_URI}"/>'
        f'<ds:SignatureMethod Algorithm="{template.signature_method}"/>'
        f'<ds:Reference Id="{name}-document" URI=""><ds:Transforms>'
        f'<ds:Transform Algorithm="{ENVELOPED_SIGNATURE_URI}"/>'
        f'<ds:Transform Algorithm="{XPATH_URI}">'
        "<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath></ds:Transform>"
        f'<ds:Transform Algorithm="{EXCLUSIVE_C14N_URI}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest_uri}"/>'
        f"<ds:DigestValue>{base64_text(template.data_digest)}</ds:DigestValue></ds:Reference>"
        f'<ds:Reference Type="{names.SIGNED_PROPERTIES_TYPE}" URI="#{name}-properties">'
        f'<ds:Transforms><ds:Transform Algorithm="{EXCLUSIVE_C14N_URI}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest_uri}"/><ds:DigestValue/></ds:Reference>'
        f'</ds:SignedInfo><ds:SignatureValue Id="{name}-value"/>'
        f"<ds:KeyInfo><ds:X509Data>{_certificates(template.certificate, template.chain)}"
        "</ds:X509Data></ds:KeyInfo><ds:Object>"
        f'<xades:QualifyingProperties xmlns:xades="{names.XADES_132}" Target="#{name}">'
        f"{_signed_properties(template)}</xades:QualifyingProperties></ds:Object></ds:Signature>"
    )


def _signed_properties(template: Template) -> str:
    name = template.identifier
    return (
        f'<xades:SignedProperties Id="{name}-properties"><xades:SignedSignatureProperties>'
        f"<xades:SigningTime>{template.signing_time:%Y-%m-%dT%H:%M:%SZ}</xades:SigningTime>"
        f"{_signing_certificate(template.certificate, template.digest)}"
        f"{_roles(template.claimed_roles)}"
        "</xades:SignedSignatureProperties><xades:SignedDataObjectProperties>"
        f'<xades:DataObjectFormat ObjectReference="#{name}-document">'
        f"<xades:MimeType>{escape(template.mime_type)}</xades:MimeType>"
        "</xades:DataObjectFormat></xades:SignedDataObjectProperties></xades:SignedProperties>"
    )


def _roles(roles: Sequence[str]) -> str:
    if not roles:
        return ""
    claimed = "".join(f"<xades:ClaimedRole>{role}</xades:ClaimedRole>" for role in roles)
    return (
        f"<xades:SignerRoleV2><xades:ClaimedRoles>{claimed}</xades:ClaimedRoles>"
        "</xades:SignerRoleV2>"
    )


@lru_cache(maxsize=64)
def _certificates(certificate: bytes, chain: tuple[bytes, ...]) -> str:
    return "".join(
        f"<ds:X509Certificate>{base64_text(der)}</ds:X509Certificate>"
        for der in (certificate, *chain)
    )


@lru_cache(maxsize=64)
def _signing_certificate(certificate: bytes, algorithm: str) -> str:
    """Write SigningCertificateV2 (EN 319 132-1 5.2.2): digest, issuer and serial."""
    return (
        "<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>"
        f'<ds:DigestMethod Algorithm="{DIGEST_URIS[algorithm]}"/>'
        f"<ds:DigestValue>{base64_text(digest(algorithm, certificate))}</ds:DigestValue>"
        f"</xades:CertDigest><xades:IssuerSerialV2>{base64_text(issuer_serial(certificate))}"
        "</xades:IssuerSerialV2></xades:Cert></xades:SigningCertificateV2>"
    )


def issuer_serial(certificate: bytes) -> bytes:
    """Encode RFC 5035 IssuerSerial: the issuer as a directoryName, and the serial number."""
    parsed = x509.load_der_x509_certificate(certificate)
    serial = parsed.serial_number
    number = serial.to_bytes(serial.bit_length() // 8 + 1, "big", signed=True)
    directory_name = _der(0xA4, parsed.issuer.public_bytes())
    return _der(0x30, _der(0x30, directory_name) + _der(0x02, number))


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def base64_text(octets: bytes) -> str:
    """Encode octets for an XML leaf."""
    return base64.b64encode(octets).decode("ascii")
