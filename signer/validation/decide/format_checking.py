"""EN 319 102-1 5.2.2: is the signature what its format demands?"""

from __future__ import annotations

from collections.abc import Sequence

from signer.validation.decide.block import Block
from signer.validation.decide.verdict import Outcome
from signer.validation.facts import Problem, ProblemCode, SignatureFact
from signer.validation.indications import Indication, SubIndication
from signer.validation.policy import Policy

_FORMAT_FAILURE = (Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE)
_NOT_OF_FORMAT = frozenset({ProblemCode.PROPERTIES_NOT_SIGNED})
"""Faults that another clause judges."""


def format_checking(
    signature: SignatureFact, document_problems: Sequence[Problem], policy: Policy
) -> Outcome:
    """Fail a signature whose shape, or whose document, its format does not allow."""
    block = Block("5.2.2")
    problems = [
        problem
        for problem in (*document_problems, *signature.problems)
        if problem.code not in _NOT_OF_FORMAT
    ]
    block.ask(
        "format",
        met=not problems,
        yes="The signature has the structure that its format demands.",
        no=" ".join(problem.message for problem in problems),
        otherwise=_FORMAT_FAILURE,
        level=policy.level("format"),
        cause=problems[0].code if problems else None,
    )
    return block.outcome()
