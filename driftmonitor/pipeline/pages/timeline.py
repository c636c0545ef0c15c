"""What the pages say of a monitor over time: the strip of days and the list of runs. Pure functions."""

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from driftmonitor.formats import number, one_line, percent
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.pages.monitor_history import MonitorView
from driftmonitor.pipeline.pages.run_page import Link
from driftmonitor.pipeline.pages.templates import say_day

DAYS_SHOWN = 90
DAYS_LISTED = 366  # and every older run that still has a page
STATUS_WORDS = {"healthy": "Healthy", "drift": "Drift", "failed": "Failed"}
FILES = {"Evidently": "evidently.html", "Record": "record.json", "Notebook": "notebook.ipynb"}


class Day(NamedTuple):
    """A cell of the strip; `state` is "" on a day without a run, "before" on one before the first."""

    date: dt.date
    state: str
    words: str
    href: str | None


class Listed(NamedTuple):
    """A line of a monitor's list of runs."""

    date: dt.date
    state: str
    state_words: str
    share_words: str
    what: str
    href: str | None
    links: Sequence[Link]


class Month(NamedTuple):
    """The runs of a month, newest first."""

    name: str
    words: str
    runs: Sequence[Listed]


def make_days(view: MonitorView) -> list[Day]:
    """Return the 90 days up to the view's last, oldest first."""
    days = [view.last_shown - dt.timedelta(back) for back in range(DAYS_SHOWN - 1, -1, -1)]
    first = view.runs[0].run_date
    return [
        _day(day, view.by_date.get(day), day in view.files) if day >= first else Day(day, "before", "", None)
        for day in days
    ]


def _day(day: dt.date, run: Run | None, published: bool) -> Day:
    if run is None:
        return Day(day, "", f"{say_day(day)}: no run", None)
    size = say_size(run)
    words = f"{say_day(day)}: {say_standing(run).lower()}{f', {size}' if size else ''}"
    return Day(day, run.verdict, words, f"{day}/index.html" if published else None)


def say_days(days: Sequence[Day]) -> str:
    """Return the strip in words, from the first run on: `90 days: 12 drifted, 76 healthy, 2 without a run`."""
    told = [day.state for day in days if day.state != "before"]
    counts = say_counts(told)
    return f"{len(told)} days: {counts}" if len(told) > 1 else f"First day: {counts.removeprefix('1 ')}"


def say_counts(states: Sequence[str]) -> str:
    """Return how many of each: `2 drifted, 5 healthy, 1 failed`."""
    words = {"drift": "drifted", "healthy": "healthy", "failed": "failed", "": "without a run"}
    return ", ".join(f"{states.count(state)} {word}" for state, word in words.items() if state in states)


def make_months(view: MonitorView) -> list[Month]:
    """Return a year of runs, and older ones that still have a page, newest first, by month."""
    since = view.runs[-1].run_date - dt.timedelta(DAYS_LISTED - 1) if view.runs else dt.date.max
    shown = [run for run in view.runs if run.run_date >= since or run.run_date in view.files]
    listed = [make_listed(run, view.files) for run in reversed(shown)]
    months = [(name, list(group)) for name, group in groupby(listed, key=lambda run: f"{run.date:%B %Y}")]
    return [Month(name, say_counts([run.state for run in group]), group) for name, group in months]


def make_listed(run: Run, files: Mapping[dt.date, Sequence[str]]) -> Listed:
    """Return one line of the list of runs."""
    what = run.error or "" if run.status == "failed" else some(run.drifted_columns) or "no column drifted"
    if run.label:
        what = f"{what}; {run.label}: {run.reason}"
    page, *links = run_links(run.run_date, files) or [None]
    return Listed(run.run_date, run.verdict, say_standing(run), say_size(run), what, page and page.href, links)


def say_standing(run: Run) -> str:
    """Return what a run counts as: `Healthy`, `Drift`, `Failed`, or `Dismissed` where an analyst said so."""
    return "Dismissed" if run.verdict != run.status else STATUS_WORDS[run.status]


def say_size(run: Run) -> str:
    """Return how much drifts: `25 %` of columns; with rule budget `5.8 (limit 4)`, the strangeness."""
    if run.rule == "budget" and run.status != "failed":
        limit = "" if run.strangeness_limit is None else f" (limit {number(run.strangeness_limit)})"
        return f"{number(run.strangeness)}{limit}" if run.strangeness is not None and limit else ""
    return "" if run.drift_share is None else percent(run.drift_share)


def run_links(day: dt.date, files: Mapping[dt.date, Sequence[str]]) -> list[Link]:
    """Return the links of a day that has a page, the page first; none for a day whose report is gone."""
    if day not in files:
        return []
    present = [Link(text, f"{day}/{name}") for text, name in FILES.items() if name in files[day]]
    return [Link("Report", f"{day}/index.html"), *present]


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(one_line(name, 40) for name in names[:most]) + more
