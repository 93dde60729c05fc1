"""Reads what a running or crashed PostgreSQL left in its folder (`postmaster.pid`)."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path

import psutil

PID_FILE = "postmaster.pid"
# PostgreSQL writes eight lines: pid, folder, start, port, socket, address, memory, status.
_STATUS_LINE = 7


@dataclass(frozen=True)
class Postmaster:
    """A server that really runs on the folder asked about."""

    process: psutil.Process

    @staticmethod
    def is_accepting(folder: Path, pid: int) -> bool:
        """Whether the server with this process id says that it is ready."""
        lines = _read(folder)
        return (
            len(lines) > _STATUS_LINE
            and lines[0] == str(pid)
            and lines[_STATUS_LINE].startswith("ready")
        )

    def stop(self, seconds: float) -> None:
        """Asks for a clean shutdown, and for an immediate one (recovered at the next start) after
        `seconds`.
        """
        for order in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            self.process.send_signal(order)
            try:
                self.process.wait(seconds)
            except psutil.TimeoutExpired:
                continue
            return


def running_postmaster(folder: Path) -> Postmaster | None:
    """Gives the server running on `folder`; None when there is none, whatever the pid file says.

    After a crash or reboot the pid in the file may be another program's by now, so the program is
    looked at, too.
    """
    lines = _read(folder)
    if not lines or not lines[0].isdigit():
        return None
    try:
        process = psutil.Process(int(lines[0]))
        command = process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    ours = any(_same_folder(argument, folder) for argument in command)
    return Postmaster(process) if ours and command[0].endswith("postgres") else None


def remove_stale_lock(folder: Path) -> None:
    """Removes a pid file that no running server stands behind; PostgreSQL would refuse a reused
    pid.
    """
    if running_postmaster(folder) is None:
        (folder / PID_FILE).unlink(missing_ok=True)


def _read(folder: Path) -> list[str]:
    try:
        text = (folder / PID_FILE).read_text(errors="replace")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines()]


def _same_folder(argument: str, folder: Path) -> bool:
    try:
        return Path(argument).is_absolute() and Path(argument).samefile(folder)
    except OSError:
        return False
