"""A model's performance: from labels, and estimated before they come. Most are pure functions of arrays.

`performance.measure_binary`, `measure_classes` and `measure_regression` compare labels with scores.
`estimate.ClassifierReference` and `regression.RegressionReference` estimate without labels.
The notebook uses `find_model` and `measure_model`; without a model, nothing else is imported.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftmonitor import DriftMonitorError
from driftmonitor.config.model_settings import parse_model

if TYPE_CHECKING:
    from driftmonitor.analysis.drift import Comparison
    from driftmonitor.analysis.model.roles import Roles
    from driftmonitor.analysis.sources import Data


@dataclass(frozen=True)
class NoModel:
    """What `find_model` returns if no parameter is about a model; it is false."""

    @property
    def left_out(self) -> Mapping[str, str]:
        """No column is left out of the comparison."""
        return {}

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return "No model is named: to watch one, set score (or prediction) and label."


def find_model(
    data: "Data",
    *,
    score: str | dict[str, str] = "",
    prediction: str = "",
    label: str = "",
    key: str = "",
    positive: str | int | float | bool = "",
    labels: str = "",
    label_delay_days: int = 0,
    tolerated_loss: float | None = None,
    weights: Mapping[str, float] | None = None,
) -> "Roles | NoModel":
    """Return what the columns of the data are for a model: its score, prediction, label and key.

    score: the column of the positive class's score, or {class: column} for several classes, or with `prediction` the
        score of the predicted class. Without a score, `prediction` and `label` are numbers: a regression.
    positive: the label that is positive; "" if labels are 1/0 or true/false.
    labels: where labels are that come later, as `current` says where data is: a table with the columns `key`, by which
        it is joined, and `label`. "" if the data has them.
    label_delay_days: after so many days the labels of a day are expected.
    tolerated_loss: of AUC, 0.02 by default; for a regression a share of the reference's mean absolute error, 0.1.
    weights: {column: number}, how much each column counts; without it, what each does to the score is found.

    DriftMonitorError for an invalid parameter or a column that is not there, and if labels cannot be read.
    """
    given = {name: value for name, value in locals().items() if name != "data"}
    settings = parse_model(given | {"source": data.request.source if data.request else ""})
    if settings is None:
        return NoModel()
    from driftmonitor.analysis.model.find_roles import find_roles
    from driftmonitor.analysis.model.late import find_late_labels

    if settings.labels and data.request is None:
        raise DriftMonitorError("labels: the data was not loaded by load_data; join labels to it yourself.")
    return find_roles(data, settings, find_late_labels(data, settings))


def measure_model(
    comparison: "Comparison", data: "Data", model: "Roles | NoModel", *, past: str = "", run_date: str
) -> "Comparison":
    """Return the comparison with the model's performance: by labels, estimated, and whether the drift harms it.

    Of earlier days in the file `past` whose labels were not complete, some are looked at again. Without a model the
    comparison stays as it is.
    """
    if isinstance(model, NoModel):
        return comparison
    from driftmonitor.analysis.model.measure import measure
    from driftmonitor.complaints import parse_date
    from driftmonitor.facts.earlier_days import read_earlier_days

    try:
        earlier = read_earlier_days(past)
    except DriftMonitorError:  # `judge` says it
        earlier = None
    known: Any = earlier.model if earlier else ()
    importance = earlier.importance if earlier else None
    return measure(comparison, data, model, known, parse_date(run_date, "run_date"), importance=importance)


__all__ = ["NoModel", "find_model", "measure_model"]
