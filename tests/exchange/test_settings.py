"""Settings are checked at start; each mistake is told in one sentence naming its variable."""

from pathlib import Path

import pytest

from exchange.settings import (
    DatabaseSettings,
    Settings,
    SettingsError,
    StorageSettings,
    read_settings,
)
from exchange.settings.table import settings_page

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A complete environment, as an operator would write it."""
    for folder in ("objects", "anchors", "seals"):
        (tmp_path / folder).mkdir()
    for secret in ("master-keys.json", "secret-key", "oidc-secret", "s3-secret"):
        path = tmp_path / secret
        path.write_bytes(b"s" * 32)
        path.chmod(0o600)
    environment = {
        "DATABASE_URL": "postgresql://skrytka@db.example.pl/skrytka",
        "SKRYTKA_BASE_URL": "https://skrytka.example.pl/",
        "SKRYTKA_MASTER_KEYS_FILE": str(tmp_path / "master-keys.json"),
        "SKRYTKA_SECRET_KEY_FILE": str(tmp_path / "secret-key"),
        "SKRYTKA_OBJECTS_FOLDER": str(tmp_path / "objects"),
        "SKRYTKA_OIDC_ISSUER": "https://login.example.pl/",
        "SKRYTKA_OIDC_CLIENT_ID": "skrytka",
        "SKRYTKA_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "oidc-secret"),
        "SKRYTKA_TRUST_ANCHORS": str(tmp_path / "anchors"),
        "SKRYTKA_SEALS_FOLDER": str(tmp_path / "seals"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


def problems(kind: type[DatabaseSettings] = Settings) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read_settings(kind)
    return caught.value.problems


def test_a_complete_environment_is_enough() -> None:
    settings = read_settings(Settings)
    assert settings.base_url == "https://skrytka.example.pl"
    assert settings.is_secure
    assert settings.secret_key == b"s" * 32
    assert settings.oidc_client_secret == "s" * 32


def test_the_issuer_keeps_its_slash_because_tokens_name_it_letter_by_letter() -> None:
    assert read_settings(Settings).oidc_issuer == "https://login.example.pl/"


@pytest.mark.usefixtures("complete")
def test_each_missing_variable_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch, complete: dict[str, str]
) -> None:
    for name in complete:
        monkeypatch.delenv(name)
    told = "\n".join(problems())
    for name in complete.keys() - {"SKRYTKA_OBJECTS_FOLDER"}:
        assert f"{name} is not set" in told


def test_a_secret_that_is_no_text_is_found_at_start(
    complete: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "oidc-secret").write_bytes(b"\xff\xfe" * 16)
    [told] = problems()
    assert told.startswith("SKRYTKA_OIDC_CLIENT_SECRET_FILE: ")
    assert "something else than text" in told


def test_a_passfile_that_the_database_library_would_silently_pass_over_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u@h/d?passfile={tmp_path}/pgpass")
    assert "DATABASE_URL: there is no file" in problems()[0]
    (tmp_path / "pgpass").write_text("*:*:*:*:secret")
    (tmp_path / "pgpass").chmod(0o640)
    assert "DATABASE_URL: " in problems()[0]
    assert "chmod 600" in problems()[0]


@pytest.mark.parametrize("wrong", ["ocsp.office.internal:80", "[ocsp.office.internal]", '"x"', "5"])
def test_addresses_that_are_no_list_are_told(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("SKRYTKA_INTERNAL_SOURCES", wrong)
    [told] = problems()
    assert told.startswith("SKRYTKA_INTERNAL_SOURCES: ")


def test_addresses_are_read_as_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKRYTKA_INTERNAL_SOURCES", '["ocsp.office.internal:80"]')
    assert read_settings(Settings).internal_sources == {"ocsp.office.internal:80"}


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert problems() == [
        "DATABASE_URL is not set. PostgreSQL database. Keep its password in a passfile, "
        "not in the address."
    ]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SKRYTKA_BASE_URL", "http://skrytka.example.pl", "must begin with https://"),
        ("SKRYTKA_BASE_URL", "skrytka.example.pl", "is not an address such as"),
        ("SKRYTKA_OIDC_ISSUER", "http://login.example.pl", "must begin with https://"),
        ("DATABASE_URL", "mysql://db.example.pl/skrytka", "must be a PostgreSQL address"),
        ("SKRYTKA_LISTEN", "8000", "is neither HOST:PORT nor unix:/PATH"),
        ("SKRYTKA_LISTEN", "127.0.0.1:70000", "is neither HOST:PORT nor unix:/PATH"),
        ("SKRYTKA_WEB_THREADS", "0", "greater than or equal to 1"),
        ("SKRYTKA_TRUST_ANCHORS", "/nowhere", "there is no folder /nowhere"),
        ("SKRYTKA_SECRET_KEY_FILE", "/nowhere", "there is no file /nowhere"),
        ("SKRYTKA_LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
    ],
)
def test_a_wrong_value_is_told_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    [problem] = problems()
    assert problem.startswith(f"{name}: ")
    assert told in problem
    assert "\n" not in problem


def test_http_is_for_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKRYTKA_BASE_URL", "http://127.0.0.1:8080")
    assert not read_settings(Settings).is_secure


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "master-keys.json").chmod(0o640)
    [problem] = problems()
    assert problem.startswith("SKRYTKA_MASTER_KEYS_FILE: ")
    assert f"chmod 600 {tmp_path / 'master-keys.json'}" in problem


def test_a_short_secret_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_bytes(b"short")
    assert "fewer than 32 bytes" in problems()[0]


def test_documents_need_a_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SKRYTKA_OBJECTS_FOLDER")
    assert "SKRYTKA_OBJECTS_FOLDER or the SKRYTKA_S3_… settings must be set." in problems()


def test_two_stores_are_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKRYTKA_S3_ENDPOINT", "https://s3.example.pl")
    assert "SKRYTKA_OBJECTS_FOLDER and SKRYTKA_S3_… are both set; choose one." in problems()


def test_half_an_s3_store_names_the_other_half(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SKRYTKA_OBJECTS_FOLDER")
    monkeypatch.setenv("SKRYTKA_S3_ENDPOINT", "https://s3.example.pl:9000")
    monkeypatch.setenv("SKRYTKA_S3_SECRET_KEY_FILE", str(tmp_path / "s3-secret"))
    assert problems(StorageSettings) == [
        "An S3 store also needs SKRYTKA_S3_BUCKET, SKRYTKA_S3_ACCESS_KEY."
    ]
    monkeypatch.setenv("SKRYTKA_S3_BUCKET", "letters")
    monkeypatch.setenv("SKRYTKA_S3_ACCESS_KEY", "key")
    assert read_settings(StorageSettings).s3 == (
        "s3.example.pl:9000", "key", "s" * 32, "letters", True,
    )  # fmt: skip


def test_keys_never_lie_among_the_documents(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SKRYTKA_OBJECTS_FOLDER", str(tmp_path))
    assert "whoever copies the documents must not get their keys" in problems()[0]


def test_migrate_needs_the_database_only(
    monkeypatch: pytest.MonkeyPatch, complete: dict[str, str]
) -> None:
    for name in complete.keys() - {"DATABASE_URL"}:
        monkeypatch.delenv(name)
    assert read_settings(DatabaseSettings).database_url == complete["DATABASE_URL"]


def test_the_documentation_is_the_one_written_from_the_program() -> None:
    assert DOCS.read_text(encoding="utf-8") == settings_page(), (
        "run: python -m exchange.settings.table > docs/settings.md"
    )


def test_every_setting_is_described() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
