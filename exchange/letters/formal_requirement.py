"""Is the letter signed as the law asks of its sender (KPA art. 63 §3a, art. 14 §1a)?

A bad or missing signature never refuses a letter: it is told to the clerk, with the reason and what
to do. Pure: a validation report and who filed it in, an assessment out.
"""

from dataclasses import dataclass
from typing import Literal

import signer
from exchange.people import Actor
from exchange.texts import Language, phrase

Met = Literal["yes", "no", "unclear"]


@dataclass(frozen=True)
class FormalRequirement:
    """Whether the formal requirement of a signature is met; `code` names why."""

    met: Met
    code: str

    def text(self, language: Language) -> str:
        """Say why, in one sentence for the clerk."""
        return phrase(self.code, language)


def assess(
    report: signer.Report | None, sender: Actor, seal_sha256: str | None
) -> FormalRequirement:
    """Assess a letter's signatures against its sender.

    `report` is None when the document could not be examined. `seal_sha256` is the digest of the
    certificate of the sending office's seal, where it has one.
    """
    if report is None:
        return FormalRequirement("unclear", "not_examined")
    indication = report.conclusion.indication
    if indication == "NO_SIGNATURE":
        return FormalRequirement("no", "not_signed")
    if indication == "TOTAL_FAILED":
        return FormalRequirement("no", "signature_invalid")
    if indication != "TOTAL_PASSED":
        return FormalRequirement("unclear", "signature_indeterminate")
    return _compare_signers(report, sender, seal_sha256)


def _compare_signers(
    report: signer.Report, sender: Actor, seal_sha256: str | None
) -> FormalRequirement:
    signatures = [s for s in report.signatures if s.counter_signature_of is None]
    if any(is_signed_by(signature, sender) for signature in signatures):
        code = "signed_for_office" if sender.is_office else "signed_by_sender"
        return FormalRequirement("yes", code)
    if seal_sha256 is not None and any(
        s.signer is not None and s.signer.sha256 == seal_sha256 for s in signatures
    ):
        return FormalRequirement("yes", "signed_for_office")
    if all(s.person is None or s.person.pesel is None for s in signatures):
        return FormalRequirement("unclear", "signer_unidentified")
    return FormalRequirement("no", "signed_by_another")


def is_signed_by(signature: signer.SignatureReport, person: Actor) -> bool:
    """Whether the signature's certificate names this very person, by PESEL."""
    if signature.person is None or signature.person.pesel is None:
        return False
    return signature.person.pesel == person.person.pesel
