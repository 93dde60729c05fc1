"""What every object store promises, on a folder and on a real S3 server."""

from __future__ import annotations

import errno
import io
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import (
    FolderStore,
    ObjectExists,
    ObjectMissing,
    ObjectStore,
    S3Store,
    StoreRefused,
    StoreUnavailable,
)
from storage.objects.s3 import PART_SIZE
from storage.objects.store import new_key
from tests.storage.conftest import S3Server

SIZES = [0, 1, 1000, 1024 * 1024 + 1]
LARGE = 2 * PART_SIZE + 12345


def stored(store: ObjectStore, content: bytes) -> str:
    key = new_key()
    store.put(key, io.BytesIO(content))
    return key


def keys(store: ObjectStore) -> set[str]:
    return {found.key for found in store.list()}


@pytest.mark.parametrize("size", SIZES)
def test_an_object_comes_back_as_it_was_put(store: ObjectStore, size: int) -> None:
    content = os.urandom(size)
    key = stored(store, content)
    with store.open(key) as file:
        assert file.read() == content
    assert store.size(key) == size


def test_an_object_of_several_parts_and_unknown_length_comes_back(store: ObjectStore) -> None:
    content = os.urandom(LARGE)
    key = stored(store, content)
    with store.open(key) as file:
        assert file.read(-1) == content


def test_a_store_that_can_be_used_says_so(store: ObjectStore) -> None:
    store.ping()


def test_a_folder_that_is_gone_says_so(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "objects")
    shutil.rmtree(tmp_path / "objects")
    with pytest.raises(StoreRefused, match="SKRYTKA_OBJECTS_FOLDER"):
        store.ping()


def test_any_range_can_be_read(store: ObjectStore) -> None:
    content = os.urandom(300_000)
    with store.open(stored(store, content)) as file:
        for begin, size in [(0, 10), (299_990, 100), (100_000, 70_000), (5, 1), (300_000, 1)]:
            assert file.seek(begin) == begin
            assert _read(file, size) == content[begin : begin + size]
        assert file.seek(-10, io.SEEK_END) == 299_990
        assert file.tell() == 299_990
        assert _read(file, 50) == content[-10:]


def _read(file: Any, size: int) -> bytes:
    pieces = b""
    while len(pieces) < size and (piece := file.read(size - len(pieces))):
        pieces += piece
    return pieces


def test_a_key_is_written_once(store: ObjectStore) -> None:
    key = stored(store, b"first")
    with pytest.raises(ObjectExists):
        store.put(key, io.BytesIO(b"second"))
    with store.open(key) as file:
        assert file.read() == b"first"


def test_a_missing_object_is_said_to_be_missing(store: ObjectStore) -> None:
    with pytest.raises(ObjectMissing):
        store.open(new_key())
    with pytest.raises(ObjectMissing):
        store.size(new_key())
    store.delete(new_key())


def test_a_deleted_object_is_gone(store: ObjectStore) -> None:
    key = stored(store, b"x")
    store.delete(key)
    with pytest.raises(ObjectMissing):
        store.size(key)
    assert key not in keys(store)


def test_the_listing_names_every_object_with_its_size_and_time(store: ObjectStore) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    written = {stored(store, bytes(size)): size for size in (0, 5, 70)}
    listed = list(store.list())
    assert {found.key: found.size for found in listed} == written
    assert all(before < found.modified_at < before + timedelta(minutes=1) for found in listed)


class Breaks(io.RawIOBase):
    """A source that fails after some bytes, as an upload that is cut off or refused."""

    def __init__(self, after: int) -> None:
        self._left = after

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if self._left <= 0:
            raise OSError(errno.ECONNRESET, "the sender went away")
        size = min(self._left, len(buffer))
        self._left -= size
        return size


@pytest.mark.parametrize("after", [0, 100, LARGE])
def test_a_source_that_breaks_leaves_no_object_and_its_error_comes_through(
    store: ObjectStore, after: int
) -> None:
    with pytest.raises(OSError, match="the sender went away"):
        store.put(new_key(), Breaks(after))
    assert keys(store) == set()


@pytest.mark.parametrize(
    "key", ["", "../etc/passwd", "A" * 32, "0" * 31, "0" * 33, "x/" + "0" * 30]
)
def test_only_random_keys_are_accepted(store: ObjectStore, key: str) -> None:
    for use in (store.open, store.size, store.delete):
        with pytest.raises(ValueError, match="32 lowercase"):
            use(key)
    with pytest.raises(ValueError, match="32 lowercase"):
        store.put(key, io.BytesIO(b""))


# --- the folder alone


def test_a_process_killed_in_the_middle_leaves_no_object(tmp_path: Path) -> None:
    script = f"""
import io, os, signal, pathlib
from storage import FolderStore
class Kills(io.RawIOBase):
    count = 0
    def readinto(self, buffer):
        self.count += 1
        if self.count == 3: os.kill(os.getpid(), signal.SIGKILL)
        return len(buffer)
FolderStore(pathlib.Path({str(tmp_path)!r})).put("0" * 32, Kills())
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    store = FolderStore(tmp_path)
    assert keys(store) == set()
    assert store.discard_unfinished(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.discard_unfinished(datetime.now(UTC) + timedelta(seconds=1)) == 1
    store.put("0" * 32, io.BytesIO(b"now"))


def test_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    store = FolderStore(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(StoreUnavailable, match="No space left"):
            store.put(new_key(), io.BytesIO(b"x"))
    assert keys(store) == set()
    assert store.discard_unfinished(datetime.now(UTC) + timedelta(seconds=1)) == 0


def test_file_and_folders_are_synced_before_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    sync = os.fsync

    def note(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        sync(handle)

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc to see which file a handle is")
    store = FolderStore(tmp_path)
    monkeypatch.setattr(os, "fsync", note)
    key = stored(store, b"x")
    shard = tmp_path / key[:2] / key[2:4]
    assert synced[0].parent == tmp_path / "incoming"
    assert synced[1:] == [tmp_path, shard.parent, shard]


def test_nobody_else_may_read_the_folder(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "objects")
    key = stored(store, b"x")
    place = tmp_path / "objects" / key[:2] / key[2:4] / key
    assert place.stat().st_mode & 0o077 == 0
    assert (tmp_path / "objects" / key[:2]).stat().st_mode & 0o077 == 0


# --- S3 alone


@pytest.mark.s3
def test_wrong_keys_and_buckets_are_refused_in_words(s3_server: S3Server) -> None:
    good = s3_server.store()
    key = stored(good, b"x")
    wrong_secret = S3Store(*s3_server._replace(secret_key="wrong"), good.bucket, secure=False)
    wrong_bucket = S3Store(*s3_server, "no-such-bucket", secure=False)
    with pytest.raises(StoreRefused, match="Check SKRYTKA_S3_ACCESS_KEY"):
        wrong_secret.open(key)
    with pytest.raises(StoreRefused, match="SKRYTKA_S3_SECRET_KEY_FILE"):
        wrong_secret.put(new_key(), io.BytesIO(b"x"))
    with pytest.raises(StoreRefused, match="NoSuchBucket"):
        wrong_bucket.put(new_key(), io.BytesIO(b"x"))
    with pytest.raises(StoreRefused, match="no-such-bucket"):
        list(wrong_bucket.list())
    with pytest.raises(StoreRefused, match="SKRYTKA_S3_SECRET_KEY_FILE"):
        wrong_secret.ping()
    with pytest.raises(StoreRefused, match=r"SKRYTKA_S3_BUCKET: .* no bucket no-such-bucket"):
        wrong_bucket.ping()


def test_a_server_that_is_down_is_unavailable() -> None:
    store = S3Store("127.0.0.1:1", "key", "secret", "bucket", secure=False)
    with pytest.raises(StoreUnavailable, match="does not answer"):
        store.size(new_key())


@pytest.mark.s3
def test_a_forked_process_gets_connections_of_its_own(s3_server: S3Server) -> None:
    store = s3_server.store()
    key = stored(store, b"parent")
    child = os.fork()
    if child == 0:
        with store.open(key) as file:
            os._exit(0 if file.read() == b"parent" else 1)
    _, status = os.waitpid(child, 0)
    assert status == 0
    with store.open(key) as file:
        assert file.read() == b"parent"
