"""Predict what the share rule does: how often it raises false alarms, and the smallest shift it detects."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from driftmonitor.budget.column_tests import ks_size, smallest_shift, variation_size
from driftmonitor.budget.policy import DAYS_A_YEAR
from driftmonitor.facts.record import ColumnScore, RunRecord
from driftmonitor.formats import counted, number

ENOUGH_REFERENCE = 10  # times a day's rows; with fewer, false alarms cluster: every day has the same reference


@dataclass(frozen=True)
class Expectation:
    """What the share rule does if nothing changes, and if one column shifts.

    `alarm_days_a_year`: the expected false-alarm days; None if a method's rate is unknown, which `unknown` then names.
    `columns_needed`: how many columns must drift on one day for an alert.
    `shift_sd`: the smallest mean shift of one normal column, in standard deviations, that is detected on its first day
    with a probability of 90%; None if one column alone can never alert, or none is tested by K-S.
    `is_blind`: whether no shift of a column that K-S tests is detected so often.
    `columns`, `reference_rows`, `current_rows`: what the numbers are computed for. `tested`: how many can drift.
    """

    alarm_days_a_year: float | None
    columns_needed: int
    shift_sd: float | None
    columns: int
    reference_rows: int
    current_rows: int
    unknown: str = ""
    tested: int | None = None  # all of them
    is_blind: bool = False

    @property
    def can_alert(self) -> bool:
        """Whether drift of every column that is tested would be an alert."""
        return self.columns_needed <= (self.columns if self.tested is None else self.tested)

    @property
    def reference_is_small(self) -> bool:
        """Whether false alarms come in clusters: each day is compared with the same, small, reference."""
        return self.reference_rows < ENOUGH_REFERENCE * self.current_rows

    def sentences(self) -> list[str]:
        """Return the expectation in sentences, the rate first."""
        if not self.can_alert:
            return [f"T{self._say_never()[1:]}."]
        return [*self._say_rate(), self._say_detection(), *(self._say_reference() if self.reference_is_small else [])]

    def short(self) -> str:
        """Return the expectation on one line, without a full stop."""
        if not self.can_alert:
            return self._say_never()
        days = self._say_days()
        rate = f"{days} a year if nothing changes" if days else "the rate of false alarms is unknown"
        if self.columns_needed > 1:
            return f"{rate}; one column alone can never alert"
        if self.is_blind:
            return f"{rate}; no shift of the mean is detected on its first day (90% of the time)"
        if self.shift_sd is None:
            return rate
        shift = f"a shift of {number(self.shift_sd)} SD in one column"
        return f"{rate}; {shift} is detected on the first day (90% of the time)"

    def _say_days(self) -> str:
        """Return the number of false-alarm days; nothing if it is unknown."""
        days = self.alarm_days_a_year
        if days is None:
            return ""
        if days < 0.95:
            return "fewer than 1 false-alarm day"
        return f"about {days:.{0 if days >= 3 else 1}f} false-alarm days"

    def _say_rate(self) -> list[str]:
        days = self._say_days()
        if not days:
            return [f"The rate of false alarms is unknown: {self.unknown} has no nominal rate."]
        sizes = f"{self.reference_rows:,} reference rows, {self.current_rows:,} current rows"
        columns = counted(self.columns, "column")
        return [
            f"If nothing changes, expect {days} a year ({columns}, {sizes}).",
            "This assumes independent rows and columns; data that varies from day to day gives more.",
        ]

    def _say_detection(self) -> str:
        if self.columns_needed > 1:
            return f"One column alone can never alert: {self.columns_needed} of {self.columns} must drift on one day."
        if self.is_blind:
            return "No shift of the mean in one column is detected on its first day in 90% of cases, however large."
        if self.shift_sd is None:
            return "One drifted column is enough for an alert."
        shift = f"{number(self.shift_sd)} standard deviations"
        return f"A shift of {shift} in one column is detected on its first day in 90% of cases."

    def _say_never(self) -> str:
        """Return why the rule can never alert, without a full stop."""
        if self.columns_needed > self.columns:
            return "the rule can never alert: no share of the columns is greater than its threshold"
        needed = f"{self.columns_needed} of {counted(self.columns, 'column')} must drift on one day"
        return f"the rule can never alert: {needed}, and only {self.tested} can be tested"

    def _say_reference(self) -> list[str]:
        return [
            "The reference is small (fewer than ten times a day's rows).",
            "If it is unrepresentative by chance, false alarms come in clusters.",
            f"If you can, use at least {ENOUGH_REFERENCE * self.current_rows:,} rows.",
        ]


def expect(record: RunRecord) -> Expectation | None:
    """Return what the share rule does at a run's columns and row counts; None if it did not decide the run.

    The expected days are 365 P(X >= needed), X being the number of columns that drift by chance, each with the size of
    its own test: exact for K-S at these row counts, the nominal one for other tests. Columns are taken as independent.
    A distance such as wasserstein has no size.
    """
    if record.rows is None or record.threshold is None or not record.columns or record.budgeted:
        return None
    needed = math.floor(len(record.columns) * record.threshold + 1e-9) + 1
    tested = [score for score in record.columns if score.status != "not_testable"]
    unknown = next((score.method or "" for score in tested if score.p_value is None), "")
    rows = record.rows.reference, record.rows.current
    levels = _levels(record)
    sizes = [_size(score, rows, record.min_distance, levels.get(score.name, 0)) for score in tested if not unknown]
    numbers = [score for score in tested if score.method == "ks"]
    shift = _smallest_shift(numbers, rows, record.min_distance) if needed == 1 else None
    return Expectation(
        alarm_days_a_year=None if unknown else DAYS_A_YEAR * at_least(needed, sizes),
        columns_needed=needed,
        shift_sd=shift,
        columns=len(record.columns),
        reference_rows=rows[0],
        current_rows=rows[1],
        unknown=unknown,
        tested=len(tested),
        is_blind=bool(numbers) and needed == 1 and shift is None,
    )


def _levels(record: RunRecord) -> dict[str, int]:
    """Return the number of levels of each category's reference, as far as the record knows it."""
    kinds = {score.name: score.kind for score in record.columns}
    columns = record.evidence.columns if record.evidence else ()
    return {
        each.name: len(each.counts) - 1 for each in columns if each.counts and kinds.get(each.name) == "categorical"
    }


def _usable(score: ColumnScore, rows: tuple[int, int]) -> tuple[int, int]:
    """Return the rows of the reference and of the current data that have a value in this column."""
    missing = score.missing_share
    shares = (missing.reference, missing.current) if missing else (0.0, 0.0)
    return max(2, round(rows[0] * (1 - shares[0]))), max(2, round(rows[1] * (1 - shares[1])))


def _size(score: ColumnScore, rows: tuple[int, int], min_distance: float, levels: int) -> float:
    """Return the probability that a column drifts by chance; `levels` of a category, 0 if unknown."""
    threshold, (n, m) = score.threshold or 0.0, _usable(score, rows)
    if score.method == "ks":
        return ks_size(n, m, threshold, min_distance)
    return min(threshold, variation_size(n, m, levels, min_distance)) if levels and min_distance else threshold


def _smallest_shift(scores: Iterable[ColumnScore], rows: tuple[int, int], min_distance: float) -> float | None:
    """Return the smallest shift that is detected in whichever of the columns it comes; None if in one it never is."""
    largest = None
    for score in scores:
        shift = smallest_shift(*_usable(score, rows), score.threshold or 0.0, min_distance)
        if shift is None:
            return None
        largest = max(shift, largest or 0.0)
    return largest


def at_least(needed: int, sizes: Iterable[float]) -> float:
    """Return the probability that at least `needed` of independent events happen; `sizes` are their probabilities.

    The count's distribution is the Poisson binomial, by convolution (binomial if all sizes are equal).
    """
    counts = [1.0]
    for size in sizes:
        counts = [
            without * (1 - size) + with_one * size
            for without, with_one in zip([*counts, 0.0], [0.0, *counts], strict=True)
        ]
    return sum(counts[needed:])
