"""Whether a CMS signature holds, under which certificate, and whether that one was meant."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from asn1crypto import cms, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signer.cms import object_identifiers as oid
from signer.cms.signed_data import CmsError, Signer
from signer.trust.signatures import Algorithm, read_algorithm, verify
from signer.validation.facts import CertificateReferenceFact, SignatureAlgorithmFact

_KEY_ONLY: Final = {
    "1.2.840.113549.1.1.1": "RSA",
    "1.2.840.10045.2.1": "ECDSA",
    "1.2.840.10040.4.1": "DSA",
}
"""Identifiers of keys written where a signature algorithm belongs: the digest is the signer's."""
_PLAIN_ECDSA: Final = {
    "0.4.0.127.0.7.1.1.4.1.1": "SHA1",
    "0.4.0.127.0.7.1.1.4.1.2": "SHA224",
    "0.4.0.127.0.7.1.1.4.1.3": "SHA256",
    "0.4.0.127.0.7.1.1.4.1.4": "SHA384",
    "0.4.0.127.0.7.1.1.4.1.5": "SHA512",
}
"""BSI TR-03111: r and s side by side instead of a DER sequence."""


def signature_algorithm(signer: Signer) -> SignatureAlgorithmFact:
    """Give the algorithm as written in the SignerInfo."""
    return _algorithm(signer).fact


def _algorithm(signer: Signer) -> Algorithm:
    identifier = signer.signature_algorithm["algorithm"].dotted
    if identifier in _KEY_ONLY:
        digest = signer.digest_algorithm
        fact = SignatureAlgorithmFact(_KEY_ONLY[identifier], digest, identifier)
        return Algorithm(fact, _hash_class(digest))
    if identifier in _PLAIN_ECDSA:
        digest = _PLAIN_ECDSA[identifier]
        fact = SignatureAlgorithmFact("PLAIN-ECDSA", digest, identifier)
        return Algorithm(fact, _hash_class(digest))
    return read_algorithm(signer.signature_algorithm)


def _hash_class(digest: str) -> type[hashes.HashAlgorithm] | None:
    """Give the implementation of a digest by DSS's name; None where there is none."""
    name = digest.replace("-", "_")
    return getattr(hashes, name) if digest in oid.HASHLIB_NAMES else None


def verify_signer(signer: Signer, certificate: bytes, content: bytes | None) -> bool | None:
    """Tell whether the signature value verifies under the certificate's key.

    Args:
        signer: the SignerInfo.
        certificate: DER of the certificate whose key should have signed.
        content: what was signed where there are no signed attributes; else not needed.

    Returns:
        None where it cannot be computed: unknown algorithm or key, or nothing to verify over.
    """
    key = public_key(certificate)
    signed = signer.signed_attributes_der if signer.signed_attributes_der else content
    if key is None or signed is None:
        return None
    algorithm = _algorithm(signer)
    if algorithm.fact.encryption != "PLAIN-ECDSA":
        return verify(key, algorithm, signer.signature, signed)
    fact = SignatureAlgorithmFact("ECDSA", algorithm.fact.digest, algorithm.fact.identifier)
    return verify(key, Algorithm(fact, algorithm.digest), _as_sequence(signer.signature), signed)


def _as_sequence(plain: bytes) -> bytes:
    half = len(plain) // 2
    return encode_dss_signature(
        int.from_bytes(plain[:half], "big"), int.from_bytes(plain[half:], "big")
    )


@lru_cache(maxsize=256)
def public_key(certificate: bytes) -> CertificatePublicKeyTypes | None:
    """Give a certificate's public key; None where it is of a kind that is not read."""
    try:
        spki = x509.Certificate.load(certificate).public_key.dump()
        return load_der_public_key(spki)  # type: ignore[return-value]  # DH keys verify nothing
    except Exception:  # noqa: BLE001 - asn1crypto and cryptography raise many kinds on a damaged key
        return None


def find_signing_certificate(signer: Signer, certificates: Iterable[bytes]) -> bytes | None:
    """Give the certificate that the SignerInfo names, the pinned one first where several fit."""
    named = [der for der in certificates if _is_named(signer, der)]
    pinned = [der for der in named if certificate_reference(signer, der).matches]
    return next(iter(pinned or named), None)


def _is_named(signer: Signer, der: bytes) -> bool:
    identity = _identity(der)
    if identity is None:
        return False
    issuer, serial, key_identifier = identity
    if signer.key_identifier is not None:
        return key_identifier == signer.key_identifier
    return serial == signer.serial and issuer == signer.issuer


@lru_cache(maxsize=1024)
def _identity(der: bytes) -> tuple[bytes, int, bytes | None] | None:
    try:
        certificate = x509.Certificate.load(der)
        return certificate.issuer.dump(), certificate.serial_number, certificate.key_identifier
    except Exception:  # noqa: BLE001 - asn1crypto raises many kinds on a damaged certificate
        return None


# --- the signed attribute that pins the certificate (RFC 5035, EN 319 122-1 5.2.2) ----------------


def certificate_reference(signer: Signer, certificate: bytes | None) -> CertificateReferenceFact:
    """Tell whether the signing-certificate attribute is there and names this certificate."""
    names = (oid.SIGNING_CERTIFICATE_V2, oid.SIGNING_CERTIFICATE)
    values = [value for name in names for value in signer.signed_attributes.get(name, ())]
    if not values:
        return CertificateReferenceFact(present=False, unique=False, matches=None)
    v2 = bool(signer.signed_attributes.get(oid.SIGNING_CERTIFICATE_V2))
    try:
        references = _read_references(values[0], v2=v2)
        unique = len(values) == 1 and len(references) == 1
        return _compare(references[0], certificate, unique=unique)
    except Exception:  # noqa: BLE001 - asn1crypto raises many kinds on a damaged attribute
        return CertificateReferenceFact(present=True, unique=False, matches=False)


def _read_references(value: bytes, *, v2: bool) -> Sequence[tsp.ESSCertID | tsp.ESSCertIDv2]:
    attribute = (tsp.SigningCertificateV2 if v2 else tsp.SigningCertificate).load(value)
    references = list(attribute["certs"])
    if not references:
        raise CmsError("The signing-certificate attribute names no certificate.")
    return references


def _compare(
    reference: tsp.ESSCertID | tsp.ESSCertIDv2, certificate: bytes | None, *, unique: bool
) -> CertificateReferenceFact:
    digest = "SHA1"
    if isinstance(reference, tsp.ESSCertIDv2):
        dotted = reference["hash_algorithm"]["algorithm"].dotted
        digest = oid.DIGESTS.get(dotted, dotted)
    if certificate is None or digest not in oid.HASHLIB_NAMES:
        return CertificateReferenceFact(True, unique, None, digest_algorithm=digest)
    computed = hashlib.new(oid.HASHLIB_NAMES[digest], certificate, usedforsecurity=False).digest()
    return CertificateReferenceFact(
        present=True,
        unique=unique,
        matches=computed == reference["cert_hash"].native,
        issuer_serial_matches=_issuer_serial_matches(reference["issuer_serial"], certificate),
        digest_algorithm=digest,
    )


def _issuer_serial_matches(named: cms.IssuerSerial, certificate: bytes) -> bool | None:
    if not named or named.native is None:
        return None
    parsed = x509.Certificate.load(certificate)
    names = [name.chosen for name in named["issuer"] if name.name == "directory_name"]
    same_serial = bool(named["serial_number"].native == parsed.serial_number)
    return same_serial and any(name == parsed.issuer for name in names)
