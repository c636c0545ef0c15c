"""Compute how often chance alone makes one column drift, and the smallest shift that its test detects.

Every run prints this on the console, so numpy and scipy are imported only where few rows of unequal number need them:
importing scipy.stats takes about 1 s of CPU.
"""

import math
from functools import cache
from statistics import NormalDist

FINE_LATTICE = 5_000  # with so many possible distances the test has its nominal size to three digits
EXACT_ROWS = 10_000  # a side; up to here the K-S test is exact, in scipy and so in Evidently
# The distance that a shift must have to be detected in 90% of trials, in units of sqrt(1/n + 1/m), is 1.08 K + 0.045;
# K is the critical distance in the same units. A fit to 6,000 simulated days for each of six K from 1.1 to 3, to 0.02.
DETECTED_SLOPE, DETECTED_OFFSET = 1.08, 0.045


@cache
def ks_size(n: int, m: int, p_threshold: float, min_distance: float = 0.0) -> float:
    """Return the probability that `n` and `m` rows of one continuous distribution differ by the K-S test.

    That is P(D >= d), d being the smallest distance with p < p_threshold and of at least `min_distance`. It is below
    p_threshold, because D takes only multiples of 1/lcm(n, m) (Kolmogorov 1933, Smirnov 1939).
    """
    steps = math.lcm(n, m)
    if _is_fine(n, m):
        return min(p_threshold, _limit_tail(n, m, min_distance))
    step = max(_first_step(n, m, p_threshold), math.ceil(min_distance * steps - 1e-9))
    return _exact_tail(n, m, step)


@cache
def critical_distance(n: int, m: int, p_threshold: float) -> float:
    """Return the smallest K-S distance of `n` and `m` rows with p < p_threshold; above 1 if there is none."""
    if not _is_fine(n, m):
        return _first_step(n, m, p_threshold) / math.lcm(n, m)
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if _limit_tail(n, m, middle) < p_threshold else (middle, high)
    return high


def smallest_shift(n: int, m: int, p_threshold: float, min_distance: float = 0.0) -> float | None:
    """Return the shift of a normal column's mean, in standard deviations, that K-S detects in 90% of trials.

    A shift s of normal data has the distance 2 Phi(s / 2) - 1. None if no shift is detected so often.
    """
    scale = math.sqrt(1 / n + 1 / m)
    critical = max(critical_distance(n, m, p_threshold), min_distance)
    distance = DETECTED_SLOPE * critical + DETECTED_OFFSET * scale
    return 2 * NormalDist().inv_cdf((1 + distance) / 2) if distance < 1 else None


def variation_size(n: int, m: int, levels: int, distance: float) -> float:
    """Return an upper bound of the probability of so large a total variation between categories of one distribution.

    Chi-squared is at least 4 d^2 nm / (n + m) at a total variation of d (Cauchy and Schwarz), so the bound is the tail
    of this value, in the approximation of Wilson and Hilferty (1931).
    """
    freedom, chi_squared = max(1, levels - 1), 4 * distance**2 * n * m / (n + m)
    spread = 2 / (9 * freedom)
    return 1 - NormalDist().cdf(((chi_squared / freedom) ** (1 / 3) - 1 + spread) / math.sqrt(spread))


def _is_fine(n: int, m: int) -> bool:
    """Return whether the limit distribution is accurate: D takes many values, or the test itself uses it."""
    return math.lcm(n, m) > FINE_LATTICE or max(n, m) > EXACT_ROWS


def _limit_tail(n: int, m: int, distance: float) -> float:
    """Return P(D >= distance) by the limit distribution with a correction for finite rows (Stephens 1970)."""
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
        low, high = (low, middle) if _exact_tail(n, m, middle) < p_threshold else (middle + 1, high)
    return low


@cache
def _exact_tail(n: int, m: int, step: int) -> float:
    """Return P(D >= step / lcm(n, m))."""
    if step > math.lcm(n, m):
        return 0.0
    return _tail_of_equal(n, step) if n == m else _tail_of_unequal(n, m, step)


def _tail_of_equal(n: int, step: int) -> float:
    """Return 2 sum (-1)^(k-1) C(2n, n - k step) / C(2n, n) over k (Gnedenko and Korolyuk 1951)."""
    logs = [2 * math.lgamma(n + 1) - math.lgamma(n - k * step + 1) - math.lgamma(n + k * step + 1)
            for k in range(1, n // step + 1)]  # fmt: skip
    return min(1.0, 2 * sum((-1) ** k * math.exp(log) for k, log in enumerate(logs)))


def _tail_of_unequal(n: int, m: int, step: int) -> float:
    """Return scipy's exact p-value of rows that have this distance, or the next larger one that n and m rows can have.

    The lower i of n rows and the lower j of m rows are 0, all others 1, so D is i/n - j/m.
    """
    import numpy as np
    from scipy.stats import ks_2samp

    up, down = m // math.gcd(n, m), n // math.gcd(n, m)  # in steps: one row of n counts `up`, one of m counts `down`
    i = n - -step * pow(up, -1, down) % down  # the largest i whose distance from step is a multiple of `down`
    j = (i * up - step) // down
    if j < 0:
        return _exact_tail(n, m, step + 1)
    return float(ks_2samp(np.repeat([0, 1], [i, n - i]), np.repeat([0, 1], [j, m - j]), method="exact").pvalue)
