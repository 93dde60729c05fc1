"""A store that hangs keeps one caller waiting, not all of them."""

from __future__ import annotations

import io
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from storage import ObjectMissing, S3Store, StoreUnavailable
from storage.objects import s3
from storage.objects.patience import Patience
from storage.objects.store import new_key

WAIT = 0.3  # seconds that stand for READ_SECONDS here
AT_ONCE = WAIT / 2
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class Hanging:
    """A server that takes connections and says what the test lets it say: at first nothing."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.answer = b""
        self.asked = 0
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def store(self) -> S3Store:
        endpoint = f"127.0.0.1:{self.listening.getsockname()[1]}"
        return S3Store(endpoint, "key", "secret", "bucket", secure=False)

    def close(self) -> None:
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self._thread.join()
        for connection in self._open:
            connection.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            self.asked += 1
            self._open.append(connection)
            connection.recv(65536)
            connection.sendall(self.answer)


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    monkeypatch.setattr(s3, "READ_SECONDS", WAIT)
    monkeypatch.setattr(s3, "SILENCE_PAUSE", WAIT)
    monkeypatch.setattr(s3, "CONNECT_SECONDS", WAIT)
    server = Hanging()
    yield server
    server.close()


def seconds_until_refused(store: S3Store) -> float:
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        store.size(new_key())
    return time.monotonic() - began


def test_whoever_met_silence_does_not_ask_again(hanging: Hanging) -> None:
    assert seconds_until_refused(hanging.store) < 2 * WAIT
    assert hanging.asked == 1


def test_after_silence_others_fail_at_once(hanging: Hanging) -> None:
    store = hanging.store
    seconds_until_refused(store)
    assert seconds_until_refused(store) < AT_ONCE
    assert hanging.asked == 1


def test_a_store_that_is_back_is_found_out(hanging: Hanging) -> None:
    store = hanging.store
    seconds_until_refused(store)
    hanging.answer = NOT_FOUND
    time.sleep(WAIT)
    for _ in range(2):
        with pytest.raises(ObjectMissing):
            store.size(new_key())


def test_a_store_that_takes_nothing_in_is_silent_too(
    hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = hanging.store
    monkeypatch.setattr(store, "_exists", lambda _: False)
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        store.put(new_key(), io.BytesIO(os.urandom(s3.PART_SIZE)))
    assert time.monotonic() - began < 3 * WAIT
    assert seconds_until_refused(store) < AT_ONCE


def test_a_store_that_refuses_is_asked_again_at_once(
    hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "RETRY_PAUSE", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"127.0.0.1:{closed.getsockname()[1]}"
    store = S3Store(nobody, "key", "secret", "bucket", secure=False)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="NewConnectionError"):
            store.size(new_key())


def test_one_caller_at_a_time_finds_out_whether_the_store_is_back() -> None:
    clock = Clock()
    patience = Patience(10.0, clock)
    assert patience.may_ask()
    assert patience.may_ask()
    patience.silent()
    assert not patience.may_ask()
    clock.now = 10.0
    assert patience.may_ask()
    assert not patience.may_ask()
    patience.heard()
    assert patience.may_ask()
    assert patience.may_ask()
