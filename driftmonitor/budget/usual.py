"""Find what is usual of each signal, over the baseline days that it was compared with, and what it is now.

A signal is a number without unit. The figures here are those that people know: medians, shares of rows, correlations.
"""

from dataclasses import replace

import numpy as np

from driftmonitor.budget import signals
from driftmonitor.budget.anomaly import Verdict
from driftmonitor.budget.column_signals import ColumnDays, Signal, distance
from driftmonitor.budget.evidence_table import EvidenceTable
from driftmonitor.budget.policy import WEEK_DAYS
from driftmonitor.budget.segments import KINDS as OF_SEGMENTS
from driftmonitor.budget.usual_pairs import has_enough, is_known, pair_change
from driftmonitor.budget.windows import ABSENT
from driftmonitor.formats import show_category
from driftmonitor.words.causes import OTHER_LEVELS, RARE_LEVEL, Change
from driftmonitor.words.figures import Figure

# Times an interquartile range, divided by the root of the rows: three of its standard errors if tails are heavy. Ranks
# may spread while the interquartile range narrows, so a smaller change of it does not show what they did.
WIDTH_NOISE = 5.0
MIDDLE, WIDTH = np.array([0.0, 1.0, 0.0]), np.array([-1.0, 0.0, 1.0])  # of quartiles


class UsualDays:
    """What was usual of each signal, by its number, on the baseline days of a verdict."""

    def __init__(self, table: EvidenceTable, verdict: Verdict) -> None:
        self.table, self.daily, self.verdict, self.days = table, table.signals, verdict, table.days
        self.today = table.today.by_name

    def change(self, number: int) -> Change:
        """Return what changed from what is usual."""
        signal = self.daily.signals[number]
        if signal.kind == "pair":
            return pair_change(self.table, number, self.rose(number), self.baseline(number))
        change = Change(self.rose(number))
        if signal.kind == "missing":
            return replace(change, figure=self._missing(number))
        if self.table.columns[signal.columns[0]].categorical:
            return self._category(number, change)
        if signal.kind in ("level", "spread"):
            change = replace(change, of_reference=not self._has_enough(number))
            return self._level(number, change) if signal.kind == "level" else self._spread(number, change)
        if signal.kind == "range":
            return replace(change, figure=self._range(number))
        return replace(change, distance=self._distance(number))

    def median(self, number: int) -> Figure | None:
        """Return the median of a signal's column, averaged over the days of its window; None if too few are known."""
        return self._of_quartiles(number, "median", MIDDLE)

    def interquartile_range(self, number: int) -> Figure | None:
        """Return the interquartile range of a signal's column, as `median` does."""
        return self._of_quartiles(number, "interquartile range", WIDTH)

    def _level(self, number: int, change: Change) -> Change:
        _, _, today, before = self._counts(number)
        exceeds = float(today @ signals.half_ranks(before) / today.sum())
        return replace(change, figure=self.median(number), exceeds=exceeds)

    def _spread(self, number: int, change: Change) -> Change:
        _, reference, today, before = self._counts(number)
        off_middle = (signals.half_ranks(reference) - 0.5) ** 2
        further = bool(today @ off_middle / today.sum() > before @ off_middle / before.sum())
        width = self.interquartile_range(number)
        if width and abs(width.current - width.before) < WIDTH_NOISE * width.before / np.sqrt(today.sum()):
            width = None
        return replace(change, figure=width, further=further)

    def rose(self, number: int) -> bool | None:
        """Return whether a signal is above its baseline mean; None if it has no direction."""
        if self.daily.one_sided[number]:
            return None
        return bool(self.verdict.values[number] > self.verdict.centre[number])

    def baseline(self, number: int) -> np.ndarray:
        """Return the indices of the days that a signal was compared with, as far as they have data for it."""
        chosen = self.verdict.baseline_days
        if self.verdict.wandering[number]:
            chosen = self.verdict.recent
        elif self.verdict.weekly[number]:
            chosen = chosen[self.days[chosen] % WEEK_DAYS == self.days[-1] % WEEK_DAYS]
        signal = self.daily.signals[number]
        if signal.kind in ("pair", "dependence", "check", *OF_SEGMENTS):
            return chosen[np.isfinite(self.daily.values[chosen, number])]
        return chosen[self._day_counts(signal)[1][chosen].sum(axis=1) > 0]

    def _has_enough(self, number: int) -> bool:
        return has_enough(self.baseline(number))

    def window(self, number: int) -> np.ndarray:
        """Return the indices of the days that a signal adds up, as `Windows.add_up` does, today's last."""
        signal = self.daily.signals[number]
        if signal.kind == "check":
            has_data = self.table.checks[:, signal.level, 1] > 0
        elif signal.kind in OF_SEGMENTS:
            named = (each for each in self.table.segments.values() if each.today.name == signal.segment)
            has_data = next(named).rows.sum(axis=1) > 0
        else:
            has_data = self.table.columns[signal.columns[0]].counts.sum(axis=1) > 0
        members = self.table.windows.members[-1, : signal.window - 1]
        added = np.sort(members[members != ABSENT])
        return np.append(added[has_data[added]], len(self.days) - 1)

    def _of_quartiles(self, number: int, name: str, weights: np.ndarray) -> Figure | None:
        column = self.daily.signals[number].columns[0]
        reference = self.today[column].reference_quartiles
        figures = self.table.columns[column].quartiles @ weights
        baseline, window = self.baseline(number), self.window(number)
        current = float(np.average(figures[window], weights=self.table.columns[column].counts[window].sum(axis=1)))
        if reference is None or not np.isfinite(current) or not is_known(figures[baseline]):
            return None
        usual = float(np.nanmedian(figures[baseline])) if has_enough(baseline) else None
        of_days = "daily " if self.daily.signals[number].window > 1 else ""
        return Figure(f"{of_days}{name}", current, usual, float(np.array(reference) @ weights))

    def _day_counts(self, signal: Signal) -> tuple[np.ndarray, np.ndarray]:
        """Return the counts that a signal is computed from, of the reference and of each day."""
        column = self.table.columns[signal.columns[0]]
        if signal.kind == "missing" and column.missing is not None:
            return column.missing
        return column.reference, column.counts

    def _counts(self, number: int) -> tuple[ColumnDays, np.ndarray, np.ndarray, np.ndarray]:
        """Return a column, its counts of the reference and over the window, and those that these are compared with."""
        signal = self.daily.signals[number]
        column, (reference, days) = self.table.columns[signal.columns[0]], self._day_counts(signal)
        today = self.table.windows.add_up(days, [signal.window], slice(-1, None))[0, -1]
        usual = days[self.baseline(number)].sum(axis=0)
        return column, reference, today, usual if self._has_enough(number) else reference

    def _share(self, number: int, name: str, parts: slice) -> Figure:
        """Return the share of the rows in some bins, levels or without a value."""
        _, reference, today, before = self._counts(number)
        now, was, in_reference = (float(each[parts].sum() / each.sum()) for each in (today, before, reference))
        return Figure(name, now, was if self._has_enough(number) else None, in_reference)

    def _missing(self, number: int) -> Figure:
        return self._share(number, "missing values", slice(1))

    def _range(self, number: int) -> Figure:
        """Return the share of the bin that changed most."""
        _, _, today, before = self._counts(number)
        most = int(np.argmax(np.abs(signals.share_signals(before, today))))
        return self._share(number, "the share of values in one range", slice(most, most + 1))

    def _category(self, number: int, change: Change) -> Change:
        """Return the change of the level that the signal is of, or of the one whose share changed most."""
        signal = self.daily.signals[number]
        column, _, today, before = self._counts(number)
        names = self.today[column.name].levels
        if names is None:
            return change
        level = signal.level
        if level is None:
            apart = today / today.sum() - before / before.sum()
            shares = np.append(apart[: len(names)], apart[len(names) :].sum())
            level = int(np.argmax(np.abs(shares)))
        if level == len(names):
            return replace(change, figure=self._share(number, OTHER_LEVELS, slice(level, None)))
        name = f'"{show_category(names[level])}"' if names[level] else RARE_LEVEL
        return replace(change, figure=self._share(number, name, slice(level, level + 1)), level=name)

    def _distance(self, number: int) -> Figure:
        """Return the distance from the reference, which a change of shape is compared by."""
        signal = self.daily.signals[number]
        column = self.table.columns[signal.columns[0]]
        (counts,) = self.table.windows.add_up(column.counts, [signal.window])
        usual = counts[self.baseline(number)]
        usual = usual[usual.any(axis=1)]
        median = float(np.median(distance(column, usual))) if len(usual) and self._has_enough(number) else None
        return Figure("distance", float(distance(column, counts[-1])), median, 0.0)
