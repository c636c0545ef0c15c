"""Show how much a monitor's data drifts: the figure of its alert rule, and the panel of its anomaly score. Pure."""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from driftmonitor.budget.policy import GAP_DAYS
from driftmonitor.facts.judgement import Judgement
from driftmonitor.facts.record import RunRecord
from driftmonitor.formats import number, percent, say_day
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.pipeline.pages.charts import Spark, make_spark
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.words.judgements import count_below, say_deciding, say_rank, say_special
from driftmonitor.words.verdicts import say_drift_share

TOP = 2.0  # times the threshold: where the scale of anomaly scores ends


class Gauge(NamedTuple):
    """How much drifts: one number, and a level from 0 to 1; `threshold` is None while the rule has none.

    `look` is "warm_up" if the level is progress, not severity.
    """

    number: str
    words: str
    level: float
    threshold: float | None
    scale_words: str
    look: str = ""


class AnomalyPanel(NamedTuple):
    """How unusual the last day was, what it was compared with, its score over 90 days, and the analysts' reviews."""

    finding: str
    basis: str
    spark: Spark | None
    reviews: Sequence[str]


def make_gauge(record: RunRecord) -> Gauge:
    """Return how much drifts in a successful run, by the rule that decided it."""
    if judgement := record.budget_judgement:
        return _make_score_gauge(judgement, record.run_date)
    share, threshold, drifted = record.drift_share or 0.0, record.threshold or 0.0, len(record.drifted_columns)
    return Gauge(
        percent(share),
        say_drift_share(drifted, len(record.columns), None, None),
        share,
        threshold,
        f"{'above' if share > threshold else 'within'} the threshold of {percent(threshold)}",
    )


def _make_score_gauge(judgement: Judgement, run_date: dt.date) -> Gauge:
    if judgement.mode != "pool" or judgement.strangeness is None or not judgement.limit:
        return _make_warm_up_gauge(judgement, run_date)
    side = "above" if judgement.alarm else "below"
    scale = f"anomaly score {number(judgement.strangeness)}, {side} the threshold of {number(judgement.limit)}"
    level = min(1.0, max(0.0, judgement.strangeness / (TOP * judgement.limit)))
    below, days = count_below(judgement), judgement.pool_days
    figure = f"All {days}" if below == days else f"{below} of {days}"
    return Gauge(figure, _say_below(judgement, below == days), level, 1 / TOP, scale)


def _say_below(judgement: Judgement, all_are: bool) -> str:
    words = "baseline days were less unusual"
    if all_are and not judgement.alarm:
        return f"{words}, but the score is below the threshold"
    return f"{words} than this day" if judgement.alarm else f"{words}; an alert needs all of them"


def _make_warm_up_gauge(judgement: Judgement, run_date: dt.date) -> Gauge:
    """Return how much of the baseline is there, which is no measure of drift; on a drift day, how unusual that is."""
    known, needed = judgement.pool_days, judgement.pool_needed
    if judgement.alarm:
        scale = f"warm-up: {known} of {needed} baseline days collected"
        if not known:
            return Gauge("Unusual", say_rank(judgement).removeprefix("unusual: "), 1.0, None, scale)
        return Gauge(f"All {known}", "baseline days so far were less unusual than this day", 1.0, None, scale)
    until = "the baseline is full" if known >= needed else f"about {say_day(_end_of_warm_up(judgement, run_date))}"
    words = f"baseline days collected (warm-up); until {until}, only large changes raise an alert"
    scale = f"this day: {say_rank(judgement)}"
    return Gauge(f"{known} of {needed}", words, min(1.0, known / needed), None, scale, "warm_up")


def compare_with_threshold(run: Run) -> float | None:
    """Return a run's anomaly score divided by its threshold: above 1 it is a drift day. None if it has none."""
    if run.strangeness is None or not run.strangeness_limit or run.strangeness_limit <= 0:
        return None
    return max(0.0, run.strangeness / run.strangeness_limit)


def make_anomaly_panel(view: MonitorView) -> AnomalyPanel | None:
    """Return the panel as of the last successful run; None without an anomaly score or a review."""
    last, reviews = view.last_success, say_reviews(view.runs)
    judgement = last.judgement if last else None
    if last is None or judgement is None:
        return AnomalyPanel("", "", None, reviews) if reviews else None
    rank = say_rank(judgement)
    budget = f"False-alarm budget: {number(judgement.false_alarms_per_year)} a year."
    role = budget if judgement.decides else say_deciding(judgement)
    # If the score decides, the trend shows it, and larger.
    spark = None if judgement.decides else make_anomaly_spark(view)
    return AnomalyPanel(
        f"{rank[0].upper()}{rank[1:]}.", f"{_say_basis(judgement, last.run_date)} {role}", spark, reviews
    )


def say_reviews(runs: Sequence[Run]) -> list[str]:
    """Return the analysts' reviews, the newest first; days in a row with the same one are one line."""
    lines = []
    for (label, reason), group in groupby(reversed(runs), key=lambda run: (run.label, run.reason)):
        days = [run.run_date for run in group]
        last = "" if len(days) == 1 else f" to {say_day(days[0])}"
        lines += [f"{say_day(days[-1])}{last}, {label}: {reason}"] if label else []
    return lines


def _say_basis(judgement: Judgement, run_date: dt.date) -> str:
    days, needed = judgement.pool_days, judgement.pool_needed
    if days >= needed:
        basis = f"Compared with the last {days} days that ended at least {GAP_DAYS} days earlier, drift days left out."
        return f"{basis} {say_special(judgement)}".rstrip()
    full = _end_of_warm_up(judgement, run_date)
    return (
        f"Warm-up until about {say_day(full)}: {days} of {needed} baseline days collected. "
        "Until then, only large changes raise an alert."
    )


def _end_of_warm_up(judgement: Judgement, run_date: dt.date) -> dt.date:
    """Return when there are enough baseline days, if one more comes each day."""
    return run_date + dt.timedelta(max(0, judgement.pool_needed - judgement.pool_days))


def make_anomaly_spark(view: MonitorView) -> Spark | None:
    """Return the anomaly score over 90 days, as a share of its threshold; None with fewer than two days."""
    scores = [compare_with_threshold(view.by_date[day]) if day in view.by_date else None for day in view.days_shown]
    if sum(score is not None for score in scores) < 2:
        return None
    return make_spark("Anomaly score, as a share of its threshold,", scores, TOP, 1.0)
