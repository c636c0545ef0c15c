"""A day's evidence: signals and counts agree with scipy, whatever the columns contain."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift.collect_evidence import rank
from driftmonitor.analysis.drift.compare_columns import compare_columns
from driftmonitor.analysis.drift.quantiles import _interpolate, find_quartiles
from driftmonitor.analysis.drift.reference_bins import choose_edges
from driftmonitor.analysis.drift.rules import Settings, choose_rules
from driftmonitor.analysis.drift.with_evidently.methods import Methods
from driftmonitor.analysis.sources import Data
from driftmonitor.budget.causes import find_unit
from driftmonitor.facts.evidence import even_counts
from driftmonitor.facts.record import parse
from driftmonitor.words.figures import Figure


def compare_without_report(reference, current):
    data = Data(reference, current, len(reference), len(current))
    columns = infer_columns(data)
    rules = choose_rules(columns, Settings(), Methods())
    return compare_columns(data, columns, rules, 0.1)


def evidence_of(reference, current):
    return compare_without_report(reference, current).evidence


def frame(seed, rows=1000, shift=0.0, correlation=0.5):
    rng = np.random.default_rng(seed)
    first, second = rng.standard_normal((2, rows))
    return pd.DataFrame(
        {
            "age": first + shift,
            "salary": correlation * first + np.sqrt(1 - correlation**2) * second,
            "visits": rng.poisson(1.0, rows).astype(float) + 0.5,
            "plan": rng.choice(["free", "basic", "pro"], rows, p=[0.6, 0.3, 0.1]),
        }
    )


def test_the_signals_of_pairs_are_those_of_scipy():
    reference, current = frame(1, 1500), frame(2, 900, correlation=0.2)

    pairs = evidence_of(reference, current).pairs

    rho = [stats.spearmanr(side.age, side.salary).statistic for side in (reference, current)]
    u, v = stats.zscore(stats.rankdata(reference[["age", "salary"]], axis=0)).T
    error = np.sqrt(np.mean((u * v - rho[0] * (u**2 + v**2) / 2) ** 2) * (1 / 1500 + 1 / 900) + (1.55 / 900) ** 2)
    found = dict(pairs.items())
    assert found["age", "salary"] == pytest.approx((rho[1] - rho[0]) / error, rel=1e-3)
    assert pairs.strongest[0].columns == ("age", "salary")
    assert pairs.strongest[0].current == pytest.approx(rho[1], abs=1e-3)


def test_the_counts_give_the_exact_distance_at_every_edge():
    reference, current = np.sort(np.random.default_rng(0).gamma(2, 1, 777)), np.random.default_rng(1).gamma(2, 1, 500)

    edges = choose_edges(reference)

    assert len(edges) == 49
    known = [np.searchsorted(np.sort(side), edges, side="right") / len(side) for side in (reference, current)]
    for shares, side in zip(known, (reference, current), strict=True):
        assert shares == pytest.approx([np.mean(side <= edge) for edge in edges])


def test_a_value_below_a_frequent_one_is_distinguished():
    constant = np.full(1000, 7.0)
    half = np.sort(np.concatenate([np.zeros(500), np.linspace(1, 2, 500)]))

    assert np.diff(np.searchsorted([6.0, 7.0, 8.0], choose_edges(constant), side="right")).tolist() == [1]
    assert choose_edges(half)[0] < 0 <= choose_edges(half)[1]


def test_the_fingerprint_is_the_reference_s_alone():
    one, other = evidence_of(frame(1), frame(2)), evidence_of(frame(1), frame(3).head(50))
    another = evidence_of(frame(4), frame(2))

    assert [column.reference for column in one.columns] == [column.reference for column in other.columns]
    assert all(a.reference != b.reference for a, b in zip(one.columns, another.columns, strict=True))
    assert all(sum(column.counts) == column.rows[1] for column in other.columns)


def test_odd_columns_leave_evidence_or_none_but_never_an_error():
    rows = 400
    rng = np.random.default_rng(0)
    odd = pd.DataFrame(
        {
            "constant": np.full(rows, 3.5),
            "huge": rng.normal(0, 1e300, rows),
            "gaps": np.where(rng.random(rows) < 0.9, np.nan, rng.normal(0, 1, rows)),
            "many": [f"level {i % 60}" for i in range(rows)],
            "two\nlines": rng.normal(0, 1, rows),
            "when": pd.Timestamp("2026-01-01"),
            "flag": rng.random(rows) < 0.5,
        }
    )
    current = odd.sample(frac=1, random_state=1).assign(new=1.0).drop(columns="flag")

    comparison = compare_without_report(odd, current)
    evidence = comparison.evidence

    assert {column.name for column in evidence.columns} == {"constant", "huge", "gaps", "many", "two\nlines"}
    assert max(len(column.counts) for column in evidence.columns) <= 100
    record = comparison.record("odd", "2026-01-01")
    assert parse(json.loads(json.dumps(record.to_dict())), "here") == record


def test_a_correlation_is_that_of_the_rows_that_have_both_values():
    reference, current = frame(1, 3000, correlation=0.86), frame(2, 900, correlation=0.5)
    for number, side in enumerate((reference, current)):
        gone = np.random.default_rng(number).random(len(side)) < 0.3 + 0.2 * number
        side.loc[gone, "salary"] = np.nan

    (pair, *_) = evidence_of(reference, current).pairs.strongest

    rho = [stats.spearmanr(side[["age", "salary"]].dropna()).statistic for side in (reference, current)]
    assert pair.columns == ("age", "salary")
    assert [pair.reference, pair.current] == pytest.approx(rho, abs=1e-4)
    assert rho == pytest.approx([0.85, 0.53], abs=0.01)


def test_more_missing_values_are_no_change_of_a_correlation():
    known, random = frame(1, 3000, correlation=0.86), np.random.default_rng(5)
    signals = []
    for seed in range(40):
        day = frame(100 + seed, 500, correlation=0.86)
        day.loc[random.random(500) < 0.5, "salary"] = np.nan
        signals.append(dict(evidence_of(known, day).pairs.items())["age", "salary"])

    assert abs(np.mean(signals)) < 0.8
    assert 0.7 < np.std(signals) < 1.4


def test_ranks_are_scipys_and_missing_values_rank_in_the_middle():
    values = np.array([3.0, 1.0, 1.0, np.nan, 9.0])

    assert rank(values).tolist() == [3.0, 1.5, 1.5, 2.5, 4.0]


@pytest.mark.parametrize(("factor", "is_unit"), [(100, True), (0.01, True), (60, True), (1.5, False), (1, False)])
def test_another_unit_is_recognised_by_median_and_spread(factor, is_unit):
    values = np.random.default_rng(0).lognormal(3, 1, (2, 1000))
    before, after = np.quantile(values[0], [0.25, 0.5, 0.75]), np.quantile(values[1] * factor, [0.25, 0.5, 0.75])
    median, width = (
        Figure("median", after[1], before[1], 1.0),
        Figure("width", after[2] - after[0], before[2] - before[0], 1.0),
    )

    assert (find_unit(median, width) is median) == is_unit


def test_the_quartiles_are_numpys_and_of_huge_numbers_there_are_none():
    values = np.sort(np.random.default_rng(0).lognormal(3, 1, 1002))

    for rows in (1, 2, 3, 4, 5, 1001, 1002):
        quartiles = np.quantile(values[:rows], [0.25, 0.5, 0.75])
        assert find_quartiles(values[:rows]) == pytest.approx(quartiles, rel=1e-4)
        assert [_interpolate(values[:rows], place) for place in (0.25, 0.5, 0.75)] == quartiles.tolist()
    assert find_quartiles(np.arange(1_700_000_000.0, 1_700_000_100.0))[1] == pytest.approx(1_700_000_049.5)
    assert find_quartiles(np.array([-1.7e308, -1.7e308, 1.7e308, 1.7e308])) is None
    assert find_quartiles(np.empty(0)) is None


def test_even_counts_are_those_of_different_numbers():
    for rows in (50, 51, 777, 1000):
        ordered = np.sort(np.random.default_rng(rows).standard_normal(rows))
        counted = np.diff(np.searchsorted(ordered, choose_edges(ordered), side="right"), prepend=0, append=rows)
        assert even_counts(rows) == counted.tolist()


def test_the_evidence_of_thirty_columns_is_about_ten_kilobytes():
    sides = [pd.DataFrame(np.random.default_rng(seed).standard_normal((1000, 30))) for seed in (1, 2)]

    evidence = evidence_of(*sides).model_dump(mode="json")

    assert len(json.dumps(evidence, separators=(",", ":"))) < 17_000
