"""Simulate the two rules: many references, each with years of days. Results come line by line."""

from collections.abc import Iterator
from dataclasses import asdict

import numpy as np

from benchmarks.budget12 import rules
from benchmarks.budget12.drifts import DAYS, DRIFTS, apply
from benchmarks.budget12.evidence import Evidence, daily_signals, gather
from benchmarks.budget12.worlds import ROWS, add_by_day, draw_days, draw_reference
from driftmonitor.budget.policy import DAYS_A_YEAR

DRIFT_COLUMNS = 10
DRIFT_EVERY = 183  # days between two starts: not a multiple of a week


def simulate(
    seed: int, worlds: list[str], widths: list[int], correlations: list[float], ratios: list[int], years: int
) -> Iterator[dict]:
    """Yield the results of one set of references: a line for each scenario, width, correlation, ratio and drift."""
    length = rules.WARM_UP + DAYS_A_YEAR * years
    for correlation in correlations:
        random = np.random.default_rng([seed, round(10 * correlation)])
        days = draw_days(length, max(widths), correlation, random)
        for ratio in ratios:
            reference = draw_reference(ratio * ROWS, max(widths), correlation, random)
            for world in worlds:
                add = add_by_day(world, length, max(widths), random)
                evidence, counts = gather(days, reference, add)
                about = {"seed": seed, "world": world, "correlation": correlation, "ratio": ratio}
                for columns in widths:
                    alarms = _alarms(evidence, columns, reference.rows)
                    for rule, alarm in alarms.items():
                        yield about | {"columns": columns, "rule": rule} | _rates(rule, alarm[rules.WARM_UP :])
                    if columns == DRIFT_COLUMNS:
                        told = (evidence, days, reference, add, counts)
                        for line in _drifts(told, alarms["budget"], random):
                            yield about | line


def _alarms(evidence: Evidence, columns: int, reference_rows: int) -> dict[str, np.ndarray]:
    return {
        "share": rules.share_alarms(evidence, columns),
        "budget": rules.budget_alarms(evidence, columns, reference_rows),
    }


def _rates(rule: str, alarm: np.ndarray) -> dict:
    """Return the false-alarm days and false alarms of each year."""
    onsets = np.zeros(len(alarm), dtype=bool)
    onsets[rules.find_onsets(alarm, rules.CLEAR_RUNS[rule])] = True
    return {
        "alert_days": alarm.reshape(-1, DAYS_A_YEAR).sum(axis=1).tolist(),
        "onsets": onsets.reshape(-1, DAYS_A_YEAR).sum(axis=1).tolist(),
    }


def _drifts(told: tuple, alarm: np.ndarray, random: np.random.Generator) -> Iterator[dict]:
    evidence, days, reference, add, counts = told
    width = DRIFT_COLUMNS
    narrow = Evidence(evidence.by_column[:width], _first_pairs(evidence, width), evidence.drifted[:, :width])
    daily, values = daily_signals(width, reference.rows), narrow.signals(width)
    smaller = type(days)(days.sorted_rows[:width], days.correlations, days.missing)
    known = type(reference)(
        reference.sorted_rows[:width],
        reference.edges[:width],
        reference.counts[:width],
        _first_of(reference.correlations, width),
        _first_of(reference.variances, width),
        reference.missing[:width],
    )
    for name, drift in DRIFTS.items():
        if drift.pair is not None and not days.correlations.mean() > 0.2:
            continue
        for start in range(rules.WARM_UP + 7, len(values) - DAYS, DRIFT_EVERY):
            drifting = apply(drift, narrow, smaller, known, add[:, :width], counts[:width], start, random)
            seen = {
                "budget": rules.budget_sees(drift, values[:start], alarm[:start], drifting.signals(width), daily),
                "share": rules.share_sees(drift, drifting),
            }
            for rule, answer in seen.items():
                yield {"columns": width, "drift": name, "rule": rule} | asdict(answer)


def _first_pairs(evidence: Evidence, width: int) -> np.ndarray:
    return _first_of(evidence.pairs, width)


def _first_of(pairs: np.ndarray, width: int) -> np.ndarray:
    """Return the pairs between numeric columns that are among the first `width` columns."""
    of_all = round((1 + np.sqrt(1 + 8 * pairs.shape[-1])) / 2)
    names = sum(column % 5 != 4 for column in range(width))
    first, second = np.triu_indices(of_all, k=1)
    return pairs[..., (first < names) & (second < names)]
