"""Changes that begin seven days before the end, and on which of these days the budget rule sees them."""

from collections.abc import Callable, Mapping

import numpy as np

from benchmarks.messages.monitor import SETTINGS, Monitor
from benchmarks.messages.worlds import COLUMNS, draw_rows
from driftmonitor.budget import anomaly

LAST_DAYS = 7
Change = Callable[[int, np.ndarray, np.random.Generator], np.ndarray]  # of a column by its number


def _shift(by: float) -> Change:
    return lambda column, values, random: values + by if column == 0 else values


def _times(column: int, share: float, by: float) -> Change:
    def change(own: int, values: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return np.where(random.random(len(values)) < share, values * by, values) if own == column else values

    return change


CHANGES: Mapping[str, tuple[Change, float]] = {  # the change, and how many times as many rows come
    "mean +0.2 SD in one column": (_shift(0.2), 1),
    "mean +0.3 SD in one column": (_shift(0.3), 1),
    "2% x 100, log-SD 0.5": (_times(1, 0.02, 100), 1),
    "2% x 100, log-SD 1": (_times(2, 0.02, 100), 1),
    "2% x 100, log-SD 1.5": (_times(3, 0.02, 100), 1),
    "2% x 100, log-SD 2": (_times(4, 0.02, 100), 1),
    "0.5% x 100, log-SD 1": (_times(2, 0.005, 100), 1),
    "2% become 0": (_times(1, 0.02, 0), 1),
    "half of the rows": (_shift(0), 0.5),
}


def seen(monitor: Monitor, name: str, random: np.random.Generator) -> list[bool]:
    """Return whether each of the last days is a drift day if a change begins on the first of them."""
    change, times = CHANGES[name]
    length, rows = len(monitor.rows), monitor.rows.copy()
    kept = [(column.counts.copy(), column.tail.copy()) for column in monitor.columns]
    for day in range(length - LAST_DAYS, length):
        rows[day] = max(1, round(rows[day] * times))
        deviates = draw_rows(monitor.world, rows[day], monitor.days.effects[day], random)
        for number, column in enumerate(monitor.columns):
            column.add(day, change(number, COLUMNS[number](deviates[:, number]), random))
    daily = Monitor(monitor.world, monitor.days, rows, monitor.columns).signals()
    for column, (counts, tail) in zip(monitor.columns, kept, strict=True):
        column.counts, column.tail = counts, tail
    drift = anomaly.judge_days(daily.values, np.arange(length), daily.terms(SETTINGS.false_alarms_per_year)).drift
    return list(map(bool, drift[-LAST_DAYS:]))
