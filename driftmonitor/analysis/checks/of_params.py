"""The checks that a params file asks for, computed from all rows of the current data."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from driftmonitor.analysis.checks.taken import add, make_check, taken
from driftmonitor.analysis.sources import Data, Snapshot
from driftmonitor.config.check_settings import parse_checks
from driftmonitor.facts.checks import LONGEST_NAME, Check
from driftmonitor.formats import one_line
from driftmonitor.words.checks import say_standing, say_value


def measure_checks(checks: Mapping[str, Any], data: Data | Snapshot) -> tuple[Check, ...]:
    """Return the `checks` of a params file for the current data as it is now.

    They are computed from all rows; if a sampled side was edited, from the rows that are here. DriftMonitorError for an
    invalid check, a column that is not there, or a query that fails.
    """
    watched = parse_checks(checks)
    if not watched:
        return ()
    now = data.snapshot()
    known = now.full_counts["current"].checks if "current" in now.full_counts else {}
    left = [each for each in watched if each.name not in known]
    if left:
        from driftmonitor.analysis.sources.measures import measure_frame

        known = {**known, **measure_frame(now.current, left)}
    rows = now.current_total if not left else len(now.current)
    return tuple(
        make_check(
            each.name, known[each.name], must=each.must, from_params=True, rows=_rows(each.measure.function, rows)
        )
        for each in watched
    )


def _rows(function: str, rows: int) -> int | None:
    """Return how many rows a number weighs: means do, counts do not."""
    return rows if function in ("missing", "mean", "median", "std") else None


def make_checks(checks: Mapping[str, Any], data: Data | Snapshot) -> pd.DataFrame:
    """Make the `checks` of the params file, and return a table of all checks so far, those that fail first."""
    for each in measure_checks(checks, data):
        add(each)
    found = sorted(taken(), key=lambda check: not check.fails)
    rows = [
        (one_line(each.name, LONGEST_NAME), say_standing(each), say_value(each), each.must or "as usual")
        for each in found
    ]
    return pd.DataFrame(rows, columns=["check", "result", "now", "must be"]).set_index("check")
