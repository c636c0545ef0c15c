"""Collect what a day keeps of its segments, and the same of each day of a reference."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from driftmonitor.analysis.drift.reference_bins import sketch
from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.drift.segments.groups import Grouped, Groups, find_groups
from driftmonitor.analysis.drift.segments.ridits import InSegments, Placed, find_ridits, keep
from driftmonitor.analysis.sides import Sides
from driftmonitor.config.segment_settings import Segmentation
from driftmonitor.facts.evidence import Evidence, SegmentEvidence


def collect_segments(
    groups: Groups, columns: Sequence[tuple[str, tuple[InSegments, ...]]]
) -> tuple[SegmentEvidence, ...]:
    """Return what is kept of each segmentation; `columns` are those of the evidence, in its order, by name."""
    watched = [found for name, found in columns if name in groups.columns]
    return tuple(_collect(each, [found[place] for found in watched]) for place, each in enumerate(groups.by))


def _collect(grouped: Grouped, columns: Sequence[InSegments]) -> SegmentEvidence:
    grouping = grouped.grouping
    return SegmentEvidence(
        reference=grouping.fingerprint,
        name=grouping.by.name,
        values=grouping.names,
        ranges=grouping.edges is not None or None,
        rows=tuple(grouped.rows),
        reference_rows=grouping.rows,
        sums=tuple(each.sums for each in columns),
        spreads=tuple(each.spreads for each in columns),
        new=grouped.new,
    )


@dataclass
class ReferenceSegments:
    """The segments of a reference's days: rows (days, segments), and sums of each column (days, segments)."""

    groups: Groups
    day_of_row: np.ndarray
    days: int
    sums: dict[str, list[np.ndarray | None]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, sides: Sides, by: Sequence[Segmentation], today: Evidence, day_of_row: np.ndarray, days: int
    ) -> "ReferenceSegments":
        """Return the segments of each row's day, -1 for none; only of segmentations that are those of today."""
        wanted = [{each.name: each.expression} if each.expression else each.name for each in by]
        groups = find_groups(sides, wanted, [column.name for column in today.columns])
        same = tuple(each for each in groups.by if each.grouping.fingerprint in today.segmentations)
        watched = max((len(each.sums) for each in today.segments), default=0)
        names = frozenset(column.name for column in today.columns[:watched])
        return cls(Groups(same, names), day_of_row, days)

    def add(self, name: str, pair: Pair, sides: Sides) -> None:
        """Add up one column."""
        if not self.groups.by or name not in self.groups.columns:
            return
        values = sides.reference.column(name)
        placed = Placed.of(values, pair.reference, sketch(pair))
        day = self.day_of_row[placed.usable]
        self.sums[name] = []
        for grouped, ridits in zip(self.groups.by, find_ridits(self.groups, name, pair, values), strict=True):
            found = None
            if ridits is not None:
                segment, size = grouped.grouping.codes[placed.usable], len(grouped.grouping)
                cells, inside = day * size + segment, day >= 0
                weights = ridits.scores[segment, placed.bins][inside]
                found = np.bincount(cells[inside], weights, self.days * size).reshape(self.days, size)
            self.sums[name].append(found)

    def rows(self, grouped: Grouped) -> np.ndarray:
        """Return each day's rows in each segment (days, segments)."""
        size, inside = len(grouped.grouping), self.day_of_row >= 0
        cells = self.day_of_row[inside] * size + grouped.grouping.codes[inside]
        return np.bincount(cells, minlength=self.days * size).reshape(self.days, size)

    def evidence(self, columns: Sequence[str], length: int, ends: np.ndarray) -> list[tuple[SegmentEvidence, ...]]:
        """Return what is kept of the `length` days that end with each of `ends`; `columns`: those of the evidence."""
        names = [name for name in columns if name in self.groups.columns]
        of_each = []
        for place, grouped in enumerate(self.groups.by):
            rows = add_up_days(self.rows(grouped), length)[ends]
            sums = [
                None if (own := self.sums[name][place]) is None else add_up_days(own, length)[ends] for name in names
            ]
            of_each.append([_keep_day(grouped, rows[i], sums, i) for i in range(len(ends))])
        return list(zip(*of_each, strict=True)) if of_each else [() for _ in ends]


def _keep_day(grouped: Grouped, rows: np.ndarray, sums: Sequence[np.ndarray | None], i: int) -> SegmentEvidence:
    kept = (InSegments() if own is None else keep(own[i], np.empty(0)) for own in sums)
    return SegmentEvidence(
        reference=grouped.grouping.fingerprint, rows=(*rows.tolist(), 0), sums=tuple(each.sums for each in kept)
    )


def add_up_days(counts: np.ndarray, length: int) -> np.ndarray:
    """Return each day's counts (days, ...) and those of the days before it, `length` together."""
    sums = np.cumsum(counts, axis=0)
    return sums - np.concatenate([np.zeros_like(sums[:length]), sums[:-length]])[: len(sums)]
