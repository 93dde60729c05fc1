"""What the decision comes to: checks, outcomes of building blocks, verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from signer.validation.facts import PersonClaim
from signer.validation.indications import Indication, SubIndication


class CheckStatus(StrEnum):
    """What one check found."""

    OK = "ok"
    FAILED = "failed"
    WARNING = "warning"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Check:
    """One question that was asked, by the clause that asks it."""

    clause: str
    name: str
    status: CheckStatus
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one building block; ``indication`` None: passed."""

    checks: tuple[Check, ...] = ()
    indication: Indication | None = None
    sub_indication: SubIndication | None = None
    cause: str | None = None
    """A closer reason than the sub-indication, by its name in the message catalogue."""

    @property
    def passed(self) -> bool:
        """Nothing in this block stands against the signature."""
        return self.indication is None


class SignerKind(StrEnum):
    """What kind of signature it is to a Polish office."""

    QUALIFIED = "qualified"
    TRUSTED_PROFILE = "trusted_profile"
    PERSONAL = "personal"
    ADVANCED = "advanced"
    SEAL = "seal"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    """What one signature amounts to."""

    id: str
    indication: Indication
    sub_indication: SubIndication | None
    cause: str
    checks: tuple[Check, ...]
    best_signature_time: datetime
    kind: SignerKind
    person: PersonClaim | None
    """Who signed: from the certificate, or from what the minister sealed."""
    qualification: str = "NA"
    """DSS's name; NA without trusted lists."""


@dataclass(frozen=True, slots=True)
class DocumentVerdict:
    """What a document's signatures amount to together."""

    indication: Indication
    sub_indication: SubIndication | None
    cause: str
    signatures: tuple[SignatureVerdict, ...]
    decided_by: str | None = None
    """The signature whose verdict is the document's, where one alone is."""
