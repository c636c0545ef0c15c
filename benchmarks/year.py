"""Measure what a year of days costs: backfilled by numbers, with the pages of its alerts, by notebooks, and explored.

Usage: .venv/bin/python benchmarks/year.py [--rows 1000] [--days 365] [--notebooks 12] [--quick]

One table with 10 columns (7 numbers, 3 categories) as Parquet and as CSV; the 91 days before are the reference. One
column rises twice for a week. CPU seconds and peak memory are those of the runner and of all that it starts, as the
system counts them. "a further day" is the cost of half the year taken from that of the whole, by day. Notebooks run on
few days, because a year of them takes ten minutes. --quick checks in half a minute that it works.
"""

import argparse
import datetime as dt
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
FIRST, REFERENCE_DAYS = dt.date(2024, 1, 1), 91
PARAMS = """
source: files
reference: {table}
time_column: day
reference_window: "{first}/{last}"
monitor: {{alert: {{rule: budget}}}}
"""
MEASURED = "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); " \
    "used = resource.getrusage(resource.RUSAGE_CHILDREN); " \
    "print(done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """CPU seconds, and the peak memory of the largest process in MB."""

    cpu: float
    memory: float


def make_table(folder: Path, rows: int, days: int) -> None:
    """Write the table in both formats."""
    dice, frames = np.random.default_rng(0), []
    for number in range(REFERENCE_DAYS + days):
        rise = 0.5 * (number - REFERENCE_DAYS in (*range(days // 2, days // 2 + 7), *range(days - 30, days - 23)))
        frame = {"day": str(FIRST + dt.timedelta(days=number)), "amount": dice.lognormal(3 + rise, 1, rows).round(2)}
        frame |= {f"number_{i}": dice.normal(i, 1 + i, rows).round(4) for i in range(6)}
        frame |= {f"kind_{i}": dice.choice(list("abcdefg")[: 3 + 2 * i], rows) for i in range(3)}
        frames.append(pd.DataFrame(frame))
    table = pd.concat(frames, ignore_index=True)
    table.to_csv(folder / "table.csv", index=False)
    table.assign(day=pd.to_datetime(table["day"])).to_parquet(folder / "table.parquet", index=False)


def run(folder: Path, kind: str, days: int, *command: str) -> Cost:
    """Run a command on a new state and return its cost; SystemExit if it fails."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        params, last = Path(place) / "params", FIRST + dt.timedelta(days=REFERENCE_DAYS - 1)
        params.mkdir()
        text = PARAMS.format(table=folder / f"table.{kind}", first=FIRST, last=last)
        (params / "year.yaml").write_text(text)
        options = ["--params", params, "--state", f"{place}/state", "--site", f"{place}/site"]
        if command[0] == "backfill":
            options += ["--from", last + dt.timedelta(days=1), "--to", last + dt.timedelta(days=days)]
        asked = [sys.executable, "runner.py", *command, *map(str, options)]
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        command_line = [sys.executable, "-c", MEASURED, *asked]
        done = subprocess.run(command_line, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    code, cpu, memory = done.stdout.split()
    if code != "0":
        raise SystemExit(f"{' '.join(asked)} ended with {code}")
    return Cost(float(cpu), float(memory))


def main() -> None:
    """Print the costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--notebooks", type=int, default=12, help="days that run as notebooks")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    rows, days, some = (100, 40, 0) if given.quick else (given.rows, given.days, given.notebooks)
    with tempfile.TemporaryDirectory() as folder:
        make_table(Path(folder), rows, days)
        print(f"{days} days x {rows:,} rows x 10 columns, reference of {REFERENCE_DAYS} days")
        for kind in ("parquet",) if given.quick else ("parquet", "csv"):
            year = run(Path(folder), kind, days, "backfill", "--pages", "none")
            half = run(Path(folder), kind, days // 2, "backfill", "--pages", "none")
            further = (year.cpu - half.cpu) / (days - days // 2)
            alerts = run(Path(folder), kind, days, "backfill")
            print(f"{kind}: by numbers {year.cpu:.1f} s CPU, {year.memory:,.0f} MB; a further day {further:.3f} s")
            print(f"{kind}: with the pages of its alerts {alerts.cpu:.1f} s CPU, {alerts.memory:,.0f} MB")
            if some:
                notebooks = run(Path(folder), kind, some, "backfill", "--pages", "all")
                print(f"{kind}: by notebooks {notebooks.cpu / some:.2f} s CPU a day, on {some} days")
        explored = run(Path(folder), "parquet", days, "explore", f"{folder}/table.parquet")
        print(f"parquet: explored {explored.cpu:.1f} s CPU")


if __name__ == "__main__":
    main()
