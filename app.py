"""Composition root: builds the parts from the settings and hands them to each other.

Nothing is decided here. Everything is imported where it is needed, so that a command loads only
what it uses: `skrytka validate` knows of no web server and no database.
"""

from __future__ import annotations

import importlib
import sys
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flask import Flask

    from exchange.parts import CredentialSource
    from exchange.services import Services
    from exchange.settings import Settings, StorageSettings
    from exchange.web import WebSettings
    from exchange.workers import DocumentWorkers, Worker
    from signer import TrustStore
    from storage import ColumnCipher, Database, Ledger, MasterKeys, ObjectStore, Vault

COMMANDS = {  # name: where it stands, what it does
    "demo": (
        "sandbox.demo.commands:demo",
        "Run everything with a town hall in it, on this machine.",
    ),
    "institution": ("exchange.commands:institution", "Make offices known to the service."),
    "ledger": ("storage.commands:ledger_commands", "Check the audit log."),
    "migrate": ("exchange.running.commands:migrate", "Bring the database to the newest schema."),
    "serve": ("exchange.running.commands:serve", "Serve the pages."),
    "sign": ("signer.commands:sign", "Sign a document."),
    "user": ("exchange.commands:user", "Make people known and give them roles."),
    "validate": ("signer.commands:validate", "Say what the signatures of documents are worth."),
    "vault": ("storage.commands:vault_commands", "Check and keep the stored documents."),
    "version": ("exchange.running.commands:version", "Print versions, for a report of a fault."),
    "worker": ("exchange.running.commands:worker", "Run the jobs that follow letters."),
}
EXIT_CANNOT_START = 2
EXIT_TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits(3): what is needed is away, nothing has to be mended
TOLD_IN_WORDS = {  # errors whose text says all that a person needs to mend the matter
    "exchange.errors": "ExchangeError",
    "exchange.running.libraries": "LibraryError",
    "exchange.settings.model": "SettingsError",
    "sandbox.errors": "SandboxError",
    "signer.errors": "SignerError",
    "storage.errors": "StorageError",
}


class Composition:
    """The parts of this process; each is built when it is first asked for."""

    is_sandbox = False

    @cached_property
    def settings(self) -> Settings:
        """All settings of the service."""
        from exchange.settings import Settings, read_settings

        return read_settings(Settings)

    @cached_property
    def storage_settings(self) -> StorageSettings:
        """The settings that reach documents."""
        from exchange.settings import StorageSettings, read_settings

        return read_settings(StorageSettings)

    @cached_property
    def database(self) -> Database:
        """The database."""
        from exchange.settings import DatabaseSettings, read_settings
        from storage import Database

        return Database(read_settings(DatabaseSettings).database_url)

    @cached_property
    def master_keys(self) -> MasterKeys:
        """The master keys."""
        from exchange.settings import SettingsError
        from storage import KeyFileError, MasterKeys

        try:
            return MasterKeys.load(self.storage_settings.master_keys_file)
        except KeyFileError as error:
            raise SettingsError([f"SKRYTKA_MASTER_KEYS_FILE: {error}"]) from error

    @cached_property
    def cipher(self) -> ColumnCipher:
        """What encrypts personal data in rows."""
        from storage import ColumnCipher

        return ColumnCipher(self.master_keys)

    @cached_property
    def objects(self) -> ObjectStore:
        """Where encrypted documents lie."""
        return object_store(self.storage_settings)

    @cached_property
    def vault(self) -> Vault:
        """The only door to documents."""
        from storage import Vault

        return Vault(self.objects, self.master_keys)

    @cached_property
    def ledger(self) -> Ledger:
        """The audit log."""
        from storage import Ledger

        return Ledger()

    @cached_property
    def credentials(self) -> CredentialSource:
        """Who can sign on this server."""
        from exchange.running.credentials import FolderSeals

        return FolderSeals(self.settings.seals_folder)

    @cached_property
    def workers(self) -> DocumentWorkers:
        """The processes that examine documents."""
        from exchange.workers import DocumentWorkers

        make = partial(make_worker, self.settings)
        return DocumentWorkers(make, children=self.settings.document_processes)

    @cached_property
    def services(self) -> Services:
        """What the exchange can do."""
        from exchange import Parts, build_services

        return build_services(
            Parts(
                database=self.database,
                vault=self.vault,
                ledger=self.ledger,
                cipher=self.cipher,
                clock=utc_now,
                workers=self.workers,
                credentials=self.credentials,
            )
        )

    @property
    def web_settings(self) -> WebSettings:
        """What the pages need to know."""
        from exchange.web import OidcSettings, WebSettings

        settings = self.settings
        return WebSettings(
            secret_key=settings.secret_key,
            base_url=settings.base_url,
            oidc=OidcSettings(
                issuer=settings.oidc_issuer,
                client_id=settings.oidc_client_id,
                client_secret=settings.oidc_client_secret,
                scope=settings.oidc_scope,
                pesel_claim=settings.oidc_pesel_claim,
            ),
            upload_limit=settings.upload_limit,
            most_at_once=settings.web_threads,
            spool_folder=settings.spool,
            sandbox=self.is_sandbox,
        )

    def application(self) -> Flask:
        """Build the pages, and get ready for the first document."""
        self.workers.warm_up()
        return create_app(self)

    def work(self) -> None:
        """Run jobs until told to stop."""
        from exchange import run_worker

        run_worker(self.services, jobs_at_once=self.settings.job_concurrency)

    def migrate(self) -> list[str]:
        """Bring the database to the newest schema; gives the revisions applied."""
        from storage import migrate

        self.database.ping()
        return migrate(self.database, migrations())

    def insist_on_production(self) -> None:
        """Raise in words unless settings, keys, database and store are fit for real letters."""
        from exchange.running.production import insist_on_schema, refuse_sandbox

        refuse_sandbox(self.settings)
        self.database.ping()
        insist_on_schema(self.database, migrations())
        self.database.close()  # a web server keeps this process to look after others
        self.vault.ping()

    def enter_sandbox(self, credentials: CredentialSource) -> None:
        """Let `credentials` sign, and let the pages say that nothing here has legal effect."""
        self.credentials = credentials
        self.is_sandbox = True


def utc_now() -> datetime:
    """Give the present instant (aware, UTC): the one clock of the service."""
    return datetime.now(UTC)


def migrations() -> list[Path]:
    """Give the folders of every room's migrations."""
    from exchange import EXCHANGE_MIGRATIONS
    from storage import STORAGE_MIGRATIONS

    return [STORAGE_MIGRATIONS, EXCHANGE_MIGRATIONS]


def object_store(settings: StorageSettings) -> ObjectStore:
    """Build the store that the settings name."""
    from storage import FolderStore, S3Store

    if settings.objects_folder is not None:
        return FolderStore(settings.objects_folder)
    return S3Store(*settings.s3)


def make_worker(settings: Settings) -> Worker:
    """Build what a child process needs to examine documents; runs in that child."""
    import signer
    from exchange.workers import Worker
    from storage import MasterKeys, Vault

    vault = Vault(object_store(settings), MasterKeys.load(settings.master_keys_file))
    fetch = signer.Fetcher(allowed=settings.internal_sources)
    return Worker(vault, trust_store(settings.trust_anchors), fetch)


def trust_store(folder: Path) -> TrustStore:
    """Build the trust in every certificate file of a folder."""
    from exchange.running.anchors import read_certificates
    from signer import TrustStore

    return TrustStore.from_certificates(read_certificates(folder))


def create_app(composition: Composition | None = None) -> Flask:
    """Build the pages; without a composition, from the environment."""
    from exchange import web

    parts = composition or Composition()
    return web.create_app(parts.services, parts.web_settings, clock=utc_now)


class _LazyCommands(click.Group):
    """Commands of the rooms, imported when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing a single one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=_LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def skrytka(context: click.Context) -> None:
    """Secure document exchange and electronic signatures for public offices."""
    context.obj = Composition()


def main() -> None:
    """Run the `skrytka` command; what the person at it can mend is told in words."""
    try:
        skrytka()
    except Exception as error:
        if not isinstance(error, told_in_words()):
            raise
        click.echo(f"skrytka: {error}", err=True)
        sys.exit(exit_code(error))


def told_in_words() -> tuple[type[Exception], ...]:
    """Give the classes of `TOLD_IN_WORDS` that may have been raised: those of loaded modules."""
    return tuple(
        getattr(sys.modules[module], name)
        for module, name in TOLD_IN_WORDS.items()
        if module in sys.modules
    )


def exit_code(error: Exception) -> int:
    """Tell whoever started the process whether starting it again may help."""
    errors = sys.modules.get("storage.errors")
    away = (errors.DatabaseUnavailable, errors.StoreUnavailable) if errors else ()
    return EXIT_TRY_AGAIN if isinstance(error, away) else EXIT_CANNOT_START
