"""Find numbers that rise or fall with time, such as counters and totals: any day is beyond all days before it."""

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from driftmonitor.analysis.sources.overview import Overview
from driftmonitor.analysis.starting.facts import AT_ONCE, Facts

LEAST_CORRELATION = 0.9  # of ranks, in single rows
FEWEST_VALUES = 20
MOST_ROWS = 5000  # that are looked at


def find_trends(
    overview: Overview, columns: Sequence[Facts], time: Facts, first: dt.date, last: dt.date
) -> dict[str, str]:
    """Return which columns of numbers "rises" or "falls" from the day `first` to `last`: Spearman's correlation."""
    moment = f"CAST({time.column} AS TIMESTAMP)"
    during = f"{moment} >= '{first}' AND {moment} < '{last + dt.timedelta(days=1)}'"
    numbers = [facts for facts in columns if facts.is_number and facts.distinct >= FEWEST_VALUES]
    rows = overview.ask(f"SELECT count(*) FROM all_rows WHERE {during}")[0][0]  # noqa: S608
    part = f"hash({moment}, side) % {rows // MOST_ROWS + 1} = 0"
    found = {}
    for start in range(0, len(numbers), AT_ONCE):
        some = numbers[start : start + AT_ONCE]
        shown = ", ".join(f"CAST({facts.column} AS DOUBLE)" for facts in some)
        query = f"SELECT epoch({moment}), {shown} FROM all_rows WHERE {during} AND {part}"  # noqa: S608
        ranks = pd.DataFrame(overview.ask(query), dtype=float).rank()
        correlations = ranks.iloc[:, 1:].corrwith(ranks[0], min_periods=FEWEST_VALUES) if len(ranks) else []
        for facts, correlation in zip(some, correlations, strict=False):
            if abs(correlation) >= LEAST_CORRELATION:
                found[facts.name] = "rises" if correlation > 0 else "falls"
    return found
