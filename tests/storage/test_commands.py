"""The commands say plainly what they found, and fail when something is wrong."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from storage import Database, Ledger, StoredDocument, Vault
from storage.commands import ledger_commands, vault_commands


@dataclass(frozen=True)
class Parts:
    database: Database
    vault: Vault
    ledger: Ledger


@pytest.fixture
def parts(database: Database, vault: Vault) -> Parts:
    return Parts(database, vault, Ledger())


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


def put(parts: Parts) -> StoredDocument:
    stored = parts.vault.put(io.BytesIO(b"content"), document_id=uuid4())
    with parts.database.transaction() as session:
        parts.vault.record(session, stored)
        parts.ledger.append(
            session, event="stored", subject=str(stored.document_id), actor="test", facts={}
        )
    return stored


def test_a_sound_vault_is_said_to_be_sound(
    runner: CliRunner, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.documents.BATCH", 2)
    for _ in range(5):
        put(parts)
    done = runner.invoke(vault_commands, ["check"], obj=parts)
    assert done.exit_code == 0, done.output
    assert "5 documents checked, 0 damaged." in done.output


def test_a_damaged_document_is_named_and_the_others_are_still_checked(
    runner: CliRunner, parts: Parts, tmp_path: Path
) -> None:
    stored = [put(parts) for _ in range(3)]
    (place,) = (tmp_path / "objects").rglob(stored[1].object_key)
    place.unlink()
    done = runner.invoke(vault_commands, ["check"], obj=parts)
    assert done.exit_code == 1
    assert str(stored[1].document_id) in done.output
    assert "3 documents checked, 1 damaged." in done.output


def test_orphans_are_marked(runner: CliRunner, parts: Parts) -> None:
    put(parts)
    done = runner.invoke(vault_commands, ["quarantine"], obj=parts)
    assert (done.exit_code, done.output) == (0, "0 objects marked as orphaned.\n")


def test_a_key_file_is_made_once(runner: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.json"
    assert runner.invoke(vault_commands, ["create-keys", str(path)]).exit_code == 0
    content = path.read_bytes()
    again = runner.invoke(vault_commands, ["create-keys", str(path)])
    assert again.exit_code == 1
    assert "left alone" in again.output
    assert path.read_bytes() == content


def test_an_intact_ledger_is_said_to_be_intact(runner: CliRunner, parts: Parts) -> None:
    put(parts)
    done = runner.invoke(ledger_commands, ["verify"], obj=parts)
    assert done.exit_code == 0
    assert "intact: 1 records" in done.output


def test_a_broken_ledger_is_named_where_it_breaks(runner: CliRunner, parts: Parts) -> None:
    put(parts)
    put(parts)
    with parts.database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE ledger_record SET actor = 'x' WHERE sequence = 2"))
    done = runner.invoke(ledger_commands, ["verify"], obj=parts)
    assert done.exit_code == 1
    assert "broken at record 2" in done.output
