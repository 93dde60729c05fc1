"""Ends the demo's processes when their supervisor was killed, where the kernel does not.

The supervisor holds the writing end of a pipe; when it ends, for whatever reason, the guard reads
the end of the pipe and sends every process that is still on its list the signal meant for it.
"""

import os
import signal
import subprocess
import sys
from typing import IO


class Guard:
    """The supervisor's side. On Linux this does nothing: the kernel guards (`die_with_parent`)."""

    def __init__(self, *, needed: bool = not sys.platform.startswith("linux")) -> None:
        self._process: subprocess.Popen[str] | None = None
        if needed:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sandbox.demo.guard"],
                stdin=subprocess.PIPE,
                text=True,
                bufsize=1,
                process_group=0,
            )

    def watch(self, pid: int, sent: signal.Signals) -> None:
        """Have `pid` sent a signal when the supervisor ends."""
        self._tell(f"{pid} {int(sent)}")

    def forget(self, pid: int) -> None:
        """Take `pid`, which ended, off the list."""
        self._tell(f"{pid} 0")

    def close(self) -> None:
        """End the guard; whatever is still on its list gets its signal."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(f"{line}\n")


def guard(lines: IO[str]) -> None:
    """Keep the list that `lines` tell ("pid signal"; signal 0: forget) and act at their end."""
    watched: dict[int, int] = {}
    for line in lines:
        pid, sent = map(int, line.split())
        if sent:
            watched[pid] = sent
        else:
            watched.pop(pid, None)
    for pid, sent in watched.items():
        try:
            os.kill(pid, sent)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    guard(sys.stdin)
