"""What the share rule will do by itself: how often it cries wolf where nothing changes, and how small a shift it sees.

Every run says it on the console, so nothing here imports scipy, and numpy only for unequal numbers of few rows.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

from driftmonitor.budget.policy import DAYS_A_YEAR
from driftmonitor.facts.record import ColumnScore, RunRecord
from driftmonitor.formats import number

ENOUGH_REFERENCE = 10  # times a day's rows: below, false alarms cluster, because every day meets the same odd reference
FINE_LATTICE = 5_000  # from so many possible values of D on, its test reaches its nominal size to three digits
EXACT_ROWS = 10_000  # up to here scipy's, and so Evidently's, K-S test is exact
# The D that a shift must have to be seen nine times in ten, in units of sqrt(1/n + 1/m), is 1.08 K + 0.045 where K is
# the critical value in the same units: a fit to 6,000 simulated days for each of six K from 1.1 to 3, within 0.02.
SEEN_SLOPE, SEEN_OFFSET = 1.08, 0.045


@dataclass(frozen=True)
class Expectation:
    """What the share rule does where nothing changes, and to one column that does.

    `alarm_days_a_year`: expected; None where a method's rate isn't known, which `unknown` then names.
    `columns_needed`: how many columns must drift on one day for an alert.
    `shift_sd`: the smallest shift of one normal column's mean, in standard deviations, that is seen on its first day
    with a probability of 0.9; None if one column alone can never alert, or none is tested by K-S.
    `columns`, `reference_rows`, `current_rows`: what this holds for.
    """

    alarm_days_a_year: float | None
    columns_needed: int
    shift_sd: float | None
    columns: int
    reference_rows: int
    current_rows: int
    unknown: str = ""

    @property
    def reference_is_small(self) -> bool:
        """Whether false alarms come in clusters: each day is compared with the same, small, reference."""
        return self.reference_rows < ENOUGH_REFERENCE * self.current_rows

    def sentences(self) -> list[str]:
        """Return what to expect in plain words, the rate first."""
        return [self._say_rate(), self._say_sight(), *([self._say_reference()] if self.reference_is_small else [])]

    def short(self) -> str:
        """Return the same on one line of the console, without a full stop."""
        rate = "an unknown rate of false alarms" if self.alarm_days_a_year is None else f"{self._say_days()} a year"
        if self.columns_needed > 1:
            return f"{rate}; one column alone can never alert"
        sight = (
            "" if self.shift_sd is None else f"; one column's shift of {number(self.shift_sd)} sd is seen on day one"
        )
        return rate + sight

    def _say_days(self) -> str:
        if self.alarm_days_a_year < 0.95:
            return "less than one false alarm day"
        return f"about {self.alarm_days_a_year:.{0 if self.alarm_days_a_year >= 3 else 1}f} false alarm days"

    def _say_rate(self) -> str:
        if self.alarm_days_a_year is None:
            return f"How often this rule raises a false alarm isn't known: {self.unknown} has no stated rate."
        sizes = f"{self.reference_rows:,} rows against {self.current_rows:,}"
        columns = "one column" if self.columns == 1 else f"{self.columns} columns"
        return (
            f"Where nothing changes, this rule raises {self._say_days()} a year ({columns}, {sizes}, all independent)."
        )

    def _say_sight(self) -> str:
        if self.columns_needed > self.columns:
            return "It can never alert: no share is greater than its threshold."
        if self.columns_needed > 1:
            return f"One column alone can never alert: {self.columns_needed} of {self.columns} must drift on one day."
        if self.shift_sd is None:
            return "One drifted column is enough for an alert."
        shift = f"{number(self.shift_sd)} standard deviations"
        return f"A shift of {shift} in one column is seen on its first day nine times in ten."

    def _say_reference(self) -> str:
        return (
            "The reference has under ten times a day's rows: if it is a little odd by chance, false alarms come in "
            f"series. Give it {ENOUGH_REFERENCE * self.current_rows:,} rows if you can."
        )


def expect(record: RunRecord) -> Expectation | None:
    """Return what the share rule does at a run's columns and row counts; None where it did not decide.

    The expected days are 365 P(X > floor(k * threshold)), X the number of k columns that drift by chance, each by the
    size of its own test: exact for K-S at these row counts, the nominal one for other tests. Columns are taken as
    independent. A distance such as wasserstein has no size.
    """
    if record.rows is None or record.threshold is None or not record.columns or record.budgeted:
        return None
    needed = math.floor(len(record.columns) * record.threshold + 1e-9) + 1
    tested = [score for score in record.columns if score.status != "not_testable"]
    unknown = next((score.method for score in tested if score.p_value is None), "")
    rows = record.rows.reference, record.rows.current
    levels = _levels(record)
    sizes = [_size(score, rows, record.min_distance, levels.get(score.name, 0)) for score in tested if not unknown]
    numbers = [score for score in tested if score.method == "ks"]
    return Expectation(
        alarm_days_a_year=None if unknown else DAYS_A_YEAR * at_least(needed, sizes),
        columns_needed=needed,
        shift_sd=_smallest_shift(numbers, rows, record.min_distance) if needed == 1 else None,
        columns=len(record.columns),
        reference_rows=rows[0],
        current_rows=rows[1],
        unknown=unknown or "",
    )


def _levels(record: RunRecord) -> dict[str, int]:
    """Return how many levels each category's reference had, as far as the record says."""
    kinds = {score.name: score.kind for score in record.columns}
    columns = record.evidence.columns if record.evidence else ()
    return {
        each.name: len(each.counts) - 1 for each in columns if each.counts and kinds.get(each.name) == "categorical"
    }


def _usable(score: ColumnScore, rows: tuple[int, int]) -> tuple[int, int]:
    """Return a column's rows on both sides without the missing ones."""
    missing = score.missing_share
    shares = (missing.reference, missing.current) if missing else (0.0, 0.0)
    return max(2, round(rows[0] * (1 - shares[0]))), max(2, round(rows[1] * (1 - shares[1])))


def _size(score: ColumnScore, rows: tuple[int, int], min_distance: float, levels: int) -> float:
    """Return the probability that a column drifts by chance alone; `levels` of a category, 0 if not known."""
    threshold, (n, m) = score.threshold or 0.0, _usable(score, rows)
    if score.method == "ks":
        return ks_size(n, m, threshold, min_distance)
    return min(threshold, moved_tail(n, m, levels, min_distance)) if levels and min_distance else threshold


def _smallest_shift(scores: Iterable[ColumnScore], rows: tuple[int, int], min_distance: float) -> float | None:
    """Return the largest of the columns' smallest visible shifts: what is seen in whichever column it comes."""
    shifts = [smallest_shift(*_usable(score, rows), score.threshold or 0.0, min_distance) for score in scores]
    return None if not shifts or None in shifts else max(shifts)


def at_least(needed: int, sizes: Iterable[float]) -> float:
    """Return the probability that at least `needed` of independent events happen; `sizes` are their probabilities.

    The count's distribution is the Poisson binomial, by convolution (binomial where all sizes are equal).
    """
    counts = [1.0]
    for size in sizes:
        counts = [
            without * (1 - size) + with_one * size
            for without, with_one in zip([*counts, 0.0], [0.0, *counts], strict=True)
        ]
    return sum(counts[needed:])


@cache
def ks_size(n: int, m: int, p_threshold: float, min_distance: float = 0.0) -> float:
    """Return how often the K-S test of `n` against `m` rows from one continuous population calls it drift.

    That is P(D >= d), d the smallest distance with p < p_threshold and at least `min_distance`: less than p_threshold,
    because D takes only multiples of 1/lcm(n, m) (Kolmogorov 1933, Smirnov 1939; exact by counting paths, Hodges 1957).
    """
    steps = math.lcm(n, m)
    if _is_fine(n, m):
        return min(p_threshold, _limit_tail(n, m, min_distance))
    step = max(_first_step(n, m, p_threshold), math.ceil(min_distance * steps - 1e-9))
    return _tail(n, m, step) if step <= steps else 0.0


@cache
def critical_distance(n: int, m: int, p_threshold: float) -> float:
    """Return the smallest K-S distance of `n` against `m` rows with p < p_threshold; above 1 if none has."""
    if not _is_fine(n, m):
        return _first_step(n, m, p_threshold) / math.lcm(n, m)
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if _limit_tail(n, m, middle) < p_threshold else (middle, high)
    return high


def moved_tail(n: int, m: int, levels: int, distance: float) -> float:
    """Return at most how often chance alone moves so large a share of rows between `levels` categories.

    Chi-squared is at least 4 d^2 nm / (n + m) at a total variation of d (Cauchy and Schwarz), so it is this value's
    tail, approximated as Wilson and Hilferty did (1931).
    """
    freedom, chi_squared = max(1, levels - 1), 4 * distance**2 * n * m / (n + m)
    spread = 2 / (9 * freedom)
    return 1 - NormalDist().cdf(((chi_squared / freedom) ** (1 / 3) - 1 + spread) / math.sqrt(spread))


def smallest_shift(n: int, m: int, p_threshold: float, min_distance: float = 0.0) -> float | None:
    """Return the shift of a normal column's mean, in standard deviations, that K-S sees nine times in ten.

    A shift s of normal data has the distance 2 Phi(s / 2) - 1. None if no shift is seen so surely.
    """
    scale = math.sqrt(1 / n + 1 / m)
    critical = max(critical_distance(n, m, p_threshold), min_distance)
    distance = SEEN_SLOPE * critical + SEEN_OFFSET * scale
    return 2 * NormalDist().inv_cdf((1 + distance) / 2) if distance < 1 else None


def _is_fine(n: int, m: int) -> bool:
    """Return whether D takes so many values, or the test is not exact anyhow, that its limit says it."""
    return math.lcm(n, m) > FINE_LATTICE or max(n, m) > EXACT_ROWS


def _limit_tail(n: int, m: int, distance: float) -> float:
    """Return P(D >= distance) by the limit distribution with the correction for finite rows (Stephens 1970)."""
    root = math.sqrt(n * m / (n + m))
    x = (root + 0.12 + 0.11 / root) * distance
    if x < 0.2:
        return 1.0
    return min(1.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * (k * x) ** 2) for k in range(1, 101)))


def _first_step(n: int, m: int, p_threshold: float) -> int:
    """Return the smallest step with P(D >= step / lcm) < p_threshold; lcm + 1 if there is none."""
    low, high = 1, math.lcm(n, m) + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _tail(n, m, middle) < p_threshold else (middle + 1, high)
    return low


@cache
def _tail(n: int, m: int, step: int) -> float:
    """Return P(D >= step / lcm(n, m)) exactly."""
    if step > math.lcm(n, m):
        return 0.0
    return _tail_of_equal(n, step) if n == m else _tail_by_paths(n, m, step)


def _tail_of_equal(n: int, step: int) -> float:
    """Return 2 sum (-1)^(k-1) C(2n, n - k step) / C(2n, n) over k (Gnedenko and Korolyuk 1951)."""
    logs = [2 * math.lgamma(n + 1) - math.lgamma(n - k * step + 1) - math.lgamma(n + k * step + 1)
            for k in range(1, n // step + 1)]  # fmt: skip
    return min(1.0, 2 * sum((-1) ** k * math.exp(log) for k, log in enumerate(logs)))


def _tail_by_paths(n: int, m: int, step: int) -> float:
    """Return one minus the probability that a random path stays within the band (Hodges 1957).

    The path takes the pooled rows in order; after `t` of them, `i` from the first side, it must keep
    |i / n - (t - i) / m| < step / lcm.
    """
    import numpy as np

    steps = math.lcm(n, m)
    i = np.arange(n + 1)
    inside = np.zeros(n + 1)
    inside[0] = 1.0
    for t in range(n + m):
        low, high = max(0, t - m), min(n, t)
        to_first = inside[low : high + 1] * (n - i[low : high + 1]) / (n + m - t)
        inside[low : high + 1] -= to_first
        inside[low + 1 : high + 2] += to_first[: n - low]
        gaps = np.abs(i * (steps // n) - (t + 1 - i) * (steps // m))
        inside[gaps >= step] = 0.0
    return float(1 - inside[n])
