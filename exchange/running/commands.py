"""`skrytka serve | worker | migrate | version`."""

from typing import TYPE_CHECKING, Protocol

import click

from exchange.processes import forbid_core_dumps
from exchange.running.log import configure_log
from exchange.settings import Settings

if TYPE_CHECKING:
    from flask import Flask


class ServiceParts(Protocol):
    """What app.py gives these commands."""

    @property
    def settings(self) -> Settings:
        """The checked settings."""

    def insist_on_production(self) -> None:
        """Raise unless everything is fit for real letters."""

    def application(self) -> "Flask":
        """Build the pages."""

    def work(self) -> None:
        """Run jobs until told to stop."""

    def migrate(self) -> list[str]:
        """Bring the database to the newest schema."""


@click.command()
@click.pass_obj
def serve(parts: ServiceParts) -> None:
    """Serve the pages; settings come from the environment (docs/settings.md)."""
    parts.insist_on_production()
    run_server(parts)


@click.command()
@click.pass_obj
def worker(parts: ServiceParts) -> None:
    """Run the jobs that follow letters: delivery, receipts, deadlines."""
    parts.insist_on_production()
    run_worker(parts)


@click.command()
@click.pass_obj
def migrate(parts: ServiceParts) -> None:
    """Bring the database to the newest schema; needs DATABASE_URL only."""
    applied = parts.migrate()
    for revision in applied:
        click.echo(f"applied {revision}")
    if not applied:
        click.echo("The database is up to date.")


@click.command()
def version() -> None:
    """Print the versions of Skrytka and of the libraries it stands on."""
    from exchange.running.libraries import library_versions

    for name, number in library_versions().items():
        click.echo(f"{name:13} {number}")


def run_server(parts: ServiceParts) -> None:
    """Serve the pages until a signal ends it."""
    import exchange.services
    import exchange.web  # noqa: F401 - both loaded before the server forks: once, not once a process
    from exchange.running.server import serve as serve_pages

    configure_log(parts.settings.log_level)
    forbid_core_dumps()
    serve_pages(parts.application, parts.settings)


def run_worker(parts: ServiceParts) -> None:
    """Run jobs until a signal ends it; the job at hand is finished first."""
    configure_log(parts.settings.log_level)
    forbid_core_dumps()
    parts.work()
