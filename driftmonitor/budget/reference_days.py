"""Use days of the reference as earlier days, while a monitor has too few of its own for a full baseline.

Every road to a verdict comes through here: the notebook, the history, backtests and corrections judge a day alike.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

from driftmonitor.budget.policy import LONGEST, SIMILAR, baseline_days, may_be_baseline_day
from driftmonitor.budget.special_days import kind_of
from driftmonitor.facts.earlier_days import EarlierDay, EarlierDays
from driftmonitor.facts.evidence import Evidence


def can_serve(past: EarlierDays, own: Sequence[EarlierDay], run_date: dt.date, current_days: int) -> bool:
    """Return whether days of the reference can serve: too few of a monitor's `own` days may be baseline days."""
    enough, kind = baseline_days(past.false_alarms_per_year), kind_of(past.holidays, current_days)
    counted = sum(may_be_baseline_day(run_date, day.date, day.label, day.alarm, kind) for day in own)
    return current_days <= LONGEST and counted < enough


def own_days(past: EarlierDays, today: Evidence, run_date: dt.date) -> list[EarlierDay]:
    """Return the monitor's own days that had the same reference as today in at least one column."""
    return [day for day in past.days if day.date < run_date and have_alike(day.evidence.references, today.references)]


def earlier_days(past: EarlierDays, today: Evidence, run_date: dt.date, current_days: int) -> list[EarlierDay]:
    """Return the days that today is compared with, oldest first; of a date that both have, the monitor's own day.

    Those of the reference end before the `current_days` of today begin, and have about as many rows.
    """
    own = own_days(past, today, run_date)
    if past.reference is None or not can_serve(past, own, run_date, current_days):
        return own
    first, dates, rows = run_date - dt.timedelta(days=current_days - 1), {day.date for day in past.days}, _rows(today)
    lent = [
        day
        for day in past.reference.days
        if day.date < first
        and day.date not in dates
        and rows / SIMILAR <= _rows(day.evidence) <= rows * SIMILAR
        and have_alike(day.evidence.references, today.references)
    ]
    return sorted([*lent, *own], key=lambda day: day.date)


def have_alike(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Return whether two days had the same reference in at least one column, by the fingerprints of the columns."""
    return not one.items().isdisjoint(other.items())


def _rows(evidence: Evidence) -> int:
    """Return the rows that were compared; older records only say how many of them had a value."""
    return evidence.compared or evidence.rows or max(column.rows[1] for column in evidence.columns)
