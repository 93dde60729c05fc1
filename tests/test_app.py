"""The `skrytka` command as a whole: what it loads, what it mounts, how it refuses to start."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import app
from storage import MasterKeys
from tests.signer import trust_pki

if TYPE_CHECKING:
    from sandbox import Sandbox

SKRYTKA = Path(sys.executable).with_name("skrytka")
HEAVY = ("flask", "sqlalchemy", "gunicorn", "procrastinate", "psycopg", "pydantic_settings")
SECRETS = ("master-keys.json", "secret-key", "oidc-secret")


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SKRYTKA_", "DATABASE_URL", "PG"))
    }
    return subprocess.run(
        [sys.executable, str(SKRYTKA), *arguments],
        capture_output=True,
        text=True,
        env={**clean, **environment},
    )


def loaded_by(statement: str) -> set[str]:
    program = f"{statement}\nimport sys; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("room", ["signer.commands", "app"])
def test_validating_a_document_loads_no_web_server_and_no_database(room: str) -> None:
    assert not loaded_by(f"import {room}") & set(HEAVY)


def test_validating_a_real_file_loads_no_web_server_and_no_database(tmp_path: Path) -> None:
    document = tmp_path / "letter.xml"
    document.write_text("<letter/>")
    arguments = ["skrytka", "validate", "--offline", str(document)]
    loaded = loaded_by(
        "import app, sys, contextlib, io\n"
        f"sys.argv = {arguments!r}\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    app.main()"
    )
    assert "signer.validation.validate" in loaded
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_the_service_loads_nothing_of_the_sandbox(command: str) -> None:
    loaded = loaded_by(
        f"import app, sys, contextlib; sys.argv = ['skrytka', {command!r}]\n"
        "with contextlib.suppress(SystemExit):\n"
        "    app.main()"
    )
    assert "exchange.settings.model" in loaded
    assert not [name for name in loaded if name.partition(".")[0] == "sandbox"]


@pytest.mark.parametrize("name", sorted(app.COMMANDS))
def test_every_command_is_there_and_explains_itself(name: str) -> None:
    answer = CliRunner().invoke(app.skrytka, [name, "--help"])
    assert answer.exit_code == 0, answer.output
    assert "Usage:" in answer.output


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_missing_settings_are_told_without_a_traceback(command: str) -> None:
    done = run(command)
    assert done.returncode == app.EXIT_CANNOT_START
    assert done.stderr.startswith("skrytka: DATABASE_URL is not set.")
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_is_told_without_a_traceback() -> None:
    done = run("migrate", DATABASE_URL="postgresql://nobody@127.0.0.1:9/skrytka")
    assert done.returncode == app.EXIT_TRY_AGAIN
    assert "does not answer" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def production(tmp_path: Path, postgres_url: str) -> dict[str, str]:
    """Settings that are complete, with nothing of the sandbox in them."""
    for folder in ("objects", "anchors", "seals"):
        (tmp_path / folder).mkdir()
    (tmp_path / "anchors" / "authority.der").write_bytes(trust_pki.root().der)
    for secret in SECRETS:
        (tmp_path / secret).write_bytes(os.urandom(32).hex().encode())
        (tmp_path / secret).chmod(0o600)
    return {
        "DATABASE_URL": postgres_url,
        "SKRYTKA_BASE_URL": "https://skrytka.example.pl",
        "SKRYTKA_MASTER_KEYS_FILE": str(tmp_path / "master-keys.json"),
        "SKRYTKA_SECRET_KEY_FILE": str(tmp_path / "secret-key"),
        "SKRYTKA_OBJECTS_FOLDER": str(tmp_path / "objects"),
        "SKRYTKA_OIDC_ISSUER": "https://login.example.pl",
        "SKRYTKA_OIDC_CLIENT_ID": "skrytka",
        "SKRYTKA_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "oidc-secret"),
        "SKRYTKA_TRUST_ANCHORS": str(tmp_path / "anchors"),
        "SKRYTKA_SEALS_FOLDER": str(tmp_path / "seals"),
    }


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_what_comes_from_a_sandbox_is_refused(
    command: str, production: dict[str, str], sandbox: "Sandbox", tmp_path: Path
) -> None:
    (tmp_path / "anchors" / "root.der").write_bytes(sandbox.anchors()[0])
    seal = sandbox.seal("umluban")
    (tmp_path / "seals" / "umluban.p12").write_bytes(seal.pkcs12)
    (tmp_path / "seals" / "umluban.password").write_text(seal.password)
    (tmp_path / "seals" / "umluban.password").chmod(0o600)
    done = run(
        command,
        **{
            **production,
            "SKRYTKA_OIDC_ISSUER": sandbox.issuer,
            "SKRYTKA_OIDC_CLIENT_ID": sandbox.login_client().client_id,
        },
    )
    assert done.returncode == app.EXIT_CANNOT_START
    for variable in (
        "SKRYTKA_TRUST_ANCHORS",
        "SKRYTKA_SEALS_FOLDER",
        "SKRYTKA_OIDC_CLIENT_ID",
        "SKRYTKA_OIDC_ISSUER",
    ):
        assert f"{variable}: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_seal_with_a_wrong_password_is_found_at_start(
    production: dict[str, str], sandbox: "Sandbox", tmp_path: Path
) -> None:
    (tmp_path / "seals" / "umluban.p12").write_bytes(sandbox.seal("umluban").pkcs12)
    (tmp_path / "seals" / "umluban.password").write_text("wrong")
    (tmp_path / "seals" / "umluban.password").chmod(0o600)
    done = run("serve", **production)
    assert done.returncode == app.EXIT_CANNOT_START
    assert "umluban.p12 cannot be opened" in done.stderr


def test_a_seal_password_that_others_can_read_is_found_at_start(
    production: dict[str, str], sandbox: "Sandbox", tmp_path: Path
) -> None:
    (tmp_path / "seals" / "umluban.p12").write_bytes(sandbox.seal("umluban").pkcs12)
    (tmp_path / "seals" / "umluban.password").write_text(sandbox.seal("umluban").password)
    (tmp_path / "seals" / "umluban.password").chmod(0o640)
    done = run("serve", **production)
    assert done.returncode == app.EXIT_CANNOT_START
    assert f"chmod 600 {tmp_path / 'seals' / 'umluban.password'}" in done.stderr


def test_a_file_that_is_no_certificate_is_not_left_out_silently(
    production: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "anchors" / "root.pem").write_text("not a certificate")
    done = run("serve", **production)
    assert done.returncode == app.EXIT_CANNOT_START
    assert "root.pem holds no certificate" in done.stderr


def test_an_old_schema_is_refused_with_what_to_do(
    production: dict[str, str], tmp_path: Path, postgres_server: str
) -> None:
    MasterKeys.create(tmp_path / "new-keys.json")
    production["SKRYTKA_MASTER_KEYS_FILE"] = str(tmp_path / "new-keys.json")
    production["DATABASE_URL"] = postgres_server.replace("/skrytka?", "/postgres?")
    done = run("serve", **production)
    assert done.returncode == app.EXIT_CANNOT_START
    assert "Run `skrytka migrate` first." in done.stderr


def test_a_damaged_key_file_is_found_at_start(production: dict[str, str]) -> None:
    done = run("serve", **production)
    assert done.returncode == app.EXIT_CANNOT_START
    assert "master-keys.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_tests_run_what_is_delivered() -> None:
    """Whatever the service's lock pins, the development lock pins alike, hashes and all."""
    root = Path(__file__).parents[1]
    service = (root / "requirements.lock").read_text().splitlines()
    development = set((root / "requirements-dev.lock").read_text().splitlines())
    assert [line for line in service if line not in development] == []
