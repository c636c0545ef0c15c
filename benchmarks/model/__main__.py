"""Measure what is said of a model, in worlds whose truth is known, beside what was asked for.

Usage: python -m benchmarks.model [--full] [--only labels estimates coverage others cost day]

Prints a table. The quick run takes a minute of CPU, the full one half an hour.
"""

import argparse
from collections.abc import Callable, Iterator

from benchmarks.model.figures import HEAD, Figure
from benchmarks.model.others import cost, others
from benchmarks.model.whole_day import whole_day
from benchmarks.model.with_labels import with_labels
from benchmarks.model.without_labels import coverage, without_labels

PARTS: dict[str, Callable[[bool], Iterator[Figure]]] = {
    "labels": lambda full: with_labels(200, 200) if full else with_labels(4, 20),
    "estimates": lambda full: without_labels(10, 20) if full else without_labels(1, 4),
    "coverage": lambda full: coverage(10, 20) if full else coverage(1, 8),
    "others": lambda full: others(50, 200) if full else others(2, 10),
    "cost": lambda full: cost(5 if full else 1),
    "day": lambda full: whole_day((1_000, 20_000, 100_000), 3) if full else whole_day((1_000,), 1),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="as many trials as the docs report")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    options = parser.parse_args()
    print(HEAD, flush=True)
    for name in options.only:
        for figure in PARTS[name](options.full):
            print(figure, flush=True)


if __name__ == "__main__":
    main()
