"""What Evidently is given to draw: frames under harmless names, of few enough rows, that can't make it fail.

The scores are worked out before, from all rows; these frames are for its pictures alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from driftmonitor.analysis.drift.scores import Pair, Rule
from driftmonitor.facts.record import ColumnScore, Rows
from driftmonitor.formats import NAME_LENGTH, one_line

MAX_ROWS = 10_000  # a side; Evidently's time grows with it, its pictures don't change
MIN_ROWS = 1_000
MAX_CELLS = 600_000  # a side; with many columns each is drawn from fewer rows
MAX_LEVELS = 20
LEVEL_LENGTH = 40
TOKEN = re.compile(r"dmcol(\d{4,})z")  # stands for a column's name inside Evidently
NOT_TESTABLE = "not testable"
NEUTRAL_SCORE = 1.0  # what Evidently shows for a column that can't be tested


@dataclass(frozen=True)
class DrawnColumn:
    """One column as Evidently draws it: few values a side, the kind, and a remark on the picture if one is due."""

    kind: str
    reference: np.ndarray
    current: np.ndarray
    remark: str = ""


def token(index: int) -> str:
    """Return the name that column `index` has inside Evidently; their order is the columns'."""
    return f"dmcol{index:04d}z"


def rows_drawn(columns: int) -> int:
    """Return how many rows a side are drawn at most."""
    return int(np.clip(MAX_CELLS // columns, MIN_ROWS, MAX_ROWS))


def draw_column(pair: Pair | None, rows: int) -> DrawnColumn:
    """Return what is drawn of one column; None, a column that can't be tested, is drawn as a constant placeholder."""
    if pair is None:
        constant = np.array([NOT_TESTABLE], dtype=object)
        return DrawnColumn("categorical", constant, constant)
    sides = (some_rows(pair.reference, rows).to_numpy(), some_rows(pair.current, rows).to_numpy())
    if pair.kind == "categorical":
        return DrawnColumn("categorical", *_labelled(pair, sides))
    if _drawable(pair):
        return DrawnColumn("numerical", *sides)
    return DrawnColumn("numerical", *_ranks(sides), remark="drawn on ranks")


def say_rows_drawn(compared: Rows, rows: int) -> tuple[str, ...]:
    """Return a note if the pictures show fewer rows than were compared."""
    if max(compared.reference, compared.current) <= rows:
        return ()
    drawn = f"Evidently's pictures show {rows:,} rows a side at most"
    return (f"{drawn}; scores come from all {compared.reference:,} reference and {compared.current:,} current rows.",)


@dataclass(frozen=True)
class Shown:
    """One column as Evidently's report shows it: what is drawn, and the answer its test hands back."""

    drawn: DrawnColumn
    label: str
    score: float
    threshold: float
    drifted: bool


def show(score: ColumnScore, pairs: dict[str, Pair], rules: dict[str, Rule], rows: int) -> Shown:
    """Return how Evidently's report shows one column."""
    if score.status == "not_testable":
        label = f"{NOT_TESTABLE}: {one_line(score.reason or '', 120)}"
        return Shown(draw_column(None, rows), label, NEUTRAL_SCORE, NEUTRAL_SCORE, False)
    rule, drawn = rules[score.name], draw_column(pairs[score.name], rows)
    label = f"{rule} ({drawn.remark})" if drawn.remark else str(rule)
    answer = score.p_value if rule.method.gives_p_value else score.statistic
    return Shown(drawn, label, answer, rule.threshold, score.status == "drifted")


def frame_of(columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return columns of unequal length as one frame, the shorter ones filled up with missing values."""
    return pd.concat({name: pd.Series(values) for name, values in columns.items()}, axis=1)


def some_rows(values: pd.Series, rows: int) -> pd.Series:
    """Return at most `rows` of the values, always the same ones, in their order."""
    if len(values) <= rows:
        return values
    return values.iloc[np.sort(np.random.default_rng(0).choice(len(values), rows, replace=False))]


def _drawable(pair: Pair) -> bool:
    """Return whether histograms can be made: 1e17 and 1e17 + 16 leave no room for ten bins, 1e300 overflows."""
    low, high = pair.current.min(), pair.current.max()
    sides = [(pair.reference.min(), pair.reference.max()), (low, high)]
    sides.append((min(sides[0][0], low), max(sides[0][1], high)))
    return all(_has_room(*side) for side in sides)


def _has_room(low: float, high: float) -> bool:
    largest = max(abs(low), abs(high))
    if low == high:
        return largest < 1e9
    return 1e-100 < largest < 1e100 and high - low > 1e-9 * largest


def _ranks(sides: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return each value's rank among the different values of both sides."""
    values = np.unique(np.concatenate(sides))
    return tuple(np.searchsorted(values, side).astype(float) for side in sides)


def _labelled(pair: Pair, sides: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the levels under labels that are safe to show; all but the most frequent are one level."""
    levels = list(pair.counts.index)
    shown = levels[:MAX_LEVELS] if len(levels) > MAX_LEVELS + 1 else levels
    names = dict(zip(shown, safe_labels(shown, LEVEL_LENGTH), strict=True))
    others = f"({len(levels) - len(shown)} others)"
    return tuple(np.array([names.get(str(value), others) for value in side], dtype=object) for side in sides)


def safe_labels(names: Sequence[str], length: int = NAME_LENGTH) -> list[str]:
    """Return each name as it can be shown anywhere: plain names as they are, others on one line, cut, without tags.

    Plotly reads tags in a label, so < and > become quotation marks that look alike. Labels stay different.
    """
    taken: set[str] = set()
    labels = []
    for name in names:
        label = one_line(TOKEN.sub("column", name), length).replace("<", "‹").replace(">", "›")
        unique, number = label, 2
        while unique in taken:
            unique, number = f"{label} ({number})", number + 1
        taken.add(unique)
        labels.append(unique)
    return labels


def restore_labels(value: object, labels: Mapping[str, str]) -> object:
    """Return JSON data with every token in its strings replaced by the column's label."""
    if isinstance(value, str):
        return TOKEN.sub(lambda found: labels.get(found.group(), found.group()), value) if "dmcol" in value else value
    if isinstance(value, dict):
        return {restore_labels(key, labels): restore_labels(item, labels) for key, item in value.items()}
    if isinstance(value, list):
        return [restore_labels(item, labels) for item in value]
    return value
