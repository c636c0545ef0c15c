"""Divide the rows into segments: at the most frequent values of the reference, or at its quantiles."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import FEW_VALUES
from driftmonitor.analysis.sides import Values
from driftmonitor.analysis.values import aligned_numbers, to_floats
from driftmonitor.config.segment_settings import Segmentation
from driftmonitor.formats import number, one_line, percent, show_category

MOST_VALUES = 10  # the most frequent are segments of their own
FEWEST_ROWS = 20  # of a value that is named: in the reference, or today if it is new
NAMED_SHARE = 0.5  # of the reference's rows with a value; if values with a name have fewer, they divide nothing
PARTS = 5  # of numbers, with about as many rows each
NO_VALUE = "no value"
NOTHING = "has no value in the reference"
BOOLEANS = {"True": "1", "False": "0"}
DIGITS = range(3, 18)


@dataclass(frozen=True, eq=False)
class Grouping:
    """The segments of the reference, in order: frequent values or ranges, all other values, rows without a value.

    `codes`: the segment of each row of the reference. `rows`: of the reference in each segment. `edges`: the upper ends
    of all ranges but the last. `places`: the number of each value's segment. `as_numbers`: true and false are 1 and 0
    on the other side. A row of today whose value the reference does not have has the number `len`.
    """

    by: Segmentation
    names: tuple[str, ...]
    codes: np.ndarray
    rows: tuple[int, ...]
    fingerprint: str
    edges: np.ndarray | None = None
    places: Mapping[str, int] = field(default_factory=dict)
    as_numbers: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def place(self, values: Values) -> tuple[np.ndarray, str | None]:
        """Return the segment of each row, and the most frequent value that the reference does not have, if frequent."""
        missing = len(self) - 1 if self.rows[-1] else len(self)
        if self.edges is not None:
            numbers = aligned_numbers(values.series)
            codes = np.where(np.isnan(numbers), missing, np.searchsorted(self.edges, numbers, side="left"))
            return codes, NO_VALUE if (codes == len(self)).any() else None
        present, own, levels = _words(values, self.as_numbers)
        codes = np.full(len(present), missing)
        codes[present] = np.array([self.places.get(level, len(self)) for level in levels], dtype=int)[own]
        return codes, self._newest(codes, present, own, levels)

    def _newest(self, codes: np.ndarray, present: np.ndarray, own: np.ndarray, levels: list[str]) -> str | None:
        new = codes == len(self)
        if not new.any():
            return None
        counts = np.bincount(own[new[present]], minlength=len(levels))
        without = int((new & ~present).sum())
        most = int(counts.max(initial=0))
        if without > most:
            return NO_VALUE
        return show_category(levels[int(np.argmax(counts))]) if most >= FEWEST_ROWS else None


def divide(by: Segmentation, values: Values, as_numbers: bool) -> Grouping | str:
    """Return the segments of the reference's `values`, or why there are none.

    `as_numbers`: whether one side has true and false where the other has numbers.
    """
    if values.content == "time":
        remedy = 'write an expression, such as {weekday: "dayname(created)"}'
        raise DriftMonitorError(f"segments: {one_line(by.name)} has dates or times; {remedy}.")
    if values.content == "empty":
        return NOTHING
    if values.content == "number" and len(np.unique(values.numbers.values)) > FEW_VALUES:
        return _by_ranges(by, aligned_numbers(values.series))
    return _by_values(by, values, as_numbers)


def _words(values: Values, as_numbers: bool) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return which rows have a value, the code of each of these, and the values as text by code."""
    present = values.series.notna().to_numpy(dtype=bool)
    if values.content == "number":
        present = present & np.isfinite(to_floats(values.series))
    levels: list[str] = values.words.levels.tolist()
    return present, values.words.codes, [BOOLEANS.get(level, level) for level in levels] if as_numbers else levels


def _by_values(by: Segmentation, values: Values, as_numbers: bool) -> Grouping | str:
    present, own, levels = _words(values, as_numbers)
    if len(levels) < 2 and present.all():
        return "has one value in the reference, so it divides nothing"
    if not present.any():
        return NOTHING
    counts = np.bincount(own, minlength=len(levels))
    order = sorted(range(len(levels)), key=lambda code: (-counts[code], levels[code]))
    named = [code for code in order[:MOST_VALUES] if counts[code] >= FEWEST_ROWS]
    if counts[named].sum() < NAMED_SHARE * len(own):
        return _say_rare(len(named), counts[named].sum() / len(own))
    frequent = [levels[code] for code in named]
    segment = np.empty(len(levels), dtype=int)
    segment[order] = np.minimum(np.arange(len(levels)), len(frequent))
    codes = np.full(len(present), len(frequent) + 1)
    codes[present] = segment[own]
    places = dict(zip(levels, segment.tolist(), strict=True))
    names = tuple(map(show_category, frequent))
    return _counted(by, names, codes, "\0".join(frequent).encode(), places=places, as_numbers=as_numbers)


def _say_rare(named: int, share: float) -> str:
    if not named:
        return f"has no value with at least {FEWEST_ROWS} rows in the reference, so it divides nothing"
    rows = f"{percent(share)} of the reference's rows with a value"
    return f"has too many rare values, so it divides nothing: its most frequent ones have {rows}"


def _by_ranges(by: Segmentation, numbers: np.ndarray) -> Grouping:
    ordered = np.sort(numbers[~np.isnan(numbers)])
    edges = np.unique(ordered[np.arange(1, PARTS) * len(ordered) // PARTS - 1])
    edges = edges[edges < ordered[-1]] if edges[0] < ordered[-1] else ordered[ordered < ordered[-1]][-1:]
    codes = np.where(np.isnan(numbers), len(edges) + 2, np.searchsorted(edges, numbers, side="left"))
    return _counted(by, _name_ranges(edges), codes, edges.tobytes(), edges=edges)


def _name_ranges(edges: np.ndarray) -> tuple[str, ...]:
    """Return `up to 20`, `20 to 35`, `over 35`, in so many digits that the ends differ."""
    written = [number(edge) for edge in edges]
    for digits in DIGITS:
        if len(set(written)) == len(edges):
            break
        written = [f"{edge:,.{digits}g}" for edge in edges]
    between = (f"{low} to {high}" for low, high in pairwise(written))
    return (f"up to {written[0]}", *between, f"over {written[-1]}")


def _counted(by: Segmentation, names: tuple[str, ...], codes: np.ndarray, values: bytes, **known: object) -> Grouping:
    """Return the segments with the reference's rows, and a fingerprint of all that later days depend on."""
    rows = tuple(np.bincount(codes, minlength=len(names) + 2).tolist())
    said = repr((by.name, by.expression, rows)).encode() + values
    fingerprint = hashlib.sha256(said).hexdigest()[:10]
    return Grouping(by, names, codes.astype(np.int32), rows, fingerprint, **known)  # type: ignore[arg-type]
