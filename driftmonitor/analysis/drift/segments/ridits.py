"""Add up a column's centred ridits in each segment: among the rows of the reference that are in the same segment."""

from dataclasses import dataclass

import numpy as np

from driftmonitor.analysis.drift.reference_bins import Sketch, sketch
from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.drift.segments.grouping import Grouping
from driftmonitor.analysis.drift.segments.groups import Groups
from driftmonitor.analysis.sides import Values
from driftmonitor.analysis.usable import Numbers, Usable, Words
from driftmonitor.analysis.values import to_floats
from driftmonitor.facts.evidence import RIDIT_UNITS, SPREAD_UNITS

MOST_SPREAD = 1 / 12  # the variance of ridits of different numbers


@dataclass(frozen=True, eq=False)
class Placed:
    """Which rows of a side have a usable value in a column, and the bin of each of these."""

    usable: np.ndarray
    bins: np.ndarray

    @classmethod
    def of(cls, series: Values, usable: Usable, outline: Sketch) -> "Placed":
        """Return where the values of a column are, of which `usable` are compared."""
        present = series.series.notna().to_numpy(dtype=bool)
        if isinstance(usable, Numbers) or series.content == "number":
            present = present & np.isfinite(to_floats(series.series))
        return cls(present, find_bins(usable, outline))


def find_bins(usable: Usable, outline: Sketch) -> np.ndarray:
    """Return the bin of each usable value, or the place of its level."""
    if isinstance(usable, Words):
        order = {level: place for place, level in enumerate(outline.levels)}
        last = len(outline.counts) - 1
        return np.array([order.get(level, last) for level in usable.levels], dtype=int)[usable.codes]
    return np.searchsorted(outline.edges, usable.values, side="left")


@dataclass(frozen=True, eq=False)
class Ridits:
    """A column's ridits in each segment of one segmentation, less one half (segments, bins), and their variances.

    A row without a usable value counts as the middle.
    """

    scores: np.ndarray
    spreads: np.ndarray

    @classmethod
    def of(cls, grouping: Grouping, reference: Placed, bins: int) -> "Ridits":
        """Return the ridits of the reference's rows."""
        cells = grouping.codes[reference.usable] * bins + reference.bins
        joint = np.bincount(cells, minlength=len(grouping) * bins).reshape(len(grouping), bins)
        rows = joint.sum(axis=1, keepdims=True)
        shares = joint / np.maximum(rows, 1)
        scores = np.where(rows > 0, np.cumsum(shares, axis=1) - shares / 2 - 0.5, 0.0)
        total = np.array(grouping.rows)
        spreads = (joint * scores**2).sum(axis=1) / np.maximum(total, 1)
        return cls(scores, np.where(total > 0, spreads, MOST_SPREAD))

    def add_up(self, codes: np.ndarray, bins: np.ndarray) -> np.ndarray:
        """Return the sum of the rows of each segment; rows in none of them are left out."""
        known = codes < len(self.scores)
        codes, bins = codes[known], bins[known]
        return np.bincount(codes, weights=self.scores[codes, bins], minlength=len(self.scores))


@dataclass(frozen=True)
class InSegments:
    """One column in the segments of one segmentation: what `SegmentEvidence` keeps of it."""

    sums: tuple[int, ...] = ()
    spreads: tuple[int, ...] = ()


def add_up_in_segments(
    groups: Groups, name: str, pair: Pair, reference: Values, current: Values
) -> tuple[InSegments, ...]:
    """Return the column's sums in each segmentation; empty for that by the column itself."""
    if not groups.by or name not in groups.columns:
        return ()
    own = find_ridits(groups, name, pair, reference)
    today = Placed.of(current, pair.current, sketch(pair))
    return tuple(
        InSegments() if ridits is None else keep(ridits.add_up(grouped.codes[today.usable], today.bins), ridits.spreads)
        for grouped, ridits in zip(groups.by, own, strict=True)
    )


def find_ridits(groups: Groups, name: str, pair: Pair, reference: Values) -> tuple[Ridits | None, ...]:
    """Return the column's ridits in each segmentation, None in that by the column itself: once for a kept reference."""
    groupings, outline = tuple(each.grouping for each in groups.by), sketch(pair)
    known = pair.reference.once(_nothing_known, groupings)
    if outline.fingerprint not in known:
        placed, bins = Placed.of(reference, pair.reference, outline), len(outline.counts)
        known[outline.fingerprint] = tuple(
            None if each.by.name == name else Ridits.of(each, placed, bins) for each in groupings
        )
    return known[outline.fingerprint]


def _nothing_known(_usable: Usable, _groupings: tuple[Grouping, ...]) -> dict[str, tuple[Ridits | None, ...]]:
    return {}


def keep(sums: np.ndarray, spreads: np.ndarray) -> InSegments:
    """Return sums and spreads as they are kept: whole numbers, without those at the end that are as usual."""
    spread = np.rint(spreads / MOST_SPREAD * SPREAD_UNITS).astype(int).tolist()
    return InSegments(
        _without_last(np.rint(sums * RIDIT_UNITS).astype(int).tolist(), 0), _without_last(spread, SPREAD_UNITS)
    )


def _without_last(numbers: list[int], usual: int) -> tuple[int, ...]:
    while numbers and numbers[-1] == usual:
        numbers.pop()
    return tuple(numbers)
