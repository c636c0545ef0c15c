"""Give each row a score whose mean on each side says what of a column changed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from driftmonitor.analysis.usable import Numbers, Words
from driftmonitor.analysis.values import NamedColumn
from driftmonitor.analysis.where.divisions import aligned, both, spread
from driftmonitor.facts.where import Changed

TAILS = {"above": 0.99, "below": 0.01}  # quantiles of the reference


@dataclass(frozen=True)
class Scores:
    """The score of each row on both sides, NaN where it has none, and what of the column its mean says.

    `level`: the category whose share it is.
    """

    changed: Changed
    reference: np.ndarray
    current: np.ndarray
    level: str | None = None


def measure(
    reference: pd.DataFrame, current: pd.DataFrame, column: NamedColumn, changed: Changed, level: str | None = None
) -> Scores | None:
    """Return the scores of a column; None if they are unknown, such as the spread of categories.

    A level is measured by normal scores (van der Waerden 1952) of a value's rank among both sides, each weighing half:
    a shift of all rows is then about the same for high and low values, whatever their distribution. A spread is the
    distance of that score from 0. All others are 1 for the rows that are meant, and 0.
    """
    usable = both(reference, current, column)
    sides = [aligned(frame[column.name], each) for frame, each in zip((reference, current), usable, strict=True)]
    if changed == "missing":
        lacks = [(~present).astype(float) for present, _ in sides]
        return Scores(changed, lacks[0], lacks[1])
    first, second = usable
    if isinstance(first, Words) and isinstance(second, Words):
        if changed != "category":
            return None
        level = level or _most_changed(first, second)
        values = [(each.levels == level).astype(float)[each.codes] for each in (first, second)]
    elif isinstance(first, Numbers) and isinstance(second, Numbers) and changed != "category":
        values = _score_numbers(first, second, changed)
    else:
        return None
    scores = [spread(present, found, np.nan) for (present, _), found in zip(sides, values, strict=True)]
    return Scores(changed, scores[0], scores[1], level)


def _score_numbers(reference: Numbers, current: Numbers, changed: Changed) -> list[np.ndarray]:
    sides, ordered = (reference.values, current.values), reference.ordered
    if changed in ("level", "spread"):
        scores = [_find_normal_scores(values, ordered, current.ordered) for values in sides]
        return scores if changed == "level" else [np.log(np.abs(each) + 0.2) for each in scores]
    if changed == "same":
        values, counts = np.unique(current.values, return_counts=True)
        return [(side == values[counts.argmax()]).astype(float) for side in sides]
    end = np.quantile(ordered, TAILS[changed])
    return [(side > end if changed == "above" else side < end).astype(float) for side in sides]


def _find_normal_scores(values: np.ndarray, *sides: np.ndarray) -> np.ndarray:
    """Return the normal scores of values by their mean rank in both ordered sides, ties counting half."""
    ranks = [np.searchsorted(side, values, side="left") + np.searchsorted(side, values, side="right") for side in sides]
    shares = sum(rank / (2 * len(side)) for rank, side in zip(ranks, sides, strict=True)) / len(sides)
    least = 1 / (2 * sum(map(len, sides)))
    return np.asarray(special.ndtri(np.clip(shares, least, 1 - least)))


def _most_changed(reference: Words, current: Words) -> str:
    """Return the level whose share of the rows changed most."""
    sides = [(words.counts.rows, words.counts.total) for words in (reference, current)]
    (before, rows_before), (now, rows_now) = sides
    return max({*before, *now}, key=lambda level: (_change(before, rows_before, now, rows_now, level), level))


def _change(before: dict[str, int], rows_before: int, now: dict[str, int], rows_now: int, level: str) -> float:
    return abs(now.get(level, 0) / rows_now - before.get(level, 0) / rows_before)
