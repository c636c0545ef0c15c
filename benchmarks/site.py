"""Measure a large site: what a reader loads, and the CPU time of publishing first, on later days, and without changes.

Usage: .venv/bin/python benchmarks/site.py [--monitors 20] [--days 365] [--columns 30] [--reports 90] [--keep FOLDER]

The history is invented: columns that drift for some weeks, failed runs, days without a run. Records carry evidence and
distributions, as those of real runs do. Each of the newest days has a report of typical size. Sizes are in bytes;
"gzip" is what a reader's browser receives.
"""

import argparse
import base64
import datetime as dt
import gc
import gzip
import json
import math
import random
import resource
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.invented_days import World  # noqa: E402
from driftmonitor.config.params import Monitor  # noqa: E402
from driftmonitor.config.settings import MonitorSettings  # noqa: E402
from driftmonitor.facts.distribution import Distribution  # noqa: E402
from driftmonitor.facts.evidence import Evidence  # noqa: E402
from driftmonitor.facts.record import ColumnScore, Finding, Rows, RunRecord, failed  # noqa: E402
from driftmonitor.pipeline import pages  # noqa: E402
from driftmonitor.pipeline.alerts.planning import planner  # noqa: E402
from driftmonitor.pipeline.history import History, open_history  # noqa: E402

LAST_DAY = dt.date(2026, 11, 24)
QUANTILES = (26.7, 33.6, 37.2, 43.3, 50.0, 56.7, 62.8, 66.4, 73.3)
DRAWN = 20  # different days of evidence
TITLES = ("Checkout", "Card payments", "New York weather", "Loan applications", "Search ranking", "Churn")


def make_score(name: str, distance: float, draw: random.Random) -> ColumnScore:
    """Return one column's score; it has drifted if its distance is over 0.05."""
    drifted = distance > 0.05
    effect = {"mean_shift_sd": distance * 3, "mean": [50.0, 50.0 + distance * 30], "sd": [10.0, 10.1]}
    return ColumnScore(
        name=name, kind="numerical", status="drifted" if drifted else "stable", method="ks", threshold=0.05,
        p_value=math.exp(-2000 * distance**2) if drifted else draw.uniform(0.06, 1), statistic=distance,
        distance=distance, effect=effect,
        distribution=Distribution(quantiles=(QUANTILES, tuple(round(each + distance * 30, 2) for each in QUANTILES))),
    )  # fmt: skip


def make_record(monitor: str, day: dt.date, columns: int, draw: random.Random) -> RunRecord | None:
    """Return a day's record; one day in fifty has no run, one in forty failed."""
    chance = draw.random()
    if chance < 0.02 and day != LAST_DAY:
        return None
    if chance < 0.045:
        return failed(monitor, day, "current: data/2026-11-24.csv matches no file", 1.1, "data_missing")
    scores = []
    for i in range(columns):
        # Each column drifts for some weeks of the year, at times of its own.
        season = math.sin((day.toordinal() + 61 * i + 37 * int(monitor[-2:])) / (23 + i))
        swell = max(0.0, season - 0.93) * 9 if i % 3 else 0.0
        name = ("amount", "merchant_age_days", "country_code", "device")[i] if i < 4 else f"feature_{i:02}"
        scores.append(make_score(name, round(swell + draw.uniform(0.005, 0.045), 4), draw))
    share = sum(score.status == "drifted" for score in scores) / columns
    quality = (Finding(kind="missing_values", column="amount", message="amount: missing values rose from 0% to 4%"),)
    return RunRecord(
        monitor=monitor, run_date=day, status="drift" if share > 0.1 else "healthy", drift_share=share, threshold=0.1,
        drifted=share > 0.1, rows=Rows(reference=5000, current=5000, reference_total=5000, current_total=90_000),
        columns=tuple(scores), quality=quality if draw.random() < 0.1 else (), duration_seconds=draw.uniform(3, 5),
        evidence=draw_evidence(columns)[day.toordinal() % DRAWN],
    )  # fmt: skip


@cache
def draw_evidence(columns: int) -> list[Evidence | None]:
    """Return the evidence of some days."""
    return [record.evidence for record in World(columns).records(DRAWN)]


def write_report(folder: Path, record: RunRecord) -> None:
    """Write a report: a notebook with a figure of 40 KB, and Evidently's page."""
    folder.mkdir(parents=True)
    picture = base64.b64encode(random.Random(str(folder)).randbytes(40_000)).decode()
    shown = {"output_type": "display_data", "data": {"image/png": picture}, "metadata": {}}
    text = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "## The pictures\n\nWhich columns stand out?"}
    code = {
        "cell_type": "code",
        "id": "b",
        "metadata": {},
        "source": "show()",
        "outputs": [shown],
        "execution_count": 1,
    }
    notebook = {"cells": [text, code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "notebook.ipynb").write_text(json.dumps(notebook))
    (folder / "record.json").write_text(record.to_json())
    (folder / "evidently.html").write_text("<!doctype html>" + "x" * 40_000)


def fill(history: History, state: Path, names: list[str], days: list[dt.date], columns: int, reports: int) -> None:
    """Record the days of every monitor, and write the reports of the newest days."""
    for name in names:
        plan = planner(title=name)
        for day in days:
            record = make_record(name, day, columns, random.Random(f"{name} {day}"))
            if record:
                history.record(record, plan, dt.datetime.combine(day, dt.time(9, 4), dt.UTC))
            if record and (LAST_DAY - day).days < reports:
                write_report(state / "reports" / name / f"{day}", record)


def cpu() -> float:
    """Return the CPU seconds that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def publish(history: History, root: Path, names: list[str]) -> float:
    """Publish, and return the CPU seconds that it took."""
    monitors = [
        Monitor(name, Path(f"params/{name}.yaml"), settings=MonitorSettings(title=f"{TITLES[i % 6]} {i // 6 or ''}"))
        for i, name in enumerate(names)
    ]
    now = dt.datetime.combine(LAST_DAY, dt.time(9, 5), dt.UTC)
    started = cpu()
    pages.publish(history, root / "state" / "reports", root / "site", monitors, now)
    return cpu() - started


def print_sizes(site: Path, name: str) -> None:
    """Print the sizes of what a reader loads, and of the whole site."""
    for path in ("index.html", f"{name}/index.html", f"api/{name}.json", "api/summary.json", "feed.xml"):
        content = (site / path).read_bytes()
        print(f"{path:32}{len(content):>12,} bytes{len(gzip.compress(content)):>12,} gzip")
    for path in sorted((site / "assets").iterdir()):
        print(f"assets/{path.name:25}{path.stat().st_size:>12,} bytes{len(gzip.compress(path.read_bytes())):>12,} gzip")
    print(f"{'the whole site':32}{sum(path.stat().st_size for path in site.rglob('*') if path.is_file()):>12,} bytes")


def measure(root: Path, monitors: int, days: int, columns: int, reports: int) -> None:
    """Fill a history, publish it four times (from the third on in the previous site's folder), and print the times."""
    names = [f"monitor_{i:02}" for i in range(monitors)]
    dates = [LAST_DAY - dt.timedelta(back) for back in range(days - 1, -1, -1)]
    state = root / "state"
    state.mkdir(parents=True)
    with open_history(state / "history.db") as history:
        fill(history, state, names, dates[:-2], columns, reports)
        print(f"first publish      {publish(history, root, names):8.1f} s CPU")
        for day, words in zip(dates[-2:], ("the second day    ", "the third day     "), strict=True):
            fill(history, state, names, [day], columns, reports)
            print(f"{words} {publish(history, root, names):8.1f} s CPU")
        print(f"nothing changed    {publish(history, root, names):8.1f} s CPU")
    print_sizes(root / "site", names[0])


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option, default in {"monitors": 20, "days": 365, "columns": 30, "reports": 90}.items():
        parser.add_argument(f"--{option}", type=int, default=default)
    parser.add_argument("--keep", type=Path, help="an empty folder in which to keep state and site")
    given = parser.parse_args()
    gc.set_threshold(200_000)  # as in runner.py
    with tempfile.TemporaryDirectory() as scratch:
        measure(given.keep or Path(scratch), given.monitors, given.days, given.columns, given.reports)


if __name__ == "__main__":
    main()
