"""The commands of this room: `skrytka vault …` and `skrytka ledger …`, mounted by `app.py`.

The context object is whatever `app.py` builds; it has `database`, `vault` and `ledger`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import UUID

import click

from storage.database.database import Database
from storage.documents import StoredDocument
from storage.errors import DocumentDamaged, MasterKeyError
from storage.keys import MasterKeys
from storage.ledger import Ledger
from storage.vault import Vault

# Longer than any put whose commit is still to come.
ORPHAN_AGE_HOURS = 24
FOUND_FAULTS = 1  # exit status


class Parts(Protocol):
    """What the commands work on."""

    @property
    def database(self) -> Database:
        """The database."""
        ...

    @property
    def vault(self) -> Vault:
        """The vault."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        ...


@click.group("vault")
def vault_commands() -> None:
    """Look after the stored documents."""


@vault_commands.command("check")
@click.pass_obj
def check_vault(parts: Parts) -> None:
    """Read, decrypt and compare every document with its record; list the damaged ones."""
    checked = damaged = 0
    with click.progressbar(_all_documents(parts), label="Documents") as documents:
        for stored in documents:
            checked += 1
            try:
                parts.vault.verify(stored)
            except (DocumentDamaged, MasterKeyError) as error:
                damaged += 1
                click.echo(f"\n{stored.document_id}: {error}", err=True)
    click.echo(f"{checked} documents checked, {damaged} damaged.")
    if damaged:
        raise click.exceptions.Exit(FOUND_FAULTS)


@vault_commands.command("create-keys")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def create_keys(file: Path) -> None:
    """Make master keys in FILE, which must not exist. Keep it apart from the data, and a copy."""
    if file.exists():
        raise click.ClickException(
            f"{file} exists already. Documents stored under its keys cannot be read without it: "
            "it is left alone."
        )
    try:
        MasterKeys.create(file)
    except MasterKeyError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Master keys written to {file}. Keep a copy where the data are not.")


@vault_commands.command("quarantine")
@click.option(
    "--older-than-hours", type=click.IntRange(min=1), default=ORPHAN_AGE_HOURS, show_default=True
)
@click.pass_obj
def quarantine(parts: Parts, older_than_hours: int) -> None:
    """Mark objects that no document points to. Nothing is deleted."""
    older_than = datetime.now(UTC) - timedelta(hours=older_than_hours)
    with parts.database.transaction() as session:
        marked = parts.vault.quarantine_orphans(session, older_than=older_than)
    click.echo(f"{marked} objects marked as orphaned.")


@click.group("ledger")
def ledger_commands() -> None:
    """Look after the audit ledger."""


@ledger_commands.command("verify")
@click.pass_obj
def verify_ledger(parts: Parts) -> None:
    """Walk the whole chain; name the first record that is not as it was written."""
    with parts.database.transaction() as session:
        check = parts.ledger.verify(session)
    if not check.intact:
        click.echo(f"The ledger is broken at record {check.bad_record}: {check.reason}.")
        raise click.exceptions.Exit(FOUND_FAULTS)
    click.echo(f"The ledger is intact: {check.records} records, head {check.head.hex()}.")


def _all_documents(parts: Parts) -> Iterator[StoredDocument]:
    """Gives every document in short transactions: checking them may take hours."""
    after: UUID | None = None
    while True:
        with parts.database.transaction() as session:
            page = parts.vault.documents(session, after=after)
        if not page:
            return
        yield from page
        after = page[-1].document_id
