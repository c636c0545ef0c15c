"""The index: a card for each monitor and the banner that sums them up. Pure functions from stories to words."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import one_line, say_day
from driftmonitor.pipeline.pages.anomaly import Measure, measure, strangeness_spark
from driftmonitor.pipeline.pages.changes import say_change
from driftmonitor.pipeline.pages.charts import Spark, share_spark
from driftmonitor.pipeline.pages.monitor_history import MonitorView
from driftmonitor.pipeline.pages.run_page import Column, Link
from driftmonitor.pipeline.pages.timeline import STATUS_WORDS, Day, make_days, say_days
from driftmonitor.pipeline.pages.wording import (
    make_column,
    name_columns,
    say_count,
    say_label,
    say_notes,
    say_state,
    state_key,
)

COLUMNS_ON_CARD = 3
NAMES_IN_BANNER = 4
WORST_FIRST = ("drift", "failed", "overdue", "pending", "recovering", "none", "healthy")


@dataclass(frozen=True)
class Verdict:
    """What one good run found; `columns` are those that the rule names, or the one that moved most if it names none."""

    run_date: dt.date
    state: str
    measure: Measure
    drifted_count: int
    columns: Sequence[Column]
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
    label: str = ""
    change: str = ""
    error: str | None = None
    verdict: Verdict | None = None
    spark: Spark | None = None
    days: Sequence[Day] = ()
    days_words: str = ""
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class Summary:
    """The banner of the index; `ill` are the cards that it names, `more` how many it doesn't."""

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
        return Card(view.name, view.title, "none", "Has not run yet")
    last, state = view.runs[-1], view.state
    days = make_days(view)
    return Card(
        name=view.name,
        title=view.title,
        state=state_key(view),
        state_words=say_state(view),
        last_run=last.run_date,
        last_words=f"last run for {say_day(last.run_date)}: {STATUS_WORDS[last.status].lower()}",
        short_title=one_line(view.title, 40),
        since=state.failing or state.since,
        headline=say_count(view.good) if view.good and last.status != "failed" else "",
        label=say_label(last),
        change=say_change(view.runs),
        error=last.error or "It left no record." if last.status == "failed" else None,
        verdict=make_verdict(view.good) if view.good else None,
        spark=strangeness_spark(view) if view.budgeted else share_spark(view),
        days=days,
        days_words=say_days(days),
        links=card_links(view),
    )


def card_links(view: MonitorView) -> list[Link]:
    """Return the ways on from a monitor: its last page, the last good one, its history."""
    last, good, links = view.runs[-1], view.good, []
    if last.run_date in view.files:
        links.append(Link(f"Report of {say_day(last.run_date)}", f"{last.run_date}/index.html"))
    if good and good.run_date < last.run_date and good.run_date in view.files:
        links.append(Link(f"Last good report, {say_day(good.run_date)}", f"{good.run_date}/index.html"))
    return [*links, Link("Trends and runs", "index.html")]


def make_verdict(record: RunRecord) -> Verdict:
    """Return what a good run found, and what else deserves a look."""
    named = name_columns(record)
    most_moved = [make_column(score) for score in record.worst_columns if score.status == "stable"][:1]
    return Verdict(
        run_date=record.run_date,
        state=record.status,
        measure=measure(record),
        drifted_count=len(named),
        columns=named[:COLUMNS_ON_CARD] or most_moved,
        more=max(0, len(named) - COLUMNS_ON_CARD),
        notes=say_notes(record),
        budgeted=record.budgeted,
    )


def summarise(cards: Sequence[Card], recorded_at: dt.datetime | None = None) -> Summary:
    """Return the banner: how many monitors are in which state, the worst first."""
    ran = [card for card in cards if card.last_run]
    if not ran:
        return Summary("Nothing has run yet" if not cards else "No monitor has run yet", "none")
    ill = [card for card in worst_first(ran) if card.state in ("drift", "failed", "overdue")]
    named, more = ill[:NAMES_IN_BANNER], max(0, len(ill) - NAMES_IN_BANNER)
    words = [
        f"{card.short_title} since {say_day(card.since)}" for card in named if card.since and card.state != "overdue"
    ]
    return Summary(
        title=_say_all([card.state for card in ran]),
        state=worst_first(ran)[0].state,
        detail=", ".join(words) + (f", and {more} more" if more else ""),
        ill=named,
        more=more,
        last_run=max(card.last_run for card in ran),
        recorded_at=recorded_at,
    )


def _say_all(states: Sequence[str]) -> str:
    counts = {"drifting": states.count("drift"), "failing": states.count("failed"), "overdue": states.count("overdue")}
    ill, total = [(number, word) for word, number in counts.items() if number], len(states)
    if not ill:
        return "No drift" if total == 1 else f"No drift in {total} monitors"
    if total == 1:
        said = {"drifting": "The data is drifting", "failing": "The last run failed", "overdue": "A run is overdue"}
        return said[ill[0][1]]
    (number, word), *others = ill
    first = f"{number} of {total} monitors {'is' if number == 1 else 'are'} {word}"
    return ", ".join([first, *(f"{number} {word}" for number, word in others)])


def worst_first(cards: Sequence[Card]) -> list[Card]:
    """Return the cards in the order in which a reader needs them."""
    return sorted(cards, key=lambda card: (WORST_FIRST.index(card.state), card.title.lower()))
