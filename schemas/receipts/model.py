"""The official receipts: UPP, proof of submission, and UPD, proof of delivery."""

from dataclasses import dataclass
from datetime import datetime

# `Information.kind` under which our receipts state the digest of the filed bytes, 64 lower-case
# hexadecimal digits. The vocabulary has no element for it and a UPP without it proves no content.
SHA256_INFORMATION = "Skrót SHA-256 dokumentu"

# What `ReceiptParty.identifier` is when nothing else is said: the name of the mailbox's holder.
EPUAP_IDENTIFIER = "ePUAP-ID"


@dataclass(frozen=True, slots=True)
class ReceiptParty:
    """A person or an institution as a receipt names it; `identifier_type` says what kind of name
    `identifier` is, None where the receipt does not say."""

    name: str
    identifier: str | None = None
    identifier_type: str | None = EPUAP_IDENTIFIER


@dataclass(frozen=True, slots=True)
class Information:
    """Something more that the receipt states (InformacjaUzupelniajaca)."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Upp:
    """Proof of submission: the office's system says that a document arrived, and when.

    `delivered_at` is the filing time, `created_at` when the receipt was made. What a reader finds
    beside them: `signed`, whether a signature is there (not whether it is valid), and `unexpected`,
    what stands in the receipt that the vocabulary does not know.
    """

    identifier: str
    addressee: ReceiptParty
    sender: ReceiptParty | None
    delivered_at: datetime
    created_at: datetime
    document_identifier: str
    information: tuple[Information, ...] = ()
    signed: bool = False
    unexpected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upd:
    """Proof of delivery: the addressee confirms by a signature, before the document opens.

    `received_at` is None in a draft whose time is left to be filled in. `signed` and `unexpected`
    as in `Upp`.
    """

    identifier: str
    issuer: ReceiptParty
    addressee: ReceiptParty
    received_at: datetime | None
    created_at: datetime
    document_identifier: str
    case_identifier: str | None = None
    information: tuple[Information, ...] = ()
    signed: bool = False
    unexpected: tuple[str, ...] = ()


Receipt = Upp | Upd
