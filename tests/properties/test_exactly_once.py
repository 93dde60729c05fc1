"""Model of filing: whatever is repeated, interrupted or reordered, every acknowledged letter exists
exactly once, reads back byte for byte, and keeps its receipt."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from exchange.delivery.sweep import ABANDONED_AFTER
from exchange.errors import Conflict
from exchange.people import Actor
from storage import failpoints
from tests.exchange.conftest import House

IDENTIFIERS = st.sampled_from(["m-1", "m-2", "m-3"])
CONTENTS = st.sampled_from([b"<a/>", b"<a>1</a>", b"<b><c/></b>", b"<a"])
POINTS = st.sampled_from(
    [
        "after_reserve_commit",
        "mid_put",
        "after_put_before_db",
        "before_db_commit",
        "after_db_commit_before_receipt",
        "after_receipt_store_before_send",
        "after_send_before_mark",
    ]
)


@dataclass
class Acknowledged:
    """What the sender was told."""

    content: bytes
    letter_id: UUID
    receipt: bytes | None = None


@dataclass
class Model:
    """What must be true, by message id."""

    attempted: dict[str, bytes] = field(default_factory=dict)
    acknowledged: dict[str, Acknowledged] = field(default_factory=dict)


class Filing(RuleBasedStateMachine):
    """One sender who files, repeats, is interrupted, and reads."""

    house: House
    monkeypatch: pytest.MonkeyPatch
    serial = 0

    def __init__(self) -> None:
        super().__init__()
        Filing.serial += 1
        self.model = Model()
        self.office = self.house.office("umluban")
        self.sender = self._new_sender()

    def _new_sender(self) -> Actor:
        identity = self.house.services.identity
        token = identity.sign_in("model", f"person-{Filing.serial}", "Model", "Modelowy", None)
        actor = identity.actor(token)
        assert actor is not None
        return actor

    @rule(message_id=IDENTIFIERS, content=CONTENTS)
    def file(self, message_id: str, content: bytes) -> None:
        submission = self.house.submission(self.sender, self.office, content, message_id)
        if self.model.attempted.setdefault(message_id, content) != content:
            with pytest.raises(Conflict):
                self.house.services.filing.file(submission)
            return
        filed = self.house.services.filing.file(submission)
        assert filed.receipt_id is not None
        receipts = self.house.services.receipts
        receipt = receipts.download(self.sender, filed.receipt_id).content.read()
        known = self.model.acknowledged.setdefault(
            message_id, Acknowledged(content, filed.letter_id, receipt)
        )
        assert (known.letter_id, known.receipt) == (filed.letter_id, receipt)

    @rule(message_id=IDENTIFIERS, content=CONTENTS, point=POINTS)
    def file_interrupted(self, message_id: str, content: bytes, point: str) -> None:
        if self.model.attempted.setdefault(message_id, content) != content:
            return
        failpoints._passed.clear()
        submission = self.house.submission(self.sender, self.office, content, message_id)
        with self.monkeypatch.context() as armed, suppress(failpoints.FailpointReached):
            armed.setenv(failpoints.VARIABLE, f"{point}=raise")
            self.house.services.filing.file(submission)

    @precondition(lambda self: self.model.acknowledged)
    @rule(point=st.none() | POINTS, data=st.data())
    def hand_over(self, point: str | None, data: Any) -> None:
        letter = data.draw(st.sampled_from(sorted(self.model.acknowledged)))
        letter_id = self.model.acknowledged[letter].letter_id
        failpoints._passed.clear()
        with self.monkeypatch.context() as armed, suppress(failpoints.FailpointReached):
            if point is not None:
                armed.setenv(failpoints.VARIABLE, f"{point}=raise")
            self.house.services.handover.deliver(letter_id)

    @rule()
    def sweep_much_later(self) -> None:
        self.house.clock.ahead += ABANDONED_AFTER + timedelta(minutes=1)
        self.house.services.sweep.run()
        self.model.attempted = {
            key: known.content for key, known in self.model.acknowledged.items()
        }
        self._learn_interrupted()

    def _learn_interrupted(self) -> None:
        """A letter that was committed but never acknowledged still holds its message id."""
        for row in self.house.services.letters.outbox(self.sender).rows:
            view = self.house.services.letters.view(self.sender, row.letter_id)
            content = self._content(row.letter_id)
            self.model.attempted.setdefault(view.message_id, content)

    def _content(self, letter_id: UUID) -> bytes:
        return self.house.services.letters.download(self.sender, letter_id).content.read()

    @invariant()
    def every_acknowledged_letter_reads_back(self) -> None:
        for known in self.model.acknowledged.values():
            assert self._content(known.letter_id) == known.content
            view = self.house.services.letters.view(self.sender, known.letter_id)
            assert view.sha256 == hashlib.sha256(known.content).hexdigest()

    @invariant()
    def one_letter_a_message_id(self) -> None:
        rows = self.house.services.letters.outbox(self.sender).rows
        views = [self.house.services.letters.view(self.sender, row.letter_id) for row in rows]
        identifiers = [view.message_id for view in views]
        assert len(identifiers) == len(set(identifiers))
        assert set(self.model.acknowledged) <= set(identifiers)
        assert set(identifiers) <= set(self.model.attempted)

    @invariant()
    def the_ledger_verifies(self) -> None:
        with self.house.parts.database.transaction() as session:
            assert self.house.parts.ledger.verify(session).intact


def test_filing_is_exactly_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    Filing.house = house
    Filing.monkeypatch = monkeypatch
    run_state_machine_as_test(
        Filing,
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
