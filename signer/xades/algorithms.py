"""The algorithms that an XML signature may name: one readable table each, nothing else is run.

Identifiers: XMLDSig 1.1, RFC 6931, RFC 9231, EN 319 132-1 annex. A name in a table says only that
we can compute it; whether it is good enough is the policy's business.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from signer.validation.facts import SignatureAlgorithmFact

_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"
_MORE_2021 = "http://www.w3.org/2021/04/xmldsig-more#"
_ENC = "http://www.w3.org/2001/04/xmlenc#"

DIGESTS: dict[str, str] = {
    _DSIG + "sha1": "SHA1",
    _MORE + "md5": "MD5",
    _MORE + "sha224": "SHA224",
    _ENC + "sha256": "SHA256",
    _MORE + "sha384": "SHA384",
    _ENC + "sha512": "SHA512",
    _ENC + "ripemd160": "RIPEMD160",
    _MORE_2007 + "sha3-224": "SHA3-224",
    _MORE_2007 + "sha3-256": "SHA3-256",
    _MORE_2007 + "sha3-384": "SHA3-384",
    _MORE_2007 + "sha3-512": "SHA3-512",
}
"""Digest URI → DSS's name."""

DIGEST_URIS = {name: uri for uri, name in DIGESTS.items()}

HASHLIB_NAMES: dict[str, str] = {
    "MD5": "md5",
    "SHA1": "sha1",
    "SHA224": "sha224",
    "SHA256": "sha256",
    "SHA384": "sha384",
    "SHA512": "sha512",
    "SHA3-224": "sha3_224",
    "SHA3-256": "sha3_256",
    "SHA3-384": "sha3_384",
    "SHA3-512": "sha3_512",
}
"""DSS's name → hashlib's; a digest missing here (RIPEMD160) is known but not computed."""


def _family(encryption: str, base: str, suffixes: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {base + suffix: (encryption, digest) for suffix, digest in suffixes.items()}


SIGNATURES: dict[str, tuple[str, str | None]] = {
    _DSIG + "rsa-sha1": ("RSA", "SHA1"),
    _DSIG + "dsa-sha1": ("DSA", "SHA1"),
    "http://www.w3.org/2009/xmldsig11#dsa-sha256": ("DSA", "SHA256"),
    **_family(
        "RSA",
        _MORE,
        {
            "rsa-md5": "MD5",
            "rsa-sha224": "SHA224",
            "rsa-sha256": "SHA256",
            "rsa-sha384": "SHA384",
            "rsa-sha512": "SHA512",
        },
    ),
    **_family(
        "ECDSA",
        _MORE,
        {
            "ecdsa-sha1": "SHA1",
            "ecdsa-sha224": "SHA224",
            "ecdsa-sha256": "SHA256",
            "ecdsa-sha384": "SHA384",
            "ecdsa-sha512": "SHA512",
        },
    ),
    **_family(
        "ECDSA",
        _MORE_2021,
        {
            "ecdsa-sha3-224": "SHA3-224",
            "ecdsa-sha3-256": "SHA3-256",
            "ecdsa-sha3-384": "SHA3-384",
            "ecdsa-sha3-512": "SHA3-512",
        },
    ),
    **_family(
        "RSASSA-PSS",
        _MORE_2007,
        {
            "sha1-rsa-MGF1": "SHA1",
            "sha224-rsa-MGF1": "SHA224",
            "sha256-rsa-MGF1": "SHA256",
            "sha384-rsa-MGF1": "SHA384",
            "sha512-rsa-MGF1": "SHA512",
            "sha3-224-rsa-MGF1": "SHA3-224",
            "sha3-256-rsa-MGF1": "SHA3-256",
            "sha3-384-rsa-MGF1": "SHA3-384",
            "sha3-512-rsa-MGF1": "SHA3-512",
        },
    ),
    _MORE_2021 + "eddsa-ed25519": ("ED25519", None),
    _MORE_2021 + "eddsa-ed448": ("ED448", None),
}
"""Signature method URI → (encryption, digest). HMAC is left out on purpose: whoever can check a
message authentication code can also make one, so it proves nothing to a third party."""

SIGNATURE_URIS = {pair: uri for uri, pair in SIGNATURES.items()}


@dataclass(frozen=True, slots=True)
class Canonicalization:
    """One canonical form of XML."""

    exclusive: bool
    with_comments: bool
    version_11: bool = False
    prefixes: tuple[str, ...] = ()
    """InclusiveNamespaces PrefixList of exclusive canonicalization."""


CANONICALIZATIONS: dict[str, Canonicalization] = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": Canonicalization(False, False),
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": Canonicalization(False, True),
    "http://www.w3.org/2001/10/xml-exc-c14n#": Canonicalization(True, False),
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": Canonicalization(True, True),
    "http://www.w3.org/2006/12/xml-c14n11": Canonicalization(False, False, version_11=True),
    "http://www.w3.org/2006/12/xml-c14n11#WithComments": Canonicalization(
        False, True, version_11=True
    ),
}
INCLUSIVE_C14N = Canonicalization(False, False)
"""What turns a node-set into octets where no canonicalization is named (XMLDSig 4.4.3.2)."""
EXCLUSIVE_C14N_URI = "http://www.w3.org/2001/10/xml-exc-c14n#"

ENVELOPED_SIGNATURE_URI = _DSIG + "enveloped-signature"
BASE64_URI = _DSIG + "base64"
XPATH_URI = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XPATH_FILTER2_URI = "http://www.w3.org/2002/06/xmldsig-filter2"


def digest(name: str, data: bytes) -> bytes:
    """Compute a digest by DSS's algorithm name; KeyError for one that is not in the table."""
    return hashlib.new(HASHLIB_NAMES[name], data, usedforsecurity=False).digest()


def signature_algorithm(uri: str) -> SignatureAlgorithmFact:
    """Say what a SignatureMethod names; an unknown one keeps its address as its encryption name."""
    encryption, digest_name = SIGNATURES.get(uri, (_unknown_encryption(uri), None))
    return SignatureAlgorithmFact(encryption, digest_name, uri)


def _unknown_encryption(uri: str) -> str:
    return "HMAC" if "#hmac-" in uri else uri
