"""The signals agree with scipy and numbers by hand; tolerances are relative, 1e-9 unless stated."""

import numpy as np
import pytest
from scipy import stats

from driftmonitor.budget import signals


def test_a_level_signal_is_mann_whitneys_with_the_references_variance():
    random = np.random.default_rng(1)
    reference, current = random.integers(0, 50, 1000), random.integers(3, 50, 800)
    counts = [np.bincount(side, minlength=50) for side in (reference, current)]

    level = signals.number_signals(*counts)[0]

    chance = stats.mannwhitneyu(current, reference).statistic / (1000 * 800)  # that a row of today is larger
    ridits = np.array([(reference < v).mean() + (reference == v).mean() / 2 for v in range(50)])
    sd = ridits[reference].std()
    assert level == pytest.approx((chance - 0.5) / sd / np.sqrt(1 / 1000 + 1 / 800))


def test_a_spread_signal_is_the_change_of_moods_score():
    counts = np.array([[100] * 10, [150, 100, 100, 80, 70, 70, 80, 100, 100, 150]])

    spread = signals.number_signals(*counts)[1]

    squares = (np.arange(10) / 10 - 0.45) ** 2
    moved = (counts[1] @ squares / 1000 - squares.mean()) / squares.std()
    assert spread == pytest.approx(moved / np.sqrt(2 / 1000))
    assert signals.number_signals(*counts)[0] == pytest.approx(0, abs=1e-12)


def test_a_shape_signal_has_kolmogorovs_tail_far_out_too():
    reference = np.full(50, 20)
    near, far = reference + np.repeat([2, -2], 25), np.r_[np.zeros(49, dtype=int), 1000]

    values = signals.number_signals(reference, np.array([near, far]))[:, 2]

    assert stats.norm.sf(values[0]) == pytest.approx(stats.kstwobign.sf(0.05 * np.sqrt(500)), rel=1e-9)
    assert values[1] == pytest.approx(np.sqrt(2 * 2 * 0.98**2 * 500), rel=0.01)  # p = 2 exp(-2 K^2), under any float


def test_a_range_signal_is_the_largest_change_of_one_bin_among_all():
    reference, current = np.full(50, 20), np.r_[70, np.full(49, 20)]

    value = signals.number_signals(reference, current)[3]

    change = 2 * (np.arcsin(np.sqrt(70.375 / 1050.75)) - np.arcsin(np.sqrt(20.375 / 1000.75)))
    largest = change / np.sqrt(1 / 1000 + 1 / 1050)
    assert stats.norm.sf(value) == pytest.approx(1 - (1 - 2 * stats.norm.sf(largest)) ** 50, rel=1e-6)


def test_a_categorys_shape_is_scipys_chi_squared_with_rare_levels_put_together():
    reference, current = np.array([500, 300, 200, 3, 2]), np.array([440, 330, 230, 5, 4])

    values = signals.level_signals(reference, current)

    table = [[500, 300, 200, 5], [440, 330, 230, 9]]
    assert stats.norm.sf(values[0]) == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue)
    assert len(values) == 11
    assert values[1] == pytest.approx(-2.76, abs=0.01)  # 43.5% where 49.8% was usual
    assert np.isnan(values[5:]).all()


def test_a_share_in_standard_errors_is_the_two_proportion_test_and_one_rare_row_is_little():
    common = signals.share_signals(np.array([400, 600]), np.array([460, 540]))[0]
    rare = signals.share_signals(np.array([0, 1000]), np.array([1, 999]))[0]

    p = stats.chi2_contingency([[400, 600], [460, 540]], correction=False).pvalue
    assert 2 * stats.norm.sf(common) == pytest.approx(p, rel=0.01)
    assert 0 < rare < 1


def test_days_without_rows_have_no_signal():
    assert np.isnan(signals.number_signals(np.full(50, 20), np.zeros((2, 50)))).all()
    assert np.isnan(signals.level_signals(np.array([50, 20, 0]), np.zeros(3))).all()


def test_signals_of_no_drift_are_as_large_as_a_normal_deviate():
    random = np.random.default_rng(2)
    reference = np.full(50, 200_000)  # so many that it brings no error of its own
    days = random.multinomial(1000, np.full(50, 0.02), size=4000)

    values = signals.number_signals(reference, days)

    two_sided = signals.p_values(values, np.array([False, False, True, True]))
    assert (two_sided < 0.05).mean(axis=0) == pytest.approx([0.05, 0.05, 0.04, 0.04], abs=0.015)
    assert values[:, :2].std(axis=0) == pytest.approx([1, 1], abs=0.04)


def test_the_least_sd_is_half_of_what_chance_gives_a_day():
    assert signals.least_sd(1000, 1000) == pytest.approx(0.5 * np.sqrt(0.5))
    assert signals.least_sd(7000, 1000) == pytest.approx(0.5 * np.sqrt(1 / 8))


def test_the_usual_sd_is_chance_and_four_hundredths_of_a_standard_deviation():
    assert signals.usual_sd(1000, 1000) == pytest.approx(np.sqrt(0.5 + 0.04**2 * 500))
    assert signals.usual_sd(100_000, 10**9) == pytest.approx(np.sqrt(1 + 160), rel=1e-3)


def test_pair_signals_are_the_change_of_spearmans_correlation():
    random = np.random.default_rng(2)
    sides = [random.normal(size=(rows, 4)) @ random.normal(size=(4, 4)) for rows in (400, 250)]
    sides = [np.round(side, 1) for side in sides]  # ties

    ranks = [stats.rankdata(side, axis=0) for side in sides]
    was, now = (signals.pair_correlations(side) for side in ranks)
    found = signals.pair_signals(was, signals.pair_variances(ranks[0]), now, m=400, n=250)

    names = signals.pair_names("abcd")
    assert names[:4] == [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c")]
    for (first, second), signal in zip(names, found, strict=True):
        columns = "abcd".index(first), "abcd".index(second)
        r = [stats.spearmanr(side[:, columns[0]], side[:, columns[1]]).statistic for side in sides]
        u, v = stats.zscore(ranks[0])[:, columns].T
        variance = np.mean((u * v - r[0] * (u**2 + v**2) / 2) ** 2)
        expected = (r[1] - r[0]) / np.sqrt(variance / 250 + variance / 400 + (1.55 / 250) ** 2)
        assert signal == pytest.approx(expected, rel=1e-9)


def normal_pair(random, rows, correlation):
    first, second = random.standard_normal((2, rows))
    return np.column_stack([first, correlation * first + np.sqrt(1 - correlation**2) * second])


def near_copy(random, rows, others):
    first, second = random.standard_normal((2, rows))
    return np.column_stack([first, np.where(random.random(rows) < others, second, first)])


@pytest.mark.parametrize(
    ("draw", "least_sd"),
    [
        (lambda random, rows: normal_pair(random, rows, 0.0), 0.75),
        (lambda random, rows: normal_pair(random, rows, 0.9), 0.75),
        (lambda random, rows: normal_pair(random, rows, 0.9999), 0.0),
        (lambda random, rows: np.round(normal_pair(random, rows, 0.9)), 0.75),
        (lambda random, rows: np.maximum(normal_pair(random, rows, 0.9), 1.645), 0.7),  # 95% zeros
        (lambda random, rows: near_copy(random, rows, 0.05), 0.75),
        (lambda random, rows: near_copy(random, rows, 0.003), 0.4),
        (lambda random, rows: np.maximum(near_copy(random, rows, 0.01), 1.0), 0.5),
    ],
    ids=["independent", "0.9", "0.9999", "ties", "zeros", "copy", "near copy", "copy with zeros"],
)
def test_pair_signals_of_unchanged_days_are_standard_normal_or_smaller(draw, least_sd):
    """By simulation, 150 days of 500 rows; before, the SD was 2.8 with 95% of zeros and 19 for near copies."""
    random = np.random.default_rng(3)
    ranks = stats.rankdata(draw(random, 20_000), axis=0)
    days = [signals.pair_correlations(stats.rankdata(draw(random, 500), axis=0))[0] for _ in range(150)]

    z = signals.pair_signals(
        signals.pair_correlations(ranks), signals.pair_variances(ranks), np.array(days), m=20_000, n=500
    )

    assert least_sd < z.std() < 1.25
    assert np.abs(z).max() < 5


def test_a_near_copy_that_is_none_any_more_is_seen():
    random = np.random.default_rng(4)
    ranks = stats.rankdata(near_copy(random, 20_000, 0.003), axis=0)
    now = signals.pair_correlations(stats.rankdata(near_copy(random, 500, 0.05), axis=0))

    assert signals.pair_signals(signals.pair_correlations(ranks), signals.pair_variances(ranks), now, 20_000, 500) < -8


def test_pairs_with_a_constant_column_have_no_signal_and_full_correlations_a_finite_one():
    ranks = np.column_stack([np.arange(9.0), np.arange(9.0), np.full(9, 5.0)])

    correlations = signals.pair_correlations(ranks)

    assert correlations[0] == pytest.approx(1)
    assert np.isnan(correlations[1:]).all()
    variances = signals.pair_variances(ranks)
    assert np.isfinite(signals.pair_signals(correlations[:1], variances[:1], np.array([0.3]), m=9, n=9)).all()
    assert np.isnan(variances[1:]).all()


@pytest.mark.parametrize(
    "reference",
    [[0, 1000, 0], [500, 0, 500], [980, 20], [1000, 0], [0, 1000], np.r_[np.full(49, 20), 0]],
    ids=["constant", "an empty bin", "two values", "two levels", "all others", "fifty"],
)
def test_odd_references_give_numbers_for_any_day(reference):
    reference = np.array(reference)
    days = np.random.default_rng(3).multinomial(30, np.full(len(reference), 1 / len(reference)), size=5)
    same = reference[None, :]

    for found in (signals.number_signals, signals.level_signals):
        values = found(reference, np.concatenate([days, same]))
        apart = ~np.isnan(values).all(axis=0)
        assert np.isfinite(values[:, apart]).all()
        assert np.abs(values[-1, apart]).max() < 2.5
