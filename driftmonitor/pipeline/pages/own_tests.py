"""Say what decides that a column drifts, differs or is unusual, and by which cut-offs. Pure functions."""

from driftmonitor.facts.record import ColumnScore, RunRecord
from driftmonitor.formats import number


def say_column_rule(record: RunRecord, score: ColumnScore) -> str:
    """Return what makes a column drifted or unusual."""
    if score.status == "not_testable":
        return "It is neither stable nor drifted, and stays in the denominator of the drift share."
    threshold = "" if score.threshold is None else number(score.threshold)
    own = f"{score.method} is at least {threshold}" if score.p_value is None else _say_p(threshold, record)
    if not record.budgeted:
        return f"It counts as drifted if {own}."
    return f"It differs if {own}. Only the anomaly score decides whether it is unusual."


def say_rule(record: RunRecord | None) -> str:
    """Return what makes any column drift, or differ and be unusual, with the cut-offs of the last successful run."""
    if record is None:
        return ""
    verb = "differs" if record.budgeted else "drifts"
    thresholds = sorted({each.threshold for each in record.columns if each.p_value is not None and each.threshold})
    p = " to ".join(number(each) for each in dict.fromkeys([thresholds[0], thresholds[-1]])) if thresholds else ""
    own = f"A column {verb} on a day if {_say_p(p, record)}. " if p else ""
    rule = "It is unusual if the alert rule finds so; only that causes alerts. " if record.budgeted else ""
    return f"{own}{rule}{'The cut-offs are those of the last run.' if own else ''}".strip()


def say_cut_off(score: ColumnScore | None) -> str:
    """Return what must hold for a column to differ beside its distance: `p < 0.05`, or `psi ≥ 0.1` of a distance."""
    if score is None or score.threshold is None or score.method is None:
        return ""
    name, sign = ("p", "<") if score.p_value is not None else (score.method, "≥")
    return f"{name} {sign} {number(score.threshold)}"


def _say_p(threshold: str, record: RunRecord) -> str:
    """Return when a test that gives a p-value finds a difference: `p is below 0.05 and its distance is …`."""
    least = f" and its distance is at least {record.min_distance:g}" if record.min_distance else ""
    return f"p is below {threshold}{least}"
