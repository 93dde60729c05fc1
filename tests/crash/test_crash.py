"""Five random moments of `make crash`, and the founding of a town that is interrupted."""

import random

import pytest

from tests.crash.ordeal import Ordeal, every_failpoint
from tests.town import town_folder

MOMENTS = 5

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("demo")]


def test_nothing_acknowledged_is_lost_and_nothing_done_twice() -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"again: python -m tests.crash --seed {seed}")  # noqa: T201 - shown when it fails
    with town_folder() as folder:
        ordeal = Ordeal(folder, seed, print)
        try:
            ordeal.found()
            ordeal.failpoint("before_db_commit")
            for _ in range(MOMENTS):
                ordeal.moment()
            ordeal.end()
        finally:
            ordeal.town.kill_everything()


def test_the_write_path_has_the_failpoints_that_the_plan_names() -> None:
    assert {
        "after_reserve_commit",
        "mid_put",
        "after_put_before_db",
        "mid_audit_append",
        "before_db_commit",
        "after_db_commit_before_receipt",
        "after_receipt_store_before_send",
        "after_send_before_mark",
    } <= set(every_failpoint())
