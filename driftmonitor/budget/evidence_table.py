"""Arrange the evidence of today and of earlier days as arrays of counts, for today's columns and reference."""

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np

from driftmonitor.budget.checks import arrange_checks
from driftmonitor.budget.column_signals import Block, ColumnDays, Known, distance
from driftmonitor.budget.days import DailySignals, daily_signals
from driftmonitor.budget.dependence import TableDays, arrange_tables
from driftmonitor.budget.evidence_arrays import (
    Basis,
    arrange_column,
    arrange_pairs,
    comparable,
    join_columns,
    join_days,
)
from driftmonitor.budget.policy import WINDOWS
from driftmonitor.budget.segments import SegmentDays, arrange_segments, join_segments
from driftmonitor.budget.signals import pair_names
from driftmonitor.budget.stored_days import StoredDays
from driftmonitor.budget.windows import NEW, Windows
from driftmonitor.facts.earlier_days import EarlierDay
from driftmonitor.facts.evidence import ColumnEvidence, Evidence, SegmentEvidence, Tail
from driftmonitor.facts.stored_evidence import StoredEvidence


class EvidenceTable:
    """Today's evidence and that of the earlier days, oldest first; a day counts in columns with today's reference.

    `kinds`: the kind of each column. `single_days`: whether the current data is that of one day; days of longer, and so
    overlapping, data are not added up to windows. `before`: the table of an earlier day. What it has in common with
    this one is taken from it, not counted and computed again. `special`: which of all days are special.

    days: the day numbers, today's last. windows: the days that each window adds up, without earlier ones that are
    special or that an analyst dismissed or confirmed. columns: each of today's columns over all days, by name. checks:
    the value and the rows of each of today's checks over all days (days, checks, 2). segments: each of today's
    segmentations over all days, by its fingerprint.
    """

    def __init__(
        self,
        today: Evidence,
        earlier: Sequence[EarlierDay],
        run_date: dt.date,
        kinds: Mapping[str, str | None],
        single_days: bool,
        before: "EvidenceTable | None" = None,
        special: np.ndarray | None = None,
    ) -> None:
        self.today, self.earlier, self.single_days = today, earlier, single_days
        self.evidence = [*(day.evidence for day in earlier), today]
        self.days = np.array([*(day.date.toordinal() for day in earlier), run_date.toordinal()])
        reviewed = np.array([*(day.label in ("dismissed", "confirmed") for day in earlier), False])
        self.windows = Windows(self.days, reviewed, special)
        self.bases = {column.name: Basis.of(column, kinds.get(column.name)) for column in today.columns}
        self.paired = self.today.pairs.columns if self.today.pairs else ()
        shared = _Shared(self, before)
        self.columns = {column.name: self._column(column, shared) for column in today.columns}
        self.pairs = self._pairs(shared)
        self.tables = self._tables(shared)
        self.checks = arrange_checks(today, self.evidence)
        self.segments = {each.reference: self._segmentation(each, shared) for each in today.segments}
        self.signals = self._compute_signals(shared.signals())

    def _column(self, today: ColumnEvidence, shared: "_Shared") -> ColumnDays:
        """Return one column over all days; if it is shared, only the new days are counted."""
        known, basis = shared.column(today), self.bases[today.name]
        if known is None:
            return arrange_column(today, basis, self.evidence)
        return join_columns(known, shared.places, arrange_column(today, basis, shared.new))

    def _pairs(self, shared: "_Shared") -> np.ndarray:
        """Return the signals of pairs of all days (days, pairs)."""
        known = shared.pairs()
        if known is None:
            return arrange_pairs(self.today, self.paired, self.evidence)
        return join_days(known, shared.places, arrange_pairs(self.today, self.paired, shared.new))

    def _tables(self, shared: "_Shared") -> TableDays | None:
        """Return how columns go together on all days."""
        if self.today.dependence is None:
            return None
        known = shared.tables()
        if known is None:
            return TableDays(self.today.dependence, arrange_tables(self.today, self.evidence))
        counts = join_days(known, shared.places, arrange_tables(self.today, shared.new))
        return TableDays(self.today.dependence, counts, shared.table_signals())

    def _segmentation(self, today: SegmentEvidence, shared: "_Shared") -> SegmentDays:
        """Return one segmentation over all days; if it is shared, only the new days are arranged."""
        known = shared.segmentation(today)
        if known is None or shared.before is None:
            return arrange_segments(self.today, today, self.evidence)
        return join_segments(
            known, shared.places, arrange_segments(self.today, today, shared.new), *shared.block(shared.before, today)
        )

    def _compute_signals(self, known: Mapping[str, Known]) -> DailySignals:
        """Return all signals of all days."""
        names = pair_names(self.paired)
        lent = np.array([*(day.of_reference for day in self.earlier), False])
        columns, windows = list(self.columns.values()), WINDOWS if self.single_days else (1,)
        of_all = self._rows(), self.windows, known, self.tables, self.checks, [*self.segments.values()]
        return daily_signals(columns, self.days, names, self.pairs, windows, lent, *of_all)

    def _rows(self) -> np.ndarray | None:
        """Return all rows of each day, None if today's are not known."""
        if self.today.rows is None:
            return None
        return np.array([day.rows or 0 for day in self.evidence], dtype=float)

    def tails(self, name: str) -> list[tuple[int, Tail] | None]:
        """Return a column's rows with a value and tails on each day, today's last; None where they are not known."""
        days = comparable(self.evidence, self.today.by_name[name])
        return [(sum(day.counts), day.tail) if day and day.tail else None for day in days]

    def window_distance(self, name: str, window: int) -> float:
        """Return a column's distance from the reference over a window that ends today."""
        column = self.columns[name]
        return float(distance(column, self.windows.add_up(column.counts, [window], slice(-1, None))[0, -1]))


class _Shared:
    """What a table need not count again: of one `before`, days and columns with the same basis, or else stored days.

    places: where each day was in that table, or NEW. new: the evidence of the days that were not.
    """

    def __init__(self, table: EvidenceTable, before: EvidenceTable | None) -> None:
        self.table, self.before = table, before if before and before.single_days == table.single_days else None
        stored = [] if self.before else [day for day in table.evidence if isinstance(day, StoredEvidence)]
        self.stored = StoredDays(stored) if stored else None
        evidence = self.before.evidence if self.before else stored
        known = {id(day): place for place, day in enumerate(evidence)}
        self.places = np.array([known.get(id(day), NEW) for day in table.evidence])
        self.new = [table.evidence[i] for i in np.flatnonzero(self.places == NEW)]
        bases = self.before.bases if self.before else {}
        self.names = {name for name, basis in table.bases.items() if bases.get(name) == basis}

    def column(self, today: ColumnEvidence) -> ColumnDays | None:
        if self.stored:
            return self.stored.column(today, self.table.bases[today.name])
        return self.before.columns[today.name] if self.before and today.name in self.names else None

    def pairs(self) -> np.ndarray | None:
        paired = self.table.paired
        if self.stored:
            return self.stored.pairs(self.table.today, paired)
        if self.before is None or self.before.paired != paired or not self.names.issuperset(paired):
            return None
        return self.before.pairs

    def tables(self) -> np.ndarray | None:
        """Return the counts in the cells of today's tables on the days known."""
        if self.stored:
            return self.stored.tables(self.table.today)
        known, today = self.before.tables if self.before else None, self.table.today.dependence
        return known.counts if known and today and known.today.reference == today.reference else None

    def segmentation(self, today: SegmentEvidence) -> SegmentDays | None:
        """Return a segmentation that is as today's, with the same columns."""
        known = self.before.segments.get(today.reference) if self.before else None
        return (
            known if known and known.is_as(self.table.today, today) and self.names.issuperset(known.columns) else None
        )

    def block(self, before: EvidenceTable, today: SegmentEvidence) -> tuple[Block, np.ndarray]:
        """Return the signals of a shared segmentation, and which days must be computed again."""
        return before.signals.of_segments[today.reference], self.table.windows.changed(before.windows, self.places)

    def table_signals(self) -> Known | None:
        """Return the signals of dependence, and which days must be computed again."""
        if self.before is None:
            return None
        stale, there = self.table.windows.changed(self.before.windows, self.places), np.maximum(self.places, 0)
        own = [signal.kind == "dependence" for signal in self.before.signals.signals]
        return Known(self.before.signals.values[np.ix_(there, np.flatnonzero(own))], stale, None)

    def signals(self) -> dict[str, Known]:
        """Return the signals of the shared columns, and which days must be computed again."""
        if self.before is None:
            return {}
        stale, there = self.table.windows.changed(self.before.windows, self.places), np.maximum(self.places, 0)
        blocks = {name: self.before.signals.of_columns[name] for name in self.names}
        return {name: Known(block.values[there], stale, block.frequent) for name, block in blocks.items()}
