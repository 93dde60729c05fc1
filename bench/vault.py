"""What encryption and care cost: streams beside Tink, the vault beside the same store in the clear.

The clear baseline keeps the same promises: digested while written, synced, read back and compared.
The S3 lines appear where Ceph is installed.
"""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.row import Row, alternating
from storage import FolderStore, MasterKeys, ObjectStore, S3Store, StoredDocument, Vault
from storage.envelope import SEGMENT_SIZE, SealedStream, Sealer, open_stream
from storage.objects.store import new_key
from tests.storage import tink_oracle

ROOT = Path(__file__).parent.parent
CEPH = ROOT / "tests" / "s3" / "ceph.sh"
KEY = bytes(32)
SMALL = 100 * 1000
LARGE = 50 * 1024 * 1024
GIBIBYTE = 1024  # MiB
STREAM = 64 * 1024 * 1024
MEMORY_LIMIT = 64.0  # MiB of growth, whatever the document's size


def rows() -> Iterator[Row]:
    """Give the benchmark's lines."""
    yield from _streams()
    with tempfile.TemporaryDirectory() as folder:
        yield from _stores("folder", FolderStore(Path(folder)))
        yield _memory("folder", "folder", folder)
    with _ceph() as server:
        if server:
            endpoint, access_key, secret_key = server
            store = S3Store(endpoint, access_key, secret_key, "bench", secure=False)
            store.prepare()
            yield from _stores("S3", store)
            yield _memory("S3", "s3", *server, "bench-memory")


def _streams() -> Iterator[Row]:
    content = os.urandom(STREAM)
    sealed = _seal(content)
    tink = tink_oracle.primitive(KEY)
    ours, theirs = alternating(
        lambda: _seal_to_nowhere(content), lambda: _tink_to_nowhere(tink, content), repeat=9
    )
    yield Row("encrypt 64 MiB, not digested", ours, "Tink", theirs, goal=1.0)
    ours, theirs = alternating(
        lambda: _drain(open_stream(io.BytesIO(sealed), KEY, b"")),
        lambda: _tink_from(tink, sealed),
        repeat=9,
    )
    yield Row("decrypt 64 MiB", ours, "Tink", theirs, goal=1.0)


def _stores(name: str, store: ObjectStore) -> Iterator[Row]:
    vault = Vault(store, MasterKeys.generate())
    for size, text, goal in ((SMALL, "100 kB", 1.5), (LARGE, "50 MiB", 1.15)):
        content = os.urandom(size)
        stored, plain_key = _put(vault, content), _put_plain(store, content)
        repeat = 15 if size == SMALL else 5
        ours, plain = alternating(
            partial(_put, vault, content), partial(_put_plain, store, content), repeat=repeat
        )
        yield Row(f"put {text} into the {name} vault", ours, "in the clear", plain, goal=goal)
        ours, plain = alternating(
            partial(_get, vault, stored), partial(_digest, store, plain_key), repeat=repeat
        )
        yield Row(f"verify and read {text} from {name}", ours, "read, digested", plain)


def _memory(name: str, *arguments: str) -> Row:
    """1 GiB in and out of the vault, in a process of its own."""
    command = [sys.executable, "-m", "tests.storage.measure_memory", str(GIBIBYTE), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    growth = float(done.stdout.split()[0])
    return Row(f"memory for 1 GiB through {name}", growth, "limit", MEMORY_LIMIT, "MiB", goal=1.0)


class _Digested(io.RawIOBase):
    """Plain bytes, digested as they pass."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        size = self._content.readinto(buffer)
        self.digest.update(memoryview(buffer)[:size])
        return size


def _put(vault: Vault, content: bytes) -> StoredDocument:
    return vault.put(io.BytesIO(content), document_id=uuid4())


def _get(vault: Vault, stored: StoredDocument) -> None:
    with vault.open(stored) as file:
        while file.read(SEGMENT_SIZE):
            pass


def _put_plain(store: ObjectStore, content: bytes) -> str:
    source, key = _Digested(content), new_key()
    store.put(key, source)
    if _digest(store, key) != source.digest.hexdigest():
        raise AssertionError("not what was written")
    return key


def _digest(store: ObjectStore, key: str) -> str:
    digest = hashlib.sha256()
    with store.open(key) as file:
        while piece := file.read(SEGMENT_SIZE):
            digest.update(piece)
    return digest.hexdigest()


def _seal(content: bytes) -> bytes:
    with SealedStream(io.BytesIO(content), KEY, b"") as stream:
        return stream.read()


def _seal_to_nowhere(content: bytes) -> None:
    sealer = Sealer(KEY, b"")
    for begin in range(0, len(content), SEGMENT_SIZE):
        _drain(sealer.update(memoryview(content)[begin : begin + SEGMENT_SIZE]))
    sealer.finish()


def _tink_to_nowhere(tink: Any, content: bytes) -> None:
    with tink.new_encrypting_stream(_Nowhere(), b"") as stream:
        for begin in range(0, len(content), SEGMENT_SIZE):
            stream.write(memoryview(content)[begin : begin + SEGMENT_SIZE])


def _tink_from(tink: Any, sealed: bytes) -> None:
    with tink.new_decrypting_stream(io.BytesIO(sealed), b"") as stream:
        while stream.read(SEGMENT_SIZE):
            pass


class _Nowhere(io.RawIOBase):
    """Takes everything and keeps nothing."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return len(data)


def _drain(pieces: Iterator[object]) -> None:
    for _ in pieces:
        pass


@contextmanager
def _ceph() -> Iterator[list[str] | None]:
    if shutil.which("radosgw") is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        started = subprocess.run(
            [CEPH, "start", folder], check=True, capture_output=True, text=True
        )
        try:
            yield started.stdout.split()
        finally:
            subprocess.run([CEPH, "drop", folder], check=True)
            Path(folder).mkdir(exist_ok=True)
