"""Rows that came twice: copies of whole rows and repeats of a key, held against scipy, simulation and pandas."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmonitor.analysis.drift.duplicates import chance_of_repeats, count_copies, find_duplicates
from driftmonitor.analysis.sides import Sides
from driftmonitor.analysis.sources import Data


def orders(seed, rows, first=0):
    dice = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "order": [f"o{number}" for number in range(first, first + rows)],
            "amount": dice.lognormal(3, 1, rows).round(1),
            "plan": dice.choice(["free", "pro"], rows),
        }
    )


def found(reference, current, totals=None):
    data = Data(reference, current, *(totals or (len(reference), len(current))))
    return [(finding.kind, finding.message) for finding in find_duplicates(Sides(data))]


def test_rows_that_came_twice_are_said_once_with_fishers_p_value():
    reference, current = orders(1, 2000), orders(2, 300, first=5000)
    twice = pd.concat([current, current[:12]])

    assert found(reference, twice) == [
        ("duplicate_rows", "exact copies: 3.8% of current rows, 0% of the reference (p < 0.0001).")
    ]
    (finding,) = find_duplicates(Sides(Data(reference, twice, 2000, 312)))
    assert finding.p_value == pytest.approx(stats.fisher_exact([[0, 2000], [12, 300]]).pvalue, rel=1e-9, abs=0)
    assert found(reference, current) == []
    assert found(reference, pd.concat([current, current[:3]])) == [  # copies are under a percentage point
        ("duplicate_key", "order: 3 rows repeat an earlier value; all 2,000 values of the reference are different.")
    ]


def test_a_key_that_repeats_in_different_rows_is_said_beside_copies():
    reference, current = orders(1, 2000), orders(2, 300, first=5000)
    current.loc[[1, 2], "order"] = current.loc[0, "order"]

    assert found(reference, current) == [
        ("duplicate_key", "order: 2 rows repeat an earlier value; all 2,000 values of the reference are different.")
    ]
    assert [kind for kind, _ in found(reference, pd.concat([current, current[50:65]]))] == [
        "duplicate_rows",
        "duplicate_key",
    ]


def test_a_key_of_one_value_and_one_that_repeats_more_than_it_did_are_said():
    reference, current = orders(1, 2000), orders(2, 300, first=5000)
    constant = current.assign(order="o5000", amount=range(300))
    reference.loc[:9, "order"] = "o100"
    few, many = current.copy(), current.copy()
    few.loc[[1, 2], "order"] = many.loc[10:49, "order"] = current.loc[0, "order"]

    assert found(orders(1, 2000), constant) == [
        ("duplicate_key", "order: 299 rows repeat an earlier value; all 2,000 values of the reference are different.")
    ]
    assert found(reference, many) == [
        (
            "duplicate_key",
            "order: 13.3% of current values repeat an earlier one, 0.5% of the reference's (p < 0.0001).",
        )
    ]
    assert found(reference, few) == []


def test_rows_that_came_twice_with_new_keys_are_copies_in_the_tested_columns():
    dice = np.random.default_rng(3)

    def draw(first, rows):
        values = {"key": range(first, first + rows), "x": dice.normal(size=rows), "plan": dice.choice(["a", "b"], rows)}
        return pd.DataFrame(values)

    reference, current = draw(0, 2000), draw(5000, 200)
    twice = pd.concat([current, current.assign(key=range(7000, 7200))])
    sides, idle = Sides(Data(reference, twice, 2000, 400)), Sides(Data(reference.round(1), twice.round(1), 2000, 400))

    assert find_duplicates(sides) == []
    (found,) = find_duplicates(sides, tested=["x", "plan"])
    assert found.message == "copies in all 2 tested columns: 50% of current rows, 0% of the reference (p < 0.0001)."
    assert find_duplicates(idle, tested=["x", "plan"]) == []


def test_a_sampled_side_few_rows_and_columns_that_always_repeat_are_not_judged():
    reference, current = orders(1, 2000), orders(2, 300, first=5000)
    twice = pd.concat([current, current])

    assert found(reference, twice, (9000, 600)) == found(reference, twice, (2000, 9000)) == []
    assert found(reference[["plan"]], twice[["plan"]]) == []  # in the reference nearly all rows are copies
    assert found(orders(1, 20), orders(2, 20)[:0]) == []
    lists = pd.DataFrame({"tags": [["a"]] * 50})
    assert found(lists, lists) == []


@pytest.mark.parametrize("rows", [30, 2000])
def test_unchanged_days_of_rows_that_repeat_by_chance_have_hardly_any_finding(rows):
    """Of 40 days each at most 2; the share of copies depends on the number of rows, and the key has 2e6 values."""
    dice = np.random.default_rng(rows)

    def draw(size):
        amounts, sure = np.round(dice.exponential(300, size)), dice.random(size) < 0.9
        return pd.DataFrame({"code": dice.integers(0, 2_000_000, size), "amount": amounts, "sure": sure})

    reference, days = draw(1000), [draw(rows) for _ in range(40)]

    assert sum(bool(found(reference, day)) for day in days) <= 2
    assert sum(bool(found(reference[["amount", "sure"]], day)) for day in days) <= 2


def test_copies_are_those_of_pandas():
    dice = np.random.default_rng(5)
    for _ in range(20):
        frame = pd.DataFrame({name: dice.integers(0, 4, 60) for name in "abc"}).astype({"a": str, "b": float})
        frame.loc[dice.random(60) < 0.1, "b"] = np.nan
        assert count_copies(frame, [*frame]) == frame.duplicated().sum()


def test_the_chance_of_repeats_is_that_of_pairs_that_are_drawn_alike():
    assert chance_of_repeats(1, 1000, 100) == pytest.approx(4950 / (4950 + 499_500))
    assert chance_of_repeats(3, 500, 500) == pytest.approx(1 / 8)
    assert chance_of_repeats(0, 500, 500) == 1.0
