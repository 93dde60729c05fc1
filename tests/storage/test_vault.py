"""The vault: what went in comes out or nothing does; every way to tamper has a name."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from storage import (
    Database,
    DocumentDamaged,
    DocumentTooLarge,
    FolderStore,
    MasterKeys,
    NotReadBack,
    ObjectStore,
    StoredDocument,
    UnknownKeyVersion,
    Vault,
)
from storage.documents import OrphanRow
from storage.envelope import SEGMENT_SIZE
from storage.vault import IN_MEMORY_SIZE

LARGE = IN_MEMORY_SIZE + 2 * SEGMENT_SIZE + 17
CANARY = b"KANAREK-vault-51c0de"


@pytest.fixture
def objects(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def vault(objects: FolderStore, master_keys: MasterKeys) -> Vault:
    return Vault(objects, master_keys)


def put(vault: Vault, content: bytes, document_id: UUID | None = None) -> StoredDocument:
    return vault.put(io.BytesIO(content), document_id=document_id or uuid4())


def file_of(stored: StoredDocument, objects: FolderStore) -> Path:
    return objects.folder / stored.object_key[:2] / stored.object_key[2:4] / stored.object_key


@pytest.mark.parametrize("size", [0, 1, 1000, SEGMENT_SIZE, IN_MEMORY_SIZE, LARGE])
def test_a_document_comes_back_measured_and_seekable(
    store: ObjectStore, master_keys: MasterKeys, size: int
) -> None:
    vault, content = Vault(store, master_keys), os.urandom(size)
    stored = put(vault, content)
    assert (stored.size, stored.sha256) == (size, hashlib.sha256(content).hexdigest())
    assert vault.read(stored, limit=size) == content
    with vault.open(stored) as file:
        assert file.read() == content
        file.seek(size // 2)
        assert file.read(100) == content[size // 2 : size // 2 + 100]


def test_the_digest_of_the_object_allows_a_check_without_keys(
    vault: Vault, objects: FolderStore
) -> None:
    stored = put(vault, os.urandom(100_000))
    sealed = file_of(stored, objects).read_bytes()
    assert len(sealed) == stored.stored_size
    assert hashlib.sha256(sealed).hexdigest() == stored.stored_sha256


def test_nothing_readable_lies_in_the_store(vault: Vault, objects: FolderStore) -> None:
    stored = put(vault, CANARY * 1000)
    assert CANARY not in file_of(stored, objects).read_bytes()
    assert str(stored.document_id) not in str(file_of(stored, objects))


def test_the_same_document_twice_is_two_unlike_objects(vault: Vault, objects: FolderStore) -> None:
    document_id = uuid4()
    one, two = (put(vault, b"same", document_id) for _ in range(2))
    assert one.object_key != two.object_key
    assert one.sha256 == two.sha256
    assert file_of(one, objects).read_bytes()[40:] != file_of(two, objects).read_bytes()[40:]


def test_a_stored_document_is_found_as_recorded(database: Database, vault: Vault) -> None:
    stored = put(vault, b"content")
    with database.transaction() as session:
        assert vault.find(session, stored.document_id) is None
        vault.record(session, stored)
    with database.transaction() as session:
        found = vault.find(session, stored.document_id)
    assert found == stored
    assert pickle.loads(pickle.dumps(found)) == stored  # noqa: S301 - our own bytes


def test_a_document_is_recorded_once(database: Database, vault: Vault) -> None:
    stored = put(vault, b"content")
    again = put(vault, b"other", stored.document_id)
    with database.transaction() as session:
        vault.record(session, stored)
    with pytest.raises(IntegrityError), database.transaction() as session:
        vault.record(session, again)


def test_a_limit_is_kept_before_anything_is_read(vault: Vault, objects: FolderStore) -> None:
    stored = put(vault, b"x" * 1001)
    file_of(stored, objects).unlink()
    with pytest.raises(DocumentTooLarge, match="1001 bytes; at most 1000"):
        vault.read(stored, limit=1000)


def test_keys_are_not_shown(vault: Vault) -> None:
    stored = put(vault, b"x")
    assert repr(stored.wrapped_key) not in repr(stored)
    assert repr(stored.commitment) not in repr(stored)


# --- tampering: what somebody who can write to the store, or to the rows, may try

Damage = Callable[[FolderStore, StoredDocument, StoredDocument], StoredDocument | None]


def _flip(position: int) -> Damage:
    def damage(objects: FolderStore, one: StoredDocument, _: StoredDocument) -> None:
        content = bytearray(file_of(one, objects).read_bytes())
        content[position] ^= 1
        file_of(one, objects).write_bytes(content)

    return damage


def _resize(change: Callable[[bytes], bytes]) -> Damage:
    def damage(objects: FolderStore, one: StoredDocument, _: StoredDocument) -> None:
        path = file_of(one, objects)
        path.write_bytes(change(path.read_bytes()))

    return damage


def _swap_objects(objects: FolderStore, one: StoredDocument, two: StoredDocument) -> None:
    mine, other = file_of(one, objects), file_of(two, objects)
    content = mine.read_bytes()
    mine.write_bytes(other.read_bytes())
    other.write_bytes(content)


def _delete(objects: FolderStore, one: StoredDocument, _: StoredDocument) -> None:
    objects.delete(one.object_key)


def _row(**changes: object) -> Damage:
    return lambda _objects, one, _two: dataclasses.replace(one, **changes)  # type: ignore[arg-type]  # on purpose


def _field_of_other(*names: str) -> Damage:
    return lambda _objects, one, two: dataclasses.replace(
        one, **{name: getattr(two, name) for name in names}
    )


DAMAGES: dict[str, tuple[Damage, str]] = {
    "object deleted": (_delete, "missing"),
    "object emptied": (_resize(lambda _: b""), "size"),
    "object cut": (_resize(lambda content: content[:-1]), "size"),
    "object lengthened": (_resize(lambda content: content + b"\0"), "size"),
    "header's kind changed": (_flip(0), "unsupported_header"),
    "salt changed": (_flip(7), "bad_tag"),
    "first segment changed": (_flip(5000), "bad_tag"),
    "last byte changed": (_flip(-1), "bad_tag"),
    "segments reordered": (
        _resize(
            lambda content: (
                content[:SEGMENT_SIZE]
                + content[2 * SEGMENT_SIZE : 3 * SEGMENT_SIZE]
                + content[SEGMENT_SIZE : 2 * SEGMENT_SIZE]
                + content[3 * SEGMENT_SIZE :]
            )
        ),
        "misplaced_segment",
    ),
    "objects swapped": (_swap_objects, "bad_tag"),
    "wrapped keys swapped": (_field_of_other("wrapped_key"), "key"),
    "commitments swapped": (_field_of_other("commitment"), "commitment"),
    "object key of another": (_field_of_other("object_key"), "key"),
    "object and key of another": (
        _field_of_other("object_key", "wrapped_key", "commitment"),
        "key",
    ),
    "whole row of another under this id": (
        _field_of_other("object_key", "wrapped_key", "commitment", "sha256", "stored_sha256"),
        "key",
    ),
    "generation rolled on": (_row(generation=2), "key"),
    "wrapped key cut": (_row(wrapped_key=b"\1\0\0\0\1"), "key"),
    "digest changed": (_row(sha256="0" * 64), "digest"),
}


@pytest.mark.parametrize("kind", DAMAGES)
@pytest.mark.parametrize("opening", ["open", "read"])
def test_a_tampered_document_gives_nothing_out_and_says_why(
    vault: Vault, objects: FolderStore, kind: str, opening: str
) -> None:
    one, two = (put(vault, os.urandom(LARGE)) for _ in range(2))
    damage, fault = DAMAGES[kind]
    tampered = damage(objects, one, two) or one
    with pytest.raises(DocumentDamaged) as caught:
        vault.open(tampered) if opening == "open" else vault.read(tampered, limit=LARGE)
    assert caught.value.fault == fault
    assert "Nothing of it was given out" in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).fault == fault  # noqa: S301 - our own bytes


def test_an_older_sealed_version_under_the_same_name_is_noticed(
    vault: Vault, objects: FolderStore
) -> None:
    document_id = uuid4()
    older = put(vault, b"first words", document_id)
    newer = put(vault, b"later words", document_id)
    _swap_objects(objects, older, newer)
    with pytest.raises(DocumentDamaged):
        vault.read(newer, limit=100)


def test_a_lost_master_key_version_is_named(objects: FolderStore) -> None:
    keys = MasterKeys.generate()
    stored = put(Vault(objects, keys.rotated()), b"content")
    with pytest.raises(UnknownKeyVersion, match="version 2"):
        Vault(objects, keys).open(stored)


def test_documents_stay_readable_after_rotation(objects: FolderStore) -> None:
    keys = MasterKeys.generate()
    stored = put(Vault(objects, keys), b"content")
    assert Vault(objects, keys.rotated()).read(stored, limit=100) == b"content"


def test_another_offices_keys_open_nothing(objects: FolderStore) -> None:
    stored = put(Vault(objects, MasterKeys.generate()), b"content")
    with pytest.raises(DocumentDamaged) as caught:
        Vault(objects, MasterKeys.generate()).open(stored)
    assert caught.value.fault == "key"


def test_a_change_between_check_and_reading_is_noticed(vault: Vault, objects: FolderStore) -> None:
    from storage import StorageError

    stored = put(vault, os.urandom(LARGE))
    with vault.open(stored) as file:
        file.read(10)
        with file_of(stored, objects).open("r+b") as changed:
            changed.seek(3 * SEGMENT_SIZE)
            changed.write(b"tampered")
        file.seek(3 * SEGMENT_SIZE)
        with pytest.raises(StorageError):
            file.read(10)


# --- stores that lie at once


class Lying(FolderStore):
    """Says yes and stores something else."""

    def __init__(self, folder: Path, change: Callable[[bytes], bytes | None]) -> None:
        super().__init__(folder)
        self.change = change

    def put(self, key: str, source: object) -> None:
        kept = self.change(cast(BinaryIO, source).read())
        if kept is not None:
            super().put(key, io.BytesIO(kept))


@pytest.mark.parametrize(
    "change",
    [
        lambda _: None,
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2] + b"\xff" + content[len(content) // 2 + 1 :],
        lambda content: content + content,
        lambda content: bytes(len(content)),
    ],
    ids=["nothing kept", "cut", "changed", "twice", "zeros"],
)
def test_a_store_that_did_not_keep_what_it_was_given_is_caught_at_once(
    tmp_path: Path, master_keys: MasterKeys, change: Callable[[bytes], bytes | None]
) -> None:
    vault = Vault(Lying(tmp_path / "lying", change), master_keys)
    with pytest.raises(NotReadBack, match="Nothing was accepted"):
        put(vault, os.urandom(10_000))


# --- orphans


def test_objects_without_a_row_are_marked_once_and_stay(
    database: Database, vault: Vault, objects: FolderStore
) -> None:
    recorded, orphan = put(vault, b"recorded"), put(vault, b"orphan")
    soon = datetime.now(UTC) + timedelta(minutes=1)
    with database.transaction() as session:
        vault.record(session, recorded)
    with database.transaction() as session:
        assert vault.quarantine_orphans(session, older_than=soon - timedelta(hours=1)) == 0
        assert vault.quarantine_orphans(session, older_than=soon) == 1
    with database.transaction() as session:
        assert vault.quarantine_orphans(session, older_than=soon) == 0
        row = session.get(OrphanRow, orphan.object_key)
    assert row is not None
    assert row.stored_size == orphan.stored_size
    assert file_of(orphan, objects).exists()
    assert vault.read(recorded, limit=100) == b"recorded"
