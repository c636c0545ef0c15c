"""Judge a comparison by earlier days: how unusual the day is among them, and what was read in another way."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.checks import taken
from driftmonitor.analysis.drift.comparison import Comparison, Judging
from driftmonitor.analysis.drift.reference_days import reference_days
from driftmonitor.budget.reference_days import can_serve, own_days
from driftmonitor.complaints import parse_date
from driftmonitor.config.public_holidays import public_holidays
from driftmonitor.facts.earlier_days import EarlierDays, ReferenceDays, read_earlier_days
from driftmonitor.facts.record import Finding
from driftmonitor.words.days_before import with_days_before
from driftmonitor.words.reading_changes import with_reading_changes


def judge(
    comparison: Comparison,
    *,
    past: str,
    run_date: str,
    time_column: str = "",
    current_days: int = 1,
    holidays: str | None = None,
) -> Comparison:
    """Return the comparison with its anomaly score among earlier days, and with what was read in another way.

    `past` is the file of earlier days that the runner writes. Without one ("") nothing is added. If it cannot be read,
    a finding is: the runner judges the day when it records it. Until there are enough earlier days, days from the
    reference are used too, if `time_column` gives the day of each row; `save_report` leaves them for the history.
    `current_days` is how many days the current rows cover: only single days are added up over a week. `holidays` says
    whose public holidays are special days, such as DE or DE-BY; None as the file does.
    """
    try:
        earlier = read_earlier_days(past)
    except DriftMonitorError as error:
        why = str(error).replace(past, Path(past).name)
        finding = Finding(kind="past", column=None, message=f"{why} The day was compared without earlier days.")
        return replace(comparison, quality=(*comparison.quality, finding))
    if earlier is None:
        return comparison
    if holidays is not None:
        public_holidays(holidays)
        earlier = earlier.model_copy(update={"holidays": holidays})
    quality = with_reading_changes(comparison.quality, comparison.reading, earlier.reading)
    day = parse_date(run_date, "run_date")
    quality = with_days_before(quality, comparison.evidence, earlier.newest, day)
    comparison = replace(comparison, quality=quality, judging=Judging(earlier, day, current_days))
    if earlier.complete and not earlier.can_judge:
        return comparison
    comparison, earlier = _with_reference_days(comparison, earlier, day, time_column, current_days)
    comparison = replace(comparison, judging=Judging(earlier, day, current_days)).with_checks(taken())
    return judge_with(comparison, earlier, day, current_days) if earlier.complete else comparison


def _with_reference_days(
    comparison: Comparison, earlier: EarlierDays, day: dt.date, time_column: str, current_days: int
) -> tuple[Comparison, EarlierDays]:
    """Return both with the days of the reference, if these can serve."""
    today = comparison.evidence
    if today is None or not can_serve(earlier, own_days(earlier, today, day), day, current_days):
        return comparison, earlier
    found = find_reference_days(comparison, earlier.reference, day, time_column, current_days)
    if found is not earlier.reference:
        comparison = replace(comparison, reference_days=found)
    return comparison, earlier.model_copy(update={"reference": found})


def find_reference_days(
    comparison: Comparison, known: ReferenceDays | None, day: dt.date, time_column: str, current_days: int
) -> ReferenceDays | None:
    """Return the days of a comparison's reference: `known`, if they still are what would be found."""
    data, today = comparison.compared, comparison.evidence
    if not time_column or data is None or today is None or (known is not None and known.cover(today)):
        return known
    first = day - dt.timedelta(days=current_days - 1)
    return reference_days(data, comparison.columns, today, time_column, first, current_days, comparison.segmentations)


def judge_with(comparison: Comparison, earlier: EarlierDays, run_date: dt.date, current_days: int = 1) -> Comparison:
    """Return the comparison, judged by these earlier days; unchanged if it left no evidence."""
    return comparison.judge_by(Judging(earlier, run_date, current_days))
