"""Measure what a day of one monitor of 30 columns takes on GitHub, and multiply it: by monitors, for one to ten years.

`benchmarks/state.py --by-monitors` prints the table. One real run gives the sizes of its report and of its pages, real
records those of the history and of the earlier days that are handed to the notebooks. The minutes are an estimate:
GitHub counts each job by whole minutes.
"""

import datetime as dt
import json
import math
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import history_size
from driftmonitor.config.params import Monitor
from driftmonitor.config.settings import AlertSettings, MonitorSettings
from driftmonitor.facts.earlier_days import write_earlier_days
from driftmonitor.pipeline.earlier_days import earlier_days_of
from driftmonitor.pipeline.github.state_size import say_bytes
from driftmonitor.pipeline.history import open_history

ROOT = Path(__file__).resolve().parents[1]
MONITORS, YEARS = (1, 10, 50), (1, 5, 10)
RUNS = 1300  # of five monitors: as many days as the budget rule looks back on
REPORTS_KEPT = 104  # of a monitor, with two weeks of drift a year: benchmarks/state.py --monitors 1
PAST_DAYS, REPORT_DAYS, SITE_DAYS = 2, 3, 1  # how long the workflow keeps each artifact; Pages' own is kept a day
SET_UP_SECONDS, NOTEBOOK_SECONDS, RECORD_SECONDS, SEND_SECONDS = 45, 4, 3, 1.5  # a job; then for each monitor
PARAMS = """source: files
reference: {0}/reference.parquet
current: {0}/current.parquet
monitor: {{alert: {{rule: budget}}}}
"""


@dataclass(frozen=True)
class Sizes:
    """Bytes that one run of one monitor takes; what is not `shown` as it is stored, compressed."""

    history: int
    report: int
    pages: int
    past: int
    site: int  # without the pages of runs
    shown: int  # of a run's pages, as Pages serves them


def measure(columns: int = 30) -> Sizes:
    """Return the sizes of a run."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        report, pages, site, shown = _run_once(folder, columns)
        records = history_size.make_days(columns)
        history = history_size.write(folder / "history.db", records, RUNS)
        return Sizes(history, report, pages, _past(folder), site, shown)


def _run_once(folder: Path, columns: int) -> tuple[int, int, int, int]:
    """Run the notebook on two files; return the bytes of report, run pages, other pages, and run pages as served."""
    rng = np.random.default_rng(0)
    for side, rows in {"reference": 5000, "current": 2000}.items():
        numbers = {f"number_{i}": rng.normal(50, 10, rows).round(2) for i in range(columns * 2 // 3)}
        kinds = {f"kind_{i}": rng.choice(list("abcdefgh"), rows) for i in range(columns - len(numbers))}
        pd.DataFrame(numbers | kinds).to_parquet(folder / f"{side}.parquet")
    (folder / "params").mkdir()
    (folder / "params/orders.yaml").write_text(PARAMS.format(folder))
    options = [word for name in ("params", "state", "site") for word in (f"--{name}", str(folder / name))]
    subprocess.run([sys.executable, ROOT / "runner.py", *options], check=True, capture_output=True)
    run_pages = [path for path in _files(folder / "site") if path.parent.parent.name == "orders"]
    others = set(_files(folder / "site")) - set(run_pages)
    shown = sum(path.stat().st_size for path in run_pages)
    return packed(_files(folder / "state/reports/orders")), packed(run_pages), packed(others), shown


def _past(folder: Path) -> int:
    settings = MonitorSettings(alert=AlertSettings(rule="budget"))
    monitor = Monitor("orders-0", Path("params/orders-0.yaml"), settings=settings)
    with open_history(folder / "history.db") as history:
        day = history_size.FIRST_DAY + dt.timedelta(RUNS // history_size.MONITORS_WRITTEN)
        write_earlier_days(folder / "past.json", earlier_days_of(history, monitor, day))
    days = json.loads((folder / "past.json").read_text())
    assert len(days["days"]) > 200, "the earlier days are too few"
    return packed([folder / "past.json"])


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def packed(paths: Iterable[Path]) -> int:
    """Return the bytes of files in a zip, as an artifact is stored."""
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in paths:
                archive.write(path)
        return file.tell()


def minutes(monitors: int) -> int:
    """Return the minutes a month that GitHub counts, estimated: a daily run, and two plans that find it done."""
    full, rest = divmod(monitors, 10)
    execute = sum(_minutes(NOTEBOOK_SECONDS * size) for size in [10] * full + [rest] * bool(rest))
    daily = 3 + execute + _minutes(RECORD_SECONDS * monitors) + _minutes(monitors) + _minutes(SEND_SECONDS * monitors)
    return round(daily * 365 / 12)


def _minutes(seconds: float) -> int:
    return math.ceil((SET_UP_SECONDS + seconds) / 60)


def print_table(columns: int = 30) -> None:
    """Measure, and print a row for each number of monitors."""
    each = measure(columns)
    print(f"a run of {columns} columns: {each}\n")
    print(f"{'monitors':>8}" + "".join(f"{f'branch, {n} y':>14}" for n in YEARS), end="")
    print(f"{'artifacts':>12}{'their state':>13}{'and site':>12}{'on Pages':>12}{'minutes':>9}")
    for n in MONITORS:
        reports = n * REPORTS_KEPT * each.report
        branch = [reports + n * each.history * 365 * years for years in YEARS]
        state = n * (PAST_DAYS * each.past + REPORT_DAYS * each.report)
        site = SITE_DAYS * (each.site + n * REPORTS_KEPT * each.pages)
        print(f"{n:>8}" + "".join(f"{say_bytes(size):>14}" for size in branch), end="")
        print(f"{say_bytes(state + site):>12}{say_bytes(state):>13}{say_bytes(site):>12}", end="")
        print(f"{say_bytes(n * REPORTS_KEPT * each.shown):>12}{minutes(n):>9}")
