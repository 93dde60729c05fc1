"""How a building block asks its questions and keeps the first answer that decides."""

from __future__ import annotations

from signer.validation.decide.verdict import Check, CheckStatus, Outcome
from signer.validation.indications import Indication, SubIndication
from signer.validation.policy import Level

_NOT_MET = {
    Level.FAIL: CheckStatus.FAILED,
    Level.WARN: CheckStatus.WARNING,
    Level.IGNORE: CheckStatus.IGNORED,
}


class Block:
    """Collects the checks of one clause. The first check that fails is the block's outcome."""

    def __init__(self, clause: str) -> None:
        self._clause = f"EN 319 102-1 {clause}"
        self._checks: list[Check] = []
        self._failure: tuple[Indication, SubIndication, str] | None = None

    def ask(
        self,
        name: str,
        *,
        met: bool,
        yes: str,
        no: str,
        otherwise: tuple[Indication, SubIndication],
        level: Level = Level.FAIL,
        cause: str | None = None,
    ) -> bool:
        """Record one check and say whether the block may go on.

        Args:
            name: of the check, in snake_case.
            met: what was found.
            yes: the sentence where it is met.
            no: the sentence where it is not.
            otherwise: what follows where it is not and the level is ``fail``.
            level: what the policy says of this check.
            cause: name in the message catalogue; the sub-indication where None.
        """
        status = CheckStatus.OK if met else _NOT_MET[level]
        self._checks.append(Check(self._clause, name, status, yes if met else no))
        if status is CheckStatus.FAILED and self._failure is None:
            self._failure = (*otherwise, cause or otherwise[1])
        return status is not CheckStatus.FAILED

    def add(self, outcome: Outcome) -> bool:
        """Take over the checks of an inner block, and its failure."""
        self._checks.extend(outcome.checks)
        if outcome.indication and outcome.sub_indication and self._failure is None:
            cause = outcome.cause or outcome.sub_indication
            self._failure = (outcome.indication, outcome.sub_indication, cause)
        return outcome.passed

    def outcome(self) -> Outcome:
        """Give what the block came to."""
        return Outcome(tuple(self._checks), *(self._failure or (None, None, None)))
