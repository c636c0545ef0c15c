"""Collect what is known of one column on each day: its state, its distance and its distribution. Pure functions."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from driftmonitor.facts.distribution import PLACES, Distribution
from driftmonitor.pipeline.pages.columns import Block, ColumnHistory, to_stored_name
from driftmonitor.pipeline.pages.monitor_view import MonitorView

NAMED = ("drifted", "unusual")  # states that the deciding rule names


@dataclass(frozen=True)
class ColumnDays:
    """One column by day: what its own test says, and the days on which the budget rule decided or found it unusual.

    Days are ordinals.
    """

    name: str
    history: ColumnHistory
    budgeted: frozenset[int]
    named: frozenset[int]

    @cached_property
    def blocks(self) -> list[Block]:
        """Neighbouring days of one level, as pages show it."""
        if not self.budgeted:
            return self.history.blocks
        shown = ColumnHistory(self.name)
        for day, own in self.days:
            shown.add(self.level_of(day, own), day)
        return shown.blocks

    @property
    def days(self) -> Iterator[tuple[int, str]]:
        """Each day as an ordinal, with the level of the column's own test, oldest first."""
        for block in self.history.blocks:
            for day in range(block.start, block.end):
                yield day, block.level

    def level_of(self, day: int, own: str) -> str:
        """Return the level that pages show: only the deciding rule makes a column wear the warning colour."""
        if day not in self.budgeted:
            return own
        return "unusual" if day in self.named else own.replace("drifted", "differs")

    @cached_property
    def warned(self) -> list[int]:
        """The days on which it drifted by the share rule, or was unusual by the budget rule."""
        return [day for day, own in self.days if self.level_of(day, own).startswith(("drifted", "unusual"))]

    @cached_property
    def unusual(self) -> list[dt.date]:
        """The days on which the budget rule found it unusual."""
        return [dt.date.fromordinal(day) for day, _ in self.days if day in self.named]

    @cached_property
    def states(self) -> dict[dt.date, str]:
        """Its state on each day, in date order: stable or drifted; with the budget rule similar, differs or unusual."""
        levels = {day: self.level_of(day, own).partition("-")[0] for day, own in self.days}
        return {
            dt.date.fromordinal(day): "similar" if level == "stable" and day in self.budgeted else level
            for day, level in levels.items()
        }


def make_column_days(
    view: MonitorView, names: Sequence[str], histories: Mapping[str, ColumnHistory]
) -> dict[str, ColumnDays]:
    """Return the days of the columns with these stored names, in their order."""
    budgeted = frozenset(run.run_date.toordinal() for run in view.runs if run.budgeted)
    return {
        name: ColumnDays(name, histories.get(name) or ColumnHistory(name), budgeted, days)
        for name, days in _list_named(view, names).items()
    }


def _list_named(view: MonitorView, names: Sequence[str]) -> dict[str, frozenset[int]]:
    """Return for each column the days, as ordinals, on which the budget rule named it."""
    named: dict[str, set[int]] = {name: set() for name in names}
    for run in view.runs:
        for column in run.drifted_columns if run.budgeted else ():
            named.get(to_stored_name(column), set()).add(run.run_date.toordinal())
    return {name: frozenset(days) for name, days in named.items()}


def make_data(
    view: MonitorView, first: dt.date, column: ColumnDays, days: Mapping[dt.date, Distribution]
) -> dict[str, Any]:
    """Return what the page's script needs to show another day.

    `days` has a row for each: days since `first`, state, distance, and whether the day has a report. If its
    distribution is known, there follow: of numbers, which of the `references` it is compared with, and its quantiles;
    of categories, for each of them its number in `levels` and its shares of both sides.
    """
    references: list[Any] = []
    levels: list[str] = []
    rows = []
    for day, state in column.states.items():
        distance = column.history.distances.get(day)
        row = [(day - first).days, state, None if distance is None else round(distance, 4), int(day in view.files)]
        rows.append([*row, *_describe(days.get(day), references, levels)])
    return {"first": f"{first}", "places": PLACES, "levels": levels, "references": references, "days": rows}


def _describe(known: Distribution | None, references: list[Any], levels: list[str]) -> list[Any]:
    if known is None:
        return []
    if known.quantiles:
        before, now = known.quantiles
        references += [before] if before not in references else []
        return [references.index(before), now]
    names = known.levels or ()
    levels += [level for level in names if level not in levels]
    return [[[levels.index(name), *both] for name, *both in zip(names, *(known.shares or ((), ())), strict=True)]]
