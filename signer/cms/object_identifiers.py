"""The object identifiers of CMS attributes and contents, and digest names as DSS spells them."""

from __future__ import annotations

from typing import Final

DATA: Final = "1.2.840.113549.1.7.1"
SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"

CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
SIGNING_TIME: Final = "1.2.840.113549.1.9.5"
SIGNING_CERTIFICATE: Final = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2: Final = "1.2.840.113549.1.9.16.2.47"
SIGNATURE_POLICY: Final = "1.2.840.113549.1.9.16.2.15"
COMMITMENT_TYPE: Final = "1.2.840.113549.1.9.16.2.16"
SIGNER_LOCATION: Final = "1.2.840.113549.1.9.16.2.17"
CONTENT_TIMESTAMP: Final = "1.2.840.113549.1.9.16.2.20"
SIGNATURE_TIMESTAMP: Final = "1.2.840.113549.1.9.16.2.14"
ADOBE_REVOCATION: Final = "1.2.840.113583.1.1.8"
OCSP_RESPONSE: Final = "1.3.6.1.5.5.7.16.2"
"""id-ri-ocsp-response (RFC 5940): an OCSP response among the revocation lists."""
BASIC_OCSP_RESPONSE: Final = "1.3.6.1.5.5.7.48.1.1"

DIGESTS: Final = {
    "1.2.840.113549.2.5": "MD5",
    "1.3.14.3.2.26": "SHA1",
    "1.3.36.3.2.1": "RIPEMD160",
    "2.16.840.1.101.3.4.2.4": "SHA224",
    "2.16.840.1.101.3.4.2.1": "SHA256",
    "2.16.840.1.101.3.4.2.2": "SHA384",
    "2.16.840.1.101.3.4.2.3": "SHA512",
    "2.16.840.1.101.3.4.2.7": "SHA3-224",
    "2.16.840.1.101.3.4.2.8": "SHA3-256",
    "2.16.840.1.101.3.4.2.9": "SHA3-384",
    "2.16.840.1.101.3.4.2.10": "SHA3-512",
}
HASHLIB_NAMES: Final = {
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
"""Digests that can be computed; RIPEMD-160 is known by name only."""
