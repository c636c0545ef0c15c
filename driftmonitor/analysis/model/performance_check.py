"""The check that every monitor of a model makes: its decisive metric must not lose more than is tolerated."""

import datetime as dt
from collections.abc import Mapping

from driftmonitor.facts.checks import MODEL_CHECK, Check
from driftmonitor.facts.model import ModelDay, ModelRecord
from driftmonitor.facts.performance import Estimate
from driftmonitor.words.model import say_check, say_must


def make_check(record: ModelRecord, days: Mapping[dt.date, ModelDay], run_date: dt.date) -> Check | None:
    """Return the check of the decisive metric; None if there is no verdict, or nothing to compare with."""
    harm, reference = record.harm, record.reference
    day = days.get(record.harm_day or run_date)
    if harm.loss is None or day is None or reference is None or reference.decisive is None:
        return None
    if harm.by == "estimate":
        estimate = day.estimate or Estimate(kind=record.kind, rows=0)
        if harm.verdict != "harmful" or record.metric not in estimate.metrics:
            return None
        value, rows = estimate.metrics[record.metric].value, estimate.rows
    elif day.performance.decisive is None:
        return None
    else:
        value, rows = day.performance.decisive.value, day.performance.labelled
    return Check(
        name=MODEL_CHECK,
        value=value,
        rows=rows,
        must=say_must(record),
        holds=None if harm.verdict == "not_known_yet" else harm.verdict != "harmful",
        from_params=True,
        words=say_check(record, value, day.date, reference.decisive.value),
    )
