"""How strange a monitor's days were, and how sure that is: what the pages show of the false-alarm budget. Pure."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import number, percent, say_day
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.pages.charts import SPARK_DAYS, SPARK_HEIGHT, Spark, spark_path
from driftmonitor.pipeline.pages.monitor_history import MonitorView
from driftmonitor.words.judgements import say_rank

TOP = 2.0  # times the limit: where the scale of strangeness ends


class Measure(NamedTuple):
    """How much drifts, in one number and on a scale of 0 to 1; `limit` is None where no line divides it."""

    number: str
    words: str
    level: float
    limit: float | None
    scale_words: str


class Strange(NamedTuple):
    """The panel: how strange the last day was, how sure that is, the line over 90 days, and what analysts said."""

    words: str
    sure: str
    spark: Spark | None
    said: Sequence[str]


def measure(record: RunRecord) -> Measure:
    """Return how much drifts in a good run, as its deciding rule sees it."""
    if record.budgeted:
        return _measure_strangeness(record)
    share, threshold, drifted = record.drift_share or 0.0, record.threshold or 0.0, len(record.drifted_columns)
    return Measure(
        percent(share),
        f"{drifted} of {len(record.columns)} columns drifted",
        share,
        threshold,
        f"{'over' if share > threshold else 'within'} the threshold of {percent(threshold)}",
    )


def _measure_strangeness(record: RunRecord) -> Measure:
    judged = record.judgement
    if judged.mode != "pool" or judged.strangeness is None or not judged.limit:
        words = "comparable days are known; until then only a clear change alarms"
        known = f"{judged.pool_days} of {judged.pool_needed}"
        return Measure(known, words, judged.pool_days / judged.pool_needed, None, say_rank(judged))
    side = "over" if judged.alarm else "within"
    scale = f"strangeness {number(judged.strangeness)}, {side} the limit of {number(judged.limit)}"
    level = min(1.0, max(0.0, judged.strangeness / (TOP * judged.limit)))
    return Measure(f"{judged.rank} of {judged.pool_days}", "comparable days were as strange", level, 1 / TOP, scale)


def ratio(run: Run) -> float | None:
    """Return a run's strangeness over that of the strangest comparable day: it alarms above 1."""
    if run.strangeness is None or not run.strangeness_limit or run.strangeness_limit <= 0:
        return None
    return max(0.0, run.strangeness / run.strangeness_limit)


def make_strange(view: MonitorView) -> Strange | None:
    """Return the panel as of the last good run; None where no run was judged and no analyst said anything."""
    judged = view.good.judgement if view.good else None
    said = [f"{say_day(run.run_date)}: {run.label}: {run.reason}" for run in reversed(view.runs) if run.label]
    if judged is None:
        return Strange("", "", None, said) if said else None
    words = say_rank(judged)
    decides = f"{number(judged.false_alarms_per_year)} false alarms a year are allowed"
    decides = decides if judged.decides else "This informs; the share of drifted columns decides"
    sure = f"{_say_sure(view, judged.pool_days, judged.pool_needed)} {decides}."
    spark = None if judged.decides else strangeness_spark(view)  # where it decides the trend shows it, larger
    return Strange(f"{words[0].upper()}{words[1:]}.", sure, spark, said)


def _say_sure(view: MonitorView, known: int, needed: int) -> str:
    if known >= needed:
        return f"The comparable days are the last {known} that were finished two weeks before, no alarm among them."
    left = needed - known
    full = view.runs[-1].run_date + dt.timedelta(left)
    return (
        f"{known} of {needed} comparable days are known, and {left} are still to come, about until {say_day(full)}; "
        "until then only a clear change alarms."
    )


def strangeness_spark(view: MonitorView) -> Spark | None:
    """Return the strangeness over 90 days, as a multiple of its limit; None with fewer than two days."""
    days = [view.last_shown - dt.timedelta(back) for back in range(SPARK_DAYS - 1, -1, -1)]
    ratios = [ratio(view.by_date[day]) if day in view.by_date else None for day in days]
    known = [value for value in ratios if value is not None]
    if len(known) < 2:
        return None
    words = f"Strangeness in {SPARK_DAYS} days, in percent of the limit: {percent(max(known))} at most, "
    words += f"{percent(known[-1])} now"
    return Spark(spark_path(ratios, TOP), words, (1 - 1 / TOP) * (SPARK_HEIGHT - 4) + 2)
