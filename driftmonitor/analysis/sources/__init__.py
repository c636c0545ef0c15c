"""Where the data comes from: simulation, files or SQL, each as two frames; `tables.py` alone knows DuckDB and Ibis."""

from driftmonitor.analysis.sources.load import Data, load_data
from driftmonitor.analysis.sources.locations import DataMissing
from driftmonitor.analysis.sources.names import nearest_column, unique_names

__all__ = ["Data", "DataMissing", "load_data", "nearest_column", "unique_names"]
