"""EN 319 102-1 5.3: validation of a basic signature, block by block.

1. format checking (5.2.2);
2. identification of the signing certificate (5.2.3);
3. validation context (5.2.4);
4. X.509 certificate validation (5.2.6, with 5.2.5): its result waits, the mathematics come first;
5. cryptographic verification (5.2.7): what failed here is failed whatever the certificate is worth;
6. signature acceptance (5.2.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from signer.validation.decide.acceptance import accept_signature
from signer.validation.decide.certificate import validate_certificate
from signer.validation.decide.context import initialise_context
from signer.validation.decide.cryptographic_verification import verify_cryptography
from signer.validation.decide.format_checking import format_checking
from signer.validation.decide.persons import kind_of, person_of
from signer.validation.decide.signing_certificate import identify_signing_certificate
from signer.validation.decide.verdict import Outcome, SignatureVerdict
from signer.validation.facts import DocumentFacts, SignatureFact
from signer.validation.indications import Indication
from signer.validation.policy import Policy


def basic_signature(
    signature: SignatureFact, facts: DocumentFacts, policy: Policy, at: datetime
) -> SignatureVerdict:
    """Give the verdict on one signature at one instant, without proofs of existence."""
    outcomes = _blocks(signature, facts, policy, at)
    decisive = next((outcome for outcome in outcomes if not outcome.passed), Outcome())
    anchored = any(
        path.anchor is not None and path.certificates[0] == signature.signing_certificate
        for path in facts.paths
    )
    in_clause_order = sorted(
        (check for outcome in outcomes for check in outcome.checks), key=lambda c: c.clause
    )
    return SignatureVerdict(
        id=signature.id,
        indication=decisive.indication or Indication.TOTAL_PASSED,
        sub_indication=decisive.sub_indication,
        cause=decisive.cause or decisive.sub_indication or Indication.TOTAL_PASSED,
        checks=tuple(in_clause_order),
        best_signature_time=at,
        kind=kind_of(signature, facts, policy, anchored=anchored),
        person=person_of(signature, facts, policy, anchored=anchored),
    )


def _blocks(
    signature: SignatureFact, facts: DocumentFacts, policy: Policy, at: datetime
) -> Sequence[Outcome]:
    """Run the blocks; the first of the returned ones that did not pass decides."""
    shape = format_checking(signature, facts.document.problems, policy)
    if not shape.passed:
        return [shape]
    identified = identify_signing_certificate(signature, facts, policy)
    if not identified.passed:
        return [shape, identified]
    return [
        shape,
        identified,
        initialise_context(signature),
        verify_cryptography(signature),
        validate_certificate(signature, facts, policy, at),
        accept_signature(signature, facts, policy, at),
    ]
