"""The day's judgement: its evidence against that of the comparable days before it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift.comparison import Comparison
from driftmonitor.analysis.drift.reference_days import reference_days
from driftmonitor.analysis.sources import Data
from driftmonitor.budget.judge import judge_evidence
from driftmonitor.budget.policy import baseline_days
from driftmonitor.complaints import parse_date
from driftmonitor.facts.earlier_days import EarlierDays, read_earlier_days
from driftmonitor.facts.record import Finding


def judge(
    comparison: Comparison,
    data: Data,
    columns: Sequence[Column],
    *,
    past: str,
    run_date: str,
    time_column: str = "",
    current_days: int = 1,
) -> Comparison:
    """Return the comparison with how strange the day was among the days before it.

    `past` is the file of past days that the runner writes; without one ("") nothing is added, and where it can't be
    read a note, for the runner judges the day when it records it. Until the past has enough days the reference lends
    its own, if `time_column` says of which day each row is. `current_days` is how many days the current rows are of:
    only single days are added up to longer ones, or lent.
    """
    try:
        known = read_earlier_days(past)
    except DriftMonitorError as error:
        why = str(error).replace(past, Path(past).name)
        note = Finding(kind="past", column=None, message=f"{why} The day was compared without the days before it.")
        return replace(comparison, quality=(*comparison.quality, note))
    if known is None:
        return comparison
    day, single = parse_date(run_date, "run_date"), current_days == 1
    if single and time_column and len(known.days) < baseline_days(known.false_alarms_per_year):
        known = with_reference_days(known, reference_days(data, columns, comparison.evidence, time_column, day))
    return judge_with(comparison, known, day, single)


def with_reference_days(past: EarlierDays, days: Sequence) -> EarlierDays:
    """Return the past with the reference's days before its own; of a day that both have, its own counts."""
    own = {day.date for day in past.days}
    lent = [day for day in days if day.date not in own]
    return past.model_copy(update={"days": tuple(sorted([*lent, *past.days], key=lambda day: day.date))})


def judge_with(comparison: Comparison, past: EarlierDays, run_date: dt.date, single_days: bool = True) -> Comparison:
    """Return the comparison judged by past days that are at hand."""
    judgement, pool = judge_evidence(comparison.evidence, past, comparison.columns, run_date, single_days)
    return replace(comparison, judgement=judgement, pool=tuple(pool))
