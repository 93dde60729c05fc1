"""Reading and verifying CMS signed data (RFC 5652, EN 319 122-1): what PDF signatures, CAdES and
time stamp tokens are made of."""

from signer.cms.signed_data import CmsError, SignedData, Signer, read_signed_data
from signer.cms.timestamps import timestamp_fact
from signer.cms.verification import (
    certificate_reference,
    find_signing_certificate,
    signature_algorithm,
    verify_signer,
)

__all__ = [
    "CmsError",
    "SignedData",
    "Signer",
    "certificate_reference",
    "find_signing_certificate",
    "read_signed_data",
    "signature_algorithm",
    "timestamp_fact",
    "verify_signer",
]
