"""Keeps the processes of the demo running, and ends them all when it ends, however it ends.

Every part runs in a process group of its own: Ctrl-C reaches the supervisor alone, which then
stops the parts in order. Should the supervisor be killed, the kernel tells its children (Linux);
elsewhere a small guard process does (`sandbox.demo.guard`).
"""

import os
import select
import signal
import time
from collections.abc import Callable, Iterable

from sandbox.demo.guard import Guard
from sandbox.demo.parts import Keeper, Part
from sandbox.errors import SandboxError

START_SECONDS = 120.0  # recovery after a kill, on a cold disk, on a machine with other work
READY_POLL_SECONDS = 0.03
MANY_SIGNALS = 4096  # one byte each in the pipe
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked(Exception):
    """Somebody asked the supervisor to stop."""


class Supervisor:
    """Starts parts in stages, restarts what ends, stops the stages in reverse.

    There is one in a process, made in its main thread: it takes the signals over.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._stages: list[list[Keeper]] = []
        self._guard = Guard()
        self._asked_to_stop = False
        self._alarm = _signal_pipe()
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for stop in STOP_SIGNALS:
            signal.signal(stop, self._on_stop)

    def start(self, *parts: Part) -> None:
        """Start the parts of one stage, without waiting for them."""
        self._stages.append([Keeper(part, self._guard) for part in parts])

    def until_ready(self) -> None:
        """Wait until every part is ready.

        Raises `SandboxError` with the end of the log of a part that does not start, `StopAsked`
        when asked to stop meanwhile.
        """
        deadline = time.monotonic() + START_SECONDS
        waiting = list(self._keepers())
        while waiting := [keeper for keeper in waiting if not keeper.part.is_ready()]:
            ended = [keeper for keeper in self._keepers() if keeper.ended]
            if ended or time.monotonic() > deadline:
                raise _did_not_start([*ended, *waiting][0].part)
            self._sleep(READY_POLL_SECONDS)

    def watch(self) -> None:
        """Restart whatever ends, until asked to stop (raises `StopAsked`)."""
        while True:
            for keeper in self._keepers():
                if how := keeper.restart_when_due():
                    self._say(f"{keeper.part.name} ended ({how}) and is started again.")
            due = [keeper.seconds_to_start() for keeper in self._keepers()]
            self._sleep(min((seconds for seconds in due if seconds is not None), default=None))

    def stop(self) -> None:
        """Stop every stage, the last one first, each part as gently as it lets itself."""
        self._asked_to_stop = True
        for stage in reversed(self._stages):
            for keeper in stage:
                keeper.ask_to_stop()
            for keeper in stage:
                keeper.insist_on_stop()
        self._guard.close()

    def _keepers(self) -> Iterable[Keeper]:
        return (keeper for stage in self._stages for keeper in stage)

    def _sleep(self, seconds: float | None) -> None:
        """Sleep until a signal arrives or the time is over (None: only a signal)."""
        if not self._asked_to_stop:
            rung, _, _ = select.select([self._alarm], [], [], seconds)
            if rung:
                os.read(self._alarm, MANY_SIGNALS)
        if self._asked_to_stop:
            raise StopAsked

    def _on_stop(self, *_: object) -> None:
        if self._asked_to_stop:  # asked twice: a hurry; what is killed recovers at the next start
            for keeper in self._keepers():
                keeper.kill()
        self._asked_to_stop = True


def _signal_pipe() -> int:
    """Give a descriptor that becomes readable when a signal arrives."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    return reader


def _did_not_start(part: Part) -> SandboxError:
    return SandboxError(f"{part.name} did not start. {part.log} ends with:\n{part.end_of_log()}")
