"""A signal that wanders is compared with where it was some weeks before, and one that stays with its whole baseline."""

import numpy as np

from driftmonitor.budget import anomaly
from driftmonitor.budget.baseline import Terms
from driftmonitor.budget.wandering import Wandering

DAYS = 300


def signals(seed=4):
    """Return the signals of a year's cycle, of a walk, of a week's rhythm and of chance (days, 4)."""
    random, day = np.random.default_rng(seed), np.arange(DAYS)
    cycle = 9 * np.sin(2 * np.pi * day / 365) + random.normal(size=DAYS)
    walk = np.cumsum(random.normal(0, 0.5, DAYS)) + random.normal(size=DAYS)
    week = 6 * (day % 7 >= 5) + random.normal(size=DAYS)
    return np.column_stack([cycle, walk, week, random.normal(size=DAYS)])


def judge(values):
    count = len(values) - 1
    past = anomaly.Candidates(values[:-1], np.arange(count), np.zeros(count, bool), np.full(count, ""))
    return anomaly.judge_day(values[-1], count, past, Terms(4))


def test_what_wanders_is_compared_with_the_weeks_that_ended_two_weeks_before_or_with_the_line_through_them():
    values, days = signals(), np.arange(DAYS)

    found = Wandering(values, days, days)

    assert found.signals.tolist() == [True, True, False, False]
    assert found.lines.tolist() == [True, False, False, False]
    filled = found.fill(values, days)
    for day in (55, 100, 299):
        before = np.arange(day - 55, day - 13)
        line = np.polyval(np.polyfit(before, values[before, 0], 1), day)
        assert np.isclose(filled[day, 0], values[day, 0] - line)
        assert np.isclose(filled[day, 1], values[day, 1] - values[day - 41 : day - 13, 1].mean())
    assert np.array_equal(filled[:, 2:], values[:, 2:])
    assert np.isnan(filled[:20, :2]).all()


def test_a_season_that_goes_on_is_no_drift_and_a_shift_against_it_is_one():
    values = signals()[:283]  # the lowest days of the year are coming
    shifted = values.copy()
    shifted[-1, 0] += 9  # which the cycle has on many days

    ordinary, drifted = judge(values), judge(shifted)

    assert values[-1, 0] < values[:-1, 0].min() + 4
    assert not ordinary.drift
    assert drifted.drift and int(np.nanargmax(drifted.z)) == 0
    assert drifted.values[0] > drifted.centre[0]
    assert values[:, 0].min() < shifted[-1, 0] < values[:, 0].max()


def test_drift_days_that_nobody_confirmed_show_where_a_signal_wandered():
    values = signals()[:, 1:2]
    values[250:] += 14
    drift = np.arange(DAYS) >= 250

    def drifts(day, label):
        past = anomaly.Candidates(values[:day], np.arange(day), drift[:day], np.where(drift[:day], label, ""))
        return anomaly.judge_day(values[day], day, past, Terms(4)).drift

    assert drifts(251, "")
    assert not drifts(299, "")
    assert drifts(299, "confirmed")


def test_the_mean_difference_of_what_wanders_is_taken_for_0():
    walks = np.cumsum(np.random.default_rng(14).normal(size=(DAYS, 3)), axis=0)

    verdict = judge(walks)

    assert verdict.wandering.tolist() == [True, True, True]
    assert verdict.centre.tolist() == [0, 0, 0]
    differences = np.array([walks[day] - walks[day - 41 : day - 13].mean(axis=0) for day in verdict.baseline_days])
    assert np.allclose(verdict.sd, np.sqrt((differences**2).mean(axis=0)))
