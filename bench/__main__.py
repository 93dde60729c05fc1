"""`python -m bench [MODULE …]`: every benchmark, or the named ones; status 1 if a goal is missed.

A benchmark is a module of this package that has `rows()`. A figure means little by itself on a
machine that others use too; its ratio to the baseline beside it means much more.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterator, Sequence

import bench
from bench.row import Row

NAME_WIDTH = 48


def main(names: Sequence[str]) -> int:
    """Run the benchmarks; give the exit status."""
    missed = 0
    print(f"{'what':{NAME_WIDTH}} {'ours':>12} {'ratio':>8}  {'goal':14} baseline")
    for row in _rows(names or _all()):
        missed += not row.is_met
        print(_line(row), flush=True)
    if missed:
        print(f"{missed} goals missed.")
    return min(missed, 1)


def _all() -> list[str]:
    return [
        m.name for m in pkgutil.iter_modules(bench.__path__) if m.name not in {"__main__", "row"}
    ]


def _rows(names: Sequence[str]) -> Iterator[Row]:
    for name in names:
        module = importlib.import_module(f"bench.{name}")
        if hasattr(module, "rows"):
            yield from module.rows()


def _line(row: Row) -> str:
    goal = "" if row.goal is None else f"{row.goal_is} {row.goal:g}"
    mark = "" if row.is_met else "  MISSED"
    return (
        f"{row.name:{NAME_WIDTH}} {_figure(row.ours, row.unit):>12} {row.ratio:8.2f}  {goal:14} "
        f"{row.baseline_name} {_figure(row.baseline, row.unit)}{mark}"
    )


def _figure(value: float, unit: str) -> str:
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
