"""What every test may ask for: a real PostgreSQL (one server a session, a fresh database a test),
keys, a vault.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from storage import (
    STORAGE_MIGRATIONS,
    Database,
    EmbeddedPostgres,
    FolderStore,
    MasterKeys,
    Vault,
    migrate,
)
from storage.database.embedded import DURABLE

pytest_plugins = ["tests.sandbox_fixtures"]

pytest_plugins = ["tests.sandbox_fixtures"]

ROOT = Path(__file__).parent.parent
# Each room that has tables keeps its revisions here.
MIGRATIONS = [
    folder for folder in (STORAGE_MIGRATIONS, ROOT / "exchange" / "migrations") if folder.is_dir()
]
# Test data are thrown away, so nothing need survive a power cut; the crash tests start durable
# servers of their own.
THROWAWAY = {
    **DURABLE,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "32MB",
    "max_wal_size": "64MB",
}
TEMPLATE = "skrytka"
MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - Linux's own; the folder in it is closed to others
MEMORY_DISK_FREE = 2 * 1024**3  # bytes; containers often have next to nothing there


def _state_home() -> Path:
    """Where the server keeps its data: in memory if it can, ten times quicker to copy.

    As root an unprivileged account must be able to get there.
    """
    if MEMORY_DISK.is_dir() and shutil.disk_usage(MEMORY_DISK).free > MEMORY_DISK_FREE:
        return MEMORY_DISK
    return Path("/var/lib") if os.geteuid() == 0 else Path(tempfile.gettempdir())


def _sweep_leftovers(home: Path) -> None:
    """Stops and removes the servers of test runs that were killed."""
    for folder in home.glob("skrytka-test-*"):
        owner = folder.name.rsplit("-", 1)[-1]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            EmbeddedPostgres(folder / "postgresql").stop_leftover()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder in which embedded servers may live, removed at the end."""
    home = _state_home()
    _sweep_leftovers(home)
    folder = home / f"skrytka-test-{os.getpid()}"
    folder.mkdir(mode=0o711)  # as root another account passes through; what is inside is closed
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(server_folder: Path) -> Iterator[str]:
    """The URL of the session's PostgreSQL: its own database is migrated, the others' template."""
    with EmbeddedPostgres(server_folder / "postgresql", settings=THROWAWAY).run() as url:
        template = Database(url)
        migrate(template, MIGRATIONS)
        template.close()
        yield url


@pytest.fixture(scope="session")
def used_databases() -> list[str]:
    """Databases of finished tests, dropped before the next: by then nobody is connected."""
    return []


@pytest.fixture
def postgres_url(postgres_server: str, used_databases: list[str]) -> Iterator[str]:
    """The URL of a fresh, migrated database."""
    name = f"test_{os.urandom(6).hex()}"
    server = urlsplit(postgres_server)
    admin = server._replace(path="/postgres").geturl()
    with psycopg.connect(admin, autocommit=True) as connection:
        while used_databases:
            connection.execute(f'DROP DATABASE "{used_databases.pop()}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}" STRATEGY FILE_COPY')
    yield server._replace(path=f"/{name}").geturl()
    used_databases.append(name)


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    """A fresh, migrated database."""
    database = Database(postgres_url)
    yield database
    database.close()


@pytest.fixture
def master_keys(tmp_path: Path) -> MasterKeys:
    """Master keys in a file of their own."""
    return MasterKeys.create(tmp_path / "keys" / "master.json")


@pytest.fixture
def vault(tmp_path: Path, master_keys: MasterKeys) -> Vault:
    """A vault over a folder store."""
    return Vault(FolderStore(tmp_path / "objects"), master_keys)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker have all tests that need the S3 server, so that one server is started."""
    for item in items:
        if item.get_closest_marker("s3"):
            item.add_marker(pytest.mark.xdist_group("s3"))
