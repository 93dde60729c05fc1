"""A key from a PKCS#12 file (RFC 7292), read once and kept in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12KeyAndCertificates,
    load_pkcs12,
)

from signer.errors import InputError
from signer.trust.signatures import key_fact
from signer.validation.facts import KeyFact

MAX_FILE_OCTETS = 1024 * 1024
"""A key with its chain takes a few kilobytes."""

MAX_CHAIN = 8
"""Issuers kept from the file; no path is longer."""

SigningKey: TypeAlias = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
)

_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
}


@dataclass(frozen=True)
class Pkcs12Credential:
    """A signing key and its certificates from one PKCS#12 file."""

    certificate: bytes
    chain: tuple[bytes, ...]
    key: KeyFact
    _private: SigningKey = field(repr=False)

    @classmethod
    def from_bytes(cls, data: bytes, password: str | bytes | None) -> Pkcs12Credential:
        """Read a PKCS#12 file.

        Args:
            data: the file (``.p12``, ``.pfx``).
            password: its password; text is taken as UTF-8; None for a file without one.

        Raises:
            InputError: wrong password, no PKCS#12 file, no key or certificate in it, or a key of a
                kind that cannot sign here (RSA, EC, Ed25519 and Ed448 can).
        """
        if len(data) > MAX_FILE_OCTETS:
            raise InputError("The key file is larger than 1 MB, so it is no PKCS#12 key file.")
        opened = _open(data, password.encode() if isinstance(password, str) else password)
        private, certificate = opened.key, opened.cert
        if private is None or certificate is None:
            raise InputError("The PKCS#12 file holds no key with its certificate. Export both.")
        if not isinstance(private, SigningKey):
            raise InputError("The key in the PKCS#12 file is of a kind that cannot sign here.")
        leaf = certificate.certificate
        if private.public_key() != _public_key(leaf):
            raise InputError("The key in the PKCS#12 file does not belong to its certificate.")
        return cls(
            certificate=leaf.public_bytes(Encoding.DER),
            chain=_chain(leaf, [other.certificate for other in opened.additional_certs]),
            key=key_fact(private.public_key()),
            _private=private,
        )

    def sign(self, data: bytes, *, digest: str = "SHA256", scheme: str | None = None) -> bytes:
        """Give the raw signature over ``data``; see :class:`Credential`."""
        algorithm = _hash(digest)
        match self._private:
            case rsa.RSAPrivateKey() as key:
                return key.sign(data, _padding(scheme, algorithm), algorithm)
            case ec.EllipticCurvePrivateKey() as key:
                return key.sign(data, ec.ECDSA(algorithm))
            case key:
                return key.sign(data)


def _open(data: bytes, password: bytes | None) -> PKCS12KeyAndCertificates:
    try:
        return load_pkcs12(data, password)
    except ValueError as error:
        if "password" in str(error).lower():
            raise InputError("The password does not open the PKCS#12 file.") from None
        raise InputError("The file is not a PKCS#12 key file (.p12 or .pfx).") from None
    except (TypeError, UnsupportedAlgorithm):
        # TypeError: a password for a file without one, or none for a file with one.
        raise InputError(
            "The PKCS#12 file cannot be opened: its password or protection does not fit."
        ) from None


def _public_key(certificate: x509.Certificate) -> object:
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None


def _chain(leaf: x509.Certificate, others: list[x509.Certificate]) -> tuple[bytes, ...]:
    """Put the issuers in order, nearest first; what leads nowhere is left out."""
    chain: list[x509.Certificate] = []
    current: x509.Certificate | None = leaf
    while current is not None and len(chain) < MAX_CHAIN:
        issuer = current.issuer
        current = next((c for c in others if c.subject == issuer and c not in chain), None)
        if current is not None:
            chain.append(current)
    return tuple(certificate.public_bytes(Encoding.DER) for certificate in chain)


def _hash(digest: str) -> hashes.HashAlgorithm:
    if digest not in _HASHES:
        raise InputError(f"Signing with {digest} is not supported. Use {', '.join(_HASHES)}.")
    return _HASHES[digest]()


def _padding(scheme: str | None, algorithm: hashes.HashAlgorithm) -> padding.AsymmetricPadding:
    if scheme == "RSASSA-PSS":
        return padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)
    if scheme in (None, "RSA"):
        return padding.PKCS1v15()
    raise InputError(f"An RSA key cannot sign with the scheme {scheme}.")
