"""What the login remembers is forgotten in time and given to one taker only."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

from sandbox.login.memory import MAX_REMEMBERED, Memory

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Thing:
    value: str
    expires_at: datetime = START + timedelta(seconds=60)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def test_a_thing_lives_until_its_last_second() -> None:
    clock = Clock()
    memory: Memory[Thing] = Memory(clock)
    memory.remember(Thing("code"))
    clock.now += timedelta(seconds=59)
    assert memory.look_up("code") == Thing("code")
    clock.now += timedelta(seconds=1)
    assert memory.look_up("code") is None
    assert memory.take("code") is None


def test_a_thing_is_taken_once_even_by_many_at_the_same_time() -> None:
    memory: Memory[Thing] = Memory(Clock())
    memory.remember(Thing("code"))
    takers, taken = 8, []
    together = Barrier(takers)

    def take() -> None:
        together.wait()
        taken.append(memory.take("code"))

    threads = [Thread(target=take) for _ in range(takers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [thing for thing in taken if thing] == [Thing("code")]


def test_the_oldest_is_forgotten_when_there_are_too_many() -> None:
    memory: Memory[Thing] = Memory(Clock())
    for number in range(MAX_REMEMBERED + 1):
        memory.remember(Thing(str(number)))
    assert memory.look_up("0") is None
    assert memory.look_up("1") == Thing("1")
