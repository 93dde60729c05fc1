"""The spool: measured while written, read and sought like a file, unreadable on disk."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import EncryptedSpool, remove_leftovers

CANARY = b"KANAREK-spool-7f3a9c"
SMALL = 1000  # memory limit in these tests


def spooled(folder: Path, content: bytes, *, step: int = 4096) -> EncryptedSpool:
    spool = EncryptedSpool(folder, memory_limit=SMALL)
    for begin in range(0, len(content), step):
        spool.write(content[begin : begin + step])
    return spool


@pytest.mark.parametrize("size", [0, 1, SMALL, SMALL + 1, 3_000_000])
def test_what_is_written_is_read_and_measured(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    with spooled(tmp_path, content) as spool:
        assert spool.size == size == spool.tell()
        assert spool.sha256 == hashlib.sha256(content).hexdigest()
        assert spool.read() == content
        assert spool.read() == b""
        spool.seek(0)
        assert spool.read(10) == content[:10]
        assert spool.tell() == len(content[:10])


@settings(max_examples=30, deadline=None)
@given(
    steps=st.lists(st.integers(1, 700_000), max_size=6),
    reads=st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(0, 1_500_000)), max_size=5),
)
def test_reads_anywhere_equal_a_plain_file(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], reads: list[tuple[int, int]]
) -> None:
    plain = io.BytesIO()
    with EncryptedSpool(tmp_path_factory.mktemp("spool"), memory_limit=SMALL) as spool:
        for step in steps:
            piece = os.urandom(step)
            plain.write(piece)
            spool.write(piece)
        for position, size in reads:
            plain.seek(position)
            spool.seek(position)
            assert spool.read(size) == plain.read(size)


def test_writing_ends_with_the_first_read(tmp_path: Path) -> None:
    with spooled(tmp_path, b"x" * 5000) as spool:
        assert spool.writable()
        spool.seek(0)
        assert not spool.writable()
        with pytest.raises(ValueError, match="written first"):
            spool.write(b"more")


def test_a_closed_spool_gives_nothing(tmp_path: Path) -> None:
    for size in (10, 5000):
        spool = spooled(tmp_path, b"x" * size)
        spool.close()
        spool.close()
        for use in (
            spool.read,
            lambda spool=spool: spool.seek(0),
            lambda spool=spool: spool.write(b""),
        ):
            with pytest.raises(ValueError, match=r"closed|written first"):
                use()


def test_a_small_spool_never_touches_the_disk(tmp_path: Path) -> None:
    with spooled(tmp_path / "never", b"x" * SMALL) as spool:
        assert spool.read() == b"x" * SMALL
    assert not (tmp_path / "never").exists()


def test_nothing_readable_and_no_name_is_left_on_disk(tmp_path: Path) -> None:
    """The process reads its own open file by way of /proc, and is then stopped dead."""
    script = f"""
import os, pathlib, signal, sys
from storage import EncryptedSpool
folder = pathlib.Path({str(tmp_path)!r})
spool = EncryptedSpool(folder, memory_limit=10)
spool.write({CANARY!r} * 200_000)
handles = pathlib.Path("/proc/self/fd")
if handles.exists():
    files = [h for h in list(handles.iterdir()) if h.exists() or os.path.islink(h)]
    files = [h for h in files if str(folder) in os.readlink(h)]
    stored = b"".join(h.read_bytes() for h in files)
    assert len(stored) > 1_000_000 and {CANARY!r} not in stored
os.kill(os.getpid(), signal.SIGKILL)
"""
    run = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert (run.returncode, run.stderr) == (-9, b"")
    assert list(tmp_path.iterdir()) == []


def test_leftovers_are_removed_at_start(tmp_path: Path) -> None:
    (tmp_path / "0011.spool").write_bytes(b"left")
    (tmp_path / "other.txt").write_bytes(b"not ours")
    assert remove_leftovers(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["other.txt"]
    assert remove_leftovers(tmp_path / "missing") == 0


def test_a_change_on_disk_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage import StorageError

    monkeypatch.setattr(Path, "unlink", lambda *_args, **_kw: None)
    with spooled(tmp_path, os.urandom(3_000_000)) as spool:
        spool.seek(0)
        (file,) = tmp_path.iterdir()
        content = bytearray(file.read_bytes())
        content[1_500_000] ^= 1
        with file.open("r+b") as changed:
            changed.write(content)
        with pytest.raises(StorageError):
            spool.read()
