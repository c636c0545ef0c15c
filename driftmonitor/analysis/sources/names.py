"""Names of columns: how they are made unique, and how an error lists them."""

import difflib
from collections.abc import Iterable
from typing import Any

import pandas as pd

from driftmonitor.formats import one_line, some_names


def column_names(frame: pd.DataFrame) -> list[str]:
    """Return the names of a frame's columns, which are text."""
    return [str(name) for name in frame.columns]


def unique_names(names: Iterable[Any]) -> list[str]:
    """Return the names as text, a repeated one numbered: a, a.1, a.2."""
    unique: dict[str, None] = {}
    for name in map(str, names):
        new, number = name, 0
        while new in unique:
            number += 1
            new = f"{name}.{number}"
        unique[new] = None
    return list(unique)


def nearest_column(name: str, names: Iterable[str]) -> str:
    """Return the end of a sentence that suggests the name nearest to `name`, or else lists them."""
    names = list(names)
    close = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {one_line(close[0])}?" if close else f"; choose one of: {some_names(names)}."
