"""The warm-up of a monitor whose reference has no dates: false alarms and detection rates of the budget rule.

It is compared with the p-value rule, which takes days as exchangeable: a drift day when the smallest p of k signals is
at most B / (365 k) (Bonferroni 1936).
"""

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.budget12 import rules
from benchmarks.budget12.drifts import DRIFTS, apply
from benchmarks.budget12.evidence import DailySignals, daily_signals, gather
from benchmarks.budget12.worlds import EARLY_WORLDS, ROWS, WORLDS, add_by_day, draw_days, draw_reference
from driftmonitor.budget import anomaly, signals
from driftmonitor.budget.policy import DAYS_A_YEAR

DRIFT_COLUMNS = 10
DRIFTS_SEEN = ("mean_0.2", "mean_0.5", "missing")
STARTS = (20, 45, 90)  # the day on which a drift starts; the monitor's first is 0
WATCHED = 7
SPANS = {"30": slice(0, 30), "90": slice(30, 90), "rest": slice(90, rules.WARM_UP)}


def simulate(seed: int, widths: Sequence[int], correlation: float) -> Iterator[dict]:
    """Yield the results for two references, one as large as a day and one ten times as large.

    One line for each scenario, width and rule, and one for each drift that starts early.
    """
    random = np.random.default_rng([seed, round(10 * correlation), 1])
    days = draw_days(rules.WARM_UP, max(widths), correlation, random)
    for ratio in (1, 10):
        reference = draw_reference(ratio * ROWS, max(widths), correlation, random)
        for world in EARLY_WORLDS:
            add = add_by_day(world, rules.WARM_UP, max(widths), random)
            evidence, counts = gather(days, reference, add)
            about = {"seed": seed, "world": world, "ratio": ratio}
            for columns in widths:
                daily = daily_signals(columns, reference.rows)
                values = _begun(evidence.signals(columns), daily)
                for rule, alarm in (("budget", _judge(values, daily)), ("chance", _by_chance(values, daily))):
                    yield about | {"columns": columns, "early": rule} | _rates(alarm)
                if columns == max(widths) == DRIFT_COLUMNS and world in WORLDS:
                    for name in DRIFTS_SEEN:
                        for start in STARTS:
                            told = apply(DRIFTS[name], evidence, days, reference, add, counts, start, random)
                            drifting = np.concatenate([values[:start], told.signals(columns)[:WATCHED]])
                            for rule, alarm in _see(drifting, daily, start):
                                yield about | {"early": rule, "begins": start, "what": name, "alarm": alarm}


def _begun(values: np.ndarray, daily: DailySignals) -> np.ndarray:
    """Return the signals (days, signals), without those whose window does not have enough days yet."""
    day = np.arange(len(values))[:, None]
    return np.where(2 * (day + 1) > daily.windows, values, np.nan)


def _judge(values: np.ndarray, daily: DailySignals) -> np.ndarray:
    return anomaly.judge_days(values, np.arange(len(values)), rules.terms(daily)).drift


def _by_chance(values: np.ndarray, daily: DailySignals) -> np.ndarray:
    chances = signals.p_values(values, daily.one_sided)
    return np.nanmin(chances, axis=1) <= rules.BUDGET / DAYS_A_YEAR / np.isfinite(chances).sum(axis=1)


def _rates(alarm: np.ndarray) -> dict:
    """Return the number of false alarms in each span of days, and the number of drift days."""
    onsets = np.zeros(len(alarm), dtype=bool)
    onsets[rules.find_onsets(alarm, rules.CLEAR_RUNS["budget"])] = True
    begun = {name: int(onsets[span].sum()) for name, span in SPANS.items()}
    return {"begun": begun, "alert": int(alarm.sum())}


def _see(values: np.ndarray, daily: DailySignals, start: int) -> Iterator[tuple[str, list[bool]]]:
    """Yield, for each rule, which days from `start` on are drift days."""
    yield "budget", _judge(values, daily)[start:].tolist()
    yield "chance", _by_chance(values, daily)[start:].tolist()
