"""Run as a process of its own: puts a large document into a vault, takes it out, and says how much
memory that took.

    python -m tests.storage.measure_memory MEBIBYTES folder PATH
    python -m tests.storage.measure_memory MEBIBYTES s3 ENDPOINT ACCESS_KEY SECRET_KEY BUCKET

Prints the growth of resident memory in MiB at its peak, and the seconds for put, verify and read.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import psutil

from storage import FolderStore, MasterKeys, ObjectStore, S3Store, Vault

MEBIBYTE = 1024 * 1024
WARM_UP = 9 * MEBIBYTE  # everything imported and connected, larger than one part of an upload
SAMPLE_SECONDS = 0.005


class Generated:
    """`size` bytes of unlike content that take no memory."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._block = random.Random(size).randbytes(MEBIBYTE)  # noqa: S311 - test data
        self._turn = 0
        self.digest = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        size = min(size, self._left, MEBIBYTE)
        self._turn += 1
        piece = (self._turn.to_bytes(8, "big") + self._block)[:size]
        self._left -= size
        self.digest.update(piece)
        return piece


class PeakMemory:
    """The highest resident memory while it runs, above where it was at the beginning."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._begin = self._peak = self._process.memory_info().rss
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def growth(self) -> int:
        self._done.set()
        self._thread.join()
        return self._peak - self._begin

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self._peak = max(self._peak, self._process.memory_info().rss)


def through(vault: Vault, size: int) -> list[float]:
    """Puts `size` bytes, opens (verifies) and reads them; gives the seconds of each."""
    source = Generated(size)
    times = [time.perf_counter()]
    stored = vault.put(source, document_id=uuid4())
    times.append(time.perf_counter())
    digest = hashlib.sha256()
    with vault.open(stored) as file:
        times.append(time.perf_counter())
        while piece := file.read(MEBIBYTE):
            digest.update(piece)
    times.append(time.perf_counter())
    if not stored.sha256 == digest.hexdigest() == source.digest.hexdigest():
        raise AssertionError("what came out is not what went in")
    return [later - earlier for earlier, later in pairwise(times)]


def main() -> None:
    size, kind, *where = int(sys.argv[1]) * MEBIBYTE, *sys.argv[2:]
    store: ObjectStore
    if kind == "folder":
        store = FolderStore(Path(where[0]))
    else:
        endpoint, access_key, secret_key, bucket = where
        s3 = S3Store(endpoint, access_key, secret_key, bucket, secure=False)
        s3.prepare()
        store = s3
    vault = Vault(store, MasterKeys.generate())
    through(vault, WARM_UP)
    memory = PeakMemory()
    seconds = through(vault, size)
    growth = memory.growth() / MEBIBYTE
    sys.stdout.write(f"{growth:.1f} " + " ".join(f"{each:.2f}" for each in seconds) + os.linesep)


if __name__ == "__main__":
    main()
