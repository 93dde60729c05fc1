"""`skrytka demo` as people start it: what it says, how it stops, what it refuses."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest
import requests

from tests.town import SKRYTKA, Town, TownError, free_port, town_folder
from tests.visitor import Visitor

SECOND_START_SECONDS = 5.0  # on an idle machine
STOP_SECONDS = 15.0
LINGER_SECONDS = 3.0  # the kernel takes a moment to bury what it killed

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with town_folder() as folder:
        town = Town(folder, free_port())
        town.start()
        try:
            yield town
        finally:
            town.kill_everything()


@pytest.fixture(autouse=True)
def running(town: Town) -> None:
    assert town.process is not None
    if town.process.poll() is not None:
        town.start()


def test_it_says_where_it_is_and_whom_to_log_in_as(town: Town) -> None:
    assert f"\n    {town.base_url}/\n" in town.said
    assert "Anna Wymyślna" in town.said
    assert str(town.data) in town.said
    assert requests.get(town.base_url, timeout=30).status_code == requests.codes.ok


def test_it_listens_on_this_machine_only(town: Town) -> None:
    ours = {process.pid for process in town.processes()}
    listening = {
        tuple(connection.laddr)
        for connection in psutil.net_connections("inet")
        if connection.pid in ours and connection.status == psutil.CONN_LISTEN
    }
    assert {address[0] for address in listening} == {"127.0.0.1"}
    assert len(listening) == 2  # pages and sandbox


def test_stopping_and_starting_again_keeps_the_letters(town: Town) -> None:
    anna = Visitor(town.base_url)
    anna.sign_in("anna")
    draft = anna.write("Urząd Miasta Lubań", "Wniosek", "Proszę.")
    anna.sign(draft)
    letter = anna.file(draft)
    document, receipts = anna.document(letter), anna.receipts(letter)

    before = town.processes()
    assert town.stop(signal.SIGINT) < STOP_SECONDS
    assert town.process is not None
    assert town.process.returncode == 0
    _, left = psutil.wait_procs(before, timeout=LINGER_SECONDS)
    assert left == []

    town.start()
    anna.sign_in("anna")
    assert anna.document(letter) == document
    assert anna.receipts(letter) == receipts


def test_sigterm_stops_it_as_ctrl_c_does(town: Town) -> None:
    assert town.stop(signal.SIGTERM) < STOP_SECONDS
    log = (town.data / "logs" / "postgresql.log").read_text()
    assert log.rstrip().endswith("database system is shut down")


def test_a_second_demo_on_the_same_folder_is_refused(town: Town) -> None:
    port = str(free_port())
    done = demo({**town.environment, "SKRYTKA_PORT": port})
    assert done.returncode == 2
    assert f"A demo runs on {town.data} already" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_told_with_what_to_do(town: Town) -> None:
    town.stop()
    with socket.create_server(("127.0.0.1", town.port)):
        with pytest.raises(TownError, match=rf"Port {town.port} is taken by process {os.getpid()}"):
            town.start()
        assert f"SKRYTKA_PORT={town.port + 1}" in town.said
    town.start()


def test_other_commands_work_on_its_data_while_it_runs(town: Town) -> None:
    assert "up to date" in town.run("migrate").stdout
    assert town.run("ledger", "verify").returncode == 0
    offices = town.run("institution", "list").stdout
    assert "Urząd Miasta Lubań" in offices


def test_serve_refuses_what_the_demo_runs_on(town: Town) -> None:
    done = town.run("serve")
    assert done.returncode == 2
    assert "SKRYTKA_TRUST_ANCHORS: the folder holds a certificate of a sandbox" in done.stderr


def test_the_log_names_nobody(town: Town) -> None:
    visitor = Visitor(town.base_url)
    visitor.sign_in("jan")
    visitor.get("/inbox?q=Zmyślony")
    logs = "".join(path.read_text() for path in (town.data / "logs").glob("*.log"))
    assert "/inbox" in logs
    for told in ("Zmyślony", "Zmy%C5%9Blony", "82851710112", "code="):
        assert told not in logs


def demo(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(SKRYTKA), "demo"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
