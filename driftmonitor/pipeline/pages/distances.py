"""Draw a column's distance from the reference by day, coloured by what its rule said, with its own cut-off. Pure."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from driftmonitor.facts.record import ColumnScore, RunRecord
from driftmonitor.pipeline.pages.charts import Bars, choose_axis_top, draw_bars
from driftmonitor.pipeline.pages.column_days import ColumnDays

COLOURS = {"drifted": "drift", "unusual": "drift", "stable": "healthy", "similar": "healthy", "differs": "differs"}


class Distances(NamedTuple):
    """The bars, the upper end of their axis, and the cut-off as a height in percent from the top, None without one."""

    bars: Sequence[Bars]
    top_words: str
    cut_off: float | None
    cut_off_words: str


def draw_distances(record: RunRecord, score: ColumnScore, column: ColumnDays, first: dt.date) -> Distances:
    """Return the distances from `first` on, which is at 0, with the cut-off of the last successful run."""
    known = {day: distance for day, distance in column.history.distances.items() if day >= first}
    cut_off = record.min_distance if score.p_value is not None and not record.budgeted else 0.0
    top = choose_axis_top(max([*known.values(), score.distance or 0.0]), cut_off)
    values = {
        (day - first).days: (COLOURS.get(column.states.get(day, ""), "none"), distance)
        for day, distance in known.items()
    }
    height = 100 * (1 - cut_off / top) if cut_off else None
    return Distances(draw_bars(values, top), f"{top:g}", height, f"{cut_off:g}" if cut_off else "")
