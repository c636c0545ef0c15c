"""Make the index: a card for each monitor and the banner that sums them up. Pure functions from views to words."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import one_line, say_day
from driftmonitor.pipeline.alerts.incidents import State
from driftmonitor.pipeline.pages.anomaly import Gauge, make_anomaly_spark, make_gauge
from driftmonitor.pipeline.pages.changes import say_change
from driftmonitor.pipeline.pages.charts import Spark, make_share_spark
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.run_page import ColumnView, Link
from driftmonitor.pipeline.pages.timeline import StripDay, make_days, say_days, say_status
from driftmonitor.pipeline.pages.wording import (
    choose_look,
    list_columns,
    name_columns,
    say_count,
    say_notes,
    say_review,
    say_state,
)
from driftmonitor.words.checks import failing, say_check
from driftmonitor.words.where import say_most

COLUMNS_ON_CARD = CHECKS_ON_CARD = 3
COLUMNS_FOUND = 20
NAMES_IN_BANNER = 4
DAYS_ON_PHONE = 45  # as in style.css
WORST_FIRST = (
    "drift",
    "failed",
    "check_failed",
    "overdue",
    "pending",
    "recovering",
    "changed",
    "none",
    "warm_up",
    "healthy",
)


@dataclass(frozen=True)
class Verdict:
    """What one successful run found: the columns that its rule names, or the one with the largest distance if none."""

    run_date: dt.date
    state: str
    gauge: Gauge
    columns_title: str
    named_count: int
    columns: Sequence[ColumnView]
    more: int
    notes: Sequence[str]
    budgeted: bool = False


@dataclass(frozen=True)
class Card:
    """A monitor at a glance."""

    name: str
    title: str
    state: str
    state_words: str
    last_run: dt.date | None = None
    last_words: str = ""
    short_title: str = ""
    since: dt.date | None = None
    headline: str = ""
    review: str = ""
    where: str = ""
    change: str = ""
    error: str | None = None
    checks: Sequence[str] = ()
    verdict: Verdict | None = None
    spark: Spark | None = None
    days: Sequence[StripDay] = ()
    days_words: str = ""
    recent_words: str = ""  # of the days that a phone shows
    links: Sequence[Link] = ()
    known_words: str = ""  # the state without what is said of a run that is overdue
    group: str = ""
    find: str = ""  # what else the finder finds it by: its name, owner, and the columns that its rule names


@dataclass(frozen=True)
class Summary:
    """The banner of the index; `ill` are the cards that it names, `more` is the number it leaves out."""

    title: str
    state: str
    detail: str = ""
    ill: Sequence[Card] = ()
    more: int = 0
    last_run: dt.date | None = None
    recorded_at: dt.datetime | None = None


def make_card(view: MonitorView) -> Card:
    """Return a monitor's card."""
    if not view.runs:
        error, look = (view.problem, "failed") if view.problem else (None, "none")
        return Card(
            view.name, view.title, look, "Has not run yet", error=error, group=view.group, find=_list_words(view)
        )  # fmt: skip
    last, record, state = view.runs[-1], view.last_success, view.state
    error = (last.error or "The run left no record.") if last.status == "failed" else view.problem or None
    days = make_days(view)
    return Card(
        name=view.name,
        title=view.title,
        state=choose_look(view),
        state_words=say_state(view),
        last_run=last.run_date,
        last_words=f"last run for {say_day(last.run_date)}: {say_status(last).lower()}",
        short_title=one_line(view.title, 40),
        since=state.failing or (None if view.problem else _since(state)),
        checks=[say_check(check) for check in failing(record.checks)][:CHECKS_ON_CARD] if record else (),
        headline=say_count(record, state.name != "changed") if record and not error else "",
        review=say_review(last),
        where=say_most(record) if record and last.status == "drift" else "",
        change=say_change(view.runs),
        error=error,
        verdict=make_verdict(record) if record else None,
        spark=make_anomaly_spark(view) if view.budgeted else make_share_spark(view),
        days=days,
        days_words=say_days(days),
        recent_words=say_days(days[-DAYS_ON_PHONE:]),
        links=link_pages(view),
        known_words=say_state(replace(view, overdue_days=0)),
        group=view.group,
        find=_list_words(view),
    )


def _list_words(view: MonitorView) -> str:
    named = [column.name for column in name_columns(view.last_success)] if view.last_success else []
    return " ".join(one_line(word, 60) for word in (view.name, view.owner, *named[:COLUMNS_FOUND]) if word)


def _since(state: State) -> dt.date | None:
    """Return since when the state lasts that a card shows: of a check that fails, where the data does not drift."""
    return state.since if state.name in ("drifting", "pending") else state.checks_since or state.since


def link_pages(view: MonitorView) -> list[Link]:
    """Return a card's links: the last report, the last successful one, the monitor's page."""
    last, record, links = view.runs[-1], view.last_success, []
    if last.run_date in view.files:
        links.append(Link(f"Open the report of {say_day(last.run_date)}", f"{last.run_date}/index.html"))
    if record and record.run_date < last.run_date and record.run_date in view.files:
        words = f"Open the last successful report, {say_day(record.run_date)}"
        links.append(Link(words, f"{record.run_date}/index.html"))
    return [*links, Link("See trends and runs", "index.html")]


def make_verdict(record: RunRecord) -> Verdict:
    """Return what a successful run found, and what else deserves a look."""
    named = name_columns(record)
    farthest = [column for column in list_columns(record) if column.state != "not_testable"][:1]
    title = "Unusual columns" if record.budgeted else "Drifted columns"
    return Verdict(
        run_date=record.run_date,
        state=record.status_of_data,
        gauge=make_gauge(record),
        columns_title=title if named else "Largest distance",
        named_count=len(named),
        columns=named[:COLUMNS_ON_CARD] or farthest,
        more=max(0, len(named) - COLUMNS_ON_CARD),
        notes=say_notes(record),
        budgeted=record.budgeted,
    )


def summarise(cards: Sequence[Card], recorded_at: dt.datetime | None = None) -> Summary:
    """Return the banner: how many monitors are in which state, the worst first."""
    last_runs = [card.last_run for card in cards if card.last_run]
    if not last_runs:
        return Summary("Nothing has run yet" if not cards else "No monitor has run yet", "none")
    ran = worst_first([card for card in cards if card.last_run])
    ill = [card for card in ran if card.state in ("drift", "failed", "check_failed", "overdue")]
    named, more = ill[:NAMES_IN_BANNER], max(0, len(ill) - NAMES_IN_BANNER)
    words = [
        f"{card.short_title} since {say_day(card.since)}" for card in named if card.since and card.state != "overdue"
    ]
    return Summary(
        title=_say_states([card.state for card in ran]),
        state=ran[0].state,
        detail=", ".join(words) + (f", and {more} more" if more else ""),
        ill=named,
        more=more,
        last_run=max(last_runs),
        recorded_at=recorded_at,
    )


def _say_states(states: Sequence[str]) -> str:
    """Return how many monitors drift, fail or are overdue: `Drift in 1 of 4 monitors, 1 failing`."""
    words = {"drift": "drifting", "failed": "failing", "check_failed": "with a failing check", "overdue": "overdue"}
    total = len(states)
    counts = {state: states.count(state) for state in words if state in states}
    if not counts:
        changed = states.count("changed")
        if total == 1:
            return "The data has changed, and that is no longer new" if changed else "No drift"
        quiet = {"changed": "changed", "warm_up": "in warm-up"}
        others = [f"{states.count(state)} {words}" for state, words in quiet.items() if state in states]
        return ", ".join([f"No drift in {total} monitors", *others])
    worst, *others = counts
    if total == 1:
        return {
            "drift": "The data is drifting",
            "failed": "The last run failed",
            "check_failed": "A check fails",
            "overdue": "A run is overdue",
        }[worst]
    are = "is" if counts[worst] == 1 else "are"
    first = f"{counts[worst]} of {total} monitors {are} {words[worst]}"
    if worst in ("drift", "check_failed"):
        what = "Drift" if worst == "drift" else "A check fails"
        first = f"{what} in {counts[worst]} of {total} monitors"
    return ", ".join([first, *(f"{counts[state]} {words[state]}" for state in others)])


def worst_first(cards: Sequence[Card]) -> list[Card]:
    """Return the cards, the worst state first, and of drift and failures what is newest."""

    def place(card: Card) -> tuple[int, int, str]:
        new = card.state in ("drift", "failed", "check_failed") and card.since
        return WORST_FIRST.index(card.state), -new.toordinal() if new else 0, card.title.lower()

    return sorted(cards, key=place)
