"""What is expected of the share rule agrees with simulations and scipy."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from driftmonitor.budget.column_tests import critical_distance, ks_size, smallest_shift, variation_size
from driftmonitor.budget.share_rule import at_least, expect
from driftmonitor.facts.record import ColumnScore, Rows, RunRecord, SidePair


def ks_distances(n: int, m: int, shift: float, days: int, seed: int) -> np.ndarray:
    """Return the K-S distances of simulated normal days, each against a reference of its own."""
    dice = np.random.default_rng(seed)
    sides = ((dice.standard_normal(n), dice.standard_normal(m) + shift) for _ in range(days))
    return np.array([stats.ks_2samp(*side, method="asymp").statistic for side in sides])


def record(columns: int, rows=(1000, 1000), method="ks", threshold=0.1, missing=0.0) -> RunRecord:
    p_value = None if method == "wasserstein" else 0.5
    scores = tuple(
        ColumnScore(name=f"c{i}", kind="numerical", status="stable", method=method, p_value=p_value, threshold=0.05,
                    missing_share=SidePair(reference=missing, current=missing)) for i in range(columns)
    )  # fmt: skip
    sizes = Rows(reference=rows[0], current=rows[1], reference_total=rows[0], current_total=rows[1])
    return RunRecord(monitor="m", run_date="2026-11-24", status="healthy", drift_share=0.0, threshold=threshold,
                     drifted=False, min_distance=0.04, rows=sizes, columns=scores)  # fmt: skip


@pytest.mark.parametrize(("n", "m"), [(1000, 1000), (30, 20), (200, 100), (8, 8), (120, 40)])
def test_critical_distance_and_size_are_those_of_scipys_exact_test(n, m):
    distance = critical_distance(n, m, 0.05)
    size = ks_size(n, m, 0.05)

    # Rows that lie so that D is exactly the critical distance have the size as their exact p-value.
    steps = np.lcm(n, m)
    gaps = {(i, j): abs(i * (steps // n) - j * (steps // m)) for i in range(n + 1) for j in range(m + 1)}
    i, j = next(place for place, gap in gaps.items() if gap == round(distance * steps))
    first = np.concatenate([np.zeros(i), np.full(n - i, 2.0)])
    second = np.concatenate([np.ones(0), np.zeros(j), np.full(m - j, 2.0)])
    exact = stats.ks_2samp(first, second, method="exact")
    assert exact.statistic == pytest.approx(distance, abs=1e-12)
    assert exact.pvalue == pytest.approx(size, rel=1e-6)
    assert size < 0.05


def test_the_limit_is_used_where_it_is_true():
    assert critical_distance(100_000, 7_001, 0.05) == pytest.approx(stats.kstwo.isf(0.05, round(100_000 * 7_001 / 107_001)), rel=1e-3)  # fmt: skip  # noqa: E501
    assert ks_size(100_000, 100_000, 0.05, min_distance=0.04) < 1e-30


@pytest.mark.parametrize(("n", "m"), [(1000, 1000), (10_000, 1000), (300, 500)])
def test_the_smallest_shift_is_detected_in_90_percent_of_trials(n, m):
    shift = smallest_shift(n, m, 0.05)

    seen = (ks_distances(n, m, shift, 600, seed=1) >= critical_distance(n, m, 0.05) - 1e-12).mean()

    assert seen == pytest.approx(0.9, abs=0.04)  # 600 days: three standard errors are 0.037


def test_at_least_is_the_binomial_tail_and_takes_unequal_chances():
    assert at_least(2, [0.05] * 10) == pytest.approx(stats.binom.sf(1, 10, 0.05), abs=1e-12)
    assert at_least(1, [0.5, 0.2]) == pytest.approx(0.6)


@pytest.mark.parametrize(("columns", "days"), [(3, 50), (9, 130), (10, 30)])
def test_the_originals_rule_raises_the_alarms_that_were_measured(columns, days):
    found = expect(record(columns))

    assert found.alarm_days_a_year == pytest.approx(days, rel=0.06)


def test_a_rule_that_can_never_alert_says_so_on_every_run():
    names = record(20)
    left_out = [each.model_copy(update={"status": "not_testable"}) for each in names.columns[2:]]
    few = names.model_copy(update={"columns": (*names.columns[:2], *left_out)})

    words = "he rule can never alert: 3 of 20 columns must drift on one day, and only 2 can be tested"
    assert (expect(few).short(), expect(few).sentences()) == (f"t{words}", [f"T{words}."])
    assert expect(record(3, threshold=1.0)).short().startswith("the rule can never alert: no share of the columns")


def test_a_rule_that_sees_no_shift_says_so():
    found = expect(record(5).model_copy(update={"min_distance": 1.0}))

    assert found.short().endswith("; no shift of the mean is detected on its first day (90% of the time)")
    assert "No shift of the mean in one column is detected" in " ".join(found.sentences())
    assert expect(record(5, rows=(1000, 2))).shift_sd == pytest.approx(3.8, abs=0.1)


def test_one_column_of_ten_can_never_alert_alone():
    found = expect(record(10))

    assert (found.columns_needed, found.shift_sd) == (2, None)
    assert "One column alone can never alert: 2 of 10 must drift on one day." in found.sentences()


def test_a_small_reference_is_warned_of_and_a_large_one_is_not():
    assert "If you can, use at least 10,000 rows." in " ".join(expect(record(3)).sentences())
    assert not expect(record(3, rows=(10_000, 1_000))).reference_is_small


def test_what_has_no_rate_is_not_given_one():
    found = expect(record(3, method="wasserstein"))

    assert found.alarm_days_a_year is None
    assert found.sentences()[0] == "The rate of false alarms is unknown: wasserstein has no nominal rate."


def test_many_rows_make_the_least_distance_bind():
    found = expect(record(3, rows=(100_000, 100_000)))

    assert found.alarm_days_a_year < 1e-6
    assert found.shift_sd == pytest.approx(2 * ndtri((1 + 0.04 * 1.08 + 0.045 * np.sqrt(2e-5)) / 2), abs=1e-6)
    assert found.short() == (
        "fewer than 1 false-alarm day a year if nothing changes; "
        "a shift of 0.11 SD in one column is detected on the first day (90% of the time)"
    )


@pytest.mark.parametrize("shares", [(0.6, 0.3, 0.1), (0.5, 0.5), (0.25, 0.25, 0.25, 0.25)])
def test_categories_drift_by_chance_no_more_often_than_expected(shares):
    n, m, distance = 5000, 2000, 0.03
    dice = np.random.default_rng(2)

    days = [dice.multinomial(rows, shares, size=20_000) / rows for rows in (n, m)]
    moved = (np.abs(days[0] - days[1]).sum(axis=1) / 2 >= distance).mean()

    assert moved <= variation_size(n, m, len(shares), distance) + 0.002
