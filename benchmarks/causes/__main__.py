"""Measure how often the search for a change's origin names what was planted, and what it costs.

Usage: python -m benchmarks.causes [--trials 100] [--rows 600 1000 10000] [--seed N]
"""

import argparse
import time
from collections.abc import Iterator

import numpy as np

from benchmarks.causes.exactness import print_exactness
from benchmarks.causes.named import is_named
from benchmarks.causes.worlds import CAUSES, draw
from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.where.of_column import Rows, find_of_column
from driftmonitor.facts.where import Changed, Where

REFERENCE = 10_000  # rows


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=100, help="of each cause, each with a reference of its own")
    parser.add_argument("--rows", type=int, nargs="+", default=[300, 600, 1000, 10_000], help="of the day")
    parser.add_argument("--seed", type=int, default=21)
    given = parser.parse_args()
    print_named(given.trials, given.rows, given.seed)
    print_exactness(given.trials, given.rows, given.seed)


def print_named(trials: int, rows: list[int], seed: int) -> None:
    """Print the share of days on which what was planted is what is said, and how long that takes."""
    print("| planted | " + " | ".join(f"{number:,} rows" for number in rows) + " |")
    print("|---|" + "---|" * len(rows))
    seconds: dict[int, list[float]] = {number: [] for number in rows}
    for cause in CAUSES:
        rates = []
        for number in rows:
            right = []
            for where, planted, took in _try(cause, trials, number, seed):
                right.append(is_named(where, planted))
                seconds[number].append(took)
            rates.append(f"{np.mean(right):.2f}")
        print(f"| {cause} | {' | '.join(rates)} |", flush=True)
    print("| CPU seconds for one column | " + " | ".join(f"{np.mean(each):.3f}" for each in seconds.values()) + " |")


def _try(cause: str, trials: int, rows: int, seed: int) -> Iterator[tuple[Where | None, object, float]]:
    """Yield what is said of a day, what was planted in it, and the CPU seconds that it took."""
    kinds: tuple[Changed, ...] = ("missing",) if cause.startswith("missing") else ("level", "spread")
    for trial in range(trials):
        dice = np.random.default_rng([seed, trial])
        reference = draw(REFERENCE, dice)
        current, planted = CAUSES[cause](rows, dice)
        columns = [
            Column(name, "categorical" if reference[name].dtype.kind in "OU" else "numerical", "") for name in reference
        ]
        started = time.process_time()
        where = find_of_column(Rows(reference, current, columns), "amount", kinds)
        yield where, planted, time.process_time() - started


if __name__ == "__main__":
    main()
