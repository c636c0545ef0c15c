"""Show what was read: where each side came from, and what its columns were read as."""

import pandas as pd

from driftmonitor.analysis.sources.data import Data
from driftmonitor.formats import some_names
from driftmonitor.words.readings import Line, list_columns, say_side

NAMED = 8
TITLES = ["columns", "read as", "why", "not readable"]


def say_reading(data: Data) -> str:
    """Return what each side was read from, how many rows, and on which days; a line for each side."""
    if data.reading is None:
        return "This source does not say what it read."
    return "\n".join(f"{side}: {say_side(getattr(data.reading, side))}" for side in ("reference", "current"))


def reading_table(data: Data) -> pd.DataFrame:
    """Return what columns were read as, those alike in one row; the ones with something to say first."""
    lines = list_columns(data.reading) if data.reading else []
    rows = [[some_names(line.names, NAMED), line.read_as, line.why, _count(line)] for line in lines]
    return pd.DataFrame(rows, columns=TITLES).set_index("columns")


def _count(line: Line) -> str:
    return f"{line.unreadable:,}" if line.unreadable else ""
