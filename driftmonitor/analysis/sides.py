"""Both sides of a comparison, with what is computed from each column of one side alone.

A side that is `kept` remembers what was computed from it. Keep a side only if its rows stay as they are: the reference
of many days, or both sides of one day that no one edits in between. Otherwise a column is forgotten once it is done, so
that there is never more than one column in memory beside the data.
"""

import datetime as dt
from collections.abc import Callable, Hashable, Iterator
from typing import TypeVar

import numpy as np
import pandas as pd

from driftmonitor.analysis.once import Once
from driftmonitor.analysis.sources import Data, Frames, Snapshot
from driftmonitor.analysis.usable import FIRST_ROWS, Numbers, Usable, Words, holds_for_all
from driftmonitor.analysis.values import Content, Kind, NamedColumn, describe_type, to_codes, to_floats

T = TypeVar("T")
SINGLE = np.dtype(np.float32)
NOISE = 1e-14  # of the largest number: what sums and products lose in their last digits


class Values(Once):
    """One column of one side as it is in the frame, and what it contains as numbers and as text."""

    def __init__(self, series: pd.Series) -> None:
        self.series = series

    @property
    def content(self) -> Content:
        """What it contains."""
        return self.once(_describe)

    @property
    def present(self) -> int:
        """The number of values that are not missing."""
        return self.once(_count_present)

    @property
    def infinite(self) -> int:
        """How many numbers are infinite; text that says so is text."""
        return self.once(_count_infinite)

    @property
    def numbers(self) -> Numbers:
        """The finite values as numbers: times as days since 1970, durations as seconds, text if it is a number."""
        return self.once(_find_numbers)

    @property
    def words(self) -> Words:
        """The values that are not missing as text; 1.0 is "1", as in a column of integers."""
        return self.once(_find_words)

    @property
    def numbers_in_words(self) -> Words:
        """The numbers as text: true is "1"."""
        return self.once(_find_numbers_in_words)


def _describe(column: Values) -> Content:
    return describe_type(column.series)


def _count_present(column: Values) -> int:
    return int(column.series.count())


def _count_infinite(column: Values) -> int:
    if column.content != "number" or len(column.numbers) == len(column.series):
        return 0
    return int(np.isinf(to_floats(column.series)).sum())


def _find_numbers(column: Values) -> Numbers:
    floats = to_floats(column.series)
    finite = np.isfinite(floats)
    return Numbers(floats if finite.all() else floats[finite])


def _find_words(column: Values) -> Words:
    return Words(*to_codes(column.series, column.content))


def _find_numbers_in_words(column: Values) -> Words:
    return Words(*to_codes(column.numbers.series, "number"))


class Side(Once):
    """The rows of one side; if they are `kept`, what is computed from them is remembered."""

    def __init__(self, frame: pd.DataFrame, kept: bool = False) -> None:
        self.frame, self.kept = frame, kept

    def __contains__(self, name: str) -> bool:
        return name in self.frame

    def __len__(self) -> int:
        return len(self.frame)

    def once(self, compute: Callable[..., T], *given: Hashable) -> T:
        """Return compute(self, *given): once, if the side is kept."""
        return super().once(compute, *given) if self.kept else compute(self, *given)

    def column(self, name: str) -> Values:
        """Return one column."""
        return self.once(_find_column, name)


def _find_column(side: Side, name: str) -> Values:
    return Values(side.frame[name])


class Sides:
    """Both sides at one moment. `reference` is given where it is kept from day to day; `kept` is for the current side.

    A reference that is given must have been made from the same frame: `Side(data.snapshot().reference, kept=True)`.
    """

    def __init__(self, data: Data | Snapshot, reference: Side | None = None, kept: bool = False) -> None:
        self.snapshot = data.snapshot()
        self.unread: frozenset[str] = getattr(data, "unread", frozenset())
        request = getattr(data, "request", None)
        self.run_date: dt.date | None = request.run_date if request else None
        self.reference = reference or Side(self.snapshot.reference)
        self.current = Side(self.snapshot.current, kept)
        kept_frame, frame = self.reference.frame, self.snapshot.reference
        if len(kept_frame) != len(frame) or list(kept_frame) != list(frame):
            raise ValueError("the reference that is kept has other rows or columns than the data")

    def __iter__(self) -> Iterator[tuple[str, Side]]:
        yield "reference", self.reference
        yield "current", self.current


def both_sides(data: "Data | Snapshot | Sides") -> Sides:
    """Return both sides of the data, unless it has them already."""
    return data if isinstance(data, Sides) else Sides(data)


def usable_values(reference: Values, current: Values, kind: Kind | None) -> tuple[Usable, Usable]:
    """Return the usable values of both sides, as numbers or as text.

    If one side has, or once had, numbers in single precision, both are rounded to it.
    """
    if kind != "categorical":
        return _without_noise(*_in_one_precision(reference, current))
    if {reference.content, current.content} == {"boolean", "number"}:  # true/false as 1/0 on one side
        return reference.numbers_in_words, current.numbers_in_words
    if reference.content == current.content == "number":
        return _in_same_words(reference, current)
    return reference.words, current.words


def _in_same_words(reference: Values, current: Values) -> tuple[Words, Words]:
    """Return numbers as text, without what another precision or noise in the last digits makes of them."""
    pair = _in_one_precision(reference, current)
    if pair[0] is not reference.numbers:  # as a person writes it: 0.1
        one, other = (Words(*to_codes(numbers.series.astype(SINGLE), "number")) for numbers in pair)
        return one, other
    plain = _without_noise(*pair)[1]
    same = plain is current.numbers
    return reference.words, current.words if same else Words(*to_codes(plain.series, "number"))


def clean_pair(data: Frames, column: NamedColumn) -> tuple[np.ndarray, np.ndarray]:
    """Return the usable values of both sides: float64 without NaN or inf, or an object array of str.

    `column` is a Column or a ColumnScore. Values that are left out are missing: their share is
    1 - len(cleaned) / len(frame). If one side has, or once had, numbers in single precision, both are rounded to it.
    """
    sides = Values(data.reference[column.name]), Values(data.current[column.name])
    reference, current = usable_values(*sides, column.kind)
    return reference.values, current.values


def _in_one_precision(reference: Values, current: Values) -> tuple[Numbers, Numbers]:
    """Return both sides in single precision if one of them was ever kept in it, and no number is too large or small.

    Otherwise 0.1 on one side and 0.10000000149 on the other would look like drift.
    """
    pair = reference.numbers, current.numbers
    is_single = SINGLE in {reference.series.dtype, current.series.dtype}
    was_single = [numbers.once(_was_single) for numbers in pair]
    if all(was_single) or not (any(was_single) or is_single):
        return pair
    exact = pair[0] if was_single[0] else pair[1]
    if (exact.is_whole and not is_single) or not all(numbers.once(_fits_single) for numbers in pair):
        return pair
    return pair[0].once(_to_single), pair[1].once(_to_single)


def _without_noise(reference: Numbers, current: Numbers) -> tuple[Numbers, Numbers]:
    """Return both sides with current's numbers as the reference has them if they only differ in their last digits.

    Otherwise 0.3 on one side and 0.1 + 0.2 on the other would look like drift. It can only matter in steps.
    """
    steps = reference.once(_find_steps)
    if steps is None or (reference.is_whole and current.is_whole):
        return reference, current
    values = current.values
    after = np.searchsorted(steps, values).clip(1, len(steps) - 1)
    nearest = np.where(values - steps[after - 1] < steps[after] - values, steps[after - 1], steps[after])
    away = np.abs(nearest - values)
    is_noise = (away > 0) & (away <= NOISE * np.abs(steps).max())
    return (reference, Numbers(np.where(is_noise, nearest, values))) if is_noise.any() else (reference, current)


def _find_steps(numbers: Numbers) -> np.ndarray | None:
    """Return the different numbers in ascending order, None if most are different."""
    first = numbers.values[:FIRST_ROWS]
    if len(first) < 2 or 2 * len(np.unique(first)) > len(first):
        return None
    steps: np.ndarray = np.unique(numbers.ordered)
    return steps if len(steps) > 1 else None


def _was_single(numbers: Numbers) -> bool:
    return holds_for_all(numbers.values, lambda values: values == _round(values))


def _fits_single(numbers: Numbers) -> bool:
    rounded = numbers.once(_to_single).values
    return bool(np.isfinite(rounded).all() and ((rounded == 0) <= (numbers.values == 0)).all())


def _to_single(numbers: Numbers) -> Numbers:
    return Numbers(_round(numbers.values))


def _round(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", under="ignore"):
        return values.astype(np.float32).astype(np.float64)
