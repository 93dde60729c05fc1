"""Work that follows a fact: deferred in the transaction of the fact, done by `skrytka worker`.

Every job may run twice (a worker may die after its work and before its mark), so each calls a
service function that is idempotent under the letter's id.
"""

from enum import StrEnum
from uuid import UUID

from procrastinate import App, RetryStrategy, SyncPsycopgConnector
from sqlalchemy.orm import Session

from storage import psycopg_connection

RETRIES = RetryStrategy(max_attempts=50, exponential_wait=2)  # seconds doubling; weeks in all


class Job(StrEnum):
    """The names under which jobs are queued; they outlive versions of the code."""

    DELIVER_LETTER = "exchange.deliver_letter"
    ISSUE_UPP = "exchange.issue_upp"
    SWEEP = "exchange.sweep"
    RETRY_STALLED = "exchange.retry_stalled"


class JobQueue:
    """Defers jobs; needs no connection of its own, as it writes on the caller's."""

    def __init__(self) -> None:
        self._app = App(connector=SyncPsycopgConnector())

    def defer(self, session: Session, job: Job, letter_id: UUID) -> None:
        """Queue a job about a letter; it exists when the caller's transaction commits."""
        task = self._app.configure_task(job, connection=psycopg_connection(session))
        task.defer(letter_id=str(letter_id))
