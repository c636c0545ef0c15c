"""What a record keeps of where a column's values were: quantiles, or the shares of frequent categories, and no row."""

import numpy as np
import pandas as pd

from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import score
from driftmonitor.analysis.drift.distributions import distribution_of_levels, distribution_of_numbers
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sources import Data
from driftmonitor.analysis.usable import LevelCounts, Numbers
from driftmonitor.facts.distribution import PLACES

RNG = np.random.default_rng(5)


def test_quantiles_of_both_sides_are_numpys_to_five_digits():
    before, now = RNG.lognormal(3, 1, 997), RNG.normal(0, 1, 1000)

    found = distribution_of_numbers(Numbers(before), Numbers(now))

    for quantiles, values in zip(found.quantiles, (before, now), strict=True):
        width = np.subtract(*np.quantile(values, [0.75, 0.25]))
        assert np.allclose(quantiles, np.quantile(values, PLACES), atol=1e-4 * width, rtol=1e-4)


def test_the_shares_are_of_the_most_frequent_categories_of_either_side():
    before = {"DE": 500, "FR": 300, "IT": 150, "ES": 49, "once": 1}
    now = {"DE": 400, "FR": 300, "PL": 260, "CZ": 40}

    found = distribution_of_levels(LevelCounts(before), LevelCounts(now))

    assert found.levels == ("DE", "FR", "PL", "IT", "ES", "CZ")
    assert found.shares == ((0.5, 0.3, 0.0, 0.15, 0.049, 0.0), (0.4, 0.3, 0.26, 0.0, 0.0, 0.04))


def test_a_category_of_few_rows_is_never_named_and_a_long_name_is_cut():
    notes = {f"a note about a customer, number {i}": 1 for i in range(50)}
    assert distribution_of_levels(LevelCounts(notes), LevelCounts(notes)) is None
    for rows, total, named in ((4, 40, False), (5, 40, True), (19, 1000, False), (20, 1000, True), (99, 10_000, False)):
        counts = LevelCounts({"a": total - rows, "b": rows})
        assert ("b" in distribution_of_levels(counts, counts).levels) is named

    found = distribution_of_levels(LevelCounts({"x" * 500: 10}), LevelCounts({"x" * 500: 10}))
    assert [len(level) for level in found.levels] == [40]


def test_numbers_that_overflow_or_are_none_have_no_distribution():
    some = Numbers(np.array([1.0, 2.0, 3.0]))
    for other in (np.array([]), np.array([-1.7e308, 1.7e308])):
        assert distribution_of_numbers(some, Numbers(other)) is None


def test_the_comparison_of_a_day_keeps_them_for_every_tested_column():
    reference = pd.DataFrame({"amount": RNG.normal(50, 5, 500), "plan": ["a", "b"] * 250, "none": None})
    data = Data(reference, reference.assign(amount=reference.amount + 5), 500, 500)

    found = {each.name: each.distribution for each in score(data, infer_columns(data, None), Settings()).columns}

    before, now = found["amount"].quantiles
    assert np.allclose(np.subtract(now, before), 5, atol=1e-3)
    assert (found["plan"].levels, found["plan"].shares) == (("a", "b"), ((0.5, 0.5), (0.5, 0.5)))
    assert found["none"] is None
