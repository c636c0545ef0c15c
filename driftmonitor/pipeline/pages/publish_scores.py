"""A monitor's scores.csv: it grows by the new days' rows, and is made anew when an older run is no longer as it was."""

import csv
import datetime as dt
import io

from driftmonitor.pipeline.pages.columns import DAYS_READ
from driftmonitor.pipeline.pages.csv_files import scores_csv
from driftmonitor.pipeline.pages.frame import made_by
from driftmonitor.pipeline.pages.monitor_history import History, MonitorView
from driftmonitor.pipeline.pages.site_folder import Build


def publish_scores(build: Build, history: History, view: MonitorView) -> None:
    """Publish the table of the last year's scores."""
    path, since = f"{view.name}/scores.csv", first_day(view)
    key = f"{made_by()} {view.run_keys[-1]} {since}"
    if build.reuse(path, key):
        return
    known, before = _known(build, path, view.run_keys, since)
    unread = view.runs[known:]
    scores = history.scores(max(since, unread[0].run_date), view.name) if unread else []
    header, _, rows = scores_csv(scores).partition("\r\n")
    build.write(path, f"{header}\r\n{rows_from(before, since)}{rows}", key)


def first_day(view: MonitorView) -> dt.date:
    """Return the first day of the year whose scores the pages show."""
    return view.last_shown - dt.timedelta(DAYS_READ - 1) if view.runs else dt.date.max


def _known(build: Build, path: str, keys: list[str], since: dt.date) -> tuple[int, str]:
    """Return how many runs the previous site's table has as they still are, and the table; 0 if it begins too late."""
    maker, key, start = (*str(build.previous_keys.get(path, "")).split(" "), "", "", "")[:3]
    whole = maker == made_by() and key in keys and start <= since.isoformat()
    before = build.read_previous(path) if whole else ""
    return (keys.index(key), before) if before else (0, "")


def rows_from(table: str, since: dt.date) -> str:
    """Return a table's rows from `since` on, without its header. One can be several lines: a name can break a line."""
    lines = io.StringIO(table, newline="")
    rows = csv.reader(lines)
    next(rows, None)
    start = lines.tell()
    for row in rows:
        if row[0] >= since.isoformat():
            break
        start = lines.tell()
    return table[start:]
