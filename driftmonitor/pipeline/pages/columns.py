"""Show each column by day: when it drifted, how far, since when. Pure functions over the history's test results."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from driftmonitor.facts.record import ColumnScore
from driftmonitor.formats import counted, number, one_line, p_value, percent, say_day
from driftmonitor.pipeline.pages.charts import draw_line
from driftmonitor.pipeline.pages.column_ids import link_column
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.run_page import ColumnView
from driftmonitor.pipeline.pages.wording import list_columns

DAYS_READ = 365
STRETCHES_SAID = 12
GRADES = (0.1, 0.25, 0.5)  # distances from which a drifted column's colour is stronger
LEAST_TOP = 0.2  # of the small lines: a smaller distance is no peak


@dataclass
class Block:
    """Neighbouring days of one level: from the first one up to the one after them, as ordinals."""

    level: str
    start: int
    end: int


@dataclass
class ColumnHistory:
    """One column by day: blocks of days with the same level, oldest first, and its distance on each day."""

    name: str
    blocks: list[Block] = field(default_factory=list)
    distances: dict[dt.date, float] = field(default_factory=dict)

    def add(self, level: str, day: int) -> None:
        """Add a day's level."""
        last = self.blocks[-1] if self.blocks else None
        if last and last.level == level and last.end == day:
            last.end += 1
        else:
            self.blocks.append(Block(level, day, day + 1))

    @cached_property
    def drifted(self) -> list[dt.date]:
        """The days on which the column drifted, oldest first."""
        blocks = [block for block in self.blocks if block.level.startswith("drifted")]
        return [dt.date.fromordinal(day) for block in blocks for day in range(block.start, block.end)]


class ColumnRow(NamedTuple):
    """A line of the table of columns: words, and beside them the values that they are sorted by."""

    column: ColumnView
    distance: float | None
    distance_words: str
    p: float | None
    p_words: str
    since: dt.date | None
    since_words: str
    first_words: str
    days: int
    spark: str
    part: float | None = None
    part_words: str = ""
    href: str = ""


def make_histories(marks: Iterable[Sequence[Any]]) -> dict[str, ColumnHistory]:
    """Return each column's history, by its stored name; `marks` are (day, column, status, distance), by date."""
    histories: dict[str, ColumnHistory] = {}
    for day, of_day in groupby(marks, key=itemgetter(0)):
        ordinal = day.toordinal()
        for _, column, status, distance in of_day:
            history = histories.get(column) or histories.setdefault(column, ColumnHistory(column))
            history.add(status if status != "drifted" else grade_drift(distance), ordinal)
            if distance is not None:
                history.distances[day] = distance
    return histories


def list_differing(marks: Iterable[Sequence[Any]]) -> dict[dt.date, list[str]]:
    """Return the columns that differ from the reference by their own test, of each day that has marks."""
    return {
        day: [column for _, column, status, _ in of_day if status == "drifted"]
        for day, of_day in groupby(marks, key=itemgetter(0))
    }


def grade_drift(distance: float | None) -> str:
    """Return how far a drifted column is from the reference, as a level: drifted-1 (near) to drifted-4."""
    return f"drifted-{2 if distance is None else 1 + sum(distance >= grade for grade in GRADES)}"


def to_stored_name(name: str) -> str:
    """Return a column's name as the history has it: no database takes NUL or half a surrogate pair."""
    return name.replace("\x00", "\u2400").encode("utf-8", "replace").decode()


def make_rows(view: MonitorView, histories: Mapping[str, ColumnHistory]) -> list[ColumnRow]:
    """Return the table of columns as of the last successful run, the most severe first."""
    if view.last_success is None:
        return []
    highest = max((max(history.distances.values(), default=0.0) for history in histories.values()), default=0.0)
    scores, columns = view.last_success.worst_columns, list_columns(view.last_success)
    return [
        make_row(score, column, histories.get(to_stored_name(score.name)), view, max(highest, LEAST_TOP))._replace(
            href=link_column(score.name, place) if score.name in view.columns_with_page else ""
        )
        for place, (score, column) in enumerate(zip(scores, columns, strict=True))
    ]


def make_row(
    score: ColumnScore, column: ColumnView, history: ColumnHistory | None, view: MonitorView, top: float
) -> ColumnRow:
    """Return one column's line; `top` is the distance at the upper edge of all columns' small lines."""
    history = history or ColumnHistory(score.name)
    distances = [history.distances.get(day) for day in view.days_shown]
    line = draw_line(distances, top) if len(history.distances) > 1 else ""  # one day alone would be a dot
    part = view.last_success.parts.get(score.name) if view.last_success else None
    since, words = say_drifted(history, view.successful_days)
    first = history.drifted[0] if history.drifted else None
    return ColumnRow(
        column, score.distance, "–" if score.distance is None else f"{score.distance:.2f}",
        score.p_value, say_p(score), since, words,
        f"first on {say_day(first)}" if first and first != since else "", len(history.drifted), line,
        part, "" if part is None else percent(part),
    )  # fmt: skip


def say_p(score: ColumnScore) -> str:
    """Return a p-value for a column headed p, or the statistic of a method that gives none."""
    if score.p_value is not None:
        return p_value(score.p_value).removeprefix("p ").removeprefix("= ")
    if score.statistic is None:
        return "–"
    threshold = "" if score.threshold is None else f" (threshold {number(score.threshold)})"
    return f"{score.method} {number(score.statistic)}{threshold}"


def say_drifted(history: ColumnHistory, successful_days: Sequence[dt.date]) -> tuple[dt.date | None, str]:
    """Return since when a column has been drifting on every successful day, or else when it last did."""
    drifted = set(history.drifted)
    if not drifted:
        return None, "never"
    if successful_days[-1] in drifted:
        first = list_stretches(history.drifted, successful_days)[0][0]
        return first, f"since {say_day(first)}"
    return max(drifted), f"last on {say_day(max(drifted))}"


def list_stretches(drifted: Sequence[dt.date], successful_days: Sequence[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """Return (first day, last day) of each time a column drifted on successful days in a row, newest first."""
    stretches = []
    for is_drifted, group in groupby(successful_days, key=set(drifted).__contains__):
        if is_drifted:
            days = list(group)
            stretches.append((days[0], days[-1]))
    return stretches[::-1]


def say_stretches(days: Sequence[dt.date], successful_days: Sequence[dt.date]) -> str:
    """Return each time that a column drifted on successful days in a row, newest first: `3 to 5 Nov 2026, …`."""
    said = [
        say_day(a) if a == b else f"{say_day(a, a.year != b.year)} to {say_day(b)}"
        for a, b in list_stretches(days, successful_days)
    ]
    more = f", and {counted(len(said) - STRETCHES_SAID, 'earlier time')}" if len(said) > STRETCHES_SAID else ""
    return ", ".join(said[:STRETCHES_SAID]) + more


def shorten(name: str) -> str:
    """Return a column's name as the map shows it."""
    return one_line(name, 40)
