"""The demo's supervisor: real processes that crash, hang, refuse to stop or lose their parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

PATIENCE = 15.0  # seconds; a loaded machine starts a Python in one or two

# A program that supervises the parts which the test writes as statements.
SUPERVISOR = """
import signal, sys
from pathlib import Path
from sandbox.demo.parts import Part
from sandbox.demo.supervisor import StopAsked, Supervisor
folder = Path({folder!r})
def say(line):
    print(line, flush=True)
def part(name, statements="", **more):
    program = (
        "import os, signal, sys, time; from pathlib import Path\\n"
        f"Path({folder!r}, '{{name}}.pid').write_text(str(os.getpid()))\\n"
        f"{{statements}}\\n"
        "time.sleep(1000)"
    )
    more.setdefault("is_ready", (folder / f"{{name}}.pid").exists)
    command = [sys.executable, "-c", program]
    return Part(name, lambda: command, folder / f"{{name}}.log", **more)
supervisor = Supervisor(say)
try:
    exec({statements})
    supervisor.until_ready()
    say("ready")
    supervisor.watch()
except StopAsked:
    say("stopping")
finally:
    supervisor.stop()
say("stopped")
"""


class Supervised:
    """A running supervisor and what it says."""

    def __init__(self, folder: Path, statements: str) -> None:
        self.folder = folder
        program = SUPERVISOR.format(folder=str(folder), statements=repr(statements))
        self.process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def pid(self, name: str, *, other_than: int = 0) -> int:
        path = self.folder / f"{name}.pid"
        until(lambda: path.exists() and path.read_text() not in ("", str(other_than)))
        return int(path.read_text())

    def hear(self, line: str) -> None:
        assert self.process.stdout is not None
        heard = []
        for said in self.process.stdout:
            heard.append(said)
            if line in said:
                return
        pytest.fail(f"{line!r} was not said, but: {''.join(heard)}")

    def ends(self) -> int:
        return self.process.wait(PATIENCE)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Callable[[str], Supervised]]:
    running: list[Supervised] = []

    def start(statements: str) -> Supervised:
        running.append(Supervised(tmp_path, statements))
        return running[-1]

    yield start
    for each in running:
        each.process.kill()
        each.process.communicate()


def test_a_part_that_was_killed_is_started_again(supervised: Callable[[str], Supervised]) -> None:
    town = supervised("supervisor.start(part('web'))")
    town.hear("ready")
    first = town.pid("web")
    os.kill(first, signal.SIGKILL)
    town.hear("web ended (signal 9) and is started again")
    assert not is_gone(town.pid("web", other_than=first))


FINISHES = """\"\"\"
def finish(*_):
    time.sleep(0.3)
    open('{folder}/ended', 'a').write('{name} ')
    sys.exit()
signal.signal(signal.SIGTERM, finish)
Path('{folder}', '{name}.set').touch()
\"\"\""""


def test_parts_stop_in_reverse_each_after_its_work(
    supervised: Callable[[str], Supervised], tmp_path: Path
) -> None:
    names = ("database", "web")
    text = {name: FINISHES.format(folder=tmp_path, name=name) for name in names}
    starts = [f"supervisor.start(part({name!r}, {text[name]}))" for name in names]
    town = supervised("\n".join(starts))
    town.hear("ready")
    until(lambda: all((tmp_path / f"{name}.set").exists() for name in names))
    town.process.send_signal(signal.SIGTERM)
    town.hear("stopped")
    assert (tmp_path / "ended").read_text() == "web database "
    assert town.ends() == 0


STUBBORN = '"signal.signal(signal.SIGTERM, signal.SIG_IGN); {}"'


def test_a_part_that_does_not_stop_is_killed_in_the_end(
    supervised: Callable[[str], Supervised], tmp_path: Path
) -> None:
    stubborn = STUBBORN.format(f"Path('{tmp_path}', 'set').touch()")
    town = supervised(f"supervisor.start(part('web', {stubborn}, patience=0.2))")
    until((tmp_path / "set").exists)
    pid = town.pid("web")
    town.process.send_signal(signal.SIGINT)
    town.hear("stopped")
    assert is_gone(pid)


def test_a_second_ctrl_c_waits_for_nobody(
    supervised: Callable[[str], Supervised], tmp_path: Path
) -> None:
    stubborn = STUBBORN.format(f"Path('{tmp_path}', 'set').touch()")
    town = supervised(f"supervisor.start(part('web', {stubborn}, patience=600))")
    until((tmp_path / "set").exists)
    town.process.send_signal(signal.SIGINT)
    town.hear("stopping")
    town.process.send_signal(signal.SIGINT)
    town.hear("stopped")
    assert town.ends() == 0


def test_a_part_that_does_not_start_shows_the_end_of_its_log(
    supervised: Callable[[str], Supervised],
) -> None:
    town = supervised(
        "supervisor.start(part('web', \"sys.exit('port taken')\", is_ready=lambda: False))"
    )
    town.hear("web did not start")
    town.hear("port taken")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the guard does it there")
def test_when_the_supervisor_is_killed_the_kernel_ends_the_parts(
    supervised: Callable[[str], Supervised],
) -> None:
    town = supervised("supervisor.start(part('database'), part('web'))")
    town.hear("ready")
    pids = [town.pid("database"), town.pid("web")]
    town.process.kill()
    until(lambda: all(map(is_gone, pids)))


def test_where_the_kernel_does_not_the_guard_ends_them() -> None:
    """The way of macOS, tried here too: the guard notices the end of the pipe."""
    sleepers = [subprocess.Popen(["sleep", "1000"]) for _ in range(2)]
    program = (
        "import signal, time; from sandbox.demo.guard import Guard\n"
        "guard = Guard(needed=True)\n"
        f"guard.watch({sleepers[0].pid}, signal.SIGKILL)\n"
        f"guard.watch({sleepers[1].pid}, signal.SIGKILL)\n"
        f"guard.forget({sleepers[1].pid})\n"
        "print('watching', flush=True); time.sleep(1000)"
    )
    supervisor = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    )
    try:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == "watching\n"
        supervisor.kill()
        assert sleepers[0].wait(PATIENCE) == -signal.SIGKILL
        assert sleepers[1].poll() is None
    finally:
        supervisor.communicate()
        sleepers[1].kill()
        sleepers[1].wait()
