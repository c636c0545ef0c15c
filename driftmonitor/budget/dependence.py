"""Compute how two columns, or three, go together on each day, from the cells of tables that divide them in halves.

The signal of a table is the change of its log odds ratio from the reference (Woolf 1955), of three columns that of the
ratio of two such ratios (Bartlett 1935). Neither changes if only the shares of the halves do, so a column that shifts
is no change of dependence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from driftmonitor.budget import signals
from driftmonitor.budget.column_signals import Block, Known, Signal
from driftmonitor.budget.windows import Windows
from driftmonitor.facts.evidence import DependenceEvidence, Evidence

SIGNS = {2: np.array([1, -1, -1, 1]), 3: np.array([-1, 1, 1, -1, 1, -1, -1, 1])}
ADDED = 0.5  # to each cell, so that an empty one has a logarithm (Haldane 1955)


def arrange_tables(today: Evidence, days: Sequence[Evidence]) -> np.ndarray:
    """Return each day's counts in the cells of today's tables (days, cells); 0 if it has none, or those of others."""
    if today.dependence is None:
        return np.empty((len(days), 0))
    nothing, wanted = (0,) * len(today.dependence.counts), today.dependence.reference
    found = (day.dependence for day in days)
    return np.array([each.counts if each and each.reference == wanted else nothing for each in found], dtype=float)


@dataclass(frozen=True)
class TableDays:
    """The tables of today's reference, the counts of all days in their cells (days, cells), and `known` signals."""

    today: DependenceEvidence
    counts: np.ndarray
    known: Known | None = None

    def block(self, added: Windows, windows: Sequence[int], of_reference: np.ndarray) -> Block:
        """Return the signals of all days; `of_reference`: days that are compared with the rest of the reference.

        Of what is `known` only stale days are computed, and the last one.
        """
        last = len(self.counts) - 1
        days = np.arange(last + 1) if self.known is None else np.union1d(np.flatnonzero(self.known.stale), last)
        sums = added.add_up(self.counts, windows, days)
        usual = np.broadcast_to(np.array(self.today.reference_counts, dtype=float), sums.shape)
        lent = of_reference[days] & (sums.sum(axis=-1) > 0)
        usual = np.where(lent[..., None], np.maximum(usual - sums, 0), usual)
        parts = [self._part(number, sums, usual) for number in SIGNS]
        own, least, expected = (np.concatenate(each, axis=-1) for each in zip(*parts, strict=True))
        values = np.empty((last + 1, own.shape[1])) if self.known is None else self.known.values
        values[days] = own
        return Block(tuple(name for number in SIGNS for name in self._names(number, windows)), values, least, expected)

    def cells(self, number: int) -> slice:
        """Return where the cells of a table are."""
        start = sum(2 ** len(table) for table in self.today.tables[:number])
        return slice(start, start + 2 ** len(self.today.tables[number]))

    def _places(self, number: int) -> list[int]:
        """Return the tables of so many columns."""
        return [place for place, table in enumerate(self.today.tables) if len(table) == number]

    def _names(self, number: int, windows: Sequence[int]) -> list[Signal]:
        names = {
            place: tuple(self.today.columns[i] for i in self.today.tables[place]) for place in self._places(number)
        }
        return [Signal("dependence", window, columns, place) for window in windows for place, columns in names.items()]

    def _part(self, number: int, sums: np.ndarray, usual: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return values (days, signals), least_sd and usual_sd (signals) of the tables of so many columns."""
        cells = [self.cells(place) for place in self._places(number)]
        shape = (*sums.shape[:2], len(cells), 2**number)
        current, reference = (
            np.concatenate([each[..., own] for own in cells], axis=-1).reshape(shape) if cells else np.empty(shape)
            for each in (sums, usual)
        )
        values = table_signals(reference, current)
        sizes = current[:, -1].sum(axis=-1), reference[:, -1].sum(axis=-1)
        least, expected = (sd(*sizes).reshape(-1) for sd in (signals.least_sd, signals.usual_sd))
        return values.transpose(1, 0, 2).reshape(shape[1], -1), least, expected


def table_signals(reference: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the change of each table's log odds ratio, in standard errors; NaN without rows (..., cells)."""
    change = log_odds_ratio(counts) - log_odds_ratio(reference)
    error = np.sqrt((1 / (counts + ADDED)).sum(axis=-1) + (1 / (reference + ADDED)).sum(axis=-1))
    return np.where(counts.sum(axis=-1) > 0, change / error, np.nan)


def log_odds_ratio(counts: np.ndarray) -> np.ndarray:
    """Return the log odds ratio of tables of four cells, and its change between the halves of tables of eight."""
    return (np.log(counts + ADDED) * SIGNS[{4: 2, 8: 3}[counts.shape[-1]]]).sum(axis=-1)
