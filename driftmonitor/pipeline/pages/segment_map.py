"""Draw the segments of the rows by day: on which drift days a change inside of a segment, or of its share, was a cause.

The history keeps the causes of each day, and no size of a segment's change by day. Pure.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from driftmonitor.facts.moves import Move
from driftmonitor.formats import counted, one_line, say_day
from driftmonitor.pipeline.pages.charts import draw_blocks, merge_days
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.words.stories import say_direction

ROWS_SHOWN, CAUSES_SAID, DAYS_LISTED, NAMES_SAID = 40, 3, 8, 5
NAME_LENGTH = 40


class SegmentRow(NamedTuple):
    """A row of the map: a segment, its days in words for people, and as JSON by number of the day for the script."""

    text: str
    days_words: str
    said: str


@dataclass(frozen=True)
class SegmentMap:
    """The map: its rows, their days as one path, how many segments it leaves out, and the days of each row."""

    rows: Sequence[SegmentRow]
    path: str
    hidden: int
    days: Mapping[str, Sequence[dt.date]]

    def say(self, start: int, end: int, label: str) -> str:
        """Return what the map shows of the days from `start` up to `end`, ordinals."""
        counts = {name: sum(start <= day.toordinal() < end for day in days) for name, days in self.days.items()}
        named = [f"{one_line(name, NAME_LENGTH)} on {counted(days, 'day')}" for name, days in counts.items() if days]
        more = [f"and {len(named) - NAMES_SAID} more"] if len(named) > NAMES_SAID else []
        words = named[:NAMES_SAID] + more or ["none in this range"]
        return f"{label}. Map of segments that were a cause of a drift day: {'; '.join(words)}."


def make_segment_map(view: MonitorView, first: dt.date) -> SegmentMap | None:
    """Return the map of segments; None if neither the last successful run nor any day has one."""
    causes: dict[str, dict[dt.date, list[Move]]] = {}
    for day, move in _list_moves(view):
        if move.segment is not None and day >= first:
            causes.setdefault(move.segment, {}).setdefault(day, []).append(move)
    evidence = view.last_success.evidence if view.last_success else None
    if not causes and not (evidence and evidence.segments):
        return None
    shown = sorted(causes, key=lambda name: max(causes[name]), reverse=True)[:ROWS_SHOWN]
    rows = [_make_row(name, causes[name], first) for name in shown]
    days = {name: sorted(causes[name]) for name in shown}
    return SegmentMap(rows, _draw(list(days.values()), first), len(causes) - len(shown), days)


def _list_moves(view: MonitorView) -> Iterator[tuple[dt.date, Move]]:
    for run in view.runs:
        for move in run.moves.moves if run.moves and run.status == "drift" else ():
            yield run.run_date, move


def _make_row(name: str, causes: Mapping[dt.date, Sequence[Move]], first: dt.date) -> SegmentRow:
    days = sorted(causes, reverse=True)
    said = {(day - first).days: say_causes(causes[day]) for day in days}
    listed = "; ".join(f"{say_day(day)}: {say_causes(causes[day])}" for day in days[:DAYS_LISTED])
    more = f"; and {counted(len(days) - DAYS_LISTED, 'earlier day')}" if len(days) > DAYS_LISTED else ""
    return SegmentRow(one_line(name, NAME_LENGTH), f"{listed}{more}", json.dumps(said, separators=(",", ":")))


def say_causes(moves: Sequence[Move]) -> str:
    """Return what changed in a segment, the strongest first: `amount: level there rose, share of rows fell`."""
    said = [_say_cause(move) for move in moves[:CAUSES_SAID]]
    more = len(moves) - len(said)
    return ", ".join([*said, *([f"{more} more"] if more else [])])


def _say_cause(move: Move) -> str:
    name = ", ".join(one_line(column, NAME_LENGTH) for column in move.columns) if move.change == "segment" else ""
    return ": ".join(filter(None, [name, say_direction(move)]))


def _draw(rows: Sequence[Sequence[dt.date]], first: dt.date) -> str:
    blocks = {
        row: list(merge_days({(day - first).days: ("drift", 1.0) for day in days}, "drift"))
        for row, days in enumerate(rows)
    }
    return draw_blocks(blocks, 0.04, 0.92)
