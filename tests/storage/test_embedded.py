"""The PostgreSQL in the data folder: durable, closed to others, back after any kind of death."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg
import pytest

from storage import EmbeddedPostgres, EmbeddedPostgresError
from storage.database import account
from storage.database.postmaster import running_postmaster

QUICK_SECONDS = 3.0  # a second start, on a busy test machine


@pytest.fixture
def folder(server_folder: Path) -> Iterator[Path]:
    """Where a server of this test's own lives."""
    home = server_folder / uuid4().hex[:8]
    home.mkdir(mode=0o700)
    yield home / "postgresql"
    EmbeddedPostgres(home / "postgresql").stop_leftover()
    shutil.rmtree(home)


@pytest.fixture
def left_running(folder: Path) -> psutil.Process:
    """A server whose owner was killed at once after it committed a row."""
    script = f"""
import os, pathlib, signal, psycopg
from storage import EmbeddedPostgres
with EmbeddedPostgres(pathlib.Path({str(folder)!r})).run() as url:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE note AS SELECT 'acknowledged' AS words")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    owner = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert owner.returncode == -signal.SIGKILL, owner.stderr.decode()
    left = running_postmaster(folder)
    assert left is not None, "the server did not outlive its owner: this test tests nothing"
    return left.process


def answers(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def words(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT words FROM note")]


def test_data_are_there_at_the_next_quick_start(folder: Path) -> None:
    with EmbeddedPostgres(folder).run() as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE note AS SELECT 'kept' AS words")
    assert running_postmaster(folder) is None
    begin = time.monotonic()
    with EmbeddedPostgres(folder).run() as url:
        assert time.monotonic() - begin < QUICK_SECONDS
        assert words(url) == ["kept"]


def test_what_is_acknowledged_is_on_disk(folder: Path) -> None:
    with EmbeddedPostgres(folder).run() as url, psycopg.connect(url) as connection:
        for setting, value in {
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "data_checksums": "on",
            "listen_addresses": "",
            "server_encoding": "UTF8",
        }.items():
            assert connection.execute(f"SHOW {setting}").fetchone() == (value,), setting


def test_a_server_left_running_is_recovered_with_its_data(
    folder: Path, left_running: psutil.Process
) -> None:
    with EmbeddedPostgres(folder).run() as url:
        assert words(url) == ["acknowledged"]
        assert not left_running.is_running()


def test_a_killed_server_is_recovered_with_its_data(
    folder: Path, left_running: psutil.Process
) -> None:
    left_running.kill()
    left_running.wait(10)
    assert (folder / "postmaster.pid").exists()
    with EmbeddedPostgres(folder).run() as url:
        assert words(url) == ["acknowledged"]


def test_a_pid_file_that_names_another_program_is_no_obstacle(
    folder: Path, left_running: psutil.Process
) -> None:
    left_running.kill()
    left_running.wait(10)
    pid_file = folder / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server_account = account.service_account()
    same_account = server_account.popen() if server_account else {}
    with subprocess.Popen(["sleep", "60"], **same_account) as sleeper:
        pid_file.write_text("\n".join([str(sleeper.pid), *lines[1:]]) + "\n")
        try:
            with EmbeddedPostgres(folder).run() as url:
                assert words(url) == ["acknowledged"]
            assert sleeper.poll() is None, "a stranger's process was stopped"
        finally:
            sleeper.kill()


def test_an_interrupted_first_start_is_begun_anew(folder: Path) -> None:
    half_done = folder.with_name(folder.name + ".new")
    half_done.mkdir()
    (half_done / "PG_VERSION").write_text("half")
    with EmbeddedPostgres(folder).run() as url, psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_two_owners_of_one_folder_are_told_apart(folder: Path) -> None:
    with EmbeddedPostgres(folder).run():
        with pytest.raises(EmbeddedPostgresError, match="Another running skrytka"):
            EmbeddedPostgres(folder).prepare()
        assert EmbeddedPostgres(folder).is_ready()
    EmbeddedPostgres(folder).prepare()


def test_a_path_too_long_for_a_socket_still_works(folder: Path) -> None:
    deep = folder.parent / ("x" * 60) / ("y" * 60) / "postgresql"
    folder.parent.chmod(0o711)
    deep.parent.parent.mkdir(mode=0o711)
    server = EmbeddedPostgres(deep)
    with server.run() as url:
        assert answers(url)
        socket_folder = Path(url.rsplit("host=", 1)[1])
        assert socket_folder.stat().st_mode & 0o077 == 0
    shutil.rmtree(socket_folder)


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    server = EmbeddedPostgres(folder, settings={"shared_buffers": "not a size"})
    with pytest.raises(EmbeddedPostgresError, match="shared_buffers"), server.run():
        pass


def test_nobody_else_can_reach_the_data(folder: Path) -> None:
    with EmbeddedPostgres(folder).run():
        assert folder.stat().st_mode & 0o077 == 0
        assert (folder / ".s.PGSQL.5432").stat().st_mode & 0o077 == 0


# --- as root alone

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="what only concerns root")


@as_root
def test_as_root_the_server_has_an_account_of_its_own(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    with server.run():
        left = running_postmaster(folder)
        assert left is not None
        assert server.user is not None
        assert (left.process.uids().real, left.process.gids().real) == server.user
        assert server.user[0] != 0


@as_root
def test_as_root_no_folder_is_opened_to_everybody(folder: Path) -> None:
    above = [path for path in folder.parents if path != folder.parent]
    modes = [path.stat().st_mode for path in above]
    with EmbeddedPostgres(folder).run():
        assert [path.stat().st_mode for path in above] == modes
        assert folder.parent.stat().st_mode & 0o777 == 0o710


@as_root
def test_as_root_a_folder_out_of_reach_is_refused_in_words(folder: Path) -> None:
    closed = folder.parent / "closed" / "data"
    closed.mkdir(parents=True)
    closed.parent.chmod(0o700)
    with pytest.raises(EmbeddedPostgresError, match="SKRYTKA_DATA=/var/lib/skrytka"):
        EmbeddedPostgres(closed / "postgresql").prepare()
    assert closed.parent.stat().st_mode & 0o777 == 0o700


@as_root
def test_as_root_programs_in_a_closed_home_are_copied_beside_the_data(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment of a checkout under /root, whose wheel no other account can get at."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for part in (account.WHEEL, f"{account.WHEEL}.libs"):
        if (account._wheel().parent / part).exists():
            shutil.copytree(account._wheel().parent / part, closed / part)
    monkeypatch.setattr(account, "_wheel", lambda: closed / account.WHEEL)
    with EmbeddedPostgres(folder).run() as url:
        assert answers(url)
        left = running_postmaster(folder)
        assert left is not None
        assert folder.parent in Path(left.process.exe()).parents
    with EmbeddedPostgres(folder).run() as url:
        assert answers(url)
