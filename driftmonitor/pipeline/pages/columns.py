"""Each column over the days: when it drifted, how strongly, since when. Pure functions over the history's scores."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from driftmonitor.facts.record import ColumnScore
from driftmonitor.formats import number, one_line, p_value, say_day
from driftmonitor.pipeline.pages.charts import SPARK_DAYS, spark_path
from driftmonitor.pipeline.pages.monitor_history import MonitorView
from driftmonitor.pipeline.pages.run_page import Column
from driftmonitor.pipeline.pages.wording import make_column

DAYS_READ = 365
STRENGTHS = (0.1, 0.25, 0.5)  # shares of rows moved, where a drifted column's colour grows stronger
LEAST_TOP = 0.2  # of the small lines: less than this is no peak


@dataclass
class Block:
    """Neighbouring days of one level: from the first one up to the one after them, as ordinals."""

    level: str
    start: int
    end: int


@dataclass
class ColumnHistory:
    """One column's past: the blocks of its evidence's levels, oldest first, and its distance by day."""

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


class Row(NamedTuple):
    """A line of the table of columns; what it is sorted by stands beside the words."""

    column: Column
    distance: float | None
    distance_words: str
    p: float | None
    p_words: str
    since: dt.date | None
    since_words: str
    first_words: str
    days: int
    spark: str


def column_histories(marks: Sequence[tuple[dt.date, str, str, float | None]]) -> dict[str, ColumnHistory]:
    """Return every column's past, by its name as the history stores it; `marks` are the history's, by date."""
    pasts: dict[str, ColumnHistory] = {}
    for day, of_day in groupby(marks, key=itemgetter(0)):
        ordinal = day.toordinal()
        for _, column, status, distance in of_day:
            past = pasts.get(column) or pasts.setdefault(column, ColumnHistory(column))
            past.add(status if status != "drifted" else level(distance), ordinal)
            if distance is not None:
                past.distances[day] = distance
    return pasts


def level(distance: float | None) -> str:
    """Return how strong the evidence of a drifted column is: drifted-1 (weak) to drifted-4."""
    return f"drifted-{2 if distance is None else 1 + sum(distance >= limit for limit in STRENGTHS)}"


def stored(name: str) -> str:
    """Return a column's name as the history's scores have it: no database takes NUL or half a surrogate pair."""
    return name.replace("\x00", "\u2400").encode("utf-8", "replace").decode()


def make_rows(view: MonitorView, pasts: dict[str, ColumnHistory]) -> list[Row]:
    """Return the table of columns as of the last good run, the strongest evidence first."""
    if view.good is None:
        return []
    highest = max((distance for past in pasts.values() for distance in past.distances.values()), default=0.0)
    good_days = [run.run_date for run in view.runs if run.status != "failed"]
    shown = [view.last_shown - dt.timedelta(back) for back in range(SPARK_DAYS - 1, -1, -1)]
    return [
        make_row(
            score, pasts.get(stored(score.name), ColumnHistory(score.name)), good_days, shown, max(highest, LEAST_TOP)
        )
        for score in view.good.worst_columns
    ]


def make_row(
    score: ColumnScore, past: ColumnHistory, good_days: Sequence[dt.date], shown: Sequence[dt.date], top: float
) -> Row:
    """Return one column's line; `top` is the distance at the upper edge of all columns' small lines of `shown` days."""
    recent = [past.distances.get(day) for day in shown]
    line = spark_path(recent, top) if len(past.distances) > 1 else ""  # of one day it would be a dot
    since, words = say_drifted(past, good_days)
    first = past.drifted[0] if past.drifted else None
    return Row(
        make_column(score), score.distance, "–" if score.distance is None else f"{score.distance:.2f}",
        score.p_value, say_p(score), since, words,
        f"first on {say_day(first)}" if first and first != since else "", len(past.drifted), line,
    )  # fmt: skip


def say_p(score: ColumnScore) -> str:
    """Return a p-value for a column headed p, or the score of a method that gives none."""
    if score.p_value is not None:
        return p_value(score.p_value).removeprefix("p ").removeprefix("= ")
    if score.statistic is None:
        return "–"
    limit = "" if score.threshold is None else f" (drift from {number(score.threshold)})"
    return f"{score.method} {number(score.statistic)}{limit}"


def say_drifted(past: ColumnHistory, good_days: Sequence[dt.date]) -> tuple[dt.date | None, str]:
    """Return since when a column drifts, without a good day between, or else when it last did."""
    drifted = set(past.drifted)
    if not drifted:
        return None, "never"
    if good_days[-1] in drifted:
        first = good_days[-1]
        for day in reversed(good_days):
            if day not in drifted:
                break
            first = day
        return first, f"since {say_day(first)}"
    return max(drifted), f"last on {say_day(max(drifted))}"


def stretches(drifted: Sequence[dt.date], good_days: Sequence[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """Return (first day, last day) of each time a column drifted on good days in a row, the newest first."""
    days, found = set(drifted), []
    for is_drifted, group in groupby(good_days, key=days.__contains__):
        if is_drifted:
            own = list(group)
            found.append((own[0], own[-1]))
    return found[::-1]


def short(name: str) -> str:
    """Return a column's name as the map shows it."""
    return one_line(name, 40)
