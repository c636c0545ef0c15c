"""What came in the same weeks of last year, or on the same day, is as usual this year; what did not is not."""

import datetime as dt

import numpy as np
import pytest

from benchmarks.invented_days import World
from driftmonitor.budget import anomaly, policy
from driftmonitor.budget.baseline import Terms
from driftmonitor.budget.judge import Judge
from driftmonitor.budget.special_days import kind_of
from driftmonitor.facts.earlier_days import EarlierDay, EarlierDays

TODAY = 640


def judge(values, labels=()):
    labels = np.array(labels) if len(labels) else np.full(TODAY, "")
    past = anomaly.Candidates(values[:TODAY], np.arange(TODAY), np.zeros(TODAY, dtype=bool), labels)
    return anomaly.judge_day(values[TODAY], TODAY, past, Terms(4))


def two_summers(random, now=6.0, then=6.0):
    """Return signals of which the first is `then` for three weeks, and `now` a year later, but not between."""
    values = random.normal(size=(TODAY + 1, 8))
    values[[*range(265, 274), *range(277, 290)], 0] += then  # but not on the same day, which is another test
    values[TODAY, 0] = now
    return values


def test_a_signal_that_was_as_far_off_in_the_same_weeks_of_last_year_is_as_usual():
    known, new, other_side, further, missing = (
        judge(two_summers(np.random.default_rng(1), now, then))
        for now, then in ((6.5, 6.0), (6.5, 0.0), (-6.5, 6.0), (12.0, 6.0), (6.5, np.nan))
    )

    assert [each.drift for each in (known, new, other_side, further, missing)] == [False, True, True, True, True]
    assert not known.z[0] > 2 and new.z[0] > new.threshold > 2


def test_last_year_says_nothing_of_a_signal_that_has_moved_since():
    values = two_summers(np.random.default_rng(1))
    values[200:262, 0] += 5  # the weeks before were others than this year

    assert judge(values).drift


def test_a_day_like_the_same_day_of_last_year_is_as_usual_unless_that_was_confirmed():
    values = np.random.default_rng(2).normal(size=(TODAY + 1, 8))
    values[[TODAY - 365, TODAY], 3] = 8.0, 8.5
    confirmed, other_side = np.where(np.arange(TODAY) == TODAY - 365, "confirmed", ""), values.copy()
    other_side[TODAY, 3] = -8.5

    assert [judge(values).drift, judge(values, confirmed).drift, judge(other_side).drift] == [False, True, True]


def collect(days, describe, run_date, budget):
    """Return the days of those, the newest first, that can affect a run: the newest, and those of last year."""
    left = iter(days)
    newest = [*policy.newest_that_count(left, describe, run_date, budget, kind_of(""))]
    return [*newest, *policy.days_of_last_year(left, lambda day: describe(day)[0], run_date)]


@pytest.mark.parametrize(("budget", "oldest", "number"), [(4.0, 420, 13 + 267 + 18 + 66), (1.0, 1001, 1001)])
def test_the_weeks_of_last_year_are_collected_besides_the_newest_days(budget, oldest, number):
    last = dt.date(2026, 6, 1)
    told = [(last - dt.timedelta(n), "", False) for n in range(1, 1500)]

    found = collect(told, lambda day: day, last, budget)

    assert (last - found[-1][0]).days == oldest
    assert len(found) == number


def test_a_day_is_judged_alike_by_all_days_and_by_those_that_are_collected():
    world, first = World(columns=2, seed=3), dt.date(2024, 1, 1)
    records = [world.record(first + dt.timedelta(n), 1.0 if n in (139, 250) else 0.0) for n in range(506)]
    days = [EarlierDay(date=each.run_date, evidence=each.evidence) for each in records[:-1]]
    today = records[-1].run_date

    def describe(day):
        return day.date, day.label, day.alarm

    kept = collect(reversed(days), describe, today, 4.0)[::-1]
    by_all, by_kept = (
        Judge(EarlierDays(rule="budget", days=tuple(each))).judge(records[-1]).judgement for each in (days, kept)
    )

    assert len(kept) < 380 and by_all == by_kept
    assert by_all.mode == "pool"
