"""Measure how long each query of a large history takes, in SQLite or PostgreSQL.

Usage: .venv/bin/python benchmarks/history.py [--monitors 50] [--days 365] [--columns 30] [--where FILE_OR_URL]

The history is invented and written table by table. Each query runs three times; the fastest is shown, in seconds.
"""

import argparse
import datetime as dt
import itertools
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from driftmonitor.facts.record import ColumnScore, RunRecord, SidePair  # noqa: E402
from driftmonitor.facts.record import Rows as RowCounts  # noqa: E402
from driftmonitor.pipeline.alerts.incidents import Run  # noqa: E402
from driftmonitor.pipeline.alerts.messages import compose  # noqa: E402
from driftmonitor.pipeline.alerts.planning import planner  # noqa: E402
from driftmonitor.pipeline.alerts.state import fold  # noqa: E402
from driftmonitor.pipeline.history import History, open_history, rows, tables  # noqa: E402

LAST_DAY = dt.date(2026, 11, 24)
NOW = dt.datetime(2026, 11, 24, 9, 5, tzinfo=dt.UTC)


def make_scores(columns: int, drifted: int, draw: random.Random) -> tuple[ColumnScore, ...]:
    """Return the scores of a run in which the first `drifted` columns drifted."""
    return tuple(
        ColumnScore(
            name=f"feature_{place:03}", kind="numerical", status="drifted" if place < drifted else "stable",
            method="ks", p_value=draw.random(), statistic=draw.random(), threshold=0.05, adjusted_p_value=draw.random(),
            distance=draw.random(), missing_share=SidePair(reference=draw.random(), current=draw.random()),
            effect={"mean_shift_sd": draw.random(), "mean": [draw.random()] * 2, "sd": [draw.random()] * 2},
        )
        for place in range(columns)
    )  # fmt: skip


def make_records(monitor: str, days: int, columns: int, draw: random.Random) -> Iterator[RunRecord]:
    """Yield one record for each day: mostly healthy, with weeks of drift."""
    kept = [make_scores(columns, drifted, draw) for drifted in (0, 0, 0, columns // 2) for _ in range(5)]
    counts = RowCounts(reference=5000, current=5000, reference_total=5000, current_total=90_000)
    for back in range(days - 1, -1, -1):
        drifting = back % 40 < 10
        scores = draw.choice(kept[15:] if drifting else kept[:15])
        yield RunRecord(
            monitor=monitor, run_date=LAST_DAY - dt.timedelta(back), status="drift" if drifting else "healthy",
            drift_share=0.5 if drifting else 0.0, threshold=0.1, drifted=drifting, rows=counts, columns=scores,
            duration_seconds=draw.uniform(3, 5),
        )  # fmt: skip


def fill(history: History, monitors: list[str], days: int, columns: int) -> None:
    """Write every monitor's runs, scores, events and sent messages to the history, one transaction for each monitor."""
    draw = random.Random(0)
    for monitor in monitors:
        records = list(make_records(monitor, days, columns, draw))
        history._database.write(lambda connection, records=records: _insert(connection, records))


def _insert(connection: Any, records: list[RunRecord]) -> None:
    monitor = records[0].monitor
    connection.execute(tables.monitors.insert(), [{"name": monitor}])
    rows.insert_runs(connection, records, NOW)
    by_day = {record.run_date: record for record in records}
    state = fold(map(Run.of, records))
    events = [
        {
            "monitor": monitor, "run_date": event.run_date, "event": event.kind, "position": place, "holds": True,
            "mute": "", "spread": True, "recorded_at": NOW,
            "payload": compose(event.kind, by_day[event.run_date], monitor, event.since, "drifting"),
        }
        for place, event in enumerate(state.events)
    ]  # fmt: skip
    told = [
        {
            "monitor": monitor, "run_date": event["run_date"], "event": event["event"], "channel": channel,
            "state": "sent", "heard": True, "said": 1, "attempts": 0, "due_at": NOW, "created_at": NOW, "sent_at": NOW,
        }
        for event, channel in itertools.product(events, ("discord", "slack"))
    ]  # fmt: skip
    if events:
        connection.execute(tables.events.insert(), events)
        connection.execute(tables.outbox.insert(), told)


def queries(history: History, monitors: list[str], days: int, columns: int) -> dict[str, Callable[[], Any]]:
    """Return the queries of the runner, the pages and an analyst, by name."""
    one, year = monitors[len(monitors) // 2], LAST_DAY - dt.timedelta(days)
    (record,) = make_records(one, 1, columns, random.Random(1))
    return {
        "monitors()": history.monitors,
        "has_run(monitor, day)": lambda: history.has_run(one, LAST_DAY),
        "runs(monitor)": lambda: history.runs(one),
        "record_of(monitor, day)": lambda: history.record_of(one, LAST_DAY),
        "records(monitor), 90 days": lambda: history.records(one, LAST_DAY - dt.timedelta(89)),
        "records(monitor), all": lambda: history.records(one),
        "durations(monitor)": lambda: history.durations(one),
        "scores(monitor), all": lambda: history.scores(year, one),
        "scores(), one day": lambda: history.scores(LAST_DAY),
        "scores(), 7 days": lambda: history.scores(LAST_DAY - dt.timedelta(6)),
        "messages(monitor)": lambda: history.messages(one),
        "frame(monitor)": lambda: history.frame(one),
        "frame(since=7 days)": lambda: history.frame(since=LAST_DAY - dt.timedelta(6)),
        "outbox.pending()": history.outbox.pending,
        "record(run), a write": lambda: history.record(record, planner(), NOW),
        "runs() of every monitor": lambda: [history.runs(name) for name in monitors],
        "frame() of everything": history.frame,
    }


def time_of(query: Callable[[], Any]) -> float:
    """Return the fastest of three timings: other processes can only make it slower."""
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        query()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


def measure(where: str, monitors: int, days: int, columns: int) -> None:
    """Fill a history and print each query's time."""
    names = [f"monitor_{number:02}" for number in range(monitors)]
    with open_history(where if "://" in where else Path(where)) as history:
        started = time.perf_counter()
        fill(history, names, days, columns)
        print(f"{monitors} monitors x {days} days x {columns} columns, filled in {time.perf_counter() - started:.0f} s")
        for name, query in queries(history, names, days, columns).items():
            print(f"{name:28}{time_of(query):9.4f} s", flush=True)
    print(f"{'peak memory':28}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:9.0f} MB")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option, default in {"monitors": 50, "days": 365, "columns": 30}.items():
        parser.add_argument(f"--{option}", type=int, default=default)
    parser.add_argument("--where", help="a new file or an empty database; a temporary file by default")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measure(given.where or f"{scratch}/history.db", given.monitors, given.days, given.columns)


if __name__ == "__main__":
    main()
