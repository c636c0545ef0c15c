"""The comparison as a table: numbers that can be sorted and filtered, displayed as a person reads them."""

import math
from collections.abc import Callable, Iterable
from numbers import Real
from typing import Any

import pandas as pd

from driftmonitor.facts.record import ColumnScore
from driftmonitor.formats import number, one_line, p_value
from driftmonitor.words.verdicts import say_effect

NONE = "–"  # what has no number


class ScoreTable(pd.DataFrame):
    """A pandas frame with a row for each column; sorted, filtered or cut, it is displayed the same way."""

    @property
    def _constructor(self) -> type["ScoreTable"]:
        return ScoreTable

    def _repr_html_(self) -> str:
        """Return the HTML that a notebook displays."""
        shown = pd.DataFrame(self)
        for name in shown.columns.intersection(list(FORMATS)):
            shown[name] = shown[name].map(FORMATS[name])
        shown.index = pd.Index([one_line(str(name)) for name in shown.index], name=shown.index.name)
        most, fewer = pd.get_option("display.max_rows"), pd.get_option("display.min_rows")
        rows = fewer if most and len(shown) > most else None
        return str(shown.to_html(notebook=True, max_rows=rows, show_dimensions=rows is not None))


def score_table(scores: Iterable[ColumnScore]) -> ScoreTable:
    """Return a row for each score, in the order given; what a score lacks is NaN."""
    rows = [
        {
            "column": score.name,
            "status": score.status.replace("_", " "),
            "effect": _say_effect(score),
            "method": score.method or NONE,
            "statistic": score.statistic,
            "p": score.p_value,
            "adjusted p": score.adjusted_p_value,
            "distance": score.distance,
        }
        for score in scores
    ]
    return ScoreTable(rows).set_index("column").astype(dict.fromkeys(FORMATS, float))


def _say_effect(score: ColumnScore) -> str:
    """Return how the column changed, without what the row says already."""
    words = say_effect(score).removeprefix(one_line(score.name)).lstrip(": ")
    return one_line(words.replace(" SD of the reference)", " SD)"), 120)


def _format(write: Callable[[float], str]) -> Callable[[Any], Any]:
    """Return a function that writes a number, shows that there is none, and leaves anything else as it is."""

    def write_cell(value: Any) -> Any:
        if not isinstance(value, Real):
            return value
        return write(float(value)) if math.isfinite(value) else NONE

    return write_cell


FORMATS = {
    "statistic": _format(lambda value: f"{value:.3f}" if abs(value) < 10 else number(value)),
    "p": _format(lambda value: p_value(value).removeprefix("p ").removeprefix("= ")),
    "adjusted p": _format(lambda value: p_value(value).removeprefix("p ").removeprefix("= ")),
    "distance": _format(lambda value: f"{value:.3f}"),
}
