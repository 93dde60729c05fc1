"""`make crash`: every failpoint of the write path, then random moments. Minutes, not seconds."""

import random
import time

import click

from tests.crash.ordeal import AT_FIRST_START, Ordeal, every_failpoint
from tests.town import town_folder

FAILING_POINTS = ("mid_put", "before_db_commit", "after_db_commit_before_receipt")


@click.command()
@click.option("--seed", type=int, help="Repeat a run (default: a new one).")
@click.option("--moments", default=50, show_default=True, help="How many random moments.")
@click.option("--only", help="Only this failpoint, and no random moments.")
def main(seed: int | None, moments: int, only: str | None) -> None:
    """Kill the demo again and again; exit status 1 at the first thing lost or done twice."""
    seed = random.SystemRandom().randrange(1 << 32) if seed is None else seed
    began = time.monotonic()
    click.echo(f"seed {seed} (again: python -m tests.crash --seed {seed})")
    with town_folder() as folder:
        ordeal = Ordeal(folder, seed, click.echo)
        try:
            ordeal.found()
            for name in [only] if only else every_failpoint():
                if name not in AT_FIRST_START:
                    ordeal.failpoint(name)
            for name in () if only else FAILING_POINTS:
                ordeal.failpoint(name, action="raise")
                ordeal.failpoint(name, action="enospc")
            for _ in range(0 if only else moments):
                ordeal.moment()
            ordeal.end()
        except BaseException:
            click.echo(f"failed; seed {seed}; the demo said:\n{ordeal.town.said}")
            raise
        finally:
            if ordeal.town.process is not None:
                ordeal.town.kill_everything()
    letters = len(ordeal.workload.journal.letters)
    click.echo(f"{letters} letters, nothing lost, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
