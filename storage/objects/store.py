"""The protocol that every object store fulfils, and its keys."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Protocol

_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class StoredObject:
    """One object as the store lists it."""

    key: str
    size: int
    modified_at: datetime


class Source(Protocol):
    """What is stored is read from: raw or buffered binary files of `io` have this form."""

    def readinto(self, buffer: Any, /) -> int | None:
        """Puts the next bytes into `buffer`; gives how many, 0 at the end."""
        ...


class ObjectStore(Protocol):
    """Keeps objects under random keys (`new_key`), each written once and never changed.

    Every method raises `StoreError`: `ObjectMissing`, `ObjectExists`, `StoreRefused` or
    `StoreUnavailable`. What the source raises passes through, and then no object exists under the
    key.
    """

    def ping(self) -> None:
        """Reaches the store once, as whoever may use it; changes nothing."""
        ...

    def put(self, key: str, source: Source) -> None:
        """Stores what `source` gives, durably, in constant memory."""
        ...

    def open(self, key: str) -> BinaryIO:
        """Gives the object as a seekable binary file; the bytes are fetched as they are read."""
        ...

    def size(self, key: str) -> int:
        """Gives the object's length in bytes."""
        ...

    def delete(self, key: str) -> None:
        """Removes the object; a missing one is no error."""
        ...

    def list(self) -> Iterator[StoredObject]:
        """Gives every object, in no particular order."""
        ...


def new_key() -> str:
    """Gives a fresh random key: 128 bits, so two never meet and none can be guessed from a
    document.
    """
    return secrets.token_hex(16)


def check_key(key: str) -> str:
    """Gives `key` back if it has the form of `new_key`; anything else (a path, say) is a
    programming error.
    """
    if not _KEY.fullmatch(key):
        raise ValueError("An object key is 32 lowercase hexadecimal digits.")
    return key
