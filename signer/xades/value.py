"""The signature value: does it verify under a given key?

XMLDSig 1.1 6.4, RFC 6931, RFC 9231. XML carries (EC)DSA values as two integers of fixed length side
by side, not as ASN.1; any other length is no signature.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from signer.validation.facts import Refusal, RefusalKind, SignatureAlgorithmFact

MAX_RSA_BITS = 8192
MAX_RSA_EXPONENT = (1 << 32) - 1
"""Larger ones make a single verification slow; nobody uses them."""

HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "MD5": hashes.MD5,
    "SHA1": hashes.SHA1,
    "SHA224": hashes.SHA224,
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
    "SHA3-224": hashes.SHA3_224,
    "SHA3-256": hashes.SHA3_256,
    "SHA3-384": hashes.SHA3_384,
    "SHA3-512": hashes.SHA3_512,
}
"""DSS's digest name → the hash of ``cryptography``."""


def key_refusal(key: PublicKeyTypes) -> Refusal | None:
    """Refuse keys that are only good for making us compute for long."""
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        if key.key_size > MAX_RSA_BITS or numbers.e > MAX_RSA_EXPONENT:
            reason = f"RSA keys above {MAX_RSA_BITS} bits or with odd exponents are not computed."
            return Refusal(RefusalKind.ALGORITHM, "KEY_TOO_LARGE", reason)
    return None


def verifies(
    key: PublicKeyTypes, algorithm: SignatureAlgorithmFact, value: bytes, data: bytes
) -> bool:
    """Say whether ``value`` is the signature over ``data`` under ``key`` by this algorithm.

    A key of another kind than the algorithm's, and whatever the library cannot do, is False.
    """
    try:
        return _verify(key, algorithm, value, data)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        # ValueError and TypeError are how the library says that key and parameters cannot match.
        return False


def _verify(
    key: PublicKeyTypes, algorithm: SignatureAlgorithmFact, value: bytes, data: bytes
) -> bool:
    match algorithm.encryption, key:
        case "RSA", rsa.RSAPublicKey():
            key.verify(value, data, padding.PKCS1v15(), _hash(algorithm))
        case "RSASSA-PSS", rsa.RSAPublicKey():
            digest = _hash(algorithm)
            # RFC 6931 2.3.10: the salt is as long as the digest, the mask uses the same digest.
            pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
            key.verify(value, data, pss, digest)
        case "ECDSA", ec.EllipticCurvePublicKey():
            integers = _two_integers(value, (key.curve.key_size + 7) // 8)
            key.verify(integers, data, ec.ECDSA(_hash(algorithm)))
        case "DSA", dsa.DSAPublicKey():
            order = key.public_numbers().parameter_numbers.q
            key.verify(_two_integers(value, (order.bit_length() + 7) // 8), data, _hash(algorithm))
        case "ED25519", ed25519.Ed25519PublicKey():
            key.verify(value, data)
        case "ED448", ed448.Ed448PublicKey():
            key.verify(value, data)
        case _:
            return False
    return True


def _hash(algorithm: SignatureAlgorithmFact) -> hashes.HashAlgorithm:
    if algorithm.digest not in HASHES:
        raise UnsupportedAlgorithm(f"digest {algorithm.digest}")
    return HASHES[algorithm.digest]()


def _two_integers(value: bytes, length: int) -> bytes:
    if len(value) != 2 * length:
        raise InvalidSignature
    first, second = value[:length], value[length:]
    return encode_dss_signature(int.from_bytes(first, "big"), int.from_bytes(second, "big"))
