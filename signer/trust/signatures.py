"""Signatures over certificates, CRLs and OCSP responses: which algorithm, and does it verify.

All three are the same shape (X.509 SIGNED): some bytes, an algorithm identifier, a bit string.
"""

from dataclasses import dataclass

from asn1crypto import algos
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from signer.validation.facts import KeyFact, SignatureAlgorithmFact

PublicKey = PublicKeyTypes

# Verifying costs grow with the square of the modulus; the largest in trusted lists have 4096 bits.
MAX_RSA_BITS = 8192

# Digests by OID: the name as EU DSS spells it, and the implementation.
_DIGESTS: dict[str, tuple[str, type[hashes.HashAlgorithm]]] = {
    "1.2.840.113549.2.5": ("MD5", hashes.MD5),
    "1.3.14.3.2.26": ("SHA1", hashes.SHA1),
    "2.16.840.1.101.3.4.2.4": ("SHA224", hashes.SHA224),
    "2.16.840.1.101.3.4.2.1": ("SHA256", hashes.SHA256),
    "2.16.840.1.101.3.4.2.2": ("SHA384", hashes.SHA384),
    "2.16.840.1.101.3.4.2.3": ("SHA512", hashes.SHA512),
    "2.16.840.1.101.3.4.2.7": ("SHA3-224", hashes.SHA3_224),
    "2.16.840.1.101.3.4.2.8": ("SHA3-256", hashes.SHA3_256),
    "2.16.840.1.101.3.4.2.9": ("SHA3-384", hashes.SHA3_384),
    "2.16.840.1.101.3.4.2.10": ("SHA3-512", hashes.SHA3_512),
}
_DIGESTS_BY_NAME = dict(_DIGESTS.values())

# Signature algorithms by OID (RFC 3279, 4055, 5758, 8410, 8702, 9688): key kind and digest.
_ALGORITHMS: dict[str, tuple[str, str | None]] = {
    "1.2.840.113549.1.1.4": ("RSA", "MD5"),
    "1.2.840.113549.1.1.5": ("RSA", "SHA1"),
    "1.3.14.3.2.29": ("RSA", "SHA1"),
    "1.2.840.113549.1.1.14": ("RSA", "SHA224"),
    "1.2.840.113549.1.1.11": ("RSA", "SHA256"),
    "1.2.840.113549.1.1.12": ("RSA", "SHA384"),
    "1.2.840.113549.1.1.13": ("RSA", "SHA512"),
    "2.16.840.1.101.3.4.3.13": ("RSA", "SHA3-224"),
    "2.16.840.1.101.3.4.3.14": ("RSA", "SHA3-256"),
    "2.16.840.1.101.3.4.3.15": ("RSA", "SHA3-384"),
    "2.16.840.1.101.3.4.3.16": ("RSA", "SHA3-512"),
    "1.2.840.10040.4.3": ("DSA", "SHA1"),
    "2.16.840.1.101.3.4.3.1": ("DSA", "SHA224"),
    "2.16.840.1.101.3.4.3.2": ("DSA", "SHA256"),
    "2.16.840.1.101.3.4.3.3": ("DSA", "SHA384"),
    "2.16.840.1.101.3.4.3.4": ("DSA", "SHA512"),
    "1.2.840.10045.4.1": ("ECDSA", "SHA1"),
    "1.2.840.10045.4.3.1": ("ECDSA", "SHA224"),
    "1.2.840.10045.4.3.2": ("ECDSA", "SHA256"),
    "1.2.840.10045.4.3.3": ("ECDSA", "SHA384"),
    "1.2.840.10045.4.3.4": ("ECDSA", "SHA512"),
    "2.16.840.1.101.3.4.3.9": ("ECDSA", "SHA3-224"),
    "2.16.840.1.101.3.4.3.10": ("ECDSA", "SHA3-256"),
    "2.16.840.1.101.3.4.3.11": ("ECDSA", "SHA3-384"),
    "2.16.840.1.101.3.4.3.12": ("ECDSA", "SHA3-512"),
    "1.3.101.112": ("ED25519", None),
    "1.3.101.113": ("ED448", None),
}
_RSASSA_PSS = "1.2.840.113549.1.1.10"


@dataclass(frozen=True)
class Algorithm:
    """A signature algorithm as written, and what verifying needs (None: not known here)."""

    fact: SignatureAlgorithmFact
    digest: type[hashes.HashAlgorithm] | None = None
    pss_mask_digest: type[hashes.HashAlgorithm] | None = None
    pss_salt_length: int = 0


def read_algorithm(identifier: algos.SignedDigestAlgorithm) -> Algorithm:
    """Read an AlgorithmIdentifier. An unknown one keeps its OID as name, and will not verify."""
    oid = str(identifier["algorithm"].dotted)
    if oid == _RSASSA_PSS:
        return _read_pss(identifier["parameters"])
    encryption, digest = _ALGORITHMS.get(oid, (oid, None))
    implementation = _DIGESTS_BY_NAME[digest] if digest else None
    return Algorithm(SignatureAlgorithmFact(encryption, digest, oid), implementation)


def _read_pss(parameters: algos.RSASSAPSSParams) -> Algorithm:
    """Read RSASSA-PSS, whose digest, mask digest and salt length are parameters (RFC 4055 3.1)."""
    digest_oid = parameters["hash_algorithm"]["algorithm"].dotted
    mask_oid = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].dotted
    digest, implementation = _DIGESTS.get(digest_oid, (digest_oid, None))
    mask = _DIGESTS.get(mask_oid)
    return Algorithm(
        SignatureAlgorithmFact("RSASSA-PSS", digest, _RSASSA_PSS),
        implementation,
        mask[1] if mask else None,
        parameters["salt_length"].native,
    )


def key_fact(key: PublicKey) -> KeyFact:
    """Give algorithm, size and curve of a public key."""
    match key:
        case rsa.RSAPublicKey():
            return KeyFact("RSA", key.key_size, exponent=key.public_numbers().e)
        case ec.EllipticCurvePublicKey():
            return KeyFact("ECDSA", key.key_size, curve=key.curve.name)
        case dsa.DSAPublicKey():
            return KeyFact("DSA", key.key_size)
        case ed25519.Ed25519PublicKey():
            return KeyFact("ED25519", 256)
        case ed448.Ed448PublicKey():
            return KeyFact("ED448", 456)
        case _:
            return KeyFact(type(key).__name__)


def verify(key: PublicKey, algorithm: Algorithm, signature: bytes, data: bytes) -> bool | None:
    """Tell whether `signature` over `data` verifies under `key`.

    None where it cannot be computed: an algorithm not known here, or a key too large to try.
    A key of another kind than the algorithm names is a signature that does not verify.
    """
    if isinstance(key, rsa.RSAPublicKey) and key.key_size > MAX_RSA_BITS:
        return None
    try:
        return _verify(key, algorithm, signature, data)
    except (InvalidSignature, ValueError):
        return False
    except UnsupportedAlgorithm:
        return None


def _verify(key: PublicKey, algorithm: Algorithm, signature: bytes, data: bytes) -> bool | None:
    encryption = algorithm.fact.encryption
    match key:
        case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
            if encryption != key_fact(key).algorithm:
                return False
            key.verify(signature, data)
            return True
    if algorithm.digest is None:
        return None
    digest = algorithm.digest()
    match key, encryption:
        case rsa.RSAPublicKey(), "RSA":
            key.verify(signature, data, padding.PKCS1v15(), digest)
        case rsa.RSAPublicKey(), "RSASSA-PSS":
            if algorithm.pss_mask_digest is None:
                return None
            mask = padding.MGF1(algorithm.pss_mask_digest())
            key.verify(signature, data, padding.PSS(mask, algorithm.pss_salt_length), digest)
        case ec.EllipticCurvePublicKey(), "ECDSA":
            key.verify(signature, data, ec.ECDSA(digest))
        case dsa.DSAPublicKey(), "DSA":
            key.verify(signature, data, digest)
        case _:
            return False
    return True
