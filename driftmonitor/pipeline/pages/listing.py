"""Lay out the index: which monitors have a card and which a row, what the finder offers, the newest incidents. Pure.

Few monitors all have cards. Of more, only the worst that need attention have one, and quiet ones are rows by group.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from driftmonitor.formats import counted, one_line, say_day
from driftmonitor.pipeline.alerts.incidents import Incident
from driftmonitor.pipeline.pages.cards import Card, worst_first
from driftmonitor.pipeline.pages.charts import draw_bands, merge_days
from driftmonitor.pipeline.pages.columns import ColumnRow
from driftmonitor.pipeline.pages.incidents import MOST_PAGES, STATES, list_newest, make_anchor
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.timeline import StripDay, list_names
from driftmonitor.pipeline.pages.wording import COLUMN_WORDS

MOST_CARDS = 6
FEW_COLUMNS = 12
MOST_OPEN_ROWS = 20  # more of them are folded
QUIET = ("healthy", "warm_up", "changed", "none")
STATE_WORDS = {
    "drift": "Drift", "failed": "Failed", "check_failed": "Check failed", "overdue": "Overdue", "pending": "Pending",
    "recovering": "Recovering", "changed": "Changed", "none": "Not run yet", "warm_up": "Warm-up", "healthy": "Healthy",
}  # fmt: skip
MOST_INCIDENTS, INCIDENT_DAYS = 8, 30
ROW_HEIGHT = 10
HEIGHTS = {"drift": 10, "failed": 10, "check_failed": 8}  # of a day in a row's picture; others are 5


class Bars(NamedTuple):
    """The days of one state in a row's picture, which is 90 units wide and 10 high."""

    state: str
    path: str


class Row(NamedTuple):
    """One monitor on one line; `why` is its error, or what its rule or its checks name."""

    card: Card
    bars: Sequence[Bars]
    why: str = ""


class Part(NamedTuple):
    """Monitors under one heading; `fold` is what opens its rows, "" if they are open."""

    title: str
    cards: Sequence[Card] = ()
    rows: Sequence[Row] = ()
    fold: str = ""


class Choice(NamedTuple):
    """One state or group that the finder offers, and how many there are."""

    value: str
    words: str
    number: int


class Finder(NamedTuple):
    """What the finder offers: the states, the groups (none if no monitor has one), and how many there are in all."""

    noun: str
    total: str
    states: Sequence[Choice]
    groups: Sequence[Choice] = ()


class RecentIncident(NamedTuple):
    """One incident on one line."""

    state: str
    monitor: str
    when: str
    what: str
    href: str
    start: dt.date


def make_parts(cards: Sequence[Card]) -> list[Part]:
    """Return the index in parts: what needs attention first, the worst first; then quiet monitors by group."""
    ordered = worst_first(cards)
    if len(cards) <= MOST_CARDS:
        by_group = {card.group: [each for each in ordered if each.group == card.group] for card in ordered}
        return [Part(_name_group(group, len(by_group) > 1), own) for group, own in by_group.items()]
    ill = [card for card in ordered if card.state not in QUIET]
    quiet = sorted((card for card in ordered if card.state in QUIET), key=lambda card: (not card.group, card.group))
    fold = f"Show {counted(len(ill[MOST_CARDS:]), 'more monitor')}" if len(ill) > MOST_OPEN_ROWS else ""
    attention = [Part("Needs attention", ill[:MOST_CARDS], _make_rows(ill[MOST_CARDS:]), fold)] if ill else []
    return attention + _group_quiet(quiet)


def _group_quiet(quiet: Sequence[Card]) -> list[Part]:
    """Return quiet monitors by group: few under a heading for each, more than a screen of them folded."""
    groups = {group: list(own) for group, own in groupby(quiet, key=lambda card: card.group)}
    names = {group: _name_group(group, len(groups) > 1) for group in groups}
    if len(quiet) <= MOST_OPEN_ROWS:
        return [Part(names[group] or "Quiet monitors", (), _make_rows(own)) for group, own in groups.items()]
    return [
        Part("" if number else "Quiet monitors", (), _make_rows(own), _say_fold(names[group], len(own)))
        for number, (group, own) in enumerate(groups.items())
    ]


def _say_fold(group: str, number: int) -> str:
    return f"{group}: {counted(number, 'quiet monitor')}" if group else f"Show {counted(number, 'quiet monitor')}"


def _name_group(group: str, has_others: bool) -> str:
    return group or ("No group" if has_others else "")


def _make_rows(cards: Sequence[Card]) -> list[Row]:
    return [Row(card, list(_draw(card.days)), _say_why(card)) for card in cards]


def _say_why(card: Card) -> str:
    if card.error or card.checks:
        return one_line(card.error or card.checks[0], 300)
    verdict = card.verdict
    if card.state != "drift" or not verdict or not verdict.named_count:
        return ""
    names = [one_line(column.name, 40) for column in verdict.columns]
    return ", ".join([*names, f"{verdict.more} more"] if verdict.more else names)


def _draw(days: Sequence[StripDay]) -> Iterator[Bars]:
    """Yield the bars of each state; a failed day is open in the middle, so that it differs in shape."""
    heights = {x: (day.state, 1.0) for x, day in enumerate(days) if day.state not in ("", "before")}
    for state in dict.fromkeys(state for state, _ in heights.values()):
        top = ROW_HEIGHT - HEIGHTS.get(state, 5)
        spans = list(merge_days(heights, state))
        path = "".join(f"M{x} {top}h{days}V10h-{days}z" for x, days in spans)
        yield Bars(state, path if state != "failed" else draw_bands(spans, 4) + _shift(draw_bands(spans, 4)))


def _shift(path: str) -> str:
    return path.replace(" 0h", " 6h")


def make_finder(cards: Sequence[Card]) -> Finder | None:
    """Return what can be chosen of the monitors; None if they are few."""
    if len(cards) <= MOST_CARDS:
        return None
    states, groups = [card.state for card in cards], [card.group for card in cards if card.group]
    return Finder(
        "monitor",
        counted(len(cards), "monitor"),
        [Choice(each, words, states.count(each)) for each, words in STATE_WORDS.items() if each in states],
        [Choice(each, one_line(each, 40), groups.count(each)) for each in sorted(set(groups))],
    )


def make_column_finder(rows: Sequence[ColumnRow]) -> Finder | None:
    """Return what can be chosen of a monitor's columns; None if they are few."""
    if len(rows) <= FEW_COLUMNS:
        return None
    states = [row.column.state for row in rows]
    choices = [Choice(each, words, states.count(each)) for each, words in COLUMN_WORDS.items() if each in states]
    return Finder("column", counted(len(rows), "column"), choices)


def list_incidents(views: Sequence[MonitorView]) -> list[RecentIncident]:
    """Return the newest incidents that began in the last 30 days, of all monitors, newest first."""
    last_day = max((view.runs[-1].run_date for view in views if view.runs), default=None)
    if last_day is None:
        return []
    since = last_day - dt.timedelta(INCIDENT_DAYS)
    found = [
        _describe(view, incident)
        for view in views
        for incident in list_newest(view)[:MOST_PAGES]
        if incident.start > since
    ]
    return sorted(found, key=lambda each: (each.start, each.state, each.monitor), reverse=True)[:MOST_INCIDENTS]


def _describe(view: MonitorView, incident: Incident) -> RecentIncident:
    start = say_day(incident.start)
    failed = incident.family == "failure"
    return RecentIncident(
        STATES[incident.family],
        one_line(view.title, 60),
        f"{start} until {say_day(incident.end)}" if incident.end else f"Since {start}",
        "Runs failed" if failed else list_names(incident.columns),
        f"{view.name}/incidents/{make_anchor(incident)}/index.html",
        incident.start,
    )
