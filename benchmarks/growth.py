"""Measure how costs grow with the number of columns, of monitors and of days, and print each one's exponent.

Usage: .venv/bin/python -m benchmarks.growth [--only publish|compare|read] [--quick]

Seconds of CPU, without imports. The exponent is that of the growth from the second last to the last size: 0 is flat, 1
proportional. publish: the first site, that of a day later, the pages of columns in it, and one without changes. Records
carry evidence and distributions, and the newest five days have reports. compare: 10,000 rows a side, with Evidently's
page. read: two CSV files of 10 columns, by the rows of each. What further days cost to judge and to record:
benchmarks/past.py.
"""

import argparse
import datetime as dt
import gc
import math
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd

from benchmarks.cost.comparison import OURS, Bench
from benchmarks.site import LAST_DAY, cpu, fill, publish
from driftmonitor.analysis.sources import load_data
from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.pages import publish_monitor

REPORTS = 5
STEPS = ("the first site", "a day later", "of it, pages of columns", "nothing changed")
SIZES = ((1, 10, 50, 200), (60, 365, 730), (10, 100, 1000))  # of monitors, days and columns
QUICK = ((1, 2), (3, 6), (2, 4))
Size = tuple[int, int, int]  # monitors, days, columns


class Stopwatch:
    """Wraps a function and adds up the CPU seconds that it takes."""

    def __init__(self, function: object) -> None:
        self.function, self.seconds = function, 0.0

    def __call__(self, *args: object) -> None:
        started = cpu()
        self.function(*args)
        self.seconds += cpu() - started


def measure_publish(monitors: int, days: int, columns: int) -> list[float]:
    """Return the CPU seconds of each step."""
    names = [f"monitor_{i:02}" for i in range(monitors)]
    dates = [LAST_DAY - dt.timedelta(back) for back in range(days, -1, -1)]
    watch = Stopwatch(publish_monitor.publish_columns)
    with tempfile.TemporaryDirectory() as scratch:
        root, state = Path(scratch), Path(scratch) / "state"
        state.mkdir()
        with (
            open_history(state / "history.db") as history,
            mock.patch.object(publish_monitor, "publish_columns", watch),
        ):
            fill(history, state, names, dates[:-1], columns, REPORTS)
            first = publish(history, root, names)
            fill(history, state, names, dates[-1:], columns, REPORTS)
            watch.seconds = 0.0
            later, of_columns = publish(history, root, names), watch.seconds
            publish(history, root, names)  # from now on the site before the last is there to build in
            return [first, later, of_columns, publish(history, root, names)]


def measure_read(rows: int) -> float:
    """Return the CPU seconds of reading both sides, the better of two times."""
    dice = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        for side in ("reference", "current"):
            table = {f"number_{i}": dice.normal(size=rows).round(4) for i in range(7)}
            table |= {f"kind_{i}": dice.choice(list("abcde"), rows) for i in range(3)}
            pd.DataFrame(table).to_csv(f"{folder}/{side}.csv", index=False)
        costs = []
        for _ in range(3):  # the first one imports
            started = cpu()
            sides = {side: f"{folder}/{side}.csv" for side in ("reference", "current")}
            load_data(source="files", run_date=f"{LAST_DAY}", **sides)
            costs.append(cpu() - started)
    return min(costs[1:])


def print_table(title: str, sizes: Sequence[int], steps: dict[str, list[float]]) -> None:
    """Print one line for each step."""
    print(f"\n{title:>30}" + "".join(f"{size:>10,}" for size in sizes) + "  exponent")
    for step, costs in steps.items():
        grown = math.log(max(costs[-1], 1e-9) / max(costs[-2], 1e-9)) / math.log(sizes[-1] / sizes[-2])
        print(f"{step:>30}" + "".join(f"{cost:>10.2f}" for cost in costs) + f"{grown:>10.2f}", flush=True)


def print_publish(title: str, sizes: Sequence[int], found: Sequence[Size]) -> None:
    """Measure publishing at each size, and print it."""
    costs = [measure_publish(*size) for size in found]
    print_table(title, sizes, {step: [each[i] for each in costs] for i, step in enumerate(STEPS)})


def main() -> None:
    """Read the command line, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["publish", "compare", "read"])
    parser.add_argument("--quick", action="store_true", help="small sizes, to check that it works")
    given = parser.parse_args()
    gc.set_threshold(200_000)  # as in runner.py
    os.environ["OMP_NUM_THREADS"] = "1"  # as in kernels
    if given.only in (None, "publish"):
        sizes = QUICK if given.quick else SIZES
        measure_publish(1, 3, 2)  # imports, and compiles the templates
        print_publish("monitors (30 days, 10 columns)", sizes[0], [(each, 30, 10) for each in sizes[0]])
        print_publish("days (2 monitors, 10 columns)", sizes[1], [(2, each, 10) for each in sizes[1]])
        print_publish("columns (1 monitor, 30 days)", sizes[2], [(1, 30, each) for each in sizes[2]])
    if given.only in (None, "compare"):
        columns = (2, 4) if given.quick else (10, 30, 100, 300, 1000)
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(Path(folder))
            costs = [bench.cost(OURS, 100 if given.quick else 10_000, each).cpu for each in columns]
        print_table("columns (10,000 rows a side)", columns, {"compare": costs})
    if given.only in (None, "read"):
        rows = (10, 20) if given.quick else (1_000, 10_000, 100_000)
        print_table("rows of each CSV file", rows, {"read both": [measure_read(each) for each in rows]})


if __name__ == "__main__":
    main()
