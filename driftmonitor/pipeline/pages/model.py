"""Show a model's performance: by its labels and as estimated before, day by day, beside the reference. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from driftmonitor.facts.drift_since import date_drift
from driftmonitor.facts.model import ModelDay, ModelRecord
from driftmonitor.facts.performance import Metric
from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import number, percent, say_day
from driftmonitor.pipeline.pages.charts import CHART_HEIGHT
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.words.model import METRICS, say_metric, say_model, verdict_of

if TYPE_CHECKING:
    from driftmonitor.pipeline.history.store import ModelPoint

MARGIN = 0.08  # of the range, above and below the lines
LEAST_DAYS = 2


class MetricRow(NamedTuple):
    """One metric in words: on the newest labelled day, and on the reference."""

    name: str
    value: str
    reference: str


class ModelTrend(NamedTuple):
    """The decisive metric over the last 90 days, in a picture 90 units wide and 100 high."""

    band: str
    line: str
    estimates: str
    tolerated: float | None
    low: str
    high: str
    words: str
    first: dt.date
    last: dt.date


class ModelView(NamedTuple):
    """What the page says of a model."""

    harm: str
    state: str
    rows: Sequence[MetricRow]
    day: dt.date | None
    labelled: str
    metric: str
    trend: ModelTrend | None


STATES = {"harmful": "drift", "harmless_so_far": "healthy", "not_known_yet": "none"}


def make_model(view: MonitorView, points: Iterable["ModelPoint"]) -> ModelView | None:
    """Return what a monitor's page says of its model; None if the last successful run knew of none."""
    record = view.last_success and date_run(view, view.last_success)
    if record is None or record.model is None:
        return None
    model, known = record.model, list(points)
    newest = _find_newest(model, known)
    return ModelView(
        harm=say_model(record),
        state=STATES[verdict_of(model, record.run_date, record.status == "drift")],
        rows=list_metrics(model, newest) if newest else [],
        day=newest.date if newest else None,
        labelled=say_labelled(newest) if newest else "no labels yet",
        metric=_title(model.metric),
        trend=make_trend(view, model, known),
    )


def _find_newest(model: ModelRecord, points: Sequence["ModelPoint"]) -> ModelDay | None:
    """Return the newest day with labels, whichever run looked at it last; the last run's own if that is damaged."""
    labelled = [day for day in model.days if day.performance.labelled]
    with suppress(ValueError):
        labelled += [ModelDay.model_validate_json(text) for text in [p.content for p in points if p.labelled][-1:]]
    return max(labelled, key=lambda day: day.date, default=None)


def say_run(view: MonitorView, record: RunRecord) -> str:
    """Return whether the drift of a run harms the model; "" without one."""
    return say_model(date_run(view, record))


def date_run(view: MonitorView, record: RunRecord) -> RunRecord:
    """Return the record with the first day of its drift, by all runs that are known now."""
    day = view.state.days.get(record.run_date)
    return date_drift(record, day.drift_since if day else None)


def say_labelled(day: ModelDay) -> str:
    """Return for how many rows of a day the label is known."""
    rows, labelled = day.performance.rows, day.performance.labelled
    share = percent(labelled / rows) if rows else "0%"
    return f"labels of {labelled:,} of {rows:,} rows ({share})"


def list_metrics(model: ModelRecord, day: ModelDay) -> list[MetricRow]:
    """Return each metric of a day in words, with its 95% interval and the reference's value."""
    reference = model.reference.metrics if model.reference else {}
    return [
        MetricRow(_title(name), say_metric(metric), _show(reference.get(name, Metric()).value))
        for name in METRICS
        if (metric := day.performance.metrics.get(name))
    ]


def _title(metric: str) -> str:
    name = METRICS[metric]
    return f"{name[:1].upper()}{name[1:]}"


def _show(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3g}" if abs(value) < 1000 else number(value)


def make_trend(view: MonitorView, model: ModelRecord, points: Sequence["ModelPoint"]) -> ModelTrend | None:
    """Return the decisive metric by day; None while too few days are known."""
    places = {day: x for x, day in enumerate(view.days_shown)}
    shown = [point for point in points if point.day in places and point.metric == model.metric]
    realised = [point for point in shown if point.value is not None]
    estimated = [point for point in shown if point.value is None and point.estimate is not None]
    if len(realised) + len(estimated) < LEAST_DAYS:
        return None
    tolerated = _tolerated(model)
    values = [point.value for point in realised] + [point.estimate for point in estimated] + [tolerated]
    ends = [each for point in realised for each in (point.low, point.high)] + values
    known = [value for value in ends if value is not None]
    bottom, top = min(known), max(known)
    pad = (top - bottom or abs(top) or 1.0) * MARGIN
    scale = _Scale(bottom - pad, top + pad)
    name = _title(model.metric)
    latest = f"latest {_show(realised[-1].value)} on {say_day(realised[-1].day)}" if realised else "no labels yet"
    return ModelTrend(
        band=_draw_band(realised, places, scale),
        line=_draw((places[point.day], scale.y(point.value)) for point in realised if point.value is not None),
        estimates=_draw((places[each.day], scale.y(each.estimate)) for each in estimated if each.estimate is not None),
        tolerated=None if tolerated is None else scale.y(tolerated),
        low=_show(bottom),
        high=_show(top),
        words=f"{name} by day: {_show(bottom)} to {_show(top)}, {latest}",
        first=view.days_shown[0],
        last=view.days_shown[-1],
    )


class _Scale(NamedTuple):
    bottom: float
    top: float

    def y(self, value: float) -> float:
        """Return the height of a value, from the top."""
        return round((1 - (value - self.bottom) / (self.top - self.bottom)) * CHART_HEIGHT, 1)


def _tolerated(model: ModelRecord) -> float | None:
    """Return the value from which on a loss is more than is tolerated."""
    decisive = model.reference.decisive if model.reference else None
    if decisive is None:
        return None
    return decisive.value + (model.tolerated_loss if model.metric == "mae" else -model.tolerated_loss)


def _draw(places: Iterable[tuple[int, float]]) -> str:
    """Return a line through places; a day alone is a dot, and days apart are joined."""
    line = "L".join(f"{x + 0.5:g} {y:g}" for x, y in places)
    return f"M{line}h.01" if line else ""


def _draw_band(points: Sequence["ModelPoint"], places: dict[dt.date, int], scale: _Scale) -> str:
    """Return the band of the intervals, in pieces where days follow one another."""
    known = [point for point in points if point.low is not None and point.high is not None]
    pieces: list[list[ModelPoint]] = []
    for before, point in pairwise([None, *known]):
        if point is None:
            continue
        if before is None or places[point.day] - places[before.day] > 1:
            pieces.append([])
        pieces[-1].append(point)
    return "".join(_draw_piece(piece, places, scale) for piece in pieces)


def _draw_piece(points: Sequence["ModelPoint"], places: dict[dt.date, int], scale: _Scale) -> str:
    upper = [(places[point.day], scale.y(point.high or 0.0)) for point in points]
    lower = [(places[point.day], scale.y(point.low or 0.0)) for point in points]
    if len(points) == 1:
        (x, high), (_, low) = upper[0], lower[0]
        return f"M{x + 0.2:g} {high:g}h.6V{low:g}h-.6z"
    return "M" + "L".join(f"{x + 0.5:g} {y:g}" for x, y in [*upper, *reversed(lower)]) + "z"
