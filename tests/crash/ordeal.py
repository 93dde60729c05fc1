"""The loop: work, kill, restart, check; then again on the same data."""

import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from app import Composition
from tests.crash.invariants import Invariants
from tests.crash.journal import Journal
from tests.crash.workload import Workload
from tests.town import Town, TownError, free_port, kill

ROOT = Path(__file__).parents[2]
FAILPOINT_CALL = re.compile(r'failpoint\("(\w+)"\)')
AT_FIRST_START = frozenset({"migrate_step"})  # reached only while a town is being founded
STEPS_TO_REACH = 150
LONGEST_CALM = 2.0  # seconds of work before a blow at a random moment
LONGEST_FOUNDING = 6.0  # seconds in which a first start is interrupted
RESTART_SECONDS = 30.0  # I8
FOUNDING_SECONDS = 75.0  # database and authority are made anew when the first start was cut short
RECOVERY_SECONDS = 60.0

# What is killed at a random moment, and how often: everything is a power cut, the others are what
# the supervisor must mend by itself while people work.
VICTIMS = {
    "everything": 12,
    "the supervisor": 2,
    "postgres": 3,
    "demo web": 2,
    "demo worker": 1,
}


def every_failpoint() -> list[str]:
    """Give the names of all failpoints in the code of the rooms."""
    files = (path for room in ("exchange", "storage") for path in (ROOT / room).rglob("*.py"))
    return sorted({name for path in files for name in FAILPOINT_CALL.findall(path.read_text())})


class Ordeal:
    """One town and what befalls it; `say` hears a line about each blow."""

    def __init__(self, folder: Path, seed: int, say: Callable[[str], None]) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - no secret, but repeatable
        self._say = say
        self.town = Town(folder, free_port())
        self.workload = Workload(self.town.base_url, Journal(), self._dice)
        self._invariants = Invariants(self.town, self.workload)

    def found(self) -> None:
        """Interrupt the first start at a random moment, then start for real."""
        founding = threading.Timer(self._dice.uniform(0.2, LONGEST_FOUNDING), self._fell)
        founding.start()
        try:
            self.town.start()
        except TownError:
            self._say("the first start was interrupted")
        founding.join()
        self._restart("the founding", within=FOUNDING_SECONDS)

    def failpoint(self, name: str, *, action: str = "kill") -> None:
        """Let a process die (or fail) at a place in the code, then everything; and restart."""
        self.town.stop()
        self.workload.new_sessions()
        nth = 1 if name in AT_FIRST_START else self._dice.randint(1, 2)
        self.town.start(failpoint=f"{name}:{nth}={action}")
        steps = iter(range(STEPS_TO_REACH))
        broken_off = self.workload.run_until_broken_off(
            lambda: "signal 9" in self.town.said or next(steps, None) is None
        )
        assert broken_off or "signal 9" in self.town.said, f"{name} was not reached"
        self.town.kill_everything()
        self._restart(f"{name}:{nth}={action}")

    def moment(self) -> None:
        """Kill somebody at a random moment of people's work."""
        victim = self._dice.choices(list(VICTIMS), list(VICTIMS.values()))[0]
        calm = self._dice.uniform(0, LONGEST_CALM)
        blow = threading.Timer(calm, self._strike, [victim])
        blow.start()
        broken_off = self.workload.run_until_broken_off(lambda: not blow.is_alive())
        blow.join()
        what = f"{victim} after {calm:.2f} s{' of work' if broken_off else ''}"
        if victim in {"everything", "the supervisor"}:
            self._restart(what)
        else:
            self._recover(what)

    def end(self) -> None:
        """Stop the town as people do, and look once more for what should not be on the disk."""
        self.town.stop()
        self._invariants.check_nothing_in_the_clear()

    def _strike(self, victim: str) -> None:
        if victim == "everything":
            self.town.kill_everything()
        elif victim == "the supervisor":
            assert self.town.process is not None
            self.town.process.kill()
            self.town.process.wait()
        else:
            for process in self.town.named(victim)[:1]:
                kill(process)

    def _fell(self) -> None:
        if self.town.process is not None:
            self.town.kill_everything()

    def _restart(self, what: str, *, within: float = RESTART_SECONDS) -> None:
        self.workload.new_sessions()
        self._invariants.check_nothing_in_the_clear()
        self.town.start()
        assert self.town.seconds_to_start < within * crowding(), (
            f"I8: {self.town.seconds_to_start:.0f} s"
        )
        self._check()
        self._say(f"{what}: up again in {self.town.seconds_to_start:.1f} s, all there")

    def _recover(self, what: str) -> None:
        """Wait until the supervisor has mended what was killed."""
        began = time.monotonic()
        while not self._is_well():
            assert time.monotonic() - began < RECOVERY_SECONDS, f"no recovery from {what}"
            time.sleep(0.1)
        seconds = time.monotonic() - began
        self._check()
        self._say(f"{what}: mended in {seconds:.1f} s, all there")

    def _is_well(self) -> bool:
        self.workload.new_sessions()
        return not self.workload.run_until_broken_off(over_after_one(self.workload))

    def _check(self) -> None:
        with self._parts() as parts:
            self._invariants.check(parts)

    @contextmanager
    def _parts(self) -> Iterator[Composition]:
        with mock.patch.dict(os.environ, self.town.settings()):
            parts = Composition()
            try:
                yield parts
            finally:
                parts.database.close()


def crowding() -> float:
    """Give by how much others slow this machine down: a limit in seconds means one of our own."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def over_after_one(workload: Workload) -> Callable[[], bool]:
    """Give a condition that lets one look into an inbox happen, and nothing else."""

    def over() -> bool:
        workload.visitor("anna").inbox()
        return True

    return over
