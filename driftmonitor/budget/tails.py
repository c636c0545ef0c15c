"""Compute the signals of the tails and of the number of rows, which the bins of a column do not show.

above, below: the mean log excess beyond the reference's 99th and 1st percentile. same: the share of the most frequent
number. rows: the log of the number of rows, less what is usual on that day of the week.
"""

import numpy as np

from driftmonitor.budget.policy import WEEK_DAYS
from driftmonitor.budget.signals import share_signals

TAIL_SIGNALS = ("above", "below", "same")
ROW_SD = 0.05  # of the log of the number of rows: the unit of its signal
LEAST_ROW_SD, USUAL_ROW_SD = 0.5, 4.0  # in this unit: real tables differ by some 20% from day to day
ROW_WEEKS = 7  # whose same days of the week say how many rows are usual
FEWEST_OF_ROWS = 3  # such days
HALF = 0.5  # of a row, added so that a log is finite


def tail_signals(reference: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return above, below and same (..., 3) of days, against the reference's: NaN without rows.

    Both are (..., 6): rows, the sum and the sum of squares of the log excess above, the same two below, and the rows of
    the most frequent number. Of days the sums of squares are not used, and may be 0.
    """
    rows = np.where(days[..., 0] > 0, days[..., 0], np.nan)
    total, sums, squares = reference[..., :1], reference[..., [1, 3]], reference[..., [2, 4]]
    usual = sums / total
    variance = squares / total - usual**2
    change = days[..., [1, 3]] / rows[..., None] - usual
    errors = np.sqrt(variance * (1 / rows[..., None] + 1 / total))
    far = np.divide(change, errors, out=np.where(np.isnan(change), np.nan, 0.0), where=errors > 0)
    of_one = np.stack([days[..., 5], days[..., 0] - days[..., 5]], axis=-1)
    most = reference[..., 5:]
    same = share_signals(np.concatenate([most, total - most], axis=-1), of_one)[..., :1]
    return np.concatenate([far, same], axis=-1)


def row_changes(rows: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return how far the log of each day's rows is from the median of the same days of the week, in the 7 weeks before.

    In units of ROW_SD; `days` are day numbers, ascending. So neither a weekly rhythm nor steady growth is a change. NaN
    while fewer than three such days are known.
    """
    logs = np.where(rows > 0, np.log(rows + HALF), np.nan)
    wanted = days[:, None] - WEEK_DAYS * np.arange(1, ROW_WEEKS + 1)
    places = np.searchsorted(days, wanted)
    before = np.sort(np.where(days[places] == wanted, logs[places], np.nan), axis=1)  # NaN last
    known = np.isfinite(before).sum(axis=1)
    middle = np.stack([np.maximum(known - 1, 0) // 2, known // 2], axis=1)
    median = np.take_along_axis(before, np.minimum(middle, ROW_WEEKS - 1), axis=1).mean(axis=1)
    return np.where(known >= FEWEST_OF_ROWS, (logs - median) / ROW_SD, np.nan)


def times_as_many(rows: int, change: float) -> float:
    """Return how many times as many rows as usual came, by their change as `row_changes` returns it."""
    usual = (rows + HALF) / float(np.exp(change * ROW_SD)) - HALF
    return rows / max(usual, HALF)
