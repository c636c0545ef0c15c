"""The day's judgement: its evidence against that of the comparable days before it."""

import datetime as dt
from dataclasses import replace

from driftmonitor import budget
from driftmonitor.analysis.drift.comparison import Comparison
from driftmonitor.params import parse_date
from driftmonitor.past import Past, read_past


def judge(comparison: Comparison, past: str, run_date: str, current_days: int = 1) -> Comparison:
    """Return the comparison with how strange the day was among the days before it.

    `past` is the file of past days that the runner writes; without one ("") nothing is added. `current_days` is how
    many days the current rows are of: only single days are added up to longer ones.
    """
    known = read_past(past)
    return comparison if known is None else judge_by(comparison, known, parse_date(run_date, "run_date"), current_days)


def judge_by(comparison: Comparison, past: Past, run_date: dt.date, current_days: int = 1) -> Comparison:
    """Return the comparison judged by past days that are at hand."""
    judgement, pool = budget.judge(comparison.evidence, past, comparison.columns, run_date, current_days == 1)
    return replace(comparison, judgement=judgement, pool=tuple(pool))
