"""The demo's folders and ports: secrets apart from data, one demo a folder, no port stolen."""

import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from sandbox.demo.environment import make_keys
from sandbox.demo.folders import LOG_LIMIT, find_folders, keep_alone, tidy
from sandbox.demo.ports import answers, take_free_port, take_port, wanted_port
from sandbox.errors import SandboxError


@pytest.fixture(autouse=True)
def nobody_special(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root's system folders are for real demos; tests are an ordinary user's."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"SKRYTKA_DATA": str(tmp_path / "data"), "SKRYTKA_KEYS": str(tmp_path / "keys")}


def test_the_keys_never_lie_inside_the_data(tmp_path: Path, environment: dict[str, str]) -> None:
    environment["SKRYTKA_KEYS"] = f"{tmp_path}/data/keys"
    with pytest.raises(SandboxError, match="lies inside the data folder"):
        find_folders(environment, tmp_path)


def test_a_link_does_not_hide_that_they_do(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "keys").symlink_to(tmp_path / "data", target_is_directory=True)
    with pytest.raises(SandboxError, match="lies inside the data folder"):
        find_folders(environment, tmp_path)


def test_without_settings_everything_lies_under_the_home(tmp_path: Path) -> None:
    folders = find_folders({}, tmp_path)
    assert folders.data == tmp_path / ".local/share/skrytka"
    assert folders.keys.parent == tmp_path / ".config/skrytka"


def test_a_moved_data_folder_finds_its_keys(tmp_path: Path) -> None:
    old = find_folders({"SKRYTKA_DATA": f"{tmp_path}/old"}, tmp_path)
    old.data.rename(tmp_path / "new")
    assert find_folders({"SKRYTKA_DATA": f"{tmp_path}/new"}, tmp_path).keys == old.keys


def test_nobody_else_may_look_into_the_folders(tmp_path: Path, environment: dict[str, str]) -> None:
    folders = find_folders(environment, tmp_path)
    for folder in (folders.data, folders.keys):
        assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IRWXU


def test_roots_database_lies_where_its_account_can_get_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    environment["SKRYTKA_DATA"] = str(closed / "data")
    assert find_folders(environment, tmp_path).cluster.parts[:4] == ("/", "var", "lib", "skrytka")
    for folder in (closed, *closed.parents):
        if folder.stat().st_uid == os.getuid():
            folder.chmod(0o711)
    assert find_folders(environment, tmp_path).cluster == closed / "data" / "postgresql"


def test_one_demo_a_folder(tmp_path: Path, environment: dict[str, str]) -> None:
    folders = find_folders(environment, tmp_path)
    lock = keep_alone(folders)
    with pytest.raises(SandboxError, match=rf"already \(process {os.getpid()}\)"):
        keep_alone(folders)
    os.close(lock)
    os.close(keep_alone(folders))


def test_documents_without_their_keys_are_not_given_new_ones(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    folders = find_folders(environment, tmp_path)
    tidy(folders)
    make_keys(folders)
    keys = folders.master_keys.read_bytes()
    make_keys(folders)
    assert folders.master_keys.read_bytes() == keys
    (folders.objects / "a").write_bytes(b"encrypted")
    folders.master_keys.unlink()
    with pytest.raises(SandboxError, match=r"The master keys .* are missing"):
        make_keys(folders)


def test_what_does_not_outlive_a_run_is_gone_at_the_next(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    folders = find_folders(environment, tmp_path)
    tidy(folders)
    (folders.spool / "left").write_bytes(b"x")
    (folders.temporary / "folder").mkdir()
    (folders.temporary / "folder" / "left").write_bytes(b"x")
    (folders.objects / "kept").write_bytes(b"x")
    tidy(folders)
    assert list(folders.spool.iterdir()) == list(folders.temporary.iterdir()) == []
    assert (folders.objects / "kept").exists()


def test_a_long_log_is_set_aside(tmp_path: Path, environment: dict[str, str]) -> None:
    folders = find_folders(environment, tmp_path)
    tidy(folders)
    with folders.log("web").open("wb") as log:
        log.truncate(LOG_LIMIT + 1)
    tidy(folders)
    assert not folders.log("web").exists()
    assert folders.log("web").with_suffix(".log.1").exists()


def test_a_folder_that_cannot_be_made_is_told_with_its_variable(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(SandboxError, match="SKRYTKA_DATA"):
        find_folders(environment, tmp_path)


def test_a_taken_port_is_told_with_who_has_it_and_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = rf"Port {port} is taken by process {os.getpid()} \(.*\)\. Set another\."
        with pytest.raises(SandboxError, match=told):
            take_port(port, "Set another.", patience=0)
        with take_free_port(port, port + 20) as free:
            assert free.getsockname()[1] > port


def test_a_port_that_is_just_being_left_is_waited_for() -> None:
    other = socket.create_server(("127.0.0.1", 0))
    leaving = threading.Timer(0.3, other.close)  # as a killed demo's last process does
    leaving.start()
    take_port(other.getsockname()[1], "").close()
    leaving.join()


@pytest.mark.parametrize("text", ["eighty", "0", "65536", "-1", "8080 "])
def test_a_port_must_be_a_port(text: str) -> None:
    with pytest.raises(SandboxError, match="SKRYTKA_PORT"):
        wanted_port(text)


def test_nothing_answers_on_a_port_without_a_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
    assert not answers(port, "/")
