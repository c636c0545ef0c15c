"""What the pages say of a monitor as it stands: pure functions from its runs and its last good record to words."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from driftmonitor.params import AlertSettings
from driftmonitor.pipeline.alerts import Run, State, fold
from driftmonitor.pipeline.templates import say_day
from driftmonitor.pipeline.timeline import STATUS_WORDS, Day, Link, make_days, say_days, some
from driftmonitor.record import ColumnScore, RunRecord
from driftmonitor.words import one_line, say_effect, say_test, say_verdict

COLUMNS_ON_CARD = 3
NAMES_IN_BANNER = 4
COLUMN_WORDS = {"stable": "Stable", "drifted": "Drifted", "not_testable": "Not testable"}
WORST_FIRST = ("drift", "failed", "pending", "recovering", "none", "healthy")


@dataclass(frozen=True)
class Told:
    """A monitor as the history tells it: its runs in date order, the last good record, and the days with a page."""

    name: str
    title: str
    runs: Sequence[Run] = ()
    good: RunRecord | None = None
    published: Collection[dt.date] = ()
    settings: AlertSettings = field(default_factory=AlertSettings)
    retired: bool = False

    @property
    def state(self) -> State:
        return fold(self.runs, self.settings)


class Column(NamedTuple):
    """A column's verdict in words."""

    name: str
    state: str
    state_words: str
    effect: str
    evidence: str


@dataclass(frozen=True)
class Verdict:
    """What one good run found; `columns` are the drifted ones, or the one that moved most if none drifted."""

    run_date: dt.date
    state: str
    share: float
    threshold: float
    drifted_count: int
    column_count: int
    columns: Sequence[Column]
    more: int
    notes: Sequence[str]


@dataclass(frozen=True)
class Card:
    """A monitor at a glance."""

    name: str
    title: str
    state: str
    state_words: str
    since: dt.date | None = None
    last_run: dt.date | None = None
    last_words: str = ""
    headline: str = ""
    error: str | None = None
    verdict: Verdict | None = None
    days: Sequence[Day] = ()
    days_words: str = ""
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class Summary:
    """The banner of the index."""

    title: str
    state: str
    detail: str = ""
    last_run: dt.date | None = None
    recorded_at: str = ""


def make_card(told: Told, last_day: dt.date | None) -> Card:
    """Return a monitor's card; `last_day` is the newest run date of the whole site, so that the strips line up."""
    if not told.runs or last_day is None:
        return Card(told.name, told.title, "none", "Has not run yet")
    last, state = told.runs[-1], told.state
    days = make_days(told.runs, told.published, last_day)
    return Card(
        name=told.name,
        title=told.title,
        state=state_key(state),
        state_words=say_state(state, told.settings),
        since=state.failing or state.since,
        last_run=last.run_date,
        last_words=f"last run for {say_day(last.run_date)}: {STATUS_WORDS[last.status].lower()}",
        headline=say_headline(told.good) if told.good and last.status != "failed" else "",
        error=last.error or "It left no record." if last.status == "failed" else None,
        verdict=make_verdict(told.good) if told.good else None,
        days=days,
        days_words=say_days(days),
        links=card_links(told),
    )


def state_key(state: State) -> str:
    """Return the name under which icons and colours know a state: a failing monitor is that first."""
    return "failed" if state.failing else {"drifting": "drift", "no runs": "none"}.get(state.name, state.name)


def say_state(state: State, settings: AlertSettings) -> str:
    """Return a state in words, with since when and for how long."""
    since = f"since {say_day(state.since)}" if state.since else ""
    if state.failing:
        before = f"; drifting before that, {since}" if state.name in ("drifting", "recovering") else ""
        return f"Failing {_since(state.failing, state.last_run)}{before}"
    if state.name == "pending":
        return f"Drifted {since}; counts after {settings.for_runs} runs in a row"
    if state.name == "recovering":
        return f"Recovering {since}; over after {settings.clear_runs} healthy runs in a row"
    return f"{state.name.capitalize()} {_since(state.since, state.last_run)}"


def _since(first: dt.date | None, last: dt.date | None) -> str:
    if first is None or last is None:
        return ""
    days = (last - first).days + 1
    return f"since {say_day(first)}" + (f", {days} days" if days > 1 else "")


def say_headline(record: RunRecord) -> str:
    """Return a run's verdict for a page that shows the status beside it already."""
    if record.status == "failed":
        return record.error or "The run left no record."
    words = say_verdict(record).removeprefix("Drift: ").removeprefix("Healthy: ")
    return words[:1].upper() + words[1:]


def card_links(told: Told) -> list[Link]:
    """Return the ways on from a monitor: its last page, the last good one, all runs."""
    last, good, links = told.runs[-1], told.good, []
    if last.run_date in told.published:
        links.append(Link(f"Report of {say_day(last.run_date)}", f"{last.run_date}/index.html"))
    if good and good.run_date < last.run_date and good.run_date in told.published:
        links.append(Link(f"Last good report, {say_day(good.run_date)}", f"{good.run_date}/index.html"))
    return [*links, Link("All runs", "index.html")]


def make_verdict(record: RunRecord) -> Verdict:
    """Return what a good run found, and what else deserves a look."""
    drifted = record.drifted_columns
    shown = drifted[:COLUMNS_ON_CARD] or [score for score in record.worst_columns if score.status == "stable"][:1]
    return Verdict(
        run_date=record.run_date,
        state=record.status,
        share=record.drift_share or 0.0,
        threshold=record.threshold or 0.0,
        drifted_count=len(drifted),
        column_count=len(record.columns),
        columns=[make_column(score) for score in shown],
        more=max(0, len(drifted) - COLUMNS_ON_CARD),
        notes=say_notes(record),
    )


def make_column(score: ColumnScore) -> Column:
    """Return one column's verdict; what happened to it stands without its name in front."""
    name = one_line(score.name)
    effect = say_effect(score).removeprefix(name).removeprefix(":").strip()
    return Column(name, score.status, COLUMN_WORDS[score.status], effect, say_test(score))


def say_notes(record: RunRecord) -> list[str]:
    """Return a card's findings: the columns that could not be tested, and what is wrong with the data itself."""
    untested = [one_line(score.name) for score in record.columns if score.status == "not_testable"]
    notes = [f"Not testable: {some(untested)}"] if untested else []
    messages = [one_line(finding.message, 200) for finding in record.quality]
    if len(messages) > 2:
        messages = [messages[0], f"{len(messages) - 1} more findings on the data’s quality"]
    return notes + messages


def say_run_note(record: RunRecord, state: State) -> str:
    """Return what stands under a run's verdict: the incident it belongs to, and the rows compared."""
    day = record.run_date
    spell = next((s for s in state.incidents if s.start <= day and (s.end is None or day < s.end)), None)
    nth = f"Day {(day - spell.start).days + 1} of drift since {say_day(spell.start)}. " if spell else ""
    return f"{nth}{say_rows(record)}"


def say_rows(record: RunRecord) -> str:
    """Return how many rows were compared, and of how many if they were sampled."""
    if record.rows is None:
        return ""
    rows = record.rows
    sides = [(rows.current, rows.current_total, "current"), (rows.reference, rows.reference_total, "reference")]
    told = [f"{n:,} {side} rows" + (f" (of {total:,})" if total > n else "") for n, total, side in sides]
    return f"{told[0]} compared with {told[1]}."


def summarise(cards: Sequence[Card], recorded_at: dt.datetime | None = None) -> Summary:
    """Return the banner: how many monitors are in which state, the worst first."""
    ran = [card for card in cards if card.last_run]
    if not ran:
        return Summary("Nothing has run yet" if not cards else "No monitor has run yet", "none")
    ill = [card for card in worst_first(ran) if card.state in ("drift", "failed")]
    names = [f"{one_line(card.title, 40)} since {say_day(card.since)}" for card in ill if card.since]
    more = f", and {len(names) - NAMES_IN_BANNER} more" if len(names) > NAMES_IN_BANNER else ""
    return Summary(
        title=_say_all(ran),
        state=worst_first(ran)[0].state,
        detail=", ".join(names[:NAMES_IN_BANNER]) + more,
        last_run=max(card.last_run for card in ran),
        recorded_at=f"{recorded_at:%H:%M} UTC on {say_day(recorded_at.date())}" if recorded_at else "",
    )


def _say_all(cards: Sequence[Card]) -> str:
    states, total = [card.state for card in cards], len(cards)
    drifting, failing = states.count("drift"), states.count("failed")
    if total == 1:
        return "The data is drifting" if drifting else "The last run failed" if failing else "No drift"
    if not drifting and not failing:
        return f"No drift in {total} monitors"
    first = drifting or failing
    words = f"{first} of {total} monitors {'is' if first == 1 else 'are'} {'drifting' if drifting else 'failing'}"
    return words + (f", {failing} failing" if drifting and failing else "")


def worst_first(cards: Sequence[Card]) -> list[Card]:
    """Return the cards in the order in which a reader needs them."""
    return sorted(cards, key=lambda card: (WORST_FIRST.index(card.state), card.title.lower()))
