"""Objects as files of a folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from storage.errors import ObjectExists, ObjectMissing, StoreRefused, StoreUnavailable
from storage.objects.store import Source, StoredObject, check_key

COPY_SIZE = 1024 * 1024  # bytes moved at once
_INCOMING = "incoming"
_FOLDER_MODE = 0o700


class FolderStore:
    """Objects in `folder`, two levels deep (`ab/cd/abcd…`).

    An object is written aside, synced, linked to its name (which fails if the name is taken) and
    its folder synced: it is there whole, also after a power cut, or not at all.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        with _in_words():
            (self.folder / _INCOMING).mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)

    def ping(self) -> None:
        """Looks whether the folder is there and can be written to."""
        if not os.access(self.folder / _INCOMING, os.W_OK | os.X_OK):
            raise StoreRefused(
                f"SKRYTKA_OBJECTS_FOLDER: {self.folder} is not there or cannot be written to. "
                "Check its owner and mode."
            )

    def put(self, key: str, source: Source) -> None:
        """Stores an object; see `ObjectStore.put`."""
        place = self._place(key)
        aside = self.folder / _INCOMING / f"{key}.{secrets.token_hex(4)}"
        try:
            _write_synced(aside, source)
            with _in_words():
                self._make_shard(place.parent)
                os.link(aside, place)
                _sync(place.parent)
        except FileExistsError:
            raise ObjectExists(f"Object {key} exists already.") from None
        finally:
            aside.unlink(missing_ok=True)

    def open(self, key: str) -> BinaryIO:
        """Opens the object's file."""
        with _in_words(key):
            return self._place(key).open("rb", buffering=0)

    def size(self, key: str) -> int:
        """Gives the length of the object's file."""
        with _in_words(key):
            return self._place(key).stat().st_size

    def delete(self, key: str) -> None:
        """Removes the object's file, durably."""
        place = self._place(key)
        with _in_words(key):
            place.unlink(missing_ok=True)
            if place.parent.exists():
                _sync(place.parent)

    def list(self) -> Iterator[StoredObject]:
        """Walks the folder."""
        for place in self.folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            found = place.stat()
            yield StoredObject(
                place.name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC)
            )

    def discard_unfinished(self, older_than: datetime) -> int:
        """Removes what killed processes left half written before `older_than`; gives how many
        files.
        """
        left = [
            path
            for path in (self.folder / _INCOMING).iterdir()
            if path.stat().st_mtime < older_than.timestamp()
        ]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _place(self, key: str) -> Path:
        check_key(key)
        return self.folder / key[:2] / key[2:4] / key

    def _make_shard(self, shard: Path) -> None:
        """Makes the two folders above an object and syncs whichever folder got a new entry."""
        for folder in (shard.parent, shard):
            if not folder.exists():
                folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
                _sync(folder.parent)


def _write_synced(path: Path, source: Source) -> None:
    with _in_words():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    room = memoryview(bytearray(COPY_SIZE))
    with os.fdopen(handle, "wb", buffering=0) as file:
        while size := source.readinto(room):
            with _in_words():
                _write_all(handle, room[:size])
        with _in_words():
            os.fsync(file.fileno())


def _write_all(handle: int, rest: memoryview) -> None:
    while rest:
        rest = rest[os.write(handle, rest) :]


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _in_words(key: str = "") -> Iterator[None]:
    """Turns the system's errors into the store's."""
    try:
        yield
    except FileExistsError:
        raise
    except FileNotFoundError:
        raise ObjectMissing(f"Object {key} is not in the store.") from None
    except PermissionError as error:
        raise StoreRefused(
            "SKRYTKA_OBJECTS_FOLDER: the folder cannot be used "
            f"({error.strerror}). Check its owner and mode."
        ) from error
    except OSError as error:
        raise StoreUnavailable(f"The object folder failed: {error.strerror}.") from error
