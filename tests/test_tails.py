"""What the bins of a column do not show: values far out, one value that repeats, and how many rows come."""

import datetime as dt
import functools
import re

import numpy as np
import pandas as pd
import pytest
from pools import as_past, compare_frames, day_of, orders
from scipy import stats

from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import judge_with
from driftmonitor.analysis.drift.reference_days import reference_days
from driftmonitor.analysis.drift.tails import Tails
from driftmonitor.analysis.plots.baseline_days import baseline_alt_text
from driftmonitor.analysis.sources import Data
from driftmonitor.budget import tails
from driftmonitor.facts.earlier_days import EarlierDays
from driftmonitor.pipeline.pages.wording import make_cause

DAYS = 258
pytestmark = pytest.mark.xdist_group("tails")  # the earlier days are compared once
SUNDAY, WEDNESDAY = (next(n for n in range(DAYS, DAYS + 7) if day_of(n).weekday() == at) for at in (6, 2))


def amounts(random, rows=500, far=0.0, zeros=0.0):
    """Return rows of lognormal amounts; a share of them is 100 times as large, another is 0."""
    amount = random.lognormal(3, 1, rows)
    amount[random.uniform(size=rows) < far] *= 100
    amount[random.uniform(size=rows) < zeros] = 0
    return orders(random, rows).assign(amount=amount.round(2))


@functools.cache
def reference():
    return amounts(np.random.default_rng(1), 5000)


def compare(frame):
    data = Data(reference(), frame, len(reference()), len(frame))
    return compare_frames(data, infer_columns(data))


@functools.cache
def past():
    days = []
    for number in range(DAYS):
        random = np.random.default_rng([2, number])
        comparison = compare(amounts(random, random.poisson(500 if day_of(number).weekday() < 5 else 200)))
        days.append(as_past(comparison.record("shop", day_of(number))))
    return EarlierDays(rule="budget", days=tuple(days))


def judge(frame, number=WEDNESDAY):
    found = judge_with(compare(frame), past(), day_of(number))
    return found.judgement


def test_the_measures_of_the_tails_are_those_of_scipy_and_numpy():
    random = np.random.default_rng(3)
    known, today = np.sort(random.lognormal(0, 1, 4000)), np.sort(random.lognormal(0.1, 1, 700))
    middle, high, low = known[2000], np.quantile(known, 0.99, method="lower"), np.quantile(known, 0.01, method="higher")

    found, sums = Tails(known).measure(today), Tails(known).measure_reference()

    beyond = [
        np.log((today[today > high] - middle) / (high - middle)),
        np.log((middle - today[today < low]) / (middle - low)),
    ]
    assert found.excess == pytest.approx([far.sum() for far in beyond], rel=1e-3)
    assert found.rows == tuple(map(len, beyond))
    assert found.same == stats.mode(today).count
    own = np.log((known[known > high] - middle) / (high - middle))
    assert sums[:2] == pytest.approx((own.sum(), (own**2).sum()), rel=1e-3)


@pytest.mark.parametrize(
    "values", [[1.0] * 5, [0.0, 1.0], [0.0] * 99 + [5.0], [-1e308, 0.0, 1e308], [1.0], list(range(1000))]
)
def test_tails_of_constants_ties_and_huge_numbers_are_finite(values):
    column = np.sort(np.array(values))

    measured = Tails(column).measure(np.array([-1e308, *column, 1e308]))

    assert np.isfinite(measured.excess).all()
    assert np.isfinite(Tails(column).measure_reference()).all()


def test_a_few_amounts_times_100_are_unusual_on_their_first_day():
    found = judge(amounts(np.random.default_rng(5), far=0.02))

    assert found.alarm
    assert (found.causes[0].columns, found.causes[0].change) == (("amount",), "tail")
    share, times = map(float, re.search(r"([\d.]+)% .* ([\d.]+) times", found.causes[0].words).groups())
    assert 2 < share < 5 and times > 3


def test_a_value_that_begins_to_repeat_is_unusual():
    found = judge(amounts(np.random.default_rng(6), zeros=0.04))

    assert found.alarm
    assert "amount" in found.columns


@pytest.mark.parametrize(("rows", "alarm"), [(500, False), (250, True), (1100, True)])
def test_a_day_with_half_or_twice_the_rows_is_unusual_and_one_with_few_rows_as_on_its_weekday_is_not(rows, alarm):
    found = judge(amounts(np.random.default_rng(7), rows))

    assert found.alarm == alarm
    if alarm:
        rows_cause = next(cause for cause in found.causes if cause.signal == "rows")
        assert (rows_cause.columns, make_cause(rows_cause).name) == ((), "the number of rows")
        assert "from the number of rows" in baseline_alt_text(found)
        assert ("fewer than usual" if rows < 500 else "times as many as usual") in rows_cause.words


def test_how_many_times_as_many_rows_came_is_of_the_rows_themselves():
    (*_, change) = tails.row_changes(np.array([24.0] * 7 + [11]), np.arange(0, 56, 7))

    assert tails.times_as_many(11, change) == pytest.approx(11 / 24)


def test_an_ordinary_sunday_with_few_rows_is_healthy():
    assert not judge(amounts(np.random.default_rng(8), 205), SUNDAY).alarm


def test_neither_growth_nor_a_weekly_rhythm_is_a_change_of_rows():
    days = np.arange(200)
    rows = 1000 * 1.01**days * np.where(days % 7 < 5, 1, 0.3)

    changes = tails.row_changes(rows, days) * tails.ROW_SD

    assert np.isnan(changes[:21]).all()
    assert np.abs(changes[49:]).max() == pytest.approx(
        np.log(1.01) * 28, abs=0.02
    )  # the median is that of four weeks ago
    assert np.ptp(changes[49:]) < 0.01


def test_a_day_of_an_older_version_has_no_tails_and_no_rows_and_is_judged_by_the_rest():
    older = [
        day.model_copy(update={"evidence": day.evidence.model_copy(update={
            "rows": None, "columns": tuple(c.model_copy(update={"tail": None}) for c in day.evidence.columns),
        })})
        for day in past().days
    ]  # fmt: skip
    known = EarlierDays(rule="budget", days=tuple(older))

    plain = judge_with(compare(amounts(np.random.default_rng(9))), known, day_of(DAYS)).judgement
    shifted = judge_with(compare(amounts(np.random.default_rng(9)).assign(weight=9.0)), known, day_of(DAYS)).judgement

    assert (plain.mode, plain.alarm) == ("pool", False)
    assert shifted.alarm


def test_a_dated_reference_lends_its_tails_and_rows():
    first = dt.date(2026, 1, 1)
    days = [
        amounts(np.random.default_rng([4, n]), 200).assign(at=pd.Timestamp(first + dt.timedelta(n))) for n in range(240)
    ]
    known, today = (
        pd.concat(days),
        amounts(np.random.default_rng(10), 200, far=0.03).assign(at=pd.Timestamp("2026-09-08")),
    )
    data = Data(known, today, len(known), len(today))
    columns = infer_columns(data, {}, "at")
    comparison = compare_frames(data, columns)

    lent = reference_days(data, columns, comparison.evidence, "at", dt.date(2026, 9, 8))
    found = judge_with(comparison, EarlierDays(rule="budget", reference=lent), dt.date(2026, 9, 8)).judgement

    assert {day.evidence.rows for day in lent.days} == {200}
    assert (found.mode, found.alarm, found.causes[0].change) == ("pool", True, "tail")
