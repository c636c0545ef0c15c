"""Publish scores.csv: append the rows of new runs, or rewrite it if an older run has changed."""

import csv
import datetime as dt
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from driftmonitor.pipeline.pages.columns import DAYS_READ
from driftmonitor.pipeline.pages.csv_files import scores_csv
from driftmonitor.pipeline.pages.frame import look_key
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.site_folder import Build

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History


def publish_scores(build: Build, history: "History", view: MonitorView) -> None:
    """Publish the test results of the last year."""
    path, since = f"{view.name}/scores.csv", first_day(view)
    key = f"{look_key()} {view.run_keys[-1]} {since}"
    if build.reuse(path, key):
        return
    count, table = _read_previous(build, path, view.run_keys, since)
    unread = view.runs[count:]
    scores = history.scores(max(since, unread[0].run_date), view.name) if unread else []
    header, _, rows = scores_csv(scores, view.by_date).partition("\r\n")
    build.write(path, f"{header}\r\n{cut_rows(table, since)}{rows}", key)


def first_day(view: MonitorView) -> dt.date:
    """Return the first day of the year whose test results the pages show."""
    return view.last_shown - dt.timedelta(DAYS_READ - 1) if view.runs else dt.date.max


def _read_previous(build: Build, path: str, keys: Sequence[str], since: dt.date) -> tuple[int, str]:
    """Return how many unchanged runs the previous table has, and the table; 0 if it starts too late."""
    look, key, start = (*str(build.previous_keys.get(path, "")).split(" "), "", "", "")[:3]
    usable = look == look_key() and key in keys and start <= since.isoformat()
    table = build.read_previous(path) if usable else ""
    return (keys.index(key), table) if table else (0, "")


def cut_rows(table: str, since: dt.date) -> str:
    """Return a table's rows from `since` on, without its header. A row can have several lines: so can a name."""
    lines = io.StringIO(table, newline="")
    rows = csv.reader(lines)
    next(rows, None)
    start = lines.tell()
    for row in rows:
        if row[0] >= since.isoformat():
            break
        start = lines.tell()
    return table[start:]
