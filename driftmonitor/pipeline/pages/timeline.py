"""Show a monitor over time: the strip of days and the list of runs. Pure functions."""

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from driftmonitor.formats import counted, number, one_line, percent, say_day
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.run_page import Link

DAYS_LISTED = 366  # and every older run that still has a page
STATUS_WORDS = {
    "healthy": "Healthy", "warm_up": "Healthy in warm-up", "changed": "Changed", "drift": "Drift", "failed": "Failed",
    "check_failed": "Check failed",
}  # fmt: skip
FILES = {"Evidently": "evidently.html", "Record": "record.json", "Notebook": "notebook.ipynb"}


class StripDay(NamedTuple):
    """One day of the strip; `state` is "" on a day without a run, "before" on one before the first run."""

    date: dt.date
    state: str
    words: str
    href: str | None


class ListedRun(NamedTuple):
    """One line of a monitor's list of runs."""

    date: dt.date
    state: str
    state_words: str
    size_words: str
    what: str
    href: str | None
    links: Sequence[Link] = ()


class Month(NamedTuple):
    """The runs of a month, newest first."""

    name: str
    words: str
    runs: Sequence[ListedRun]


def make_days(view: MonitorView) -> list[StripDay]:
    """Return the 90 days up to the view's last, oldest first."""
    first = view.runs[0].run_date
    return [
        _make_day(day, view.by_date.get(day), day in view.files) if day >= first else StripDay(day, "before", "", None)
        for day in view.days_shown
    ]


def _make_day(day: dt.date, run: Run | None, published: bool) -> StripDay:
    if run is None:
        return StripDay(day, "", f"{say_day(day)}: no run", None)
    size = say_size(run)
    words = f"{say_day(day)}: {say_status(run).lower()}{f', {size}' if size else ''}"
    return StripDay(day, choose_run_look(run), words, f"{day}/index.html" if published else None)


def choose_run_look(run: Run) -> str:
    """Return a run's verdict as its icon and colour show it.

    A healthy day with too few baseline days, on which only a large change would have been drift, is `warm_up`.
    """
    is_warm_up = run.budgeted and run.shown == "healthy" and not run.label and run.strangeness_limit is None
    return "warm_up" if is_warm_up else run.shown


def say_days(days: Sequence[StripDay]) -> str:
    """Return the strip in words, from the first run on: `90 days: 9 with drift, 81 healthy`, `90 days, all healthy`."""
    states = [day.state for day in days if day.state != "before"]
    if len(states) < 2:
        return f"First day: {say_counts(states)[2:]}"
    if len({*states}) == 1:
        return f"{len(states)} days, all {say_counts(states[:1])[2:]}"
    return f"{len(states)} days: {say_counts(states)}"


def say_counts(states: Sequence[str]) -> str:
    """Return how many days have each state: `2 with drift, 5 healthy, 1 failed`."""
    words = {
        "drift": "with drift", "check_failed": "with a failing check", "changed": "changed", "healthy": "healthy",
        "warm_up": "healthy in warm-up",
        "failed": "failed", "": "without a run",
    }  # fmt: skip
    return ", ".join(f"{states.count(state)} {word}" for state, word in words.items() if state in states)


def make_months(view: MonitorView) -> list[Month]:
    """Return a year of runs, and older ones that still have a page, newest first, by month."""
    since = view.runs[-1].run_date - dt.timedelta(DAYS_LISTED - 1) if view.runs else dt.date.max
    shown = [run for run in view.runs if run.run_date >= since or run.run_date in view.files]
    listed = [list_run(run, view.files) for run in reversed(shown)]
    months = [(name, list(group)) for name, group in groupby(listed, key=lambda run: f"{run.date:%B %Y}")]
    return [Month(name, say_counts([run.state for run in group]), group) for name, group in months]


def list_run(run: Run, files: Mapping[dt.date, Sequence[str]]) -> ListedRun:
    """Return one line of the list of runs."""
    nothing = _say_nothing_named(run)
    if run.shown == "changed" and run.changed_since:
        nothing = f"differs since {say_day(run.changed_since)}"
    what = run.error or "" if run.status == "failed" else list_names(run.drifted_columns) or nothing
    if run.failing_checks:
        what = f"{what}; failing: {list_names(run.failing_checks)}"
    if run.label:
        what = f"{what}; {run.label}: {run.reason}"
    links = link_files(run.run_date, files)
    href = links[0].href if links else None
    return ListedRun(run.run_date, choose_run_look(run), say_status(run), say_size(run), what, href, links[1:])


def _say_nothing_named(run: Run) -> str:
    """Return what a day shows whose rule named no column: under the budget rule columns can differ and be as usual."""
    if not run.budgeted:
        return "no column drifted"
    differing = run.differing_count or 0
    differ = (
        f"; {counted(differing, 'column')} {'differs' if differing == 1 else 'differ'}, as usual" if differing else ""
    )
    return f"no unusual column{differ}"


def say_status(run: Run) -> str:
    """Return a run's status: `Healthy`, `Changed`, `Drift`, `Failed`, or an analyst's review that made it healthy."""
    return run.label.capitalize() if run.verdict != run.status else STATUS_WORDS[choose_run_look(run)]


def say_size(run: Run) -> str:
    """Return how much drifts: the share of columns `25%`, or with the budget rule the score `5.8 (threshold 4)`."""
    if not run.budgeted or run.status == "failed":
        return "" if run.drift_share is None else percent(run.drift_share)
    if run.strangeness is None or run.strangeness_limit is None:
        return ""
    return f"{number(run.strangeness)} (threshold {number(run.strangeness_limit)})"


def link_files(day: dt.date, files: Mapping[dt.date, Sequence[str]]) -> list[Link]:
    """Return the links of a day that has a page, the page first; none for a day whose report was deleted."""
    if day not in files:
        return []
    present = [Link(text, f"{day}/{name}") for text, name in FILES.items() if name in files[day]]
    return [Link("Report", f"{day}/index.html"), *present]


def list_names(names: Sequence[str], most: int = 3) -> str:
    """Return the first names, and how many more there are: `salary, age and 2 more`."""
    shown = [one_line(name, 40) for name in names[:most]]
    if len(names) > most:
        shown.append(f"{len(names) - most} more")
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
