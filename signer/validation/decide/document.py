"""What a whole document amounts to: the worst of its signatures, and what they leave uncovered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from signer.validation.decide.basic import basic_signature
from signer.validation.decide.format_checking import decisive_problem
from signer.validation.decide.verdict import DocumentVerdict, SignatureVerdict
from signer.validation.facts import DocumentFacts, ProblemCode, SignatureFact
from signer.validation.indications import Indication, SubIndication
from signer.validation.policy import Policy

_BADNESS = {
    Indication.TOTAL_PASSED: 0,
    Indication.INDETERMINATE: 1,
    Indication.TOTAL_FAILED: 2,
}


def decide(facts: DocumentFacts, policy: Policy, at: datetime) -> DocumentVerdict:
    """Give the verdict on a document and on each of its signatures at one instant.

    Pure: the same facts, policy and instant give the same verdict. Never raises.
    """
    verdicts = tuple(
        basic_signature(signature, facts, policy, at) for signature in facts.signatures
    )
    return (
        _unreadable(facts, verdicts)
        or _unsigned(facts, verdicts)
        or _worst(facts.signatures, verdicts)
        or _incomplete(facts, verdicts)
        or DocumentVerdict(Indication.TOTAL_PASSED, None, Indication.TOTAL_PASSED, verdicts)
    )


def _unreadable(
    facts: DocumentFacts, verdicts: tuple[SignatureVerdict, ...]
) -> DocumentVerdict | None:
    """Judge what cannot be read: failed; what we do not read yet: not known."""
    if not facts.document.problems:
        return None
    code = decisive_problem(facts.document.problems).code
    if code is ProblemCode.UNSUPPORTED:
        return DocumentVerdict(Indication.INDETERMINATE, None, code, verdicts)
    failure = SubIndication.FORMAT_FAILURE
    return DocumentVerdict(Indication.TOTAL_FAILED, failure, code, verdicts)


def _unsigned(
    facts: DocumentFacts, verdicts: tuple[SignatureVerdict, ...]
) -> DocumentVerdict | None:
    """Say that there is no signature, if there is no trace of any."""
    if facts.signatures:
        return None
    if facts.document.signed_shape:
        failure, cause = SubIndication.FORMAT_FAILURE, ProblemCode.SIGNATURE_STRIPPED
        return DocumentVerdict(Indication.TOTAL_FAILED, failure, cause, verdicts)
    none = Indication.NO_SIGNATURE
    return DocumentVerdict(none, None, none, verdicts)


def _worst(
    signatures: Sequence[SignatureFact], verdicts: tuple[SignatureVerdict, ...]
) -> DocumentVerdict | None:
    """Give the first of the worst verdicts, counter-signatures aside; None where all passed."""
    own = [
        verdict
        for signature, verdict in zip(signatures, verdicts, strict=True)
        if signature.counter_signature_of is None
    ]
    worst = max(own or verdicts, key=lambda verdict: _BADNESS[verdict.indication])
    if worst.indication is Indication.TOTAL_PASSED:
        return None
    return DocumentVerdict(
        worst.indication, worst.sub_indication, worst.cause, verdicts, decided_by=worst.id
    )


def _incomplete(
    facts: DocumentFacts, verdicts: tuple[SignatureVerdict, ...]
) -> DocumentVerdict | None:
    """Hold back a pass where something changed after signing, or content is under no signature."""
    constraint = SubIndication.SIG_CONSTRAINTS_FAILURE
    if any(changes_after(signature) for signature in facts.signatures):
        cause = "CHANGED_AFTER_SIGNING"
        return DocumentVerdict(Indication.INDETERMINATE, constraint, cause, verdicts)
    if not any(_covers_content(signature) for signature in facts.signatures):
        cause = "PARTIAL_COVERAGE"
        return DocumentVerdict(Indication.INDETERMINATE, constraint, cause, verdicts)
    return None


def changes_after(signature: SignatureFact) -> tuple[str, ...]:
    """Describe what changed after this signature was made, harmless changes aside."""
    modifications = () if signature.pdf is None else signature.pdf.modifications
    return tuple(change.description for change in modifications if not change.harmless)


def _covers_content(signature: SignatureFact) -> bool:
    """Say whether all of the main content is under this signature.

    What was added to a PDF later does not count against it where it is harmless (evidence, other
    signatures): the earlier revision then holds the content.
    """
    if signature.counter_signature_of is not None or not signature.scope:
        return False
    if all(scope.full for scope in signature.scope):
        return True
    pdf = signature.pdf
    return pdf is not None and bool(pdf.modifications) and not changes_after(signature)
