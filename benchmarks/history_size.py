"""Measure how large the history becomes, by monitors and years, from real records of 30 columns.

Usage: .venv/bin/python benchmarks/history_size.py [--columns 30] [--runs 2000]

Records of 12 compared days are written again and again, as runs of several monitors. The size per run is that of the
last half of the runs, and the table multiplies it.
"""

import argparse
import datetime as dt
import itertools
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from driftmonitor.analysis.columns import infer_columns  # noqa: E402
from driftmonitor.analysis.drift import compare  # noqa: E402
from driftmonitor.analysis.sources.data import Data  # noqa: E402
from driftmonitor.facts.record import RunRecord  # noqa: E402
from driftmonitor.pipeline.github.history_parts import PART_BYTES, split  # noqa: E402
from driftmonitor.pipeline.github.state_size import say_bytes  # noqa: E402
from driftmonitor.pipeline.history import open_history  # noqa: E402
from driftmonitor.pipeline.history.sqlite_file import write_to_one_file  # noqa: E402

FIRST_DAY, NOW = dt.date(2026, 1, 1), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
MONITORS, YEARS, MONITORS_WRITTEN = (1, 5, 10, 50), (1, 3, 10), 5


def make_days(columns: int) -> list[RunRecord]:
    """Return the records of 12 days of orders, two thirds of the columns numbers, the others categories."""
    rng = np.random.default_rng(0)

    def orders(rows: int) -> pd.DataFrame:
        numbers = columns * 2 // 3
        frame = {f"number_{i}": rng.normal(50, 10, rows).round(2) for i in range(numbers)}
        return pd.DataFrame(frame | {f"kind_{i}": rng.choice(list("abcdefgh"), rows) for i in range(columns - numbers)})

    reference = orders(5000)
    sides = [Data(reference, orders(2000), 5000, 2000) for _ in range(12)]
    return [compare(data, infer_columns(data)).record("orders", FIRST_DAY) for data in sides]


def write(place: Path, records: list[RunRecord], runs: int) -> int:
    """Record `runs` runs of several monitors; return the bytes that a run of the last half takes."""
    sizes = []
    with open_history(place) as history:
        days = zip(itertools.cycle(records), range(runs), strict=False)
        for record, number in days:
            name, day = f"orders-{number % MONITORS_WRITTEN}", FIRST_DAY + dt.timedelta(number // MONITORS_WRITTEN)
            history.record(record.model_copy(update={"monitor": name, "run_date": day}), None, NOW)
            if number + 1 in (runs // 2, runs):
                write_to_one_file(place)
                sizes.append(place.stat().st_size)
    return round((sizes[1] - sizes[0]) / (runs - runs // 2))


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--runs", type=int, default=2000)
    given = parser.parse_args()
    records = make_days(given.columns)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "history.db"
        each = write(place, records, given.runs)
        largest = max(len(content) for _, content in split(place.parent))
    text = round(sum(len(record.to_json()) for record in records) / len(records))
    print(f"largest file: {say_bytes(largest)}, never more than {say_bytes(PART_BYTES)}")
    print(f"a run: {each:,} bytes in the history; its record is {text:,} bytes of JSON\n")
    print(f"{'monitors':>10}" + "".join(f"{counted_years(years):>12}" for years in YEARS))
    for monitors in MONITORS:
        print(f"{monitors:>10}" + "".join(f"{say_bytes(each * monitors * years * 365):>12}" for years in YEARS))


def counted_years(years: int) -> str:
    """Return a heading."""
    return f"{years} year{'' if years == 1 else 's'}"


if __name__ == "__main__":
    main()
