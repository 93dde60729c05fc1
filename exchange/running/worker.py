"""`skrytka worker`: does the jobs that facts left behind."""

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException

from exchange.delivery.jobs import RETRIES, Job
from exchange.services import Services

HEARTBEAT_SECONDS = 3.0  # how often a worker tells the database that it lives
# A worker silent for this long is dead, and its jobs are done by others. Jobs are idempotent, so a
# wrong guess costs a job done twice; a longer wait costs people their letters for as long.
SILENCE_SECONDS = 15.0
PAUSE_SECONDS = 2.0  # before the next look for a database that is away
POOL_WAIT_SECONDS = 3.0  # for a connection: whoever stops meanwhile shall not wait for long
SWEEP_SCHEDULE = "17 * * * *"  # hourly, off the full hour when everyone's jobs start
STALLED_SCHEDULE = "* * * * *"

log = logging.getLogger(__name__)


def run_worker(services: Services, *, jobs_at_once: int) -> None:
    """Do jobs until a signal says stop; those at hand are finished first.

    procrastinate's worker ends when its database goes away. Here it begins anew until the
    database is back, as the web server does with every request.
    """
    asyncio.run(_work_until_told(services, jobs_at_once))


async def _work_until_told(services: Services, jobs_at_once: int) -> None:
    told = asyncio.Event()
    for stop in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(stop, told.set)
    asked_to_stop = asyncio.ensure_future(told.wait())
    while not told.is_set():
        life = asyncio.ensure_future(_work(services, jobs_at_once))
        await asyncio.wait({life, asked_to_stop}, return_when=asyncio.FIRST_COMPLETED)
        if told.is_set():
            life.cancel()  # which lets the jobs at hand end
        with suppress(asyncio.CancelledError):
            await life
        await asyncio.wait({asked_to_stop}, timeout=PAUSE_SECONDS)


async def _work(services: Services, jobs_at_once: int) -> None:
    """Do jobs as long as the database is there."""
    connector = PsycopgConnector(
        conninfo=services.parts.database.conninfo, timeout=POOL_WAIT_SECONDS
    )
    app = App(connector=connector)
    register(app, services)
    try:
        async with app.open_async():
            await _look_for_stalled_soon(app)
            await app.run_worker_async(
                concurrency=jobs_at_once,
                listen_notify=True,
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=SILENCE_SECONDS,
            )
    except (ConnectorException, psycopg.OperationalError) as error:
        log.warning("the database is away: %s", type(error.__cause__ or error).__name__)


async def _look_for_stalled_soon(app: App) -> None:
    """After a crash of everything, go on with its jobs as soon as its worker counts as dead.

    Under a queueing lock of its own: the look that was planned before the crash comes too early
    for what the crash left behind.
    """
    soon = app.configure_task(
        Job.RETRY_STALLED,
        queueing_lock=f"{Job.RETRY_STALLED}:{uuid4()}",
        schedule_in={"seconds": SILENCE_SECONDS},
    )
    await soon.defer_async(timestamp=0)


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
