"""The front door of the room: every name is there, and none is paid for before it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import storage


@pytest.mark.parametrize("name", storage.__all__)
def test_every_exported_name_is_there(name: str) -> None:
    assert getattr(storage, name) is not None


def test_another_name_is_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        storage.Nonsense  # noqa: B018 - the access itself is what is tested


@pytest.mark.parametrize(
    ("name", "unused"),
    [
        ("EmbeddedPostgres", {"minio", "sqlalchemy", "alembic"}),
        ("FolderStore", {"minio", "sqlalchemy", "psycopg"}),
        ("Vault", {"minio", "alembic"}),
    ],
)
def test_a_name_does_not_load_what_it_does_not_need(name: str, unused: set[str]) -> None:
    script = f"import storage, sys; storage.{name}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert set(loaded.stdout.split()) & unused == set()
