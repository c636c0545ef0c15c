"""Collect what is known of one column on each day: its state, its distance and its distribution. Pure functions."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from driftmonitor.facts.distribution import PLACES, Distribution
from driftmonitor.pipeline.pages.columns import ColumnHistory
from driftmonitor.pipeline.pages.monitor_view import MonitorView

BUDGET_LEVELS = {"stable": "similar", "drifted": "differs"}  # a column's own test, where it does not decide
NAMED = ("drifted", "unusual")  # states that the deciding rule names


def find_states(view: MonitorView, name: str, history: ColumnHistory) -> dict[dt.date, str]:
    """Return a column's state on each day, in date order: by its own test and, with the budget rule, by the rule."""
    states = {}
    for block in history.blocks:
        for ordinal in range(block.start, block.end):
            day = dt.date.fromordinal(ordinal)
            states[day] = _choose_state(view, day, name, block.level.partition("-")[0])
    return states


def _choose_state(view: MonitorView, day: dt.date, name: str, level: str) -> str:
    run = view.by_date.get(day)
    if run is None or run.rule != "budget":
        return level
    named = run.status == "drift" and name in run.drifted_columns
    return "unusual" if named else BUDGET_LEVELS.get(level, level)


def make_data(
    view: MonitorView,
    first: dt.date,
    history: ColumnHistory,
    states: Mapping[dt.date, str],
    days: Mapping[dt.date, Distribution],
) -> dict[str, Any]:
    """Return what the page's script needs to show another day.

    `days` has a row for each: days since `first`, state, distance, and whether the day has a report. If its
    distribution is known, there follow: of numbers, which of the `references` it is compared with, and its quantiles;
    of categories, for each of them its number in `levels` and its shares of both sides.
    """
    references: list[Any] = []
    levels: list[str] = []
    rows = []
    for day, state in states.items():
        distance = history.distances.get(day)
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
