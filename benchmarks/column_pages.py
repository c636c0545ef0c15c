"""Measure the pages of a monitor's columns: their weight, and the CPU time that they cost after a new run.

Usage: .venv/bin/python -m benchmarks.column_pages [--columns 30] [--days 365]

The history is that of benchmarks/site.py, and of each day it keeps the columns' distributions: nine quantiles of every
second column, and the shares of six categories of the others. "gzip" is what a reader's browser receives.
"""

import argparse
import datetime as dt
import gc
import gzip
import random
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.site import LAST_DAY, cpu, make_record, publish
from driftmonitor.facts.distribution import PLACES, Distribution
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.history import History, open_history
from driftmonitor.pipeline.pages import publish_monitor

NAME = "monitor_00"
LEVELS = ("north", "east", "south", "west", "inland", "abroad")


def with_distributions(record: RunRecord) -> RunRecord:
    """Return a record that keeps where its columns' values were, by what their distances are."""
    draw = random.Random(f"{record.run_date}")
    columns = [
        score.model_copy(update={"distribution": make_distribution(number, score.distance or 0.0, draw)})
        for number, score in enumerate(record.columns)
    ]
    return record.model_copy(update={"columns": tuple(columns)})


def make_distribution(number: int, distance: float, draw: random.Random) -> Distribution:
    """Return the distribution of one column: of numbers if its `number` is even, otherwise of categories."""
    if number % 2:
        before = (0.3, 0.25, 0.2, 0.12, 0.08, 0.05)
        now = [max(0.0, share + draw.uniform(-0.01, 0.01)) for share in before]
        now[0], now[1] = now[0] + distance / 2, max(0.0, now[1] - distance / 2)
        return Distribution(levels=LEVELS, shares=(before, tuple(round(share, 4) for share in now)))
    middle = tuple(50 + 30 * (place - 0.5) for place in PLACES)
    moved = tuple(round(value + 30 * distance + draw.uniform(-0.5, 0.5), 2) for value in middle)
    return Distribution(quantiles=(middle, tuple(sorted(moved))))


def fill(history: History, days: list[dt.date], columns: int) -> None:
    """Record the days that have a run."""
    plan = planner(title=NAME)
    for day in days:
        record = make_record(NAME, day, columns, random.Random(f"{NAME} {day}"))
        if record:
            history.record(with_distributions(record), plan, dt.datetime.combine(day, dt.time(9, 4), dt.UTC))


def time_columns() -> list[float]:
    """Have the CPU seconds of each later publishing of columns' pages put into the list that is returned."""
    seconds: list[float] = []
    publish_columns = publish_monitor.publish_columns

    def timed(*given: Any) -> None:
        started = cpu()
        publish_columns(*given)
        seconds.append(cpu() - started)

    publish_monitor.publish_columns = timed
    return seconds


def print_weights(site: Path) -> None:
    """Print the weight of the monitor's page and of its columns' pages."""
    monitor = len(gzip.compress((site / NAME / "index.html").read_bytes()))
    print(f"the monitor's page: {monitor:,} bytes gzip")
    pages = [path.read_bytes() for path in (site / NAME / "columns").glob("*/index.html")]
    sizes = [len(gzip.compress(page)) for page in pages]
    print(f"{len(pages)} pages of columns: median {statistics.median(sizes):,.0f} bytes gzip, largest {max(sizes):,}")
    print(f"  uncompressed: median {statistics.median(map(len, pages)):,.0f} bytes")


def measure(root: Path, columns: int, days: int) -> None:
    """Publish a year, and then a day more as often as a median needs."""
    dates = [LAST_DAY - dt.timedelta(back) for back in range(days - 1, -1, -1)]
    (root / "state/reports").mkdir(parents=True)
    seconds, wholes = time_columns(), []
    with open_history(root / "state/history.db") as history:
        fill(history, dates[:-5], columns)
        publish(history, root, [NAME])
        for day in dates[-5:]:
            fill(history, [day], columns)
            wholes.append(publish(history, root, [NAME]))
    own, whole = min(seconds[1:]), min(wholes)
    print(f"after a new run: {own:.2f} s CPU for the pages of columns, of {whole:.2f} s for the whole site")
    print_weights(root / "site")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--days", type=int, default=365)
    given = parser.parse_args()
    gc.set_threshold(200_000)  # as in runner.py
    with tempfile.TemporaryDirectory() as scratch:
        measure(Path(scratch), given.columns, given.days)


if __name__ == "__main__":
    main()
