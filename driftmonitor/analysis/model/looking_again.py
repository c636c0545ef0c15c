"""Which earlier days are looked at again because their labels may be there now, or may have been corrected. Pure."""

import datetime as dt
from collections.abc import Sequence

from driftmonitor.facts.model import ModelDay
from driftmonitor.facts.performance import Performance

COMPLETE = 0.95  # of the scored rows have a label
MOST_DAYS = 5  # of a run
AGES = (0, 2, 7, 14, 30)  # days after the labels of a day are expected: as many as the days of a run
AGES_OF_COMPLETE = (7, 30)  # labels may have been corrected
LAST = max(AGES)


def is_complete(performance: Performance) -> bool:
    """Return whether nearly all scored rows have a label."""
    return performance.labelled > 0 and performance.labelled >= COMPLETE * performance.rows


def counts(day: ModelDay, today: dt.date, delay: int) -> bool:
    """Return whether a day is judged: if its labels are complete, or no more are waited for.

    The first labels of a day are often not like the others: frauds may be found before their absence is.
    """
    return is_complete(day.performance) or (today - day.date).days >= delay + LAST


def days_to_look_at(days: Sequence[ModelDay], today: dt.date, delay: int) -> list[dt.date]:
    """Return the days to look at again, oldest first, at most five.

    Those of certain ages come first, so that days whose labels never come keep no others from their turn; after a pause
    of the monitor, ages in between count too. `days` are earlier ones, oldest first.
    """
    earlier = [day for day in days if day.date < today]
    if not earlier:
        return []
    last_run = max(day.date for day in earlier)
    due = [day.date for day in earlier if _is_due(day, last_run, today, delay)]
    waiting = [
        day.date for day in earlier
        if day.date not in due and not is_complete(day.performance) and 0 <= (today - day.date).days - delay <= LAST
    ]  # fmt: skip
    first = sorted(due)[:MOST_DAYS]
    newest = sorted(waiting, reverse=True)[: MOST_DAYS - len(first)]
    return sorted([*first, *newest])


def _is_due(day: ModelDay, last_run: dt.date, today: dt.date, delay: int) -> bool:
    ages = AGES_OF_COMPLETE if is_complete(day.performance) else AGES
    before, now = (last_run - day.date).days - delay, (today - day.date).days - delay
    return any(before < age <= now for age in ages)
