"""Make the page of one column: how far it moved each day, its values over time, one day's distribution, incidents."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from driftmonitor.facts.distribution import PLACES, Distribution
from driftmonitor.facts.record import ColumnScore, RunRecord
from driftmonitor.formats import numbers_apart, percent, say_day
from driftmonitor.pipeline.pages.charts import RIBBON, draw_bands
from driftmonitor.pipeline.pages.column_days import NAMED, ColumnDays, make_data
from driftmonitor.pipeline.pages.column_values import Values, make_values
from driftmonitor.pipeline.pages.columns import say_stretches
from driftmonitor.pipeline.pages.distances import Distances, draw_distances
from driftmonitor.pipeline.pages.distribution_view import DistributionView, draw_distribution
from driftmonitor.pipeline.pages.incidents import list_newest, make_anchor
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.own_tests import say_column_rule
from driftmonitor.pipeline.pages.run_page import ColumnView, Link
from driftmonitor.pipeline.pages.trends import Range, make_ranges
from driftmonitor.words.verdicts import DISTANCES

INCIDENTS_SHOWN = 20
LEAST_DAYS = 14


class Figure(NamedTuple):
    """A number in the column's own unit, on both sides."""

    name: str
    before: str
    now: str


@dataclass(frozen=True)
class ColumnPage:
    """What the page of a column shows. Links are relative to it."""

    title: str
    name: str
    day: dt.date
    column: ColumnView
    budgeted: bool
    ranges: Sequence[Range]
    distances: Distances
    incident_bands: str
    ribbons: str
    role: str
    rule: str
    distance_name: str
    distance_words: Mapping[str, str]
    values: Values | None
    distribution: DistributionView | None
    figures: Sequence[Figure]
    kept_since: dt.date | None
    named_on: str
    incidents: Sequence[Link]
    facts: Sequence[str]
    report: str | None
    data: Mapping[str, Any]


def make_column_page(
    view: MonitorView,
    record: RunRecord,
    score: ColumnScore,
    column: ColumnView,
    column_days: ColumnDays,
    days: Mapping[dt.date, Distribution],
) -> ColumnPage:
    """Return a column's page as of the last successful run; `days` are its distributions by day, in date order."""
    history, states = column_days.history, column_days.states
    first = min(min(history.distances, default=record.run_date), view.last_shown - dt.timedelta(LEAST_DAYS - 1))
    ranges = make_ranges(first, view.last_shown)
    spans = [
        ((each.start - first).days, ((each.end or view.last_shown + dt.timedelta(1)) - each.start).days)
        for each in view.state.drift_incidents
        if score.name in each.columns
    ]
    return ColumnPage(
        title=view.title,
        name=score.name,
        day=record.run_date,
        column=column,
        budgeted=view.budgeted,
        ranges=ranges,
        distances=draw_distances(record, score, column_days, first),
        incident_bands=draw_bands(spans),
        ribbons=draw_bands(spans, RIBBON),
        role=view.roles.get(score.name, ""),
        rule=say_column_rule(record, score),
        distance_name=DISTANCES.get(score.kind or "", "distance"),
        distance_words={
            each.key: _say_distances(view, column_days, first + dt.timedelta(each.start)) for each in ranges
        },
        values=make_values(days, first, ranges),
        distribution=draw_distribution(score.distribution),
        figures=list_figures(score),
        kept_since=min(days, default=None),
        named_on=say_stretches([day for day, state in states.items() if state in NAMED], view.successful_days),
        incidents=link_incidents(view, score.name),
        facts=list_facts(record, score),
        report=f"../../{record.run_date}/index.html" if record.run_date in view.files else None,
        data=make_data(view, first, column_days, days),
    )


def _say_distances(view: MonitorView, column: ColumnDays, since: dt.date) -> str:
    """Return the largest distance from a day on, and on how many days the rule named the column."""
    distances = {day: distance for day, distance in column.history.distances.items() if day >= since}
    if not distances:
        return "No distance is known."
    distance, day = max((distance, day) for day, distance in distances.items())
    states = [state for day, state in column.states.items() if day >= since]
    word, named = "unusual" if view.budgeted else "drifted", sum(state in NAMED for state in states)
    return f"Largest distance {distance:.2f}, on {say_day(day)}; {word} on {named} of {len(states)} days."


def list_figures(score: ColumnScore) -> list[Figure]:
    """Return the figures of both sides in the column's unit: mean, standard deviation, quantiles, missing values."""
    figures = []
    for name, key in (("Mean", "mean"), ("Standard deviation", "sd")):
        before, now = (score.effect.get(key) or [None, None])[:2]
        if before is not None and now is not None:
            figures.append(Figure(name, *numbers_apart(before, now)))
    if score.distribution and score.distribution.quantiles:
        for place, before, now in zip(PLACES, *score.distribution.quantiles, strict=True):
            name = "Median" if place == 0.5 else f"{place * 100:g}% quantile"
            figures.append(Figure(name, *numbers_apart(before, now)))
    if score.missing_share:
        figures.append(
            Figure("Missing values", percent(score.missing_share.reference), percent(score.missing_share.current))
        )
    return figures


def list_facts(record: RunRecord, score: ColumnScore) -> list[str]:
    """Return what makes it unusual, its part in the model's score, and what is wrong with its data."""
    causes = record.budget_judgement.causes if record.budget_judgement else ()
    facts = [cause.words for cause in causes if score.name in cause.columns]
    if part := record.parts.get(score.name):
        negligible = " It does next to nothing to the score." if score.name in record.negligible else ""
        facts.append(f"Its part in the model's score is {percent(part)}.{negligible}")
    facts += [finding.message for finding in record.quality if finding.column == score.name]
    return facts


def link_incidents(view: MonitorView, name: str) -> list[Link]:
    """Return a link to each of the newest incidents in which the column drifted or was unusual."""
    return [
        Link(
            f"{say_day(each.start)} until {say_day(each.end)}" if each.end else f"Since {say_day(each.start)}",
            f"../../incidents/{make_anchor(each)}/index.html",
        )
        for each in list_newest(view)
        if each.family == "drift" and name in each.columns
    ][:INCIDENTS_SHOWN]
