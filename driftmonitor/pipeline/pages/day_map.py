"""Draw the map of a monitor's columns by day, in blocks of equal days, and say what it shows. Pure.

A column's own test says how far it is from the reference; if the budget rule decided a day, only that makes it unusual.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from driftmonitor.facts.record import ColumnScore
from driftmonitor.formats import counted, say_day
from driftmonitor.pipeline.pages.charts import Bars, draw_blocks
from driftmonitor.pipeline.pages.column_days import ColumnDays, make_column_days
from driftmonitor.pipeline.pages.column_ids import link_column
from driftmonitor.pipeline.pages.columns import ColumnHistory, say_stretches, shorten, to_stored_name
from driftmonitor.pipeline.pages.map_code import encode_distances, encode_levels
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.own_tests import say_cut_off, say_rule
from driftmonitor.words.verdicts import DISTANCES

ROWS_SHOWN = 40
COLUMNS_SAID = 5
# Level -> where its blocks begin in a row of height 1, and their height: each has its own shape beside its colour.
GRADED = {"1": (0.28, 0.44), "2": (0.2, 0.6), "3": (0.12, 0.76), "4": (0.04, 0.92)}
BLOCKS = {
    "stable": (0.43, 0.14), "not_testable": (0.35, 0.3),
    **{f"{state}-{grade}": shape for state in ("drifted", "differs") for grade, shape in GRADED.items()},
    "unusual": (0.02, 0.96),
}  # fmt: skip

FURTHER = {"2": "from 0.1", "3": "from 0.25", "4": "from 0.5"}
LEVEL_WORDS = {
    "stable": "stable", "drifted-1": "drifted, distance under 0.1",
    **{f"drifted-{grade}": words for grade, words in FURTHER.items()},
    "differs-1": "differs as usual, distance under 0.1",
    **{f"differs-{grade}": words for grade, words in FURTHER.items()},
    "unusual": "unusual", "not_testable": "not testable",
}  # fmt: skip


class MapRow(NamedTuple):
    """A row of the map: its column's name, that column's row in the table and page; None and "" if it is gone.

    `drifted` and `unusual` list when it was which, "" if never, `peak` its largest distance. `distance_name`, `test`
    and `least` say what its own test decides by, `verb` what it did then. `levels` and `distances` are its days, for a
    script (see `map_code`).
    """

    text: str
    row: int | None
    href: str = ""
    drifted: str = ""
    peak: str = ""
    unusual: str = ""
    distance_name: str = "distance"
    test: str = ""
    least: str = ""
    levels: str = ""
    distances: str = ""
    verb: str = "drifted"

    @property
    def title(self) -> str:
        """What a pointer on the row reads without a script."""
        said = [
            f"unusual {self.unusual}" if self.unusual else "",
            f"{self.verb} {self.drifted}" if self.drifted else "",
            self.peak and f"largest distance {self.peak}",
        ]
        return f"{self.text}: {'; '.join(filter(None, said)) or f'never {self.verb}'}"


class LegendEntry(NamedTuple):
    """A level that the map shows, and its words."""

    state: str
    words: str


@dataclass(frozen=True)
class DayMap:
    """The map: its rows, the blocks of each level, how many columns it leaves out, and what decides, in a sentence."""

    rows: Sequence[MapRow]
    levels: Sequence[Bars]
    hidden: int
    rule: str
    columns: Sequence[ColumnDays]

    @property
    def legend(self) -> list[LegendEntry]:
        """The levels that the map shows, in words; of a graded state always all grades."""
        shown = {bars.state.partition("-")[0] for bars in self.levels}
        budgeted = any(column.budgeted for column in self.columns)
        words = LEVEL_WORDS | ({"stable": "similar"} if budgeted else {})
        return [LegendEntry(level, said) for level, said in words.items() if level.partition("-")[0] in shown]

    def say(self, start: int, end: int, label: str) -> str:
        """Return what the map shows of the days from `start` up to `end`, ordinals: `30 days. Map of 4 columns …`."""
        words = [f"{label}. Map of {counted(len(self.columns), 'column')} by day", *self._say_days(start, end)]
        return f"{'; '.join(words)}."

    def _say_days(self, start: int, end: int) -> Iterator[str]:
        warned = sorted(
            ((sum(start <= day < end for day in each.warned), each) for each in self.columns),
            key=lambda pair: pair[0], reverse=True,
        )  # fmt: skip
        named = [(days, each) for days, each in warned if days]
        budgeted = any(each.budgeted for each in self.columns)
        for days, each in named[:COLUMNS_SAID]:
            verb = "was unusual" if each.unusual else "drifted"
            yield f"{shorten(each.name)} {verb} on {counted(days, 'day')}"
        if len(named) > COLUMNS_SAID:
            yield f"and {len(named) - COLUMNS_SAID} more"
        if not named:
            yield "none was unusual" if budgeted else "none drifted"
        if differing := sum(_differs(each, start, end) for each in self.columns):
            yield f"{counted(differing, 'column')} differed from the reference as usual"


def _differs(column: ColumnDays, start: int, end: int) -> bool:
    return any(b.level.startswith("differs") and b.start < end and start < b.end for b in column.blocks)


def make_day_map(view: MonitorView, histories: Mapping[str, ColumnHistory], first: dt.date) -> DayMap:
    """Return the map of the columns: those of the last successful run, and those gone since that had drifted."""
    scores = view.last_success.worst_columns if view.last_success else []
    table = {to_stored_name(score.name): (row, score) for row, score in enumerate(scores)}
    gone = [name for name, history in histories.items() if name not in table and history.drifted]
    columns = make_column_days(view, [*table, *gone], histories)
    order = sorted(columns.values(), key=_most_recent, reverse=True)
    shown = order[:ROWS_SHOWN]
    rows = [_make_row(each, table.get(each.name), view, first) for each in shown]
    levels = [Bars(level, _draw_level(shown, first, level)) for level in BLOCKS]
    return DayMap(
        rows, [bars for bars in levels if bars.path], len(order) - len(shown), say_rule(view.last_success), shown
    )


def _most_recent(column: ColumnDays) -> tuple[int, dt.date]:
    """Return when the rule last named a column, and when it last differed: the newest rows come first."""
    return max(column.warned, default=0), max(column.history.drifted, default=dt.date.min)


def _make_row(column: ColumnDays, known: tuple[int, ColumnScore] | None, view: MonitorView, first: dt.date) -> MapRow:
    row, score = known or (None, None)
    history, days = column.history, view.successful_days
    least = view.last_success.min_distance if view.last_success else 0.0
    by_p = score is not None and (score.p_value is not None or score.method is None)
    shown = {day: column.level_of(day, own) for day, own in column.days}
    return MapRow(
        text=shorten(column.name),
        row=row,
        href=link_column(score.name, row) if score is not None and row is not None else "",
        drifted=say_stretches(history.drifted, days),
        peak=_say_peak(history),
        unusual=say_stretches(column.unusual, days),
        distance_name=DISTANCES.get((score and score.kind) or "", "distance"),
        test=say_cut_off(score),
        least=f"{least:g}" if by_p and least else "",
        levels=encode_levels([(day - first.toordinal(), own, shown[day]) for day, own in column.days]),
        distances=encode_distances([history.distances.get(dt.date.fromordinal(day)) for day in shown]),
        verb="differed" if view.budgeted else "drifted",
    )


def _say_peak(history: ColumnHistory) -> str:
    if not history.drifted:
        return ""
    distance, day = max(((history.distances.get(day, -1.0), day) for day in history.drifted), key=lambda peak: peak[0])
    return f"{distance:.2f} on {say_day(day)}" if distance >= 0 else ""


def _draw_level(shown: Sequence[ColumnDays], first: dt.date, level: str) -> str:
    start = first.toordinal()
    rows = {
        row: [(block.start - start, block.end - block.start) for block in column.blocks if block.level == level]
        for row, column in enumerate(shown)
    }
    return draw_blocks(rows, *BLOCKS[level])
