"""A folder that is made whole or not at all.

folder/          mode 0700
  lock           held while the content is looked at or made
  making/        left behind only by a start that was killed; removed by the next one
  ready/         the content; appears by one rename when all of it is on the disk
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.errors import SandboxError

_READY = "ready"
_MAKING = "making"
_LOCK = "lock"
_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600


def ready_content(folder: Path) -> Path | None:
    """Give the path of the content, None when there is none yet."""
    content = folder / _READY
    return content if content.is_dir() else None


def make_or_open(folder: Path, make: Callable[[Path], None]) -> Path:
    """Give the path of the content, letting `make` fill an empty folder for it first if needed.

    Two processes may call this at once: one makes, the other waits and finds it made. A `make`
    that is killed leaves nothing that a later call would take for content.

    Raises `SandboxError` when `folder` holds something else or cannot be used.
    """
    try:
        folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        with _locked(folder):
            content = ready_content(folder)
            if content is None:
                content = _make(folder, make)
            return content
    except OSError as error:
        raise SandboxError(
            f"The sandbox folder {folder} cannot be used: {error.strerror or error}. "
            "Give a folder that this user may write to, with free space."
        ) from error


def write_file(path: Path, content: bytes) -> None:
    """Write one new file durably, readable by its owner only; makes its folder if need be."""
    path.parent.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _make(folder: Path, make: Callable[[Path], None]) -> Path:
    foreign = {entry.name for entry in folder.iterdir()} - {_LOCK, _MAKING}
    if foreign:
        raise SandboxError(
            f"The folder {folder} already holds other files ({min(foreign)}). "
            "Give the sandbox a folder of its own."
        )
    making, ready = folder / _MAKING, folder / _READY
    if making.exists():
        shutil.rmtree(making)
    making.mkdir(mode=_PRIVATE_FOLDER)
    make(making)
    for place in (*(entry for entry in making.iterdir() if entry.is_dir()), making):
        _sync_folder(place)
    making.rename(ready)
    _sync_folder(folder)
    return ready


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE_FILE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
