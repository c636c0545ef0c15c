"""A column beside the others: what columns do together on usual days is taken away, and a smaller change shows."""

import numpy as np
import pytest

from driftmonitor.analysis.drift.reference_bins import choose_edges, count_bins
from driftmonitor.budget import anomaly
from driftmonitor.budget.baseline import Terms
from driftmonitor.budget.beside import Beside
from driftmonitor.budget.causes import without_echoes
from driftmonitor.budget.column_signals import ColumnDays
from driftmonitor.budget.days import daily_signals
from driftmonitor.facts.judgement import Cause

DAYS, COLUMNS, ROWS = 260, 6, 1000


def station(days=DAYS, together=0.15, shift=0.0, seed=1):
    """Return the signals of days that move all columns alike; on the last one, the third column shifts by itself."""
    random = np.random.default_rng(seed)
    moved = np.tile(random.normal(0, together, (days, 1)), COLUMNS)
    moved[-1, 2] += shift
    columns = []
    for number in range(COLUMNS):
        reference = np.sort(random.standard_normal(10_000))
        edges = choose_edges(reference)
        counts = [count_bins(np.sort(random.standard_normal(ROWS) + by), edges) for by in moved[:, number]]
        of_reference = count_bins(reference, edges).astype(float)
        columns.append(ColumnDays(f"sensor {number}", False, of_reference, np.array(counts, dtype=float)))
    return daily_signals(columns, np.arange(days))


def judge(daily):
    count = len(daily.values)
    past = anomaly.Candidates(
        daily.values[:-1], np.arange(count - 1), np.zeros(count - 1, bool), np.full(count - 1, "")
    )
    return anomaly.judge_day(daily.values[-1], count - 1, past, daily.terms(4))


def test_a_shift_of_one_column_shows_among_columns_that_move_together():
    quiet, shifted = judge(station()), judge(station(shift=-0.25))

    assert (quiet.drift, shifted.drift) == (False, True)
    strongest = station().signals[int(np.nanargmax(shifted.z))]
    assert (strongest.kind, strongest.columns) == ("beside", ("sensor 2",))
    assert shifted.values[int(np.nanargmax(shifted.z))] < 0
    levels = [i for i, each in enumerate(station().signals) if each.kind != "beside"]
    assert np.nanmax(shifted.z[levels]) < shifted.threshold


def test_the_signal_is_the_residual_of_a_ridge_regression_on_the_other_columns_without_the_day():
    random = np.random.default_rng(2)
    levels = random.normal(size=(80, 4)) @ random.normal(size=(4, 4))
    signals = np.hstack([levels, np.full((80, 4), np.nan)])
    terms = Terms(4, beside=np.array([[range(4)], [range(4, 8)]]))
    z = (levels - levels.mean(axis=0)) / levels.std(axis=0)
    covariance = np.mean([np.outer(row, row) for row in z], axis=0)
    apart = np.linalg.norm(covariance - np.trace(covariance) / 4 * np.eye(4)) ** 2
    halves = [np.mean([np.outer(row, row) for row in half], axis=0) for half in (z[:40], z[40:])]
    shrink = (np.var(halves, axis=0, ddof=1) / 2).sum() / apart  # the variance of the mean of two blocks
    ridge = shrink * np.mean(z**2)

    beside = Beside(signals, np.zeros(80, dtype=int), terms)
    today, own = beside.fill(signals[5], 0), beside.fill_own(signals, np.zeros(80, dtype=int))

    def residual(row, rows, number, days):  # by the width of its prediction interval, of the shrunk covariance
        all_columns = (1 - shrink) * rows.T @ rows / days + ridge * np.eye(4)
        wide = (1 + row @ np.linalg.inv(all_columns) @ row / days) ** 0.5
        others = [i for i in range(4) if i != number]
        normal = (1 - shrink) * rows[:, others].T @ rows[:, others] / days + ridge * np.eye(3)
        slopes = np.linalg.solve(normal, (1 - shrink) * rows[:, others].T @ rows[:, number] / days)
        return (row[number] - row[others] @ slopes) / wide

    for number in range(4):
        assert today[4 + number] == pytest.approx(residual(z[5], z, number, 80), rel=1e-6)
        without = residual(z[5], np.delete(z, 5, axis=0), number, 80)
        assert own[5, 4 + number] == pytest.approx(without, rel=0.05)


def test_a_column_that_is_the_same_every_day_is_not_unusual_by_its_rounding():
    random, days = np.random.default_rng(4), 240
    edges = choose_edges(np.sort(random.standard_normal(1000)))
    temperature = np.array([count_bins(np.sort(random.standard_normal(24)), edges) for _ in range(days)], dtype=float)
    hour = np.full((days, len(temperature[0])), 24 / len(temperature[0]))
    columns = [
        ColumnDays(name, False, counts[:-1].sum(axis=0), counts)
        for name, counts in (("hour", hour), ("temperature", temperature))
    ]
    of_reference = np.arange(days) < days - 1

    verdict = judge(daily_signals(columns, np.arange(days), of_reference=of_reference))

    assert not verdict.drift


def test_one_column_and_columns_without_data_have_no_such_signal():
    random = np.random.default_rng(3)
    edges = choose_edges(np.sort(random.standard_normal(1000)))
    counts = np.array([count_bins(np.sort(random.standard_normal(200)), edges) for _ in range(30)], dtype=float)
    alone = daily_signals([ColumnDays("alone", False, counts.sum(axis=0), counts)], np.arange(30))
    empty = station(days=240)
    empty.values[-1, [i for i, each in enumerate(empty.signals) if each.columns == ("sensor 1",)]] = np.nan

    assert "beside" not in {each.kind for each in alone.signals}
    verdict = judge(empty)
    known = {each.columns for each, z in zip(empty.signals, verdict.z, strict=True) if np.isfinite(z)}
    assert known == {(f"sensor {number}",) for number in (0, 2, 3, 4, 5)}


def test_an_error_in_one_column_is_not_told_of_the_columns_beside_it():
    def cause(signal, column):
        return Cause(signal=signal, columns=(column,), value=9.0, change="level", words="")

    moved = [cause("level", "a"), cause("beside", "b"), cause("missing", "c"), cause("beside", "c")]
    alone = [cause("beside", "b"), cause("beside", "a"), cause("missing", "c")]

    assert [(each.signal, each.columns[0]) for each in without_echoes(moved)] == [("level", "a"), ("missing", "c")]
    assert [(each.signal, each.columns[0]) for each in without_echoes(alone)] == [("beside", "b"), ("missing", "c")]
