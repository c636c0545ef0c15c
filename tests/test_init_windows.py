"""`init` chooses days to compare that are alike: whole weeks, every season, and enough rows."""

import datetime as dt

import pytest

from driftmonitor.analysis.starting.whole_days import Day, find_whole
from driftmonitor.analysis.starting.windows import choose

NEWEST = dt.date(2026, 6, 30)


def rows(days: int, a_day: int, every: int = 1) -> list[tuple[dt.date, int]]:
    """Return so many rows on every so manieth of the last days."""
    return [(NEWEST - dt.timedelta(number), a_day) for number in range(0, days, every)][::-1]


@pytest.mark.parametrize(
    ("days", "current_days", "reference_days"),
    [
        (rows(800, 1000), 1, 140),  # more would be sampled, so that a day of it has fewer rows than today
        (rows(800, 24), 1, 364),
        (rows(100, 24), 1, 98),
        (rows(5, 24), 1, 4),
        (rows(1400, 1), 14, 364),
        (rows(1400, 1, every=7), 91, 364),
        (rows(3650, 1, every=30), 364, 1820),
        (rows(40, 60_000), 1, 14),
    ],
    ids=["many rows", "hourly", "hourly, a season", "hourly, five days", "daily", "weekly", "monthly", "huge"],
)
def test_the_windows_are_whole_weeks_and_a_year_if_there_is_one(days, current_days, reference_days):
    found = choose(days)

    assert (found.current_days, found.reference_days) == (current_days, reference_days)
    assert (found.run_date, found.last) == (NEWEST, NEWEST - dt.timedelta(current_days))


def test_weeks_with_few_rows_at_the_end_are_left_out_and_counted():
    planned = [(day, 4) for day, _ in rows(100, 0)]

    found = choose([(day, 20) for day, _ in rows(500, 0)[:-100]] + planned)

    assert found.run_date == NEWEST - dt.timedelta(98)
    assert found.left_out == (98, 392)
    assert choose(rows(500, 20)).left_out == (0, 0)


def test_one_day_cannot_be_compared_with_others():
    assert choose(rows(1, 1000)) is None
    assert choose([]) is None


def test_a_day_that_begins_late_or_ends_early_is_left_out_and_said():
    hours = [Day(dt.date(2026, 9, 1) + dt.timedelta(days=i), 24, 0, 23 * 3600) for i in range(30)]
    cut = [hours[0]._replace(first=15.5 * 3600), *hours[1:-1], hours[-1]._replace(last=14 * 3600)]
    dates = [each._replace(last=0) for each in hours]

    assert find_whole(hours) == (hours, [], [])
    assert find_whole(dates) == (dates, [], [])
    assert find_whole(cut) == (
        hours[1:-1],
        ["the newest day ends at 14:00 and earlier ones not before 23:00, so it is left out"],
        ["the first day begins at 15:30 and later ones by 00:00, so it is left out"],
    )
    assert find_whole([*hours[:-1], hours[-1]._replace(rows=9, last=0)])[1] == []  # said as a day with few rows
