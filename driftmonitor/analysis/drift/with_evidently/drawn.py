"""What Evidently draws: few enough rows, under harmless names, with no values that make it fail.

Evidently gets these frames for its pictures only. The scores are computed before, from all rows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from driftmonitor.analysis.drift.distance import are_common
from driftmonitor.analysis.drift.scores import Pair, Rule
from driftmonitor.facts.record import ColumnScore, Rows
from driftmonitor.formats import NAME_LENGTH, one_line

MAX_ROWS = 10_000  # a side; more rows take Evidently longer and leave its pictures as they are
LISTED_ROWS = 1_000  # a side, for the two small histograms of a column that is only listed
MAX_LEVELS = 20
LEVEL_LENGTH = 40
LABEL_LENGTH = 250
TOKEN = re.compile(r"dmcol(\d{4,})z")  # replaces a column's name inside Evidently
NOT_TESTABLE = "not testable"
NEUTRAL_SCORE = 1.0  # what Evidently shows for a column that cannot be tested


@dataclass(frozen=True)
class DrawnColumn:
    """One column as Evidently draws it: its kind, some values of each side, and a remark on the picture if needed."""

    kind: str
    reference: np.ndarray
    current: np.ndarray
    remark: str = ""


@dataclass(frozen=True)
class Shown:
    """One column in Evidently's report: what is drawn, with a picture or only in the table, and its test's result."""

    drawn: DrawnColumn
    label: str
    score: float
    threshold: float
    drifted: bool
    pictured: bool


def token(index: int) -> str:
    """Return the name that column `index` has inside Evidently. In text order tokens have the columns' order."""
    return f"dmcol{index:04d}z"


def show(score: ColumnScore, pairs: Mapping[str, Pair], rules: Mapping[str, Rule], pictured: bool) -> Shown:
    """Return how Evidently's report shows one column."""
    rows = MAX_ROWS if pictured else LISTED_ROWS
    result = score.statistic if score.p_value is None else score.p_value
    if score.status == "not_testable" or result is None:
        label = f"{NOT_TESTABLE}: {one_line(score.reason or '', 120)}"
        return Shown(draw_column(None, rows), _without_tags(label), NEUTRAL_SCORE, NEUTRAL_SCORE, False, pictured)
    rule, drawn = rules[score.name], draw_column(pairs[score.name], rows)
    label = one_line(f"{rule} ({drawn.remark})" if drawn.remark else str(rule), LABEL_LENGTH)
    return Shown(drawn, label, result, rule.threshold, score.status == "drifted", pictured)


def say_rows_drawn(compared: Rows) -> tuple[str, ...]:
    """Return a note if the pictures show fewer rows than were compared."""
    if max(compared.reference, compared.current) <= MAX_ROWS:
        return ()
    drawn = f"Evidently's pictures show at most {MAX_ROWS:,} rows a side"
    return (f"{drawn}; scores come from all {compared.reference:,} reference and {compared.current:,} current rows.",)


def draw_column(pair: Pair | None, rows: int) -> DrawnColumn:
    """Return what is drawn of one column; a column without usable values (None) is drawn as a constant placeholder."""
    if pair is None:
        constant = np.array([NOT_TESTABLE], dtype=object)
        return DrawnColumn("categorical", constant, constant)
    reference, current = (side.some(choose_rows(len(side), rows)).values for side in (pair.reference, pair.current))
    if pair.kind == "categorical":
        return DrawnColumn("categorical", *_label(pair, reference, current))
    if _drawable(pair):
        return DrawnColumn("numerical", reference, current)
    return DrawnColumn("numerical", *_rank(reference, current), remark="drawn on ranks")


def frame_of(columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return columns of unequal length as one frame, the shorter ones filled up with missing values."""
    return pd.concat({name: pd.Series(values) for name, values in columns.items()}, axis=1)


def some_rows(values: pd.Series, rows: int) -> pd.Series:
    """Return at most `rows` of the values, the same ones every time, in their order."""
    return values if len(values) <= rows else values.iloc[choose_rows(len(values), rows)]


def choose_rows(length: int, rows: int) -> np.ndarray:
    """Return the positions of at most `rows` of so many rows, the same ones every time, in their order."""
    if length <= rows:
        return np.arange(length)
    return np.sort(np.random.default_rng(0).choice(length, rows, replace=False))


def shorten(pair: Pair, rows: int) -> Pair:
    """Return what is needed of a pair to draw at most `rows` rows a side."""
    reference, current = (side.some(choose_rows(len(side), rows)) for side in (pair.reference, pair.current))
    return Pair(pair.kind, reference, current, pair.levels if pair.kind == "categorical" else None)


def _drawable(pair: Pair) -> bool:
    """Return whether histograms can be made: between 1e17 and 1e17 + 16 ten bins do not fit, and 1e300 overflows."""
    reference, current = (side.ends for side in pair.numbers)
    both = (min(reference[0], current[0]), max(reference[1], current[1]))
    return all(_bins_fit(*ends) for ends in (reference, current, both))


def _bins_fit(low: float, high: float) -> bool:
    largest = max(abs(low), abs(high))
    if low == high:
        return largest < 1e9
    return 1e-100 < largest < 1e100 and high - low > 1e-9 * largest


def _rank(reference: np.ndarray, current: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rank of each value among the different values of both sides."""
    values = np.unique(np.concatenate([reference, current]))
    return np.searchsorted(values, reference).astype(float), np.searchsorted(values, current).astype(float)


def _label(pair: Pair, reference: np.ndarray, current: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the levels under labels that are safe to show; all but the most frequent common ones share one label."""
    levels = list(pair.counts.index)
    shown = list(pair.counts.index[are_common(pair.counts)][:MAX_LEVELS])
    labels = dict(zip(shown, safe_labels(shown, LEVEL_LENGTH), strict=True))
    rest = len(levels) - len(shown)
    others = "(1 other)" if rest == 1 else f"({rest} others)"

    def label(side: np.ndarray) -> np.ndarray:
        return np.array([labels.get(str(value), others) for value in side], dtype=object)

    return label(reference), label(current)


def safe_labels(names: Sequence[str], length: int = NAME_LENGTH) -> list[str]:
    """Return a label for each name that can be shown anywhere: on one line, cut, without tags, each different.

    Plain names stay as they are.
    """
    taken: set[str] = set()
    labels = []
    for name in names:
        label = _without_tags(one_line(TOKEN.sub("column", name), length))
        unique, number = label, 2
        while unique in taken:
            unique, number = f"{label} ({number})", number + 1
        taken.add(unique)
        labels.append(unique)
    return labels


def _without_tags(text: str) -> str:
    """Return text with < and > as quotation marks that look alike, because Plotly reads tags in a label."""
    return text.replace("<", "‹").replace(">", "›")


def restore_labels(value: object, labels: Mapping[str, str]) -> object:
    """Return JSON data with every token in its strings replaced by the column's label."""
    if isinstance(value, str):
        return TOKEN.sub(lambda match: labels.get(match[0], match[0]), value) if "dmcol" in value else value
    if isinstance(value, dict):
        return {restore_labels(key, labels): restore_labels(item, labels) for key, item in value.items()}
    if isinstance(value, list):
        return [restore_labels(item, labels) for item in value]
    return value
