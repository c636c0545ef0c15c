"""The methods that a params file can name: Evidently's tests, and the registered statistics.

A statistic that `replaces_evidently` takes the place of Evidently's test of that name. The project replaces those that
are wrong: Evidently's chi-squared takes the counts of the reference as exact, and its Mann-Whitney test looks in one
direction only.
"""

import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.drift.distance import ks_p_value
from driftmonitor.analysis.drift.scores import Answer, Method, Pair, same_random_numbers
from driftmonitor.analysis.drift.statistics import find_statistics
from driftmonitor.analysis.drift.with_evidently.drawn import some_rows
from driftmonitor.analysis.drift.with_evidently.names import TYPES, StatTest, stattests
from driftmonitor.analysis.values import Kind

MATRIX_METHODS = {"empirical_mmd"}  # they compare every row with every other row
MATRIX_ROWS = 500  # so they get at most this many rows a side


class Methods:
    """The methods by name and kind of column."""

    def __init__(self) -> None:
        self.statistics = find_statistics()
        for (kind, name), statistic in self.statistics.items():
            if name in _evidently_tests(kind) and not statistic.replaces_evidently:
                remedy = "choose another name, or set replaces_evidently=True"
                raise DriftMonitorError(f"statistic {name!r}: Evidently has a method of that name; {remedy}.")

    def names(self, kind: Kind) -> set[str]:
        """Return the names of the methods for a kind of column."""
        return set(_evidently_tests(kind)) | {name for of_kind, name in self.statistics if of_kind == kind}

    def get(self, name: str, kind: Kind) -> Method:
        """Return the method of that name."""
        if statistic := self.statistics.get((kind, name)):
            return statistic.method()
        test = _evidently_tests(kind)[name]
        gives_p_value = _gives_p_value(test, kind)
        label = f"{test.display_name.removesuffix(' p_value')}{' p_value' if gives_p_value else ''}"
        label += f" of {MATRIX_ROWS} rows a side" if name in MATRIX_METHODS else ""
        ask: Callable[..., Answer] = _ask_ks if name == "ks" else _ask_evidently
        return Method(name, label, gives_p_value, test.default_threshold, partial(ask, test, gives_p_value))


def method_names(kind: Kind) -> list[str]:
    """Return the names of the methods for `numerical` or `categorical` columns."""
    return sorted(Methods().names(kind))


@cache
def _evidently_tests(kind: Kind) -> dict[str, StatTest]:
    """Return Evidently's tests for a kind of column, by the names that Evidently uses."""
    tests = [test for test in vars(stattests).values() if isinstance(test, StatTest)]
    return {test.name: test for test in tests if TYPES[kind] in test.allowed_feature_types}


def _ask_evidently(test: StatTest, gives_p_value: bool, pair: Pair, threshold: float) -> Answer:
    limit = MATRIX_ROWS if test.name in MATRIX_METHODS else sys.maxsize
    sides = [some_rows(side.series, limit).copy() for side in (pair.reference, pair.current)]
    result = test(*sides, TYPES[pair.kind], threshold)
    score = float(result.drift_score)
    return Answer(score, None if gives_p_value else score, bool(result.drifted))


def _ask_ks(test: StatTest, gives_p_value: bool, pair: Pair, threshold: float) -> Answer:
    """Return the answer of Evidently's K-S test, to the last digit, without sorting again where scipy allows it."""
    p_value = ks_p_value(pair.gap, len(pair.reference), len(pair.current))
    if p_value is None:
        return replace(_ask_evidently(test, gives_p_value, pair, threshold), statistic=pair.distance)
    return Answer(p_value, pair.distance, p_value < threshold)


@cache
def _gives_p_value(test: StatTest, kind: Kind) -> bool:
    """Return whether a low score means drift: only then is a score under an infinite threshold called drift."""
    values = np.arange(40.0) if kind == "numerical" else np.array(["a", "b"] * 20, dtype=object)
    sides = pd.Series(values), pd.Series(values[5:])
    with warnings.catch_warnings(), same_random_numbers():
        warnings.simplefilter("ignore")
        return bool(test(*sides, TYPES[kind], np.inf).drifted)
