"""One process of the demo: how it is started, known to be ready, restarted and stopped."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exchange.processes import die_with_parent
from sandbox.demo.guard import Guard

FIRST_PAUSE_SECONDS = 0.5  # before a part that ended is started again; doubles each time
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0  # a part that ran for this long starts with the first pause again
LOG_LINES_SHOWN = 12


@dataclass(frozen=True)
class Part:
    """What the supervisor needs to know of one process.

    `command` is asked anew at each start; `popen` are further arguments of `subprocess.Popen`;
    `orphan_signal` is what the process gets when the supervisor is killed; `patience` is how many
    seconds it may take to stop.
    """

    name: str
    command: Callable[[], Sequence[str]]
    log: Path
    is_ready: Callable[[], bool] = lambda: True
    environment: Mapping[str, str] = field(default_factory=dict)
    popen: Mapping[str, Any] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    patience: float = 25.0

    def end_of_log(self) -> str:
        """Give the last lines that the process wrote."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-LOG_LINES_SHOWN:])


class Run:
    """One life of a part: a process that was started."""

    def __init__(self, part: Part, guard: Guard) -> None:
        supervisor = os.getpid()
        self._guard = guard
        self._since = time.monotonic()
        with part.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - commands of our own, no shell
                part.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **part.environment},
                process_group=0,
                # The supervisor has one thread, so running Python between fork and exec is safe.
                preexec_fn=lambda: die_with_parent(supervisor, part.orphan_signal),
                **part.popen,
            )
        guard.watch(self._process.pid, part.orphan_signal)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended (negative: by that signal); None while it runs. Collects the dead."""
        code = self._process.poll()
        if code is not None:
            self._guard.forget(self.pid)
        return code

    @property
    def seconds(self) -> float:
        """How long ago it was started."""
        return time.monotonic() - self._since

    def send(self, sent: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        self._process.send_signal(sent)

    def kill(self) -> None:
        """Kill the process and whatever of its group is left, and wait for it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: a zombie
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self._guard.forget(self.pid)

    def wait(self, seconds: float) -> None:
        """Wait for the end, at most so long; what is left of the group then is killed."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self.kill()


class Keeper:
    """Keeps one part alive: a run after another, with growing pauses."""

    def __init__(self, part: Part, guard: Guard) -> None:
        self.part = part
        self._guard = guard
        self._pause = FIRST_PAUSE_SECONDS
        self._start_at = 0.0
        self.run: Run | None = Run(part, guard)

    @property
    def ended(self) -> bool:
        """Whether it runs no longer, or not yet again."""
        return self.run is None or self.run.exit_code is not None

    def restart_when_due(self) -> str | None:
        """Start the part again if it ended and the pause is over; say how it ended, once."""
        how = self._note_end()
        if self.run is None and time.monotonic() >= self._start_at:
            self.run = Run(self.part, self._guard)
        return how

    def seconds_to_start(self) -> float | None:
        """Give how long until the next start is due; None while it runs."""
        return None if self.run else max(0.0, self._start_at - time.monotonic())

    def ask_to_stop(self) -> None:
        """Ask the process to finish its work and end."""
        if self.run is not None:
            self.run.send(self.part.stop_signal)

    def insist_on_stop(self) -> None:
        """Wait for the end as long as the part may take, then kill."""
        if self.run is not None:
            self.run.wait(self.part.patience)
            self.run = None

    def kill(self) -> None:
        """End the process at once."""
        if self.run is not None:
            self.run.kill()

    def _note_end(self) -> str | None:
        if self.run is None or (code := self.run.exit_code) is None:
            return None
        if self.run.seconds > STEADY_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        self.run.kill()
        self.run, self._start_at = None, time.monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
        return f"signal {-code}" if code < 0 else f"exit code {code}"
