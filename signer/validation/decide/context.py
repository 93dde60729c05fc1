"""EN 319 102-1 5.2.4: by which rules is the signature to be judged?"""

from __future__ import annotations

from signer.validation.decide.block import Block
from signer.validation.decide.verdict import Outcome
from signer.validation.facts import SignatureFact
from signer.validation.indications import Indication, SubIndication
from signer.validation.policy import Level

_UNAVAILABLE = (Indication.INDETERMINATE, SubIndication.SIGNATURE_POLICY_NOT_AVAILABLE)


def initialise_context(signature: SignatureFact) -> Outcome:
    """Say where the signer named a signature policy: it is our own policy that judges."""
    block = Block("5.2.4")
    named = signature.signed_properties.policy
    explicit = named is not None and not named.implied
    block.ask(
        "signature_policy",
        met=not explicit,
        yes="The signer names no signature policy of their own.",
        no="The signer names a signature policy; it was not consulted.",
        otherwise=_UNAVAILABLE,
        level=Level.WARN,
    )
    return block.outcome()
