"""Show the columns that the last run names over 90 days: their values in their own unit beside the reference. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from driftmonitor.facts.distribution import LONGEST_LEVEL, Distribution
from driftmonitor.facts.record import ColumnScore
from driftmonitor.formats import one_line, show_category
from driftmonitor.pipeline.pages.column_days import make_column_days
from driftmonitor.pipeline.pages.column_ids import link_column
from driftmonitor.pipeline.pages.column_values import Values, make_values
from driftmonitor.pipeline.pages.columns import ColumnHistory, to_stored_name
from driftmonitor.pipeline.pages.distances import Distances, draw_distances
from driftmonitor.pipeline.pages.monitor_view import DAYS_SHOWN, MonitorView
from driftmonitor.pipeline.pages.run_page import ColumnView
from driftmonitor.pipeline.pages.trends import Range
from driftmonitor.pipeline.pages.wording import list_columns

MOST_SHOWN = 4


@dataclass(frozen=True)
class Moved:
    """One column: its result, its page, its distances, and its values; of categories only the one that changed most."""

    column: ColumnView
    href: str
    distances: Distances
    values: Values


def make_moved(
    view: MonitorView,
    histories: Mapping[str, ColumnHistory],
    columns: Mapping[str, Mapping[dt.date, Distribution]],
) -> Sequence[Moved]:
    """Return the columns that the deciding rule names, the most severe first, if their values are known."""
    record = view.last_success
    if record is None:
        return []
    named = [score.name for score in record.drifted_columns]
    by_day = make_column_days(view, [to_stored_name(name) for name in named], histories)
    first = view.days_shown[0]
    shown = list(enumerate(zip(record.worst_columns, list_columns(record), strict=True)))
    found = [
        Moved(
            column,
            link_column(score.name, place),
            draw_distances(record, score, by_day[to_stored_name(score.name)], first),
            values,
        )
        for place, (score, column) in sorted(shown, key=lambda each: _place(each[1][0], named))
        if score.name in named and (values := _draw(view, score, columns.get(score.name, {})))
    ]
    return found[:MOST_SHOWN]


def _place(score: ColumnScore, named: Sequence[str]) -> int:
    return named.index(score.name) if score.name in named else len(named)


def _draw(view: MonitorView, score: ColumnScore, days: Mapping[dt.date, Distribution]) -> Values | None:
    first = view.days_shown[0]
    shown = {day: each for day, each in days.items() if day >= first}
    values = make_values(shown, first, [Range("90", "90 days", 0, DAYS_SHOWN, view.days_shown, True)])
    if values is None or values.band:
        return values
    changed = show_category(one_line(str(score.effect.get("category", "")), LONGEST_LEVEL))
    levels = [level for level in values.levels if level.name == changed] or values.levels[:1]
    return Values(values.views, f"{levels[0].name} {levels[0].words}", levels=levels)
