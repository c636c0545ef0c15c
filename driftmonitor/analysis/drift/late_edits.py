"""Find edits of the data that came after the comparison, so that they do not count in the record."""

import numpy as np
import pandas as pd

from driftmonitor.analysis.sources import Data, Snapshot
from driftmonitor.analysis.sources.full_counts import have_same_values
from driftmonitor.facts.record import Finding
from driftmonitor.formats import some_names

NAMED = 5


def find_late_edits(data: Data | None, compared: Snapshot | None) -> list[Finding]:
    """Return a finding for each side that is not as it was `compared`; new and dropped columns are no edit."""
    if data is None or compared is None:
        return []
    sides = {side: (getattr(compared, side), getattr(data, side)) for side in ("reference", "current")}
    edits = {side: words for side, frames in sides.items() if (words := _say_edit(*frames))}
    remedy = "so it does not count; move the edit before compare"
    message = "{}: {} edited after the comparison, " + remedy + "."
    return [Finding(kind="edited", column=None, message=message.format(*each)) for each in edits.items()]


def _say_edit(was: pd.DataFrame, now: pd.DataFrame) -> str:
    if len(was) != len(now):
        return "its rows were"
    edited = [str(name) for name in was if name in now and not _is_same(was[name], now[name])]
    return f"{some_names(edited, NAMED)} {'was' if len(edited) == 1 else 'were'}" if edited else ""


def _is_same(was: pd.Series, now: pd.Series) -> bool:
    """Return whether two columns have the same values in any order; most share their memory until one is edited."""
    plain = isinstance(was.dtype, np.dtype) and was.dtype == now.dtype and was.dtype != object
    return (plain and np.shares_memory(was.to_numpy(), now.to_numpy())) or have_same_values(was, now)
