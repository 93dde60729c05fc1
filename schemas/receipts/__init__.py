"""Official receipts in the vocabulary `http://crd.gov.pl/xml/schematy/UPO/2008/05/09/`."""

from schemas.receipts.model import (
    EPUAP_IDENTIFIER,
    SHA256_INFORMATION,
    Information,
    Receipt,
    ReceiptParty,
    Upd,
    Upp,
)
from schemas.receipts.reading import read_receipt
from schemas.receipts.writing import build_upd, build_upp

__all__ = [
    "EPUAP_IDENTIFIER",
    "SHA256_INFORMATION",
    "Information",
    "Receipt",
    "ReceiptParty",
    "Upd",
    "Upp",
    "build_upd",
    "build_upp",
    "read_receipt",
]
