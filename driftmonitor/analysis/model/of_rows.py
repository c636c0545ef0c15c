"""A model's performance on some rows, by the kind of model."""

from driftmonitor.analysis.model.classes import measure_classes
from driftmonitor.analysis.model.performance import measure_binary, measure_regression
from driftmonitor.analysis.model.roles import Outputs, Roles
from driftmonitor.facts.performance import Performance


def measure_rows(roles: Roles, rows: Outputs) -> Performance:
    """Return the performance on these rows, as far as their labels are known."""
    if roles.kind == "binary":
        return measure_binary(rows.label, rows.score, rows.prediction)
    if roles.kind == "multiclass":
        return measure_classes(rows.label, rows.score, rows.prediction)
    return measure_regression(rows.label, rows.score)
