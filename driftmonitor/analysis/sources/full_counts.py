"""What is counted in all rows of a side of which only a sample is read: missing values and levels of categories."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class FullCounts:
    """The counts of one side: `missing` is rows without a usable value, `levels` the rows of each value, by column.

    A column stands in `levels` if it may be a category of not too many values.
    """

    rows: int
    missing: Mapping[str, int] = field(default_factory=dict)
    levels: Mapping[str, pd.Series] = field(default_factory=dict)
