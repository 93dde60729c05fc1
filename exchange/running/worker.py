"""`skrytka worker`: does the jobs that facts left behind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from procrastinate import App, PsycopgConnector

from exchange.delivery.jobs import RETRIES, Job
from exchange.services import Services

CONCURRENCY = 2  # jobs at once: each is short and mostly waits for the database or the store
STALLED_AFTER = timedelta(minutes=5)  # a worker silent for this long is dead
SWEEP_SCHEDULE = "17 * * * *"  # hourly, off the full hour when everyone's jobs start
STALLED_SCHEDULE = "* * * * *"


def run_worker(services: Services) -> None:
    """Do jobs until a signal says stop; the job at hand is finished first."""
    url = services.parts.database.engine.url.set(drivername="postgresql")
    conninfo = url.render_as_string(hide_password=False)
    app = App(connector=PsycopgConnector(conninfo=conninfo))
    register(app, services)
    with app.open():
        app.run_worker(concurrency=CONCURRENCY, listen_notify=True)


def register(app: App, services: Services) -> None:
    """Teach an app the jobs of the exchange."""
    _about_letter(app, Job.DELIVER_LETTER, services.handover.deliver)
    _about_letter(app, Job.ISSUE_UPP, services.upp.issue)

    @app.periodic(cron=SWEEP_SCHEDULE)
    @app.task(name=Job.SWEEP, queueing_lock=Job.SWEEP, pass_context=False)
    def sweep(timestamp: int) -> None:  # noqa: ARG001 - the scheduler passes its instant
        services.sweep.run()

    @app.periodic(cron=STALLED_SCHEDULE)
    @app.task(name=Job.RETRY_STALLED, queueing_lock=Job.RETRY_STALLED)
    async def retry_stalled(timestamp: int) -> None:  # noqa: ARG001 - as above
        await _retry_stalled(app)


def _about_letter(app: App, job: Job, work: Callable[[UUID], Any]) -> None:
    @app.task(name=job, retry=RETRIES)
    def run(letter_id: str) -> None:
        work(UUID(letter_id))


async def _retry_stalled(app: App) -> None:
    manager = app.job_manager
    silent = STALLED_AFTER.total_seconds()
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=silent):
        await manager.retry_job(job, retry_at=datetime.now(UTC))
