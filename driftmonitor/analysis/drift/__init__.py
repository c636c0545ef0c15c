"""The comparison of one day: tests, scores, findings, and how unusual the day is."""

from driftmonitor.analysis.drift.comparing import compare, save_report, score
from driftmonitor.analysis.drift.comparison import Comparison
from driftmonitor.analysis.drift.judging import find_reference_days, judge, judge_with
from driftmonitor.analysis.drift.statistics import statistic
from driftmonitor.analysis.drift.with_evidently.methods import method_names

__all__ = [
    "Comparison",
    "compare",
    "find_reference_days",
    "judge",
    "judge_with",
    "method_names",
    "save_report",
    "score",
    "statistic",
]
