"""`skrytka worker`: does the jobs that facts left behind."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued

from exchange.delivery.jobs import RETRIES, Job
from exchange.services import Services

HEARTBEAT_SECONDS = 3.0  # how often a worker tells the database that it lives
# A worker silent for this long is dead, and its jobs are done by others. Jobs are idempotent, so a
# wrong guess costs a job done twice; a longer wait costs people their letters for as long.
SILENCE_SECONDS = 15.0
SWEEP_SCHEDULE = "17 * * * *"  # hourly, off the full hour when everyone's jobs start
STALLED_SCHEDULE = "* * * * *"


def run_worker(services: Services, *, jobs_at_once: int) -> None:
    """Do jobs until a signal says stop; those at hand are finished first."""
    url = services.parts.database.engine.url.set(drivername="postgresql")
    conninfo = url.render_as_string(hide_password=False)
    app = App(connector=PsycopgConnector(conninfo=conninfo))
    register(app, services)
    with app.open():
        _look_for_stalled_soon(app)
        app.run_worker(
            concurrency=jobs_at_once,
            listen_notify=True,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=SILENCE_SECONDS,
        )


def _look_for_stalled_soon(app: App) -> None:
    """After a crash of everything, go on with its jobs as soon as its worker counts as dead."""
    soon = app.configure_task(
        Job.RETRY_STALLED, queueing_lock=Job.RETRY_STALLED, schedule_in={"seconds": SILENCE_SECONDS}
    )
    with suppress(AlreadyEnqueued):
        soon.defer(timestamp=0)


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
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENCE_SECONDS):
        await manager.retry_job(job, retry_at=datetime.now(UTC))
