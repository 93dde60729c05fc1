"""Keys and certificates that a signature carries in its KeyInfo and its properties."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key
from lxml import etree

from signer.trust.certificates import read_certificate
from signer.xades import names
from signer.xades.structure import leaf_text, strict_base64

MAX_CERTIFICATES = 32
"""Distinct certificates read per signature."""

_DSIG11 = "http://www.w3.org/2009/xmldsig11#"
_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "urn:oid:1.2.840.10045.3.1.7": ec.SECP256R1,
    "urn:oid:1.3.132.0.34": ec.SECP384R1,
    "urn:oid:1.3.132.0.35": ec.SECP521R1,
}


def key_info_certificates(key_info: etree._Element | None) -> tuple[bytes, ...]:
    """Give the DER of the certificates in KeyInfo, in their order, each once."""
    if key_info is None:
        return ()
    return certificates_in(key_info.iter(names.X509_CERTIFICATE))


def certificates_in(elements: etree._ElementIterator | list[etree._Element]) -> tuple[bytes, ...]:
    """Decode elements that hold a base64 certificate each; those that do not are left out."""
    found: dict[bytes, None] = {}
    for element in elements:
        der = strict_base64(leaf_text(element))
        if der:
            found[der] = None
        if len(found) >= MAX_CERTIFICATES:
            break
    return tuple(found)


def public_key(der: bytes) -> PublicKeyTypes | None:
    """Give a certificate's public key; None where certificate or key cannot be read."""
    return read_certificate(der).public_key


def sha256(der: bytes) -> str:
    """Give the name by which facts know a certificate."""
    return hashlib.sha256(der).hexdigest()


def key_value(key_info: etree._Element | None) -> PublicKeyTypes | None:
    """Give a bare key stated in KeyInfo (XMLDSig 1.1 4.5.2, 4.5.5), or None."""
    if key_info is None:
        return None
    encoded = key_info.find(f"{{{_DSIG11}}}DEREncodedKeyValue")
    stated = key_info.find(names.ds("KeyValue"))
    try:
        if encoded is not None:
            return load_der_public_key(strict_base64(leaf_text(encoded)) or b"")
        return None if stated is None or not len(stated) else _stated_key(stated[0])
    except (ValueError, UnsupportedAlgorithm):
        return None


def _stated_key(stated: etree._Element) -> PublicKeyTypes | None:
    if stated.tag == names.ds("RSAKeyValue"):
        return rsa.RSAPublicNumbers(
            e=_integer(stated, "Exponent"), n=_integer(stated, "Modulus")
        ).public_key()
    if stated.tag == names.ds("DSAKeyValue"):
        parameters = dsa.DSAParameterNumbers(
            p=_integer(stated, "P"), q=_integer(stated, "Q"), g=_integer(stated, "G")
        )
        return dsa.DSAPublicNumbers(_integer(stated, "Y"), parameters).public_key()
    if stated.tag == f"{{{_DSIG11}}}ECKeyValue":
        return _stated_point(stated)
    return None


def _stated_point(stated: etree._Element) -> PublicKeyTypes | None:
    """Read a point on a *named* curve; curves given by their parameters are never believed."""
    named = stated.find(f"{{{_DSIG11}}}NamedCurve")
    point = stated.find(f"{{{_DSIG11}}}PublicKey")
    curve = None if named is None else _CURVES.get(named.get("URI", ""))
    if curve is None or point is None:
        return None
    octets = strict_base64(leaf_text(point)) or b""
    return ec.EllipticCurvePublicKey.from_encoded_point(curve(), octets)


def _integer(parent: etree._Element, name: str) -> int:
    element = parent.find(names.ds(name))
    octets = None if element is None else strict_base64(leaf_text(element))
    if not octets:
        raise ValueError(f"{name} is missing")
    return int.from_bytes(octets, "big")
