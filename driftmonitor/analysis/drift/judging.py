"""Judge a comparison by earlier days: how unusual the day is among them, and what was read in another way."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.drift.comparison import Comparison
from driftmonitor.analysis.drift.reference_days import reference_days
from driftmonitor.budget.judge import judge_evidence
from driftmonitor.budget.policy import baseline_days
from driftmonitor.complaints import parse_date
from driftmonitor.facts.earlier_days import EarlierDay, EarlierDays, read_earlier_days
from driftmonitor.facts.record import Finding
from driftmonitor.words.reading_changes import with_reading_changes

LONGEST = 28  # days


def judge(
    comparison: Comparison, *, past: str, run_date: str, time_column: str = "", current_days: int = 1
) -> Comparison:
    """Return the comparison with its anomaly score among earlier days, and with what was read in another way.

    `past` is the file of earlier days that the runner writes. Without one ("") nothing is added. If it cannot be read,
    a finding is: the runner judges the day when it records it. Until there are enough earlier days, days from the
    reference are used too, if `time_column` gives the day of each row. `current_days` is how many days the current rows
    cover: only single days are added up over a week, and the reference has too few periods of more than LONGEST days.
    """
    try:
        earlier = read_earlier_days(past)
    except DriftMonitorError as error:
        why = str(error).replace(past, Path(past).name)
        finding = Finding(kind="past", column=None, message=f"{why} The day was compared without earlier days.")
        return replace(comparison, quality=(*comparison.quality, finding))
    if earlier is None:
        return comparison
    quality = with_reading_changes(comparison.quality, comparison.reading, earlier.reading)
    comparison = replace(comparison, quality=quality)
    if not earlier.can_judge:
        return comparison
    day = parse_date(run_date, "run_date")
    lacks_days = len(earlier.days) < baseline_days(earlier.false_alarms_per_year)
    if time_column and current_days <= LONGEST and lacks_days:
        earlier = with_reference_days(earlier, _reference_days(comparison, time_column, day, current_days))
    return judge_with(comparison, earlier, day, current_days == 1)


def _reference_days(comparison: Comparison, time_column: str, day: dt.date, current_days: int) -> list[EarlierDay]:
    if comparison.evidence is None or comparison.compared is None:
        return []
    first = day - dt.timedelta(days=current_days - 1)
    found, columns = comparison.compared, comparison.columns
    return reference_days(found, columns, comparison.evidence, time_column, first, current_days)


def with_reference_days(earlier: EarlierDays, days: Iterable[EarlierDay]) -> EarlierDays:
    """Return the earlier days with days from the reference; of a date that both have, the monitor's own day."""
    own = {day.date for day in earlier.days}
    added = [day for day in days if day.date not in own]
    return earlier.model_copy(update={"days": tuple(sorted([*added, *earlier.days], key=lambda day: day.date))})


def judge_with(comparison: Comparison, earlier: EarlierDays, run_date: dt.date, single_days: bool = True) -> Comparison:
    """Return the comparison, judged by these earlier days; unchanged if it left no evidence."""
    if comparison.evidence is None:
        return comparison
    judgement, days = judge_evidence(comparison.evidence, earlier, comparison.columns, run_date, single_days)
    return replace(comparison, judgement=judgement, baseline_days=tuple(days))
