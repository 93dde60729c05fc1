"""A sandbox is made whole or not at all, once, and opens quickly ever after."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox import Sandbox, SandboxError

URL = "http://127.0.0.1:1"
START = (
    "import sys; from pathlib import Path; from datetime import datetime, UTC; "
    "from sandbox import Sandbox; "
    f"Sandbox.create_or_open(Path(sys.argv[1]), {URL!r}, lambda: datetime.now(UTC), rsa_bits=2048)"
)


def clock() -> datetime:
    return datetime.now(UTC)


def start(folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-W", "error", "-c", START, str(folder)])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.fixture
def folder_of(sandbox: Sandbox) -> Path:
    return sandbox.content.parent


def test_opening_again_changes_nothing_and_is_quick(sandbox: Sandbox, folder_of: Path) -> None:
    before = contents(folder_of)
    began = time.perf_counter()
    again = Sandbox.create_or_open(folder_of, sandbox.base_url, clock)
    assert time.perf_counter() - began < 0.3
    assert contents(folder_of) == before
    assert again.created == sandbox.created
    assert again.anchors() == sandbox.anchors()


def test_nobody_but_the_owner_can_read_anything(folder_of: Path) -> None:
    for path in (folder_of, *folder_of.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_private_keys_of_people_are_nowhere_but_in_their_pkcs12_files(folder_of: Path) -> None:
    private = {
        name.rpartition("/")[2]
        for name, content in contents(folder_of).items()
        if b"PRIVATE KEY" in content
    }
    assert private == {"root.pem", "ca.pem", "ocsp.pem", "tsa.pem", "login-key.pem"}


def _keys_begun(folder: Path) -> bool:
    return (folder / "making" / "keys").is_dir()


def _credentials_begun(folder: Path) -> bool:
    return (folder / "making" / "credentials").is_dir()


def _folder_begun(folder: Path) -> bool:
    return (folder / "lock").exists()


@pytest.mark.parametrize("moment", [_folder_begun, _keys_begun, _credentials_begun])
def test_killed_half_way_the_next_start_makes_a_whole_sandbox(
    tmp_path: Path, moment: Callable[[Path], bool]
) -> None:
    folder = tmp_path / "world"
    process = start(folder)
    while not moment(folder):
        assert process.poll() is None
        time.sleep(0.001)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert Sandbox.remembered_base_url(folder) is None
    made = Sandbox.create_or_open(folder, URL, clock, rsa_bits=2048)
    assert names_in(folder) == ["lock", "ready"]
    assert made.credential("anna").password


def test_two_starts_at_once_make_one_sandbox(tmp_path: Path) -> None:
    folder = tmp_path / "world"
    starts = [start(folder), start(folder)]
    assert [process.wait(timeout=60) for process in starts] == [0, 0]
    assert Sandbox.open(folder).base_url == URL
    assert names_in(folder) == ["lock", "ready"]


def test_a_sandbox_stays_at_its_address(sandbox: Sandbox, folder_of: Path) -> None:
    assert Sandbox.remembered_base_url(folder_of) == sandbox.base_url
    with pytest.raises(SandboxError, match="was made for"):
        Sandbox.create_or_open(folder_of, "http://127.0.0.1:2", clock)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("do not lose")
    with pytest.raises(SandboxError, match=r"thesis\.txt"):
        Sandbox.create_or_open(tmp_path, URL, clock)
    assert (tmp_path / "thesis.txt").read_text() == "do not lose"


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"format": 1}', '{"format": 99}'])
def test_a_damaged_or_foreign_sandbox_is_named_not_replaced(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "ready").mkdir()
    (tmp_path / "ready" / "sandbox.json").write_text(manifest)
    with pytest.raises(SandboxError, match="Remove the folder"):
        Sandbox.create_or_open(tmp_path, URL, clock)


def test_there_is_nothing_to_open_in_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="no sandbox"):
        Sandbox.open(tmp_path)


def test_strangers_have_no_credentials(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="Nobody"):
        sandbox.credential("../anna")
    with pytest.raises(SandboxError, match="no office"):
        sandbox.seal("umwarszawa")


def test_secrets_are_not_shown_by_accident(sandbox: Sandbox) -> None:
    assert sandbox.credential("anna").password not in repr(sandbox.credential("anna"))
    assert sandbox.login_client().client_secret not in repr(sandbox.login_client())
