"""Find numbers beyond the range of the reference: more than chance puts there, negative ones, or a new scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, number, one_line, p_value, percent

RANGE_LEVEL = 0.01  # of the p-value, Bonferroni-adjusted over the two sides of all columns
MOVED = 0.1  # K-S distance, from which on a column has moved as a whole
FAR = 1000  # times as large as any number of the reference: a single one is worth naming
NEW_SCALE = 2.0  # times the reference's largest number, from which on it is worth naming


@dataclass(frozen=True)
class Beyond:
    """Numbers of one column beyond one end of the reference's range: how many by chance, and in words."""

    column: str
    chance: float  # of so many or more
    words: str
    far: str = ""  # of a few numbers that are too far out to be left to chance


def find_beyond(name: str, pair: Pair) -> list[Beyond]:
    """Return what is worth saying, if it is no chance, of numbers beyond the reference's range; none of categories.

    A column that has moved as a whole has some, too; that is said already, so only a new sign or scale is.
    """
    if pair.kind != "numerical":
        return []
    reference, current = pair.ordered
    above = len(current) - int(np.searchsorted(current, reference[-1], "right"))
    below = int(np.searchsorted(current, reference[0], "left"))
    found = []
    ends = (above, _say_above, current[-above:] if above else current[:0]), (below, _say_below, current[:below])
    for beyond, words, numbers in ends:
        said, is_new = words(percent(beyond / max(len(current), 1)), reference, current)
        if beyond and (is_new or pair.distance < MOVED):
            chance = chance_beyond(beyond, len(current), len(reference))
            found.append(Beyond(name, chance, said, _say_far(reference, numbers)))
    return found


def _say_far(reference: np.ndarray, beyond: np.ndarray) -> str:
    """Return the words for numbers far beyond the reference's range, such as an order number among amounts."""
    largest = max(abs(float(reference[0])), abs(float(reference[-1])))
    with np.errstate(over="ignore"):
        amount = int((np.abs(beyond) > FAR * largest).sum()) if largest else 0
    verb = "is" if amount == 1 else "are"
    return f"{counted(amount, 'number')} {verb} over {FAR:,} times as large as any of the reference" if amount else ""


def find_out_of_range(columns: Sequence[Sequence[Beyond]]) -> list[Finding]:
    """Return a finding for each column of numbers with more beyond the reference's range than chance puts there."""
    found = []
    for beyond in chain.from_iterable(columns):
        p = min(1.0, beyond.chance * 2 * len(columns))
        if p < RANGE_LEVEL:
            message = f"{one_line(beyond.column)}: {beyond.words} ({p_value(p)})."
            found.append(Finding(kind="out_of_range", column=beyond.column, message=message, p_value=p))
        elif beyond.far:
            message = f"{one_line(beyond.column)}: {beyond.far}."
            found.append(Finding(kind="out_of_range", column=beyond.column, message=message))
    return found


def chance_beyond(beyond: int, current: int, reference: int) -> float:
    """Return the probability that so many current rows exceed all of the reference, if all rows are exchangeable.

    The largest of all rows are then a random draw: it is the product of (n - i) / (n + m - i) over i < beyond, n being
    the current rows and m those of the reference (Wilks 1942).
    """
    drawn = np.arange(beyond)
    return float(np.exp(np.log((current - drawn) / (current + reference - drawn)).sum()))


def _say_above(share: str, reference: np.ndarray, current: np.ndarray) -> tuple[str, bool]:
    """Return the words, and whether the numbers have a new scale."""
    largest, now = float(reference[-1]), float(current[-1])
    is_new = 0 < NEW_SCALE * largest <= now
    scale = f", up to {number(now / largest)} times its largest number" if is_new else ""
    return f"{share} of numbers are above the reference's range{scale}", is_new


def _say_below(share: str, reference: np.ndarray, current: np.ndarray) -> tuple[str, bool]:
    """Return the words, and whether the numbers have a new sign."""
    if reference[0] >= 0 > current[0]:
        share = percent(np.searchsorted(current, 0.0) / len(current))
        return f"{share} of numbers are negative; the reference has none", True
    return f"{share} of numbers are below the reference's range", False
