"""Calibration agrees with plain loops over simulated days, and gives a monitor numbers that a reader can use."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmonitor.analysis.calibration.alert_rules import BudgetRule, ShareRule
from driftmonitor.analysis.calibration.calibrate import calibrate
from driftmonitor.analysis.calibration.measured_days import LevelReference, Limits, NumberReference, pair_correlations
from driftmonitor.analysis.calibration.population import Population, _gaps, make_population
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.sources import Data
from driftmonitor.facts.calibration import NAME, Calibration, Power, Rate, RuleResult
from driftmonitor.regular_files import Folder
from tests.jobs import Job

LIMITS = Limits(0.05, 0.04)


def test_numbers_are_measured_as_scipy_measures_them():
    dice = np.random.default_rng(1)
    reference = np.sort(dice.normal(size=400).round(1))  # with ties
    days = dice.normal(0.1, 1, size=(3, 250)).round(1)
    days[1, :40] = np.nan

    found = NumberReference(reference, 10, LIMITS).measure(days)

    for i, day in enumerate(days):
        usable = day[~np.isnan(day)]
        expected = stats.ks_2samp(reference, usable)
        assert found.drifted[i] == (expected.pvalue < 0.05 and expected.statistic >= 0.04)
        assert (found.counts[i].sum(), found.missing[i]) == (len(usable), 250 - len(usable))


def test_categories_are_measured_as_scipy_measures_them():
    dice = np.random.default_rng(2)
    reference, days = dice.integers(0, 4, 900), dice.integers(0, 4, (3, 300))

    found = LevelReference(np.bincount(reference, minlength=4), 0, LIMITS).measure(days)

    for i, day in enumerate(days):
        table = [np.bincount(reference, minlength=4), np.bincount(day, minlength=4)]
        p_value = stats.chi2_contingency(table, correction=False).pvalue
        moved = np.abs(table[0] / np.sum(table[0]) - table[1] / np.sum(table[1])).sum() / 2
        assert found.drifted[i] == (p_value < 0.05 and moved >= 0.04)
        assert (found.counts[i] == table[1]).all()


def test_two_categories_in_few_rows_are_measured_by_fishers_exact_test():
    days = np.column_stack([15 - np.arange(16), np.arange(16)])

    p_values = LevelReference(np.array([970, 30]), 0, LIMITS)._p_values(days)

    expected = [stats.fisher_exact([[970, 30], day]).pvalue for day in days]
    assert p_values == pytest.approx(expected, rel=1e-9)


def test_pairs_are_spearmans():
    dice = np.random.default_rng(3)
    values = dice.normal(size=(2, 500, 3))
    reference = NumberReference(np.sort(dice.normal(size=100)), 0, LIMITS)

    found = pair_correlations([reference.measure(values[:, :, i]).ranks for i in range(3)])

    for day, correlations in zip(values, found, strict=True):
        expected = stats.spearmanr(day).statistic[np.triu_indices(3, 1)]
        assert correlations == pytest.approx(expected, abs=1e-5)


@pytest.fixture(scope="module")
def found():
    dice = np.random.default_rng(4)
    numbers = dice.normal(size=(1500, 3))
    numbers[:, 2] = dice.poisson(4, 1500)
    gaps = np.column_stack([_gaps(column) for column in numbers.T])
    population = Population(("a", "b", "whole"), ("kind",), numbers, gaps, dice.integers(0, 3, (1500, 1)))
    rules = (ShareRule(0.1, 4), BudgetRule(4))
    given = {"monitor": "m", "rows": (1500, 300), "limits": LIMITS, "references": 4}
    return lambda: calibrate(population, rules, seed=0, **given)


@pytest.mark.slow
def test_the_budget_rule_keeps_its_budget_where_the_share_rule_raises_false_alarms(found):
    calibration = found()
    share, budget = calibration.rules

    assert share.alarm_days.mean > 40  # 365 (1 - 0.95^4) is 68 where all four reach 5%
    assert budget.onsets.mean <= 5
    for result in (share, budget):
        seen = [power.within[1] for power in result.power]
        assert seen[0] < 0.5
        assert seen[-1] == 1.0
        day, week, month = result.smallest_shifts
        assert day >= week >= month
    assert found() == calibration


def test_whole_numbers_are_shifted_by_whole_steps():
    whole = np.random.default_rng(5).poisson(4, (1000, 1)).astype(float)
    population = Population(("whole",), (), whole, np.zeros((1000, 1)), np.empty((1000, 0), dtype=int))

    moved = population.shift(0, 0.25, np.random.default_rng(6), (50, 1000))

    assert set(np.unique(moved)) == {0.0, 1.0}
    assert moved.mean() == pytest.approx(0.25 * whole.std(), abs=0.01)


def test_the_smallest_shift_lies_between_those_that_were_tried():
    tried = [Power(shift_sd=s, trials=10, within={1: p, 7: p, 30: 0.5}) for s, p in ((0.1, 0.3), (0.2, 0.8), (0.3, 1))]
    result = RuleResult(
        rule="r", alarm_days=Rate(mean=1, low=0, high=2), onsets=Rate(mean=1, low=0, high=2), power=tried
    )

    assert result.smallest_shift(1) == pytest.approx(0.25)
    assert result.smallest_shift(30) is None


DAY_SD, DAY_ROWS = 0.2, 100


def days_that_differ(dice, days):
    """Return rows of days whose means differ by a fifth of a standard deviation."""
    values = dice.normal(size=(days, DAY_ROWS, 3)) + dice.normal(0, DAY_SD, (days, 1, 3))
    frame = pd.DataFrame(values.reshape(-1, 3), columns=list("abc"))
    return frame.assign(at=np.repeat(pd.date_range("2026-01-01", periods=days), DAY_ROWS))


def population_of(frame, days=1, time_column="at"):
    data = Data(frame, frame[: days * DAY_ROWS], len(frame), days * DAY_ROWS)
    return make_population(data, infer_columns(data, {}, time_column), time_column, days)


def test_the_reference_s_days_are_drawn_whole():
    """Each day has one value: its number."""
    frame = pd.DataFrame({"day": np.repeat(np.arange(40.0), DAY_ROWS) + 0.5})
    frame["at"] = np.repeat(pd.date_range("2026-01-01", periods=40), DAY_ROWS)
    one, three, by_row = population_of(frame), population_of(frame, 3), population_of(frame, time_column="")
    dice = np.random.default_rng(7)

    def values_of(population, days):
        return [np.unique(day) for day in population.draw_days(dice, 50, days * DAY_ROWS)[0]]

    assert {len(values) for values in values_of(one, 1)} == {1}
    assert {tuple(np.diff(values)) for values in values_of(three, 3)} == {(1.0, 1.0)}  # three days in a row
    assert min(len(values) for values in values_of(by_row, 1)) > 30
    drawn = one.draw_reference(dice, 25 * DAY_ROWS)[0]
    assert set(np.unique(drawn, return_counts=True)[1] % DAY_ROWS) == {0}
    assert (one.windows.days, three.windows.span, by_row.windows.days) == (40, 3, 0)


def test_a_reference_of_too_few_days_or_of_days_of_another_size_is_drawn_row_by_row():
    few, other = days_that_differ(np.random.default_rng(8), 6), days_that_differ(np.random.default_rng(8), 40)

    assert not population_of(few).windows
    assert not population_of(other.drop(other.index[other.index % DAY_ROWS >= 40])).windows


def test_false_alarms_are_those_of_days_that_differ(monkeypatch):
    """Held against fresh days and scipy, within a fifth. Drawn row by row, it would be 55 days of a year."""
    dice = np.random.default_rng(10)
    reference, fresh = days_that_differ(dice, 120), days_that_differ(dice, 150)
    drifted = [
        any(stats.ks_2samp(reference[name], day[name]).pvalue < 0.05 for name in "abc")
        for _, day in fresh.groupby("at")
    ]

    monkeypatch.setitem(calibrate.__globals__, "SHIFTED_COLUMNS", 0)  # only the false alarms are asked for
    found = calibrate(
        population_of(reference), [ShareRule(0.1, 3)],
        monitor="m", rows=(len(reference), DAY_ROWS), limits=LIMITS, references=2, seed=0,
    )  # fmt: skip

    assert found.rules[0].alarm_days.mean / 365 == pytest.approx(np.mean(drifted), rel=0.2)
    assert found.drawn == "Days were drawn whole from the 120 days of the reference."


@pytest.mark.slow
def test_a_monitor_is_calibrated_by_one_command_and_its_page_says_so(tmp_path):
    job = Job(tmp_path, small="rows: 200\nmonitor: {{title: Small}}\n")
    job.run("--jobs", "1")

    done = job.run("calibrate", "--references", "2")

    assert done.returncode == 0, done.stderr
    assert "small: 4 columns, 200 reference rows, 200 current rows, 2 simulated references" in done.stdout
    assert (
        "small: each row was drawn independently; days that differ by more than chance raise more false" in done.stdout
    )
    assert "budget of 4 a year" in done.stdout
    assert Calibration.read(Folder(job.state / "reports/small"), NAME).monitor == "small"
    page = (job.site / "small" / "index.html").read_text()
    assert "Calibration on this monitor's data" in page
    assert "share &gt; 10%" in page


def test_categories_of_numbers_may_be_infinite_or_missing():
    frame = pd.DataFrame({"floors": [1.0, 2.0, 2.0, np.inf, np.nan] * 20, "kind": ["a", "b", None, "b", "b"] * 20})
    data = Data(frame, frame, 100, 100)
    columns = infer_columns(data, {"floors": "categorical"})

    population = make_population(data, columns)

    assert population.level_names == ("floors", "kind")
    assert population.levels[:5].tolist() == [[1, 1], [0, 0], [0, -1], [-1, 0], [-1, 0]]
