"""Making CMS signed data for detached CAdES B-B signatures (EN 319 122-1 6.3), DER by hand.

A signature is a few nested values of known shape; writing them out takes a fraction of the time
that a general encoder needs, and the certificate parts are the certificate's own bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from asn1crypto import core, x509

from signer.cms import object_identifiers as oid
from signer.credentials import Credential
from signer.errors import InputError

_DIGEST_OIDS: Final = {name: dotted for dotted, name in oid.DIGESTS.items()}
_NULL: Final = b"\x05\x00"
_RSA: Final = {
    "SHA256": "1.2.840.113549.1.1.11",
    "SHA384": "1.2.840.113549.1.1.12",
    "SHA512": "1.2.840.113549.1.1.13",
}
_ECDSA: Final = {
    "SHA256": "1.2.840.10045.4.3.2",
    "SHA384": "1.2.840.10045.4.3.3",
    "SHA512": "1.2.840.10045.4.3.4",
}
_ED25519: Final = "1.3.101.112"
_OVERHEAD_BYTES: Final = 1024
"""Everything in signed data but certificates and signature value; about 300 bytes in fact."""
_EC_OVERHEAD_BYTES: Final = 16
"""DER around the two numbers of an ECDSA signature."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a key signs: the digest by DSS's name and the DER of the signature algorithm."""

    digest: str
    algorithm: bytes


def scheme_for(credential: Credential) -> Scheme:
    """Choose the signature scheme that fits a key (ETSI TS 119 312).

    Raises:
        InputError: keys of this kind make no CMS signatures here.
    """
    key = credential.key
    if key.algorithm == "RSA":
        return Scheme("SHA256", _sequence(_oid(_RSA["SHA256"]), _NULL))
    if key.algorithm == "ECDSA":
        size = key.size or 256
        digest = "SHA256" if size <= 256 else "SHA384" if size <= 384 else "SHA512"
        return Scheme(digest, _sequence(_oid(_ECDSA[digest])))
    if key.algorithm == "ED25519":
        return Scheme("SHA512", _sequence(_oid(_ED25519)))  # the digest of RFC 8419 3.1
    raise InputError(f"A key of the kind {key.algorithm} cannot sign PDF documents; use RSA or EC.")


def signed_data_size(credential: Credential) -> int:
    """Give a number of bytes that signed data of this credential will not exceed."""
    certificates = sum(map(len, (credential.certificate, *credential.chain)))
    key_bytes = (credential.key.size or 0) // 8 + 1
    signature = key_bytes if credential.key.algorithm == "RSA" else 2 * key_bytes
    name = len(x509.Certificate.load(credential.certificate).issuer.dump())
    return certificates + signature + name + _EC_OVERHEAD_BYTES + _OVERHEAD_BYTES


def build_signed_data(content_digest: bytes, credential: Credential, scheme: Scheme) -> bytes:
    """Sign a digest of detached content and give the DER of the CMS ContentInfo.

    The signed attributes are content type, message digest and signing certificate: no signing
    time, which PDF states elsewhere (EN 319 142-1 6.3 table 1).

    Args:
        content_digest: digest of the content by ``scheme.digest``.
        credential: signs once.
        scheme: from :func:`scheme_for`.
    """
    attributes = _signed_attributes(content_digest, credential, scheme.digest)
    signature = credential.sign(_tlv(0x31, attributes), digest=scheme.digest)
    certificate = x509.Certificate.load(credential.certificate)
    digest_algorithm = _sequence(_oid(_DIGEST_OIDS[scheme.digest]))
    signer = _sequence(
        _tlv(0x02, b"\x01"),
        _sequence(
            certificate.issuer.dump(), certificate["tbs_certificate"]["serial_number"].dump()
        ),
        digest_algorithm,
        _tlv(0xA0, attributes),
        scheme.algorithm,
        _tlv(0x04, signature),
    )
    signed = _sequence(
        _tlv(0x02, b"\x01"),
        _tlv(0x31, digest_algorithm),
        _sequence(_oid(oid.DATA)),
        _tlv(0xA0, b"".join(sorted({credential.certificate, *credential.chain}))),
        _tlv(0x31, signer),
    )
    return _sequence(_oid(oid.SIGNED_DATA), _tlv(0xA0, signed))


def _signed_attributes(content_digest: bytes, credential: Credential, digest: str) -> bytes:
    certificate_digest = hashlib.new(oid.HASHLIB_NAMES[digest], credential.certificate).digest()
    reference = _tlv(0x04, certificate_digest)
    if digest != "SHA256":  # the default, which DER leaves out (RFC 5035 4)
        reference = _sequence(_oid(_DIGEST_OIDS[digest])) + reference
    attributes = [
        _attribute(oid.CONTENT_TYPE, _oid(oid.DATA)),
        _attribute(oid.MESSAGE_DIGEST, _tlv(0x04, content_digest)),
        _attribute(oid.SIGNING_CERTIFICATE_V2, _sequence(_sequence(_sequence(reference)))),
    ]
    return b"".join(sorted(attributes))


def _attribute(dotted: str, value: bytes) -> bytes:
    return _sequence(_oid(dotted), _tlv(0x31, value))


def _oid(dotted: str) -> bytes:
    return bytes(core.ObjectIdentifier(dotted).dump())


def _sequence(*parts: bytes) -> bytes:
    return _tlv(0x30, b"".join(parts))


def _tlv(tag: int, contents: bytes) -> bytes:
    length = len(contents)
    if length < 0x80:
        return bytes((tag, length)) + contents
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + contents
