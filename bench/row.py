"""One line of the benchmark, and how its times are taken."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

WARM_UP = 2  # calls before the clock starts: caches, lazy imports, first connections


@dataclass(frozen=True)
class Row:
    """What we need for something, and what the baseline needs for it, in the same unit.

    `goal` bounds the ratio ours / baseline; None where the figure is only for orientation.
    """

    name: str
    ours: float
    baseline_name: str
    baseline: float
    unit: str = "ms"
    goal: float | None = None
    goal_is: Literal["at most", "at least"] = "at most"

    @property
    def ratio(self) -> float:
        """Ours over the baseline's."""
        return self.ours / self.baseline

    @property
    def is_met(self) -> bool:
        """Whether the goal, if there is one, is met."""
        if self.goal is None:
            return True
        return self.ratio <= self.goal if self.goal_is == "at most" else self.ratio >= self.goal


def median_of(work: Callable[[], object], *, repeat: int = 15) -> float:
    """Give the median time of a call in milliseconds, garbage collection kept out of it."""
    for _ in range(WARM_UP):
        work()
    gc.collect()
    gc.disable()
    try:
        return statistics.median(_milliseconds(work) for _ in range(repeat))
    finally:
        gc.enable()


def alternating(
    ours: Callable[[], object], baseline: Callable[[], object], *, repeat: int = 15
) -> tuple[float, float]:
    """Give both medians in milliseconds, measured turn by turn so that a busy moment hits both."""
    for work in (ours, baseline) * WARM_UP:
        work()
    gc.collect()
    gc.disable()
    try:
        pairs = [(_milliseconds(ours), _milliseconds(baseline)) for _ in range(repeat)]
    finally:
        gc.enable()
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)
