"""Certomancer's cryptography, without loading and checking the private key at every signature.

Certomancer parses its key anew each time, a tenth of a second for RSA-3072; every time stamp and
every OCSP answer would wait for that. Its backend is replaceable: this one keeps parsed keys.
"""

from functools import lru_cache
from typing import cast

from asn1crypto import algos, keys
from certomancer import crypto_utils
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

_DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class CachingBackend(crypto_utils.PycaCryptographyBackend):
    """Certomancer's own backend with the keys of the authorities kept in memory."""

    def generic_sign(
        self,
        private_key: keys.PrivateKeyInfo,
        tbs_bytes: bytes,
        sd_algo: algos.SignedDigestAlgorithm,
    ) -> bytes:
        """Sign `tbs_bytes`: RSA with PKCS#1 v1.5 or ECDSA, all the sandbox uses."""
        key = _load(private_key.dump())
        digest = _DIGESTS[sd_algo.hash_algo]
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(tbs_bytes, padding.PKCS1v15(), digest)
        return key.sign(tbs_bytes, ec.ECDSA(digest))


def use_cached_keys() -> None:
    """Make Certomancer sign through `CachingBackend` from now on, in this process."""
    crypto_utils.CRYPTO_BACKEND = CachingBackend()


@lru_cache(maxsize=16)
def _load(der: bytes) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    # These keys were made by this sandbox; checking their primes is the slow part.
    key = load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    return cast("rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey", key)
