"""Compute the signals of many days from their stored counts, all with today's reference and formulas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from driftmonitor.budget import signals
from driftmonitor.budget.baseline import OTHERS, SEGMENTS, SEVERAL, SINGLE, Terms
from driftmonitor.budget.beside import FEWEST_COLUMNS, LEAST_SD, MOST_COLUMNS
from driftmonitor.budget.checks import KIND as CHECK
from driftmonitor.budget.checks import check_block
from driftmonitor.budget.column_blocks import column_blocks
from driftmonitor.budget.column_signals import Block, ColumnDays, Known, Signal
from driftmonitor.budget.dependence import TableDays
from driftmonitor.budget.policy import WINDOWS
from driftmonitor.budget.segments import KINDS as OF_SEGMENTS
from driftmonitor.budget.segments import SegmentDays
from driftmonitor.budget.tails import LEAST_ROW_SD, TAIL_SIGNALS, USUAL_ROW_SD, row_changes
from driftmonitor.budget.windows import Windows

OTHER_KINDS = ("rows", CHECK, *TAIL_SIGNALS)  # on real days they vary more than others


@dataclass(frozen=True)
class DailySignals(Block):
    """All signals of all days, those of each column, and those of each segmentation by its fingerprint."""

    of_columns: Mapping[str, Block] = field(default_factory=dict)
    of_segments: Mapping[str, Block] = field(default_factory=dict)

    @cached_property
    def one_sided(self) -> np.ndarray:
        """Which signals are unusual only if large."""
        return np.array([signal.kind in signals.ONE_SIDED for signal in self.signals], dtype=bool)

    @cached_property
    def windows(self) -> np.ndarray:
        """The number of days that each signal adds up."""
        return np.array([signal.window for signal in self.signals])

    @cached_property
    def groups(self) -> np.ndarray:
        """The group of each signal, which has a limit of its own.

        One day, several days, tails with rows and checks, and segments.
        """
        other, segments = (
            np.array([signal.kind in kinds for signal in self.signals], dtype=bool)
            for kinds in (OTHER_KINDS, OF_SEGMENTS)
        )
        whole = np.where(other, OTHERS, np.where(self.windows > 1, SEVERAL, SINGLE))
        return np.where(segments, SEGMENTS, whole)

    @cached_property
    def beside(self) -> np.ndarray | None:
        """The places (2, windows, columns) of the levels and of the signals that compare each with the others'."""
        levels, own = (self._places(kind) for kind in ("level", "beside"))
        found = [(levels[key], place) for key, place in own.items()]
        return np.array(found, dtype=int).T.reshape(2, len({window for window, _ in own}), -1) if found else None

    def _places(self, kind: str) -> dict[tuple[int, tuple[str, ...]], int]:
        signals = enumerate(self.signals)
        return {(signal.window, signal.columns): place for place, signal in signals if signal.kind == kind}

    def terms(self, false_alarms_per_year: float) -> Terms:
        """Return what judging these signals needs to know of them."""
        known = self.one_sided, self.least_sd, self.usual_sd, self.windows, self.groups, self.beside
        return Terms(false_alarms_per_year, *known)

    def p_values(self) -> np.ndarray:
        """Return the p-values of the last day's signals, if days are exchangeable."""
        return signals.p_values(self.values[-1], self.one_sided)


def daily_signals(
    columns: Sequence[ColumnDays],
    days: np.ndarray,
    pair_columns: Sequence[tuple[str, str]] = (),
    pairs: np.ndarray | None = None,
    windows: Sequence[int] = WINDOWS,
    of_reference: np.ndarray | None = None,
    rows: np.ndarray | None = None,
    added: Windows | None = None,
    known: Mapping[str, Known] | None = None,
    tables: TableDays | None = None,
    checks: np.ndarray | None = None,
    segments: Sequence[SegmentDays] = (),
) -> DailySignals:
    """Return the signals of the days; `days` are day numbers, ascending, the last one today's.

    `pairs`: (days, pairs), the signals of `pair_columns`. `of_reference`: days of the reference, which are compared
    with the rest of it. `rows`: of each day, 0 if unknown. `added`: the days that each window adds up. `known`: what
    was computed of a column before. `tables`: how columns go together. `checks`: as `arrange_checks` returns them.
    `segments`: each segmentation.
    """
    added = added or Windows(days)
    lent = np.zeros(len(days), dtype=bool) if of_reference is None else of_reference
    of_columns = column_blocks(columns, added, windows, lent, known or {})
    blocks = list(of_columns.values())
    if pairs is not None and len(pair_columns):
        blocks.append(_pair_block(columns, pair_columns, pairs))
    if tables is not None:
        blocks.append(tables.block(added, windows, lent))
    blocks.append(_beside_block([column.name for column in columns if not column.categorical], len(days), windows))
    if rows is not None:
        blocks.append(_row_block(row_changes(rows, days), added, windows))
    if checks is not None and checks.shape[1]:
        blocks.append(check_block(checks, added, windows))
    of_segments = {each.today.reference: each.block(added, windows, lent) for each in segments}
    blocks += of_segments.values()
    return DailySignals(
        tuple(signal for block in blocks for signal in block.signals),
        np.hstack([block.values for block in blocks]),
        np.concatenate([block.least_sd for block in blocks]),
        np.concatenate([block.usual_sd for block in blocks]),
        of_columns=of_columns,
        of_segments=of_segments,
    )


def _row_block(changes: np.ndarray, added: Windows, windows: Sequence[int]) -> Block:
    """Return the mean change of the number of rows over the days of each window."""
    known = np.isfinite(changes)
    counted = np.column_stack([known, np.where(known, changes, 0.0)])
    number, total = added.add_up(counted, windows, known=known).T
    values = np.divide(total, number, out=np.full(number.shape, np.nan), where=number > 0)
    names = tuple(Signal("rows", window, ()) for window in windows)
    return Block(names, values, *(np.full(len(windows), sd) for sd in (LEAST_ROW_SD, USUAL_ROW_SD)))


def _beside_block(numbers: Sequence[str], days: int, windows: Sequence[int]) -> Block:
    """Return the signals of columns beside the others, which have values only when they are judged."""
    named = numbers[:MOST_COLUMNS] if len(numbers) >= FEWEST_COLUMNS else []
    names = tuple(Signal("beside", window, (name,)) for window in windows for name in named)
    empty = np.full((days, len(names)), np.nan)
    return Block(names, empty, np.full(len(names), LEAST_SD), np.ones(len(names)))


def _pair_block(columns: Sequence[ColumnDays], pair_columns: Sequence[tuple[str, str]], values: np.ndarray) -> Block:
    usual_sd = {column.name: signals.usual_sd(column.counts[-1].sum(), column.reference.sum()) for column in columns}
    least = np.full(len(pair_columns), signals.least_sd(1, 1))
    usual = np.array([usual_sd[first] for first, _ in pair_columns])
    return Block(tuple(Signal("pair", 1, names) for names in pair_columns), values, least, usual)
