"""Examining documents in a warm child process under hard limits.

A hostile file may cost a child its life; it never costs the service more than `EXAMINATION_LIMIT`
and never leaves anything but "not examined" behind.
"""

import multiprocessing
import resource
import threading
from collections.abc import Callable
from concurrent.futures import TimeoutError as ExaminationTimeout
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from pebble import ProcessExpired, ProcessPool

import signer
from exchange.processes import die_with_parent, forbid_core_dumps
from storage import StoredDocument, Vault

EXAMINATION_LIMIT = 30.0  # seconds of wall time; the slowest honest document needs a tenth of it
CPU_LIMIT = 20  # seconds of processor time a document, so that network waits do not count
MEMORY_LIMIT = 2 << 30  # bytes of address space: the libraries map 0.5 GiB before they begin
DOCUMENTS_PER_CHILD = 500  # a fresh child now and then keeps fragmentation and leaks bounded
PREVIEW_WIDTH = 1000  # pixels: readable on a large screen, a few hundred kB as PNG


class Examiner(Protocol):
    """Reads stored documents for the exchange."""

    def examine(self, stored: StoredDocument, at: datetime) -> signer.Report:
        """Validate every signature of a stored document as of `at`."""

    def page_count(self, stored: StoredDocument) -> int:
        """Count the pages of a PDF."""

    def page_image(self, stored: StoredDocument, index: int) -> bytes:
        """Draw one page of a PDF (from 0) as PNG."""


@dataclass(frozen=True)
class Worker:
    """What the child holds: the way to the documents, whom to trust, how to ask outside."""

    vault: Vault
    trust: signer.TrustStore
    fetch: signer.Fetcher | None

    def examine(self, stored: StoredDocument, at: datetime) -> signer.Report:
        """Validate every signature of a stored document as of `at`."""
        with self.vault.open(stored) as content:
            return signer.validate(content, trust=self.trust, at=at, fetch=self.fetch)

    def page_count(self, stored: StoredDocument) -> int:
        """Count the pages of a PDF."""
        from signer.documents import preview  # the drawing library, for the child that draws

        with self.vault.open(stored) as content:
            count: int = preview.page_count(content.read())
            return count

    def page_image(self, stored: StoredDocument, index: int) -> bytes:
        """Draw one page of a PDF (from 0) as PNG; raises `signer.InputError` when it cannot."""
        from signer.documents import preview

        with self.vault.open(stored) as content:
            image: bytes = preview.render_page(content.read(), index, PREVIEW_WIDTH)
            return image

    def warm_up(self) -> None:
        """Load everything that a first document needs, by examining one."""
        from signer.documents import preview  # noqa: F401

        for first_bytes in (b"%PDF-1.7\n", b"<letter/>"):
            signer.validate(first_bytes, trust=self.trust)


MakeWorker = Callable[[], Worker]


class _Child:
    """The worker of this child process, built once by the pool's initialiser."""

    worker: ClassVar[Worker]


def _start_child(make_worker: MakeWorker) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        die_with_parent(parent.pid)
    forbid_core_dumps()
    _Child.worker = make_worker()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))


def _run_in_child(operation: str, arguments: tuple[Any, ...]) -> Any:
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(used.ru_utime + used.ru_stime) + CPU_LIMIT
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, hard))
    return getattr(_Child.worker, operation)(*arguments)


class NotExaminedError(Exception):
    """The document exceeded a limit, or its child died of it."""


class DocumentWorkers:
    """A pool of killable children. Starts at first use, so that it survives a server's fork."""

    def __init__(self, make_worker: MakeWorker, *, children: int = 1) -> None:
        self._make_worker = make_worker
        self._children = children
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None

    def warm_up(self) -> None:
        """Start the children now, so that the first document does not wait for their imports.

        Call it in a thread that lives as long as the pool: the children end with it.
        """
        for _ in range(self._children):
            self._started().schedule(_run_in_child, args=["warm_up", ()])

    def examine(self, stored: StoredDocument, at: datetime) -> signer.Report:
        """Validate a stored document as of `at`; raises `NotExaminedError` beyond the limits."""
        report: signer.Report = self._run("examine", stored, at)
        return report

    def page_count(self, stored: StoredDocument) -> int:
        """Count the pages of a stored PDF; raises `NotExaminedError` or `signer.InputError`."""
        count: int = self._run("page_count", stored)
        return count

    def page_image(self, stored: StoredDocument, index: int) -> bytes:
        """Draw one page of a stored PDF; raises `NotExaminedError` or `signer.InputError`."""
        image: bytes = self._run("page_image", stored, index)
        return image

    def close(self) -> None:
        """Stop the children."""
        with self._lock:
            if self._pool is not None:
                self._pool.stop()
                self._pool.join()
                self._pool = None

    def _run(self, operation: str, *arguments: Any) -> Any:
        future = self._started().schedule(
            _run_in_child, args=[operation, arguments], timeout=EXAMINATION_LIMIT
        )
        try:
            return future.result()
        except (ExaminationTimeout, ProcessExpired, MemoryError) as error:
            raise NotExaminedError(operation) from error

    def _started(self) -> ProcessPool:
        with self._lock:
            if self._pool is None:
                self._pool = ProcessPool(
                    max_workers=self._children,
                    max_tasks=DOCUMENTS_PER_CHILD,
                    initializer=_start_child,
                    initargs=[self._make_worker],
                    context=multiprocessing.get_context("spawn"),
                )
            return self._pool
