"""Compute where each column is in each segment of the rows, and each segment's share, on every day.

segment: the mean ridit of a column in the segment's rows, among the reference's rows of the same segment, less that of
all other rows among theirs. mix: the segment's share of all rows. new: the share of rows whose value the reference does
not have.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from driftmonitor.budget import signals
from driftmonitor.budget.column_signals import Block, Known, Signal
from driftmonitor.budget.evidence_arrays import join_days
from driftmonitor.budget.windows import Windows
from driftmonitor.facts.evidence import RIDIT_UNITS, SPREAD_UNITS, Evidence, SegmentEvidence

KINDS = ("segment", "mix", "new")
FEWEST_ROWS = 10  # of a segment over a window, from which on its columns are compared
FEWEST_REFERENCE = 50  # rows of a segment in the reference
LEAST_NEW_SD = 1.0  # a few rows with a value of their own are no change
MOST_SPREAD = 1 / 12


@dataclass(frozen=True)
class SegmentDays:
    """One segmentation over many days, today's last, and signals that are `known`, and how they are `named`.

    columns: the names of those with sums. watched: of all. sd: of the ridits in the reference (columns, segments).
    rows: (days, segments + 1), those with a new value last. sums: of the centred
    ridits (days, columns, segments), NaN of a column that a day does not have, or with another reference.
    """

    today: SegmentEvidence
    columns: tuple[str, ...]
    watched: tuple[str, ...]
    rows: np.ndarray
    sums: np.ndarray
    sd: np.ndarray
    known: Known | None = None
    named: tuple[Signal, ...] = ()

    def is_as(self, evidence: Evidence, today: SegmentEvidence) -> bool:
        """Return whether another day's segmentation has the same reference in the same columns."""
        own = self.today.reference_rows, self.today.values, self.today.spreads
        same = own == (today.reference_rows, today.values, today.spreads)
        is_watched = self.today.name in self.watched, today.name in evidence.by_name
        return same and len(set(is_watched)) == 1 and self.columns == name_columns(evidence, today)

    @cached_property
    def cells(self) -> tuple[np.ndarray, np.ndarray]:
        """The columns and segments that are compared: enough rows of the reference, with different values."""
        known = self._reference[:-1]
        usable = (self.sd > 0) & (np.minimum(known, known.sum() - known) >= FEWEST_REFERENCE)
        column, segment = np.nonzero(usable)
        return column, segment

    @cached_property
    def shares(self) -> np.ndarray:
        """The segments whose share is compared: those that the reference has."""
        return np.flatnonzero(self._reference > 0)

    @cached_property
    def _reference(self) -> np.ndarray:
        return np.array((*self.today.reference_rows, 0), dtype=float)

    def block(self, added: Windows, windows: Sequence[int], of_reference: np.ndarray) -> Block:
        """Return the signals of all days; `of_reference`: days that are compared with the rest of the reference.

        Of what is `known` only stale days are computed, and the last one.
        """
        last = len(self.rows) - 1
        days = np.arange(last + 1) if self.known is None else np.union1d(np.flatnonzero(self.known.stale), last)
        has_rows, size = self.rows.sum(axis=1) > 0, self.rows.shape[1]
        parts = added.add_up(np.hstack([self.rows, self.sums.reshape(last + 1, -1)]), windows, days, has_rows)
        rows, sums = parts[..., :size], parts[..., size:].reshape(len(windows), len(days), *self.sd.shape)
        lent = of_reference[days][:, None]
        blocks = (self._levels(rows[..., :-1], sums, lent), self._mix(rows, lent), self._new(rows[:1]))
        own, least, usual = (np.concatenate(each, axis=-1) for each in zip(*blocks, strict=True))
        values = np.empty((last + 1, own.shape[1])) if self.known is None else self.known.values
        values[days] = own
        return Block(self.named or self._names(windows), values, least, usual)

    def _names(self, windows: Sequence[int]) -> tuple[Signal, ...]:
        """Return the identities of the signals."""
        name, own = self.today.name, (self.today.name,) if self.today.name in self.watched else ()
        cells = list(zip(*(each.tolist() for each in self.cells), strict=True))
        return (
            *(Signal("segment", window, (self.columns[i],), j, name) for window in windows for i, j in cells),
            *(Signal("mix", window, own, j, name) for window in windows for j in self.shares.tolist()),
            Signal("new", 1, own, len(self._reference) - 1, name),
        )

    def _levels(self, rows: np.ndarray, sums: np.ndarray, lent: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return values (days, signals), least_sd and usual_sd (signals) of the columns in the segments.

        A segment is compared with all other rows: what changes in all of them alike is no change of the segment.
        """
        column, segment = self.cells
        known, variances = self._reference[:-1], self.sd**2
        n, m = (rows, rows.sum(axis=-1, keepdims=True) - rows), (known, known.sum() - known)
        total = (rows[..., None, :] * variances).sum(axis=-1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            # The reference's sums are 0: those of its other days are as far below as a day's are above.
            error = [np.where(lent, m[i] / n[i] / (m[i] - n[i]), 1 / n[i] + 1 / m[i])[..., segment] for i in (0, 1)]
            each = [np.where(lent, m[i] / n[i] / (m[i] - n[i]), 1 / n[i])[..., segment] for i in (0, 1)]
            of_others = ((total - rows[..., None, :] * variances) / n[1][..., None, :])[..., column, segment]
            apart = sums[..., column, segment] * each[0]
            apart = apart - (sums.sum(axis=-1, keepdims=True) - sums)[..., column, segment] * each[1]
            values = apart / np.sqrt(variances[column, segment] * error[0] + of_others * error[1])
            enough = (n[0] >= FEWEST_ROWS) & (n[1] >= FEWEST_ROWS)
            values = np.where(enough[..., segment] & np.isfinite(values), values, np.nan)
            sizes = (1 / (1 / n[0][:, -1] + 1 / n[1][:, -1]), 1 / (1 / m[0] + 1 / m[1]))
        return _by_window(values), *_sds(np.nan_to_num(sizes[0])[:, segment], sizes[1][segment])

    def _mix(self, rows: np.ndarray, lent: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the same of the segments' shares."""
        usual, total = self._reference, rows.sum(axis=-1, keepdims=True)
        rest = np.where(lent, np.maximum(usual - rows, 0), usual)
        expected = usual[self.shares] / usual.sum() * total
        with np.errstate(invalid="ignore", divide="ignore"):
            values = signals.share_signals(rest, rows)[..., self.shares]
        values = np.where(expected >= signals.FEWEST_EXPECTED, values, np.nan)
        return _by_window(values), *_sds(np.broadcast_to(total[:, -1], values[:, -1].shape), usual.sum())

    def _new(self, rows: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the same of the share of rows with a new value, on single days."""
        with np.errstate(invalid="ignore"):
            values = signals.share_signals(self._reference, rows)[0, :, -1:]
        values = np.where(rows[0].sum(axis=-1, keepdims=True) >= FEWEST_ROWS, values, np.nan)
        usual = signals.usual_sd(rows[0, -1].sum(), self._reference.sum())
        return values, np.array([LEAST_NEW_SD]), np.array([max(float(usual), LEAST_NEW_SD)])


def _by_window(values: np.ndarray) -> np.ndarray:
    """Return signals (windows, days, signals) with those of each window together (days, all)."""
    return np.concatenate(list(values), axis=-1)


def _sds(rows: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return least_sd and usual_sd (all) of one day's signals with so many rows (windows, signals)."""
    return signals.least_sd(rows, reference).reshape(-1), signals.usual_sd(rows, reference).reshape(-1)


def name_columns(evidence: Evidence, today: SegmentEvidence) -> tuple[str, ...]:
    """Return the columns that are compared in segments, without the one by which the rows are divided."""
    names = (column.name for column, _ in zip(evidence.columns, today.sums, strict=False))
    return tuple(name for name in names if name != today.name)


def arrange_segments(evidence: Evidence, today: SegmentEvidence, days: Sequence[Evidence]) -> SegmentDays:
    """Return one of today's segmentations over some days."""
    columns = name_columns(evidence, today)
    size = len(today.reference_rows)
    rows, sums = np.zeros((len(days), size + 1)), np.full((len(days), len(columns), size), np.nan)
    place = {name: i for i, name in enumerate(columns)}
    for i, day in enumerate(days):
        own = next((each for each in day.segments if each.reference == today.reference), None)
        if own is None:
            continue
        rows[i] = own.rows
        for (name, reference), kept in zip(day.references.items(), own.sums, strict=False):
            if name in place and evidence.references[name] == reference:
                sums[i, place[name]] = _fill(kept, 0, size)
    spreads = [_fill(kept, SPREAD_UNITS, size) for kept in _spreads(evidence, today)]
    sd = np.sqrt(np.array(spreads, dtype=float).reshape(-1, size) / SPREAD_UNITS * MOST_SPREAD)
    return SegmentDays(today, columns, tuple(evidence.by_name), rows, sums / RIDIT_UNITS, sd)


def _spreads(evidence: Evidence, today: SegmentEvidence) -> list[tuple[int, ...]]:
    every = zip(evidence.columns, today.spreads, strict=False)
    return [kept for column, kept in every if column.name != today.name]


def _fill(kept: Sequence[int], usual: int, size: int) -> list[int]:
    return [*kept, *[usual] * (size - len(kept))]


def join_segments(
    known: SegmentDays, places: np.ndarray, new: SegmentDays, block: Block, stale: np.ndarray
) -> SegmentDays:
    """Return a segmentation over the days at these `places` of those known, and in the order of places the new ones.

    `block`: the signals of the days known, of which those `stale` are computed again.
    """
    rows, sums = join_days(known.rows, places, new.rows), join_days(known.sums, places, new.sums)
    signals_known = Known(block.values[np.maximum(places, 0)], stale, None)
    return replace(new, rows=rows, sums=sums, known=signals_known, named=block.signals)
