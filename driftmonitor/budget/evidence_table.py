"""Arrange the evidence of today and of earlier days as arrays of counts, for today's columns and reference."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from driftmonitor.budget.days import ColumnDays, DailySignals, add_up, daily_signals, distance
from driftmonitor.budget.policy import WINDOWS
from driftmonitor.facts.earlier_days import EarlierDay
from driftmonitor.facts.evidence import ColumnEvidence, Evidence, Tail, even_counts


@dataclass(frozen=True)
class EvidenceTable:
    """Today's evidence and that of the earlier days, oldest first; a day counts in columns with today's reference.

    `kinds`: the kind of each column. `single_days`: whether the current data is that of one day; days of longer, and so
    overlapping, data are not added up to windows.
    """

    today: Evidence
    earlier: Sequence[EarlierDay]
    run_date: dt.date
    kinds: Mapping[str, str | None]
    single_days: bool

    @cached_property
    def days(self) -> np.ndarray:
        """The day numbers, today's last."""
        return np.array([*(day.date.toordinal() for day in self.earlier), self.run_date.toordinal()])

    @cached_property
    def reviewed(self) -> np.ndarray:
        """Which days an analyst dismissed or confirmed."""
        return np.array([*(day.label in ("dismissed", "confirmed") for day in self.earlier), False])

    def daily_signals(self) -> DailySignals:
        """Return all signals of all days."""
        by_day = [*self._earlier_columns, {column.name: column for column in self.today.columns}]
        columns = [self._column(column, by_day) for column in self.today.columns]
        names = [pair for pair, _ in self.today.pairs.items()] if self.today.pairs else []
        windows = WINDOWS if self.single_days else (1,)
        of_reference = np.array([*(day.of_reference for day in self.earlier), False])
        pairs = self._pairs(names, by_day)
        return daily_signals(columns, self.days, names, pairs, self.reviewed, windows, of_reference, self._rows())

    def tails(self, name: str) -> list[tuple[int, Tail] | None]:
        """Return a column's rows with a value and tails on each day, today's last; None where they are not known."""
        today = next(column for column in self.today.columns if column.name == name)
        days = [_comparable(day.get(name), today) for day in self._earlier_columns]
        return [(sum(day.counts), day.tail) if day and day.tail else None for day in [*days, today]]

    def _rows(self) -> np.ndarray | None:
        """Return all rows of each day, None if today's are not known."""
        if self.today.rows is None:
            return None
        return np.array([*(day.evidence.rows or 0 for day in self.earlier), self.today.rows], dtype=float)

    def column_days(self, name: str) -> ColumnDays:
        """Return one column over all days, by its name."""
        today = next(column for column in self.today.columns if column.name == name)
        return self._column(today, [*self._earlier_columns, {name: today}])

    def window_distance(self, name: str, window: int) -> float:
        """Return a column's distance from the reference over a window that ends today."""
        column = self.column_days(name)
        return distance(column, add_up(column.counts, self.days, window, self.reviewed)[-1])

    @cached_property
    def _earlier_columns(self) -> list[dict[str, ColumnEvidence]]:
        return [{column.name: column for column in day.evidence.columns} for day in self.earlier]

    def _column(self, today: ColumnEvidence, by_day: Sequence[Mapping[str, ColumnEvidence]]) -> ColumnDays:
        """Return one column over all days."""
        no_rows = (0,) * len(today.counts)
        comparable = [_comparable(day.get(today.name), today) for day in by_day]
        return ColumnDays(
            today.name,
            self.kinds.get(today.name) == "categorical",
            np.array(today.reference_counts or even_counts(today.rows[0]), dtype=float),
            np.array([day.counts if day else no_rows for day in comparable], dtype=float),
            _missing(today, comparable),
            _tail(today, comparable),
        )

    def _pairs(self, names: Sequence[tuple[str, str]], by_day: Sequence[Mapping[str, ColumnEvidence]]) -> np.ndarray:
        """Return the signals of pairs (days, pairs), NaN where a day is not comparable in both columns."""
        today = {column.name: column for column in self.today.columns}
        rows = []
        for day, columns in zip([*(day.evidence for day in self.earlier), self.today], by_day, strict=True):
            signals = dict(day.pairs.items()) if day.pairs else {}
            comparable = {name for name, column in today.items() if _comparable(columns.get(name), column)}
            rows.append([signals.get(pair) if comparable.issuperset(pair) else None for pair in names])
        return np.array(rows, dtype=float).reshape(len(rows), len(names))


def _comparable(day: ColumnEvidence | None, today: ColumnEvidence) -> ColumnEvidence | None:
    """Return a day's evidence if its reference was the same as today's, else None."""
    return day if day is not None and day.reference == today.reference else None


def _missing(
    today: ColumnEvidence, comparable: Sequence[ColumnEvidence | None]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return rows without and with a value, of the reference and of each day; None if they are not known."""
    if today.missing is None:
        return None
    counted = [day.missing[2:] if day and day.missing else (0, 0) for day in comparable]
    days = np.array([(missing, rows - missing) for missing, rows in counted], dtype=float)
    missing, rows = today.missing[:2]
    return np.array([missing, rows - missing], dtype=float), days


def _tail(today: ColumnEvidence, comparable: Sequence[ColumnEvidence | None]) -> tuple[np.ndarray, np.ndarray] | None:
    """Return what the tails' signals take, of the reference and of each day; None if it is not known."""
    if today.tail is None or today.reference_tail is None:
        return None
    days = np.zeros((len(comparable), 6))
    for place, day in enumerate(comparable):
        if day and day.tail:
            days[place, [0, 1, 3, 5]] = sum(day.counts), *day.tail.excess, day.tail.same
    return np.array([today.rows[0], *today.reference_tail], dtype=float), days
