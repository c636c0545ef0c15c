"""The names of Evidently that are used. Only this module imports Evidently."""

from evidently import DataDefinition, Dataset, Report
from evidently import __version__ as evidently_version
from evidently.legacy.calculations import data_drift, stattests
from evidently.legacy.calculations.stattests import StatTest, register_stattest, registry
from evidently.legacy.core import ColumnType
from evidently.metrics import DriftedColumnsCount
from evidently.presets import DataDriftPreset

__all__ = [
    "DataDefinition",
    "DataDriftPreset",
    "Dataset",
    "DriftedColumnsCount",
    "Report",
    "StatTest",
    "data_drift",
    "evidently_version",
    "register_stattest",
    "registry",
    "stattests",
]

TYPES = {"numerical": ColumnType.Numerical, "categorical": ColumnType.Categorical}
