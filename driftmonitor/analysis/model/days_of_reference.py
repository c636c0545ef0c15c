"""Which rows of a reference with a `time_column` are of the same day: its days show how much a model's days differ."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from driftmonitor.analysis.model.past_estimates import PAST
from driftmonitor.analysis.sources import Data


def number_days(data: Data) -> np.ndarray | None:
    """Return the number of each row's day (rows,), -1 without a time; None if the reference has no times.

    As today, a day has the rows of `current_days` days. The oldest may be a part of one.
    """
    request = data.request
    if request is None or not request.time_column or request.time_column not in data.reference:
        return None
    days = pd.to_datetime(data.reference[request.time_column], utc=True, errors="coerce").dt.floor("D")
    ago = (days.max() - days).dt.days.to_numpy(dtype=float) // request.current_days
    known = np.isfinite(ago)
    return np.where(known, ago[known].max(initial=0.0) - np.where(known, ago, 0.0), -1).astype(int)


def rows_by_day(day: np.ndarray, fewest: int) -> Iterator[np.ndarray]:
    """Yield the places of the rows of each of the newest days with so many rows, the oldest day first."""
    order = np.argsort(day, kind="stable")
    order = order[np.searchsorted(day[order], 0) :]
    starts = np.flatnonzero(np.diff(day[order], prepend=-1))
    yield from [rows for rows in np.split(order, starts[1:]) if len(rows) >= fewest][-PAST:]
