"""`skrytka demo`, and the hidden commands that its processes run."""

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sandbox.demo.folders import Folders
    from sandbox.world import Sandbox


@click.group(invoke_without_command=True)
@click.pass_context
def demo(context: click.Context) -> None:
    """Run the whole service with a town hall in it, on this machine alone.

    SKRYTKA_DATA names the data folder, SKRYTKA_PORT the port (docs/settings.md).
    """
    if context.invoked_subcommand is None:
        from sandbox.demo.town import Town, forget_database_variables

        forget_database_variables()
        Town(os.environ, Path.home(), click.echo).run()


@demo.command()
def settings() -> None:
    """Print the settings of the demo, for other commands while it runs.

    eval "$(skrytka demo settings)"; skrytka ledger verify
    """
    from sandbox.demo.environment import service_environment
    from sandbox.demo.folders import find_folders
    from sandbox.demo.ports import PORT_VARIABLE, wanted_port
    from sandbox.world import Sandbox
    from storage import EmbeddedPostgres

    folders = find_folders(os.environ, Path.home())
    database = EmbeddedPostgres(folders.cluster).url
    port = wanted_port(os.environ.get(PORT_VARIABLE))
    variables = service_environment(folders, Sandbox.open(folders.sandbox), database, port)
    for name, value in variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")


@demo.command(hidden=True)
@click.pass_obj
def web(parts: Any) -> None:
    """Serve the pages."""
    from exchange.running.commands import run_server

    _enter_sandbox(parts)
    run_server(parts)


@demo.command(hidden=True)
@click.pass_obj
def worker(parts: Any) -> None:
    """Bring the database up to date, make the town known, then run jobs."""
    from exchange.running.commands import run_worker
    from exchange.running.log import configure_log
    from sandbox.demo.seed import seed

    configure_log(parts.settings.log_level)
    folders, world = _enter_sandbox(parts)
    parts.migrate()
    seed(parts.services, world.issuer, folders.seeded)
    folders.prepared.touch()
    run_worker(parts)


def _enter_sandbox(parts: Any) -> "tuple[Folders, Sandbox]":
    """Let people of the sandbox sign here; gives where and what it is."""
    from sandbox.demo.credentials import DemoCredentials
    from sandbox.demo.folders import find_folders
    from sandbox.world import Sandbox

    folders = find_folders(os.environ, Path.home())
    world = Sandbox.open(folders.sandbox)
    parts.enter_sandbox(DemoCredentials(parts.credentials, world))
    return folders, world
