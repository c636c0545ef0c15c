"""The statistics agree with scipy and with each other's definitions, and keep the promised false-alarm rates."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.drift import distance, effect
from driftmonitor.analysis.drift.p_values import fisher, holm, proportion_change
from driftmonitor.analysis.drift.statistics import contingency
from driftmonitor.analysis.drift.statistics.mann_whitney import mann_whitney
from driftmonitor.analysis.usable import Numbers, Words

NUMBERS = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=40).map(np.array)


def counts(**levels):
    return pd.DataFrame(levels, index=["reference", "current"]).T


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(deadline=None)
@given(NUMBERS, NUMBERS)
def test_ks_distance_is_scipys_to_the_last_digits(reference, current):
    gap = distance.ks_gap(np.sort(reference), np.sort(current))

    assert gap.rounded == stats.ks_2samp(reference, current, method="asymp").statistic
    assert gap.distance == pytest.approx(gap.rounded, abs=1e-15)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("digits", [0, 1, 3, 12])
@pytest.mark.parametrize("shift", [0, 0.01, 0.03, 0.2, 9])
@pytest.mark.parametrize("rows", [(10_001, 40), (700, 12_345), (30_000, 20_011)])
def test_p_values_of_many_rows_are_scipys_to_the_last_digit(rows, shift, digits):
    rng = np.random.default_rng(rows[0] + digits)
    sides = [rng.normal(mean, 1, n).round(digits) for mean, n in zip((0, shift), rows, strict=True)]

    p_value = distance.ks_p_value(distance.ks_gap(*map(np.sort, sides)), *rows)

    assert p_value == stats.ks_2samp(*sides).pvalue


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("digits", [0, 1, 12])
@pytest.mark.parametrize("shift", [0, 0.1, 9])
@pytest.mark.parametrize("rows", [(1, 1), (5, 4), (300, 300), (997, 1000), (4000, 900), (2000, 1999)])
def test_exact_p_values_are_scipys_to_the_last_digit(rows, shift, digits):
    rng = np.random.default_rng(rows[0] + digits)
    sides = [rng.normal(mean, 1, n).round(digits) for mean, n in zip((0, shift), rows, strict=True)]

    p_value = distance.ks_p_value(distance.ks_gap(*map(np.sort, sides)), *rows)

    assert p_value == stats.ks_2samp(*sides).pvalue


def test_evidently_is_asked_where_scipy_has_no_exact_function(monkeypatch):
    monkeypatch.delattr(distance._stats_py, "_attempt_exact_2kssamp")

    assert distance.ks_p_value(distance.Gap(0.1, 0.1), 9_999, 7) is None


def test_forty_rows_of_a_thousand_are_a_distance_of_exactly_four_percent():
    reference, current = np.arange(1000.0), np.arange(1000.0) + 40

    assert distance.ks_gap(reference, current).distance == 0.04
    assert distance.total_variation(counts(a=[900, 940], b=[100, 60])) == 0.04


def test_levels_are_counted_on_both_sides_most_frequent_first():
    table = distance.counts_table(Words.of(["a", "b", "b"]).counts, Words.of(["b", "c"]).counts)

    assert table.to_dict("index") == {
        "b": {"reference": 2, "current": 1},
        "a": {"reference": 1, "current": 0},
        "c": {"reference": 0, "current": 1},
    }


def test_chisquare_is_scipys_without_continuity_correction():
    table = counts(a=[500, 440], b=[300, 330], c=[200, 230])

    assert contingency.chisquare(table) == stats.chi2_contingency(table.to_numpy().T, correction=False)[:2]
    assert contingency.chisquare(table)[1] == pytest.approx(0.0253, abs=1e-4)


def test_rare_levels_are_pooled_when_cochrans_rule_is_broken():
    table = counts(a=[500, 480], b=[490, 500], c=[4, 5], d=[3, 5], e=[3, 10])

    pooled = contingency.pool_rare(table)

    assert pooled.to_numpy().tolist() == [[500, 480], [490, 500], [3, 10], [7, 10]]


def test_a_table_that_keeps_cochrans_rule_is_left_alone():
    table = counts(a=[500, 480], b=[300, 320], c=[100, 110], d=[96, 87], e=[4, 3])

    assert contingency.pool_rare(table) is table


def test_column_of_nothing_but_rare_levels_is_refused():
    table = pd.DataFrame({"reference": [1] * 30, "current": [1] * 30})

    with pytest.raises(DriftMonitorError, match="all 30 categories are too rare in 60 rows"):
        contingency.chisquare(table)


def rare(reference: list[int], current: list[int]) -> pd.DataFrame:
    table = pd.DataFrame({"reference": reference, "current": current})
    return table[table.sum(axis=1) > 0]


def test_a_table_of_rare_levels_is_tested_by_shuffling_its_rows():
    """41 categories in 30 rows: one that is new and fills a third of them could not be seen before."""
    draw = np.random.default_rng(3)
    shares = draw.dirichlet(np.full(40, 3.0))
    table = rare([*draw.multinomial(2000, shares), 0], [*draw.multinomial(20, shares), 10])

    statistic, p_value = contingency.chisquare(table)

    assert statistic == pytest.approx(stats.chi2_contingency(table.to_numpy().T, correction=False).statistic)
    assert p_value < 0.001 and contingency.g_test(table)[1] < 0.001
    assert contingency.chisquare(table) == (statistic, p_value)  # the same shuffles every time
    shuffled = stats.chi2_contingency(
        table.to_numpy().T,
        correction=False,
        method=stats.PermutationMethod(n_resamples=999, rng=np.random.default_rng(1)),
    )
    assert p_value == pytest.approx(shuffled.pvalue, abs=0.002)


def test_levels_that_vanish_are_seen_though_most_rows_would_be_pooled():
    draw = np.random.default_rng(5)
    shares = draw.dirichlet(np.full(600, 3.0))
    current = np.where(np.arange(600) % 3 == 0, 0, draw.multinomial(1000, shares))

    assert contingency.chisquare(rare(list(draw.multinomial(5000, shares)), list(current)))[1] < 0.001


def test_names_are_not_compared_though_today_has_others():
    draw = np.random.default_rng(7)
    table = rare([*draw.poisson(1.2, 800), *[0] * 300], [*[0] * 800, *draw.poisson(2, 300)])

    with pytest.raises(DriftMonitorError, match="categories are too rare"):
        contingency.chisquare(table)


def test_shuffled_rows_keep_the_false_alarm_rate():
    draw = np.random.default_rng(11)
    shares = draw.dirichlet(np.full(60, 3.0))
    tables = [rare(list(draw.multinomial(1000, shares)), list(draw.multinomial(40, shares))) for _ in range(150)]
    alarms = sum(contingency.chisquare(table)[1] < 0.05 for table in tables)

    assert 1 <= alarms <= 15  # 7.5 are expected; so many come with a probability of 0.993


def test_same_single_level_on_both_sides_has_not_changed():
    assert contingency.chisquare(counts(a=[100, 200])) == (0.0, 1.0)
    assert contingency.g_test(counts(a=[100, 200])) == (0.0, 1.0)
    assert contingency.fisher_exact(counts(a=[100, 200])) == (1.0, 1.0)
    assert contingency.permuted_variation(counts(a=[100, 200])) == (0.0, 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("levels", [5, 20])
def test_chisquare_keeps_its_false_alarm_rate(levels):
    rng = np.random.default_rng(7)
    shares = rng.dirichlet(np.full(levels, 2.0))
    draws = rng.multinomial(1000, shares, size=(2000, 2))
    alarms = sum(
        contingency.chisquare(pd.DataFrame({"reference": pair[0], "current": pair[1]})[pair.sum(axis=0) > 0])[1] < 0.05
        for pair in draws
    )

    assert 0.035 <= alarms / 2000 <= 0.065


def test_two_levels_in_few_rows_have_fishers_p_value_and_keep_their_false_alarm_rate():
    """Over every day of 15 rows; before, 7.3% of such days drifted at a nominal 5%."""
    days = np.arange(16)
    p_values = np.array([contingency.chisquare(counts(a=[9700, 15 - k], b=[300, k]))[1] for k in days])

    expected = [stats.fisher_exact([[300, 9700], [k, 15 - k]]).pvalue for k in days]
    assert p_values == pytest.approx(expected, rel=1e-9, abs=0)
    assert stats.binom.pmf(days, 15, 0.03) @ (p_values < 0.05) <= 0.05
    few = counts(a=[60, 9], b=[40, 1])
    assert contingency.chisquare(few)[0] == stats.chi2_contingency(few.to_numpy(), correction=False).statistic
    assert contingency.g_test(few)[1] == contingency.z_test(few)[1] == contingency.chisquare(few)[1]
    assert contingency.chisquare(few)[1] == pytest.approx(stats.fisher_exact(few.to_numpy()).pvalue)


def test_permutation_p_value_agrees_with_shuffling_the_rows():
    rng = np.random.default_rng(1)
    table = counts(a=[60, 45], b=[25, 30], c=[15, 25])
    rows = np.repeat([0, 1, 2], table.sum(axis=1))
    observed = distance.total_variation(table)
    shuffled = []
    for _ in range(3000):
        first = np.bincount(rng.permutation(rows)[:100], minlength=3)
        shuffled.append(0.5 * np.abs(first - (np.bincount(rows) - first)).sum() / 100)

    statistic, p_value = contingency.permuted_variation(table)

    assert statistic == observed == 0.15
    assert p_value == pytest.approx(np.mean(np.array(shuffled) >= observed - 1e-12), abs=0.02)


def test_two_level_tests_agree_with_each_other_and_refuse_a_third():
    table = counts(a=[500, 440], b=[500, 560])

    z, p_value = contingency.z_test(table)
    assert z**2 == pytest.approx(contingency.chisquare(table)[0])
    assert p_value == pytest.approx(2 * stats.norm.sf(z))
    assert contingency.fisher_exact(table)[1] == stats.fisher_exact(table.to_numpy()).pvalue
    for test in (contingency.z_test, contingency.fisher_exact):
        with pytest.raises(DriftMonitorError, match="compares two categories, this column has 3"):
            test(counts(a=[1, 2], b=[3, 4], c=[5, 6]))


def test_rank_test_sees_a_fall_as_well_as_a_rise():
    low, high = np.arange(50.0), np.arange(50.0) + 20

    assert mann_whitney(low, high)[1] == mann_whitney(high, low)[1] < 0.001


def test_holm_on_his_own_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.001, 0.5))
def test_holm_rejects_what_his_step_down_procedure_rejects(p_values, level):
    rejected, remaining = set(), dict(enumerate(p_values))
    while remaining:
        smallest = min(remaining, key=remaining.get)
        if p_values[smallest] * len(remaining) > level:
            break
        rejected.add(smallest)
        del remaining[smallest]

    assert {i for i, p in enumerate(holm(p_values)) if p <= level} == rejected


@pytest.mark.parametrize(
    ("reference", "reference_rows", "current", "current_rows"),
    [(0, 1000, 1, 30), (50, 1000, 100, 1000), (7, 60, 0, 45), (3, 5, 5, 5), (990, 1000, 28, 30), (400, 10_000, 3, 41)],
)
def test_a_change_in_a_share_has_fishers_p_value(reference, reference_rows, current, current_rows):
    table = [[reference, reference_rows - reference], [current, current_rows - current]]

    p_value = proportion_change(reference, reference_rows, current, current_rows)

    assert p_value == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9)


def test_in_many_rows_a_change_in_a_share_has_pearsons_p_value_which_is_as_exact():
    given = 1000, 100_000, 1120, 100_000
    z = (0.0112 - 0.01) / np.sqrt(0.0106 * (1 - 0.0106) * 2 / 100_000)

    assert proportion_change(*given) == pytest.approx(2 * stats.norm.sf(z), rel=1e-9)
    assert proportion_change(*given) == pytest.approx(fisher(*given), rel=0.07)


def test_a_share_of_no_rows_has_not_changed():
    assert proportion_change(0, 1000, 0, 1000) == 1.0
    assert proportion_change(0, 0, 3, 10) == 1.0
    assert proportion_change(10, 10, 5, 5) == 1.0


def test_mean_shift_is_in_reference_standard_deviations():
    result = effect.number_effect(Numbers(np.array([1.0, 2.0, 3.0])), Numbers(np.array([4.0, 6.0])))

    assert result == {"mean_shift_sd": 3.0, "mean": [2.0, 5.0], "sd": [1.0, pytest.approx(2**0.5)]}


@pytest.mark.parametrize(
    ("reference", "current", "shift"),
    [
        ([0.1] * 7, [0.1] * 7, 0.0),
        ([0.1] * 7, [0.2] * 7, None),
        ([1e308, -1e308], [1e308, 1e308], pytest.approx(0.5**0.5)),
        ([1e-310, 3e-310], [5e-310], pytest.approx(2.12132)),
        ([1.0], [2.0, 3.0], None),
        ([], [1.0], None),
        ([1e17, 1e17 + 16, 1e17 + 32], [1e17 + 32, 1e17 + 48], 1.5),
    ],
)
def test_mean_shift_of_awkward_numbers(reference, current, shift):
    with np.errstate(all="raise", under="ignore"):
        result = effect.number_effect(Numbers(np.array(reference)), Numbers(np.array(current)))

    assert result["mean_shift_sd"] == shift


def test_category_that_changed_most_is_named():
    result = effect.category_effect(counts(a=[50, 30], b=[30, 35], c=[20, 35]))

    assert result == {"category": "a", "share_change": pytest.approx(-0.2), "shares": [0.5, 0.3]}


def test_a_category_as_long_as_a_document_is_named_by_its_beginning():
    result = effect.category_effect(counts(**{"x" * 100_000: [50, 30], "y": [50, 70]}))

    assert result["category"] == "x" * 1000
