"""The evidence of a day and of the days before it as arrays of counts: of today's columns, with today's reference."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from driftmonitor.budget.days import ColumnDays, DailySignals, add_up, daily_signals, distance
from driftmonitor.budget.policy import WINDOWS
from driftmonitor.facts.earlier_days import EarlierDay
from driftmonitor.facts.evidence import ColumnEvidence, Evidence, even_counts


@dataclass(frozen=True)
class EvidenceTable:
    """Today and the days before it as arrays: of the columns that today has, where the reference was the same."""

    today: Evidence
    before: Sequence[EarlierDay]
    run_date: dt.date
    kinds: Mapping[str, str | None]
    single_days: bool

    @property
    def days(self) -> np.ndarray:
        """The day numbers, today's last."""
        return np.array([*(day.date.toordinal() for day in self.before), self.run_date.toordinal()])

    @property
    def apart(self) -> np.ndarray:
        """Which days an analyst has judged."""
        return np.array([*(bool(day.label) for day in self.before), False])

    def daily_signals(self) -> DailySignals:
        """Return all signals of all days."""
        every = [*self._columns_of_days(), {column.name: column for column in self.today.columns}]
        columns = [self.column(column, every) for column in self.today.columns]
        pairs = self.today.pairs
        names = [pair for pair, _ in pairs.items()] if pairs else []
        windows = WINDOWS if self.single_days else (1,)
        inside = np.array([*(day.of_reference for day in self.before), False])
        return daily_signals(columns, self.days, names, self._pairs(names, every), self.apart, windows, inside)

    def _columns_of_days(self) -> list[dict[str, ColumnEvidence]]:
        return [{column.name: column for column in day.evidence.columns} for day in self.before]

    def column(self, today: ColumnEvidence, every: Sequence[Mapping[str, ColumnEvidence]]) -> ColumnDays:
        """Return one column over all days."""
        none = (0,) * len(today.counts)
        same = [_same(day.get(today.name), today) for day in every]
        return ColumnDays(
            today.name,
            self.kinds.get(today.name) == "categorical",
            np.array(today.reference_counts or even_counts(today.rows[0]), dtype=float),
            np.array([day.counts if day else none for day in same], dtype=float),
            _missing(today, same),
        )

    def _pairs(self, names: Sequence[tuple[str, str]], every: Sequence[Mapping[str, ColumnEvidence]]) -> np.ndarray:
        known = {column.name: column for column in self.today.columns}
        rows = []
        for day, columns in zip([*(day.evidence for day in self.before), self.today], every, strict=True):
            found = dict(day.pairs.items()) if day.pairs else {}
            same = {name for name, column in known.items() if _same(columns.get(name), column)}
            rows.append([found.get(pair) if same.issuperset(pair) else None for pair in names])
        return np.array(rows, dtype=float).reshape(len(rows), len(names))

    def moved(self, name: str, window: int) -> float:
        """Return the share of a column's rows that moved over a window that ends today."""
        today = next(column for column in self.today.columns if column.name == name)
        every = [*self._columns_of_days(), {name: today}]
        column = self.column(today, every)
        return distance(column, add_up(column.counts, self.days, window, self.apart)[-1])


def _same(day: ColumnEvidence | None, today: ColumnEvidence) -> ColumnEvidence | None:
    return day if day is not None and day.reference == today.reference else None


def _missing(today: ColumnEvidence, same: Sequence[ColumnEvidence | None]) -> tuple[np.ndarray, np.ndarray] | None:
    """Return rows without and with a value, of the reference and of each day; None where they are not known."""
    if today.missing is None:
        return None
    counted = [day.missing[2:] if day and day.missing else (0, 0) for day in same]
    days = np.array([(missing, rows - missing) for missing, rows in counted], dtype=float)
    missing, rows = today.missing[:2]
    return np.array([missing, rows - missing], dtype=float), days
