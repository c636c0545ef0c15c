"""The comparison of one day: tests, scores, findings; `with_evidently.py` alone knows Evidently."""

from driftmonitor.analysis.drift.comparison import Comparison
from driftmonitor.analysis.drift.judging import judge, judge_with
from driftmonitor.analysis.drift.with_evidently import compare, method_names, save_report, score

__all__ = ["Comparison", "compare", "judge", "judge_with", "method_names", "save_report", "score"]
