"""What the pages say of a monitor over time: the strip of days, the list of runs, the incidents. Pure functions."""

import datetime as dt
from collections.abc import Collection, Sequence
from itertools import groupby
from typing import NamedTuple

from driftmonitor.pipeline.alerts import Run, Spell, State
from driftmonitor.pipeline.templates import say_day
from driftmonitor.words import one_line, percent

DAYS_SHOWN = 90
STATUS_WORDS = {"healthy": "Healthy", "drift": "Drift", "failed": "Failed"}


class Link(NamedTuple):
    """A link, relative to the monitor's folder."""

    text: str
    href: str


class Day(NamedTuple):
    """A cell of the strip; `state` is "" on a day without a run."""

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


class Incident(NamedTuple):
    """Days of drift, in words."""

    when: str
    peak: str
    columns: str


def make_days(runs: Sequence[Run], published: Collection[dt.date], last_day: dt.date) -> list[Day]:
    """Return 90 days up to `last_day`, oldest first; a monitor that ended before them all gets its own last 90."""
    own_last = runs[-1].run_date
    last = last_day if (last_day - own_last).days < DAYS_SHOWN else own_last
    by_date = {run.run_date: run for run in runs}
    days = [last - dt.timedelta(back) for back in range(DAYS_SHOWN - 1, -1, -1)]
    return [_day(day, by_date.get(day), day in published) for day in days]


def _day(day: dt.date, run: Run | None, published: bool) -> Day:
    if run is None:
        return Day(day, "", f"{say_day(day)}: no run", None)
    share = "" if run.drift_share is None else f", {percent(run.drift_share)}"
    words = f"{say_day(day)}: {STATUS_WORDS[run.status].lower()}{share}"
    return Day(day, run.status, words, f"{day}/index.html" if published else None)


def say_days(days: Sequence[Day]) -> str:
    """Return the strip in words, from the first run on: `90 days: 12 drifted, 76 healthy, 2 without a run`."""
    told = [day.state for day in days]
    while told and not told[0]:
        told.pop(0)
    counts = say_counts(told)
    return f"{len(told)} days: {counts}" if len(told) > 1 else f"First day: {counts.removeprefix('1 ')}"


def say_counts(states: Sequence[str]) -> str:
    """Return how many of each: `2 drifted, 5 healthy, 1 failed`."""
    words = {"drift": "drifted", "healthy": "healthy", "failed": "failed", "": "without a run"}
    return ", ".join(f"{states.count(state)} {word}" for state, word in words.items() if state in states)


def make_months(runs: Sequence[Run], links: dict[dt.date, list[Link]]) -> list[Month]:
    """Return the runs newest first, by month; `links` holds those of each published day, its page first."""
    listed = [make_listed(run, links.get(run.run_date, [])) for run in reversed(runs)]
    months = [(name, list(group)) for name, group in groupby(listed, key=lambda run: f"{run.date:%B %Y}")]
    return [Month(name, say_counts([run.state for run in group]), group) for name, group in months]


def make_listed(run: Run, links: Sequence[Link]) -> Listed:
    """Return one line of the list of runs."""
    what = run.error or "" if run.status == "failed" else some(run.drifted_columns) or "no column drifted"
    share = "" if run.drift_share is None else percent(run.drift_share)
    page = links[0].href if links else None
    return Listed(run.run_date, run.status, STATUS_WORDS[run.status], share, what, page, links[1:])


def make_incidents(state: State) -> list[Incident]:
    """Return the monitor's incidents, newest first."""
    return [make_incident(spell) for spell in reversed(state.incidents)]


def make_incident(spell: Spell) -> Incident:
    """Return one incident in words."""
    end = f"until {say_day(spell.end)}" if spell.end else "until now"
    peak = "" if spell.peak_share is None else f"{percent(spell.peak_share)} at most"
    return Incident(f"{say_day(spell.start)} {end}", peak, some(spell.columns, 5))


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(one_line(name, 40) for name in names[:most]) + more
