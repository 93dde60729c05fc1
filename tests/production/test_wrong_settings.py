"""Whatever is wrong with the settings is told at start, one line each, and nothing is served."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import EXIT_CANNOT_START, EXIT_TRY_AGAIN
from sandbox import Sandbox
from tests.production.conftest import Outside
from tests.production.office import Installation

pytestmark = [pytest.mark.s3, pytest.mark.xdist_group("production")]

# Root may read everything; without these two capabilities it may not.
AS_ANYBODY = (
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
)


@contextmanager
def changed(path: Path, content: bytes) -> Iterator[None]:
    """Let a file hold something else for a while; its mode stays."""
    before = path.read_bytes()
    path.write_bytes(content)
    yield
    path.write_bytes(before)


def told(done: subprocess.CompletedProcess[str], status: int = EXIT_CANNOT_START) -> list[str]:
    """Give the lines with which a command refused to work."""
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    return done.stderr.removeprefix("skrytka: ").splitlines()


def test_every_wrong_setting_has_a_line_of_its_own(
    installation: Installation, tmp_path: Path
) -> None:
    readable = tmp_path / "readable"
    readable.write_text("a secret that everybody can read, and long enough")
    readable.chmod(0o644)
    short = tmp_path / "short"
    short.write_bytes(b"too short")
    short.chmod(0o600)
    wrong = {
        "SKRYTKA_MASTER_KEYS_FILE": (str(tmp_path / "gone"), f"there is no file {tmp_path}/gone"),
        "SKRYTKA_OIDC_CLIENT_SECRET_FILE": (str(readable), f"chmod 600 {readable}"),
        "SKRYTKA_SECRET_KEY_FILE": (str(short), "fewer than 32 bytes"),
        "SKRYTKA_BASE_URL": ("http://skrytka.example.pl", "must begin with https://"),
        "SKRYTKA_TRUST_ANCHORS": (str(tmp_path / "gone"), "there is no folder"),
        "SKRYTKA_SPOOL_FOLDER": (str(tmp_path / "gone"), "there is no folder"),
        "SKRYTKA_LISTEN": ("everywhere", "neither HOST:PORT nor unix:/PATH"),
        "SKRYTKA_WEB_THREADS": ("many", "valid integer"),
        "DATABASE_URL": ("mysql://db/skrytka", "must be a PostgreSQL address"),
    }
    lines = told(installation.run("serve", **{name: value for name, (value, _) in wrong.items()}))
    assert len(lines) == len(wrong)
    for name, (_, words) in wrong.items():
        [line] = [line for line in lines if line.startswith(f"{name}: ")]
        assert words in line


def test_nothing_of_a_sandbox_is_accepted(
    installation: Installation, sandbox: Sandbox, tmp_path: Path
) -> None:
    for folder in ("anchors", "seals"):
        shutil.copytree(installation.etc / folder, tmp_path / folder)
    (tmp_path / "anchors" / "another.der").write_bytes(sandbox.anchors()[0])
    seal = sandbox.seal("splubans")
    (tmp_path / "seals" / "splubans.p12").write_bytes(seal.pkcs12)
    (tmp_path / "seals" / "splubans.password").touch(mode=0o600)
    (tmp_path / "seals" / "splubans.password").write_text(seal.password)
    lines = told(
        installation.run(
            "worker",
            SKRYTKA_BASE_URL="https://skrytka.example.pl",
            SKRYTKA_OIDC_ISSUER=sandbox.issuer,
            SKRYTKA_OIDC_CLIENT_ID=sandbox.login_client().client_id,
            SKRYTKA_TRUST_ANCHORS=str(tmp_path / "anchors"),
            SKRYTKA_SEALS_FOLDER=str(tmp_path / "seals"),
        )
    )
    assert sorted(line.partition(":")[0] for line in lines) == [
        "SKRYTKA_OIDC_CLIENT_ID",
        "SKRYTKA_OIDC_ISSUER",
        "SKRYTKA_SEALS_FOLDER",
        "SKRYTKA_TRUST_ANCHORS",
    ]


def test_anchors_and_seals_that_are_of_no_use_are_told_together(
    installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "anchors").mkdir()
    shutil.copytree(installation.etc / "seals", tmp_path / "seals")
    (tmp_path / "seals" / "umluban.password").write_text("wrong")
    anchors, seal = told(
        installation.run(
            "serve",
            SKRYTKA_TRUST_ANCHORS=str(tmp_path / "anchors"),
            SKRYTKA_SEALS_FOLDER=str(tmp_path / "seals"),
        )
    )
    assert anchors.startswith("SKRYTKA_TRUST_ANCHORS: ")
    assert "holds no certificate" in anchors
    assert seal.startswith("SKRYTKA_SEALS_FOLDER: ")
    assert "umluban.p12 cannot be opened" in seal


def test_a_wrong_database_password_is_told_without_saying_it(installation: Installation) -> None:
    passfile = installation.etc / "pgpass"
    with changed(passfile, passfile.read_bytes().replace(b"only-for-tests", b"wrong-secret")):
        [line] = told(installation.run("serve"))
    assert line.startswith("DATABASE_URL: ")
    assert "does not let us in" in line
    assert "wrong-secret" not in line


def test_a_database_that_was_not_migrated_is_told(
    installation: Installation, outside: Outside
) -> None:
    outside.postgres.create_database("empty")
    url = installation.environment["DATABASE_URL"].replace("/skrytka?", "/empty?")
    passfile = installation.etc / "pgpass"
    with changed(passfile, passfile.read_bytes().replace(b":skrytka:skrytka:", b":*:skrytka:")):
        [line] = told(installation.run("worker", DATABASE_URL=url))
    assert line.startswith("DATABASE_URL: ")
    assert "Run `skrytka migrate` first." in line


def test_a_damaged_key_file_is_told(installation: Installation) -> None:
    keys = installation.etc / "master-keys.json"
    with changed(keys, b"{}"):
        [line] = told(installation.run("serve"))
    assert line.startswith("SKRYTKA_MASTER_KEYS_FILE: ")
    assert "damaged" in line


def test_a_bucket_that_is_missing_is_told(installation: Installation) -> None:
    [line] = told(installation.run("serve", SKRYTKA_S3_BUCKET="no-such-bucket"))
    assert line.startswith("SKRYTKA_S3_BUCKET: ")
    assert "no bucket no-such-bucket" in line


def test_a_wrong_secret_of_the_store_is_told(installation: Installation) -> None:
    with changed(installation.etc / "s3-secret-key", b"wrong-secret"):
        [line] = told(installation.run("worker"))
    assert "SKRYTKA_S3_SECRET_KEY_FILE" in line
    assert "wrong-secret" not in line


def test_what_is_away_is_not_taken_for_a_wrong_setting(installation: Installation) -> None:
    away = "http://127.0.0.1:9"
    [line] = told(installation.run("serve", SKRYTKA_S3_ENDPOINT=away), EXIT_TRY_AGAIN)
    assert "127.0.0.1:9 does not answer" in line


def test_files_that_this_account_may_not_read_are_told(
    installation: Installation, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    closed.touch(mode=0o000)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o000)
    wrong = {
        "SKRYTKA_MASTER_KEYS_FILE": str(closed),
        "SKRYTKA_OIDC_CLIENT_SECRET_FILE": str(locked / "secret"),
        "SKRYTKA_SECRET_KEY_FILE": str(closed),
        "SKRYTKA_SEALS_FOLDER": str(locked),
        "DATABASE_URL": f"postgresql://skrytka@127.0.0.1/skrytka?passfile={closed}",
    }
    lines = told(installation.run("serve", prefix=AS_ANYBODY, **wrong))
    assert sorted(line.partition(":")[0] for line in lines) == sorted(wrong)
    assert all("may not" in line for line in lines)
