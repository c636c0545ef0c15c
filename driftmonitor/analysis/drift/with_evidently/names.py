"""The names of Evidently that are used. Only this module imports Evidently."""

from evidently import DataDefinition, Dataset, Report
from evidently import __version__ as evidently_version
from evidently.core import datasets
from evidently.legacy.calculations import data_drift, stattests
from evidently.legacy.calculations.stattests import StatTest, register_stattest, registry
from evidently.legacy.core import ColumnType
from evidently.legacy.metrics.data_drift import data_drift_table, dataset_drift_metric
from evidently.legacy.renderers.html_widgets import RichTableDataRow, RowDetails, text_widget
from evidently.metrics import DriftedColumnsCount
from evidently.presets import DataDriftPreset

__all__ = [
    "DataDefinition",
    "DataDriftPreset",
    "Dataset",
    "DriftedColumnsCount",
    "Report",
    "RichTableDataRow",
    "RowDetails",
    "StatTest",
    "data_drift",
    "data_drift_table",
    "dataset_drift_metric",
    "datasets",
    "evidently_version",
    "register_stattest",
    "registry",
    "stattests",
    "text_widget",
]

TYPES = {"numerical": ColumnType.Numerical, "categorical": ColumnType.Categorical}
