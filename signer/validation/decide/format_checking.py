"""EN 319 102-1 5.2.2: is the signature what its format demands?"""

from __future__ import annotations

from collections.abc import Sequence

from signer.validation.decide.block import Block
from signer.validation.decide.verdict import Outcome
from signer.validation.facts import Problem, ProblemCode, SignatureFact
from signer.validation.indications import Indication, SubIndication
from signer.validation.policy import Policy

_FORMAT_FAILURE = (Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE)
_NOT_JUDGED = (Indication.INDETERMINATE, SubIndication.POLICY_PROCESSING_ERROR)
"""What we cannot judge yet: it did not fail, and it never passes."""

_NOT_OF_FORMAT = frozenset({ProblemCode.PROPERTIES_NOT_SIGNED})
"""Faults that another clause judges."""


def decisive_problem(problems: Sequence[Problem]) -> Problem:
    """Give the first problem that fails a document; one that we only cannot judge comes last."""
    return min(problems, key=lambda problem: problem.code is ProblemCode.UNSUPPORTED)


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
    worst = decisive_problem(problems).code if problems else None
    unsupported = worst is ProblemCode.UNSUPPORTED
    block.ask(
        "format",
        met=not problems,
        yes="The signature has the structure that its format demands.",
        no=" ".join(problem.message for problem in problems),
        otherwise=_NOT_JUDGED if unsupported else _FORMAT_FAILURE,
        level=policy.level("format"),
        cause=worst,
    )
    return block.outcome()
