"""Arrange the packed evidence of many days as arrays, without unpacking: days of one shape are read all at once."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from driftmonitor.budget.column_signals import ColumnDays
from driftmonitor.budget.evidence_arrays import Basis, make_column
from driftmonitor.budget.signals import pair_names
from driftmonitor.facts.evidence import ColumnEvidence, Evidence
from driftmonitor.facts.packed import read_shape
from driftmonitor.facts.stored_evidence import StoredEvidence, find_columns


class Alike(NamedTuple):
    """Days whose part has the same shape: their places, and of that part each number (days, numbers).

    integers, reals: as the layout of the shape says.
    """

    days: np.ndarray
    shape: str
    integers: np.ndarray
    reals: np.ndarray


class StoredDays:
    """The evidence of some days, and their arrays."""

    def __init__(self, evidence: Sequence[StoredEvidence]) -> None:
        self.evidence = evidence
        self._columns = self._arrange("columns")

    def column(self, today: ColumnEvidence, basis: Basis) -> ColumnDays:
        """Return one column over all days, against today's reference, as `arrange_column` does."""
        days = len(self.evidence)
        counts, quartiles = np.zeros((days, len(today.counts))), np.full((days, 3), np.nan)
        missing, tails = np.zeros((days, 2)), np.zeros((days, 6))
        for alike in self._columns:
            at = find_columns(alike.shape).get(today.name)
            if at is None or at["reference"] != today.reference:
                continue
            counts[alike.days] = own = alike.integers[:, at["counts"].where]
            if "quartiles" in at:
                quartiles[alike.days] = alike.reals[:, at["quartiles"].where]
            if "missing" in at:
                missing[alike.days] = _split_missing(alike.integers[:, at["missing"].where])
            if "tail" in at:
                above, below = alike.reals[:, at["tail"]["excess"].where].T
                (same,), none = alike.integers[:, at["tail"]["same"].where].T, np.zeros(len(own))
                tails[alike.days] = np.column_stack([own.sum(axis=1), above, none, below, none, same])
        return make_column(today, basis, counts, missing, tails, quartiles)

    def pairs(self, today: Evidence, columns: Sequence[str]) -> np.ndarray:
        """Return the signals of pairs of `columns` (days, pairs), as `arrange_pairs` does."""
        names = pair_names(columns)
        found = np.full((len(self.evidence), len(names)), np.nan)
        for alike in self._arrange("pairs"):
            at = read_shape(alike.shape).value
            start = at["signals"].where.start
            place = {pair: start + i for i, pair in enumerate(pair_names(at["columns"]))}
            there = np.array([i for i, pair in enumerate(names) if pair in place], dtype=int)
            signals = alike.reals[:, [place[names[i]] for i in there]]
            usable = self._usable(today, columns, complete=bool(at.get("complete")))[alike.days]
            first, second = (np.array([columns.index(names[i][j]) for i in there], dtype=int) for j in (0, 1))
            found[np.ix_(alike.days, there)] = np.where(usable[:, first] & usable[:, second], signals, np.nan)
        return found

    def _usable(self, today: Evidence, columns: Sequence[str], complete: bool) -> np.ndarray:
        """Return on which days each column has today's reference and, unless `complete`, no missing value."""
        usable = np.zeros((len(self.evidence), len(columns)), dtype=bool)
        for alike in self._columns:
            named = find_columns(alike.shape)
            for i, name in enumerate(columns):
                at = named.get(name)
                if at is None or at["reference"] != today.references.get(name):
                    continue
                usable[alike.days, i] = True
                if not complete and "missing" in at:
                    usable[alike.days, i] = ~alike.integers[:, at["missing"].where][:, ::2].any(axis=1)
        return usable

    def tables(self, today: Evidence) -> np.ndarray:
        """Return each day's counts in the cells of today's tables (days, cells), as `arrange_tables` does."""
        if today.dependence is None:
            return np.empty((len(self.evidence), 0))
        found = np.zeros((len(self.evidence), len(today.dependence.counts)))
        for alike in self._arrange("dependence"):
            if read_shape(alike.shape).value["reference"] == today.dependence.reference:
                found[alike.days] = alike.integers
        return found

    def _arrange(self, part: str) -> list[Alike]:
        """Return the days that have a part, those of each shape together."""
        places = defaultdict(list)
        for place, evidence in enumerate(self.evidence):
            if part in evidence.packed:
                places[evidence.packed[part].shape, evidence.packed[part].type].append(place)
        return [self._read(part, days, *key) for key, days in places.items()]

    def _read(self, part: str, days: Sequence[int], shape: str, type_: str) -> Alike:
        packed = [self.evidence[day].packed[part] for day in days]
        integers = np.frombuffer(b"".join(each.integers for each in packed), type_)
        reals = np.frombuffer(b"".join(each.reals for each in packed), "d")
        return Alike(np.array(days), shape, integers.reshape(len(days), -1), reals.reshape(len(days), -1))


def _split_missing(missing: np.ndarray) -> np.ndarray:
    """Return rows without and with a value (days, 2), from those of reference and day (days, 4)."""
    without, rows = missing[:, 2:].T.astype(float)
    return np.column_stack([without, rows - without])
