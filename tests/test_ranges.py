"""Numbers beyond the reference's range are said if chance does not explain them."""

import numpy as np
import pytest

from driftmonitor.analysis.drift.ranges import chance_beyond, find_beyond, find_out_of_range
from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.usable import Numbers


def find(reference, current, name="amount"):
    found = find_out_of_range([find_beyond(name, pair_of(reference, current))])
    return [(each.kind, each.message) for each in found]


def pair_of(reference, current):
    return Pair("numerical", *(Numbers(np.array(side, dtype=float)) for side in (reference, current)))


def test_amounts_of_another_scale_and_negative_ones_are_named():
    random = np.random.default_rng(1)
    known, today = random.lognormal(3, 0.7, 12_000), random.lognormal(3, 0.7, 4000)
    larger, negative = today.copy(), today.copy()
    larger[:80] *= 100
    negative[:200] *= -1

    assert find(known, today) == []
    (above,), (below,) = find(known, larger), find(known, negative)

    times = larger.max() / known.max()
    assert above[1].startswith("amount: 2% of numbers are above the reference's range, up to ")
    assert f"up to {times:.1f} times its largest number (p < 0.0001)" in above[1]
    assert below[1].startswith("amount: 5% of numbers are negative; the reference has none (p ")


def test_a_single_number_of_another_kind_among_thousands_is_named():
    amounts = np.random.default_rng(1).lognormal(3, 0.7, 4000)

    assert find(amounts, np.append(amounts[1:], 2e9)) == [
        ("out_of_range", "amount: 1 number is over 1,000 times as large as any of the reference.")
    ]


@pytest.mark.parametrize(("beyond", "current", "reference"), [(0, 10, 10), (1, 10, 30), (3, 50, 200), (5, 5, 5)])
def test_the_chance_is_that_of_a_simulation(beyond, current, reference):
    random = np.random.default_rng(2)
    rows = random.uniform(size=(40_000, current + reference))
    exceed = (rows[:, :current] > rows[:, current:].max(axis=1, keepdims=True)).sum(axis=1) >= beyond

    assert chance_beyond(beyond, current, reference) == pytest.approx(exceed.mean(), abs=0.008)


def test_unchanged_tables_are_named_no_more_often_than_the_level_says():
    random, found = np.random.default_rng(3), 0
    for _ in range(1000):
        pairs = {name: pair_of(random.standard_t(2, 300), random.standard_t(2, 100)) for name in ("a", "b", "c")}
        found += bool(find_out_of_range([find_beyond(name, pair) for name, pair in pairs.items()]))

    assert found <= 18  # 1%, and three standard errors


@pytest.mark.parametrize("values", [[1.0], [0.0] * 50, [-5.0, -4.0], [1e308, -1e308]])
def test_constants_and_huge_numbers_are_no_finding_beside_themselves(values):
    assert find(values * 20, values) == []
