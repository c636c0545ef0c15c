"""Where the data comes from: simulation, files or SQL, each as two frames. Only `with_duckdb.py` uses DuckDB."""

from driftmonitor.analysis.sources.data import Data, Frames, Snapshot
from driftmonitor.analysis.sources.load import load_data, load_day
from driftmonitor.analysis.sources.locations import DataMissing
from driftmonitor.analysis.sources.memory import Memory
from driftmonitor.analysis.sources.names import nearest_column, unique_names
from driftmonitor.analysis.sources.reading_table import reading_table, say_reading

__all__ = [
    "Data", "DataMissing", "Frames", "Memory", "Snapshot", "load_data", "load_day", "nearest_column", "reading_table",
    "say_reading", "unique_names",
]  # fmt: skip
