"""Choose the slice that is named as the origin of a change, and find its part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from driftmonitor.analysis.where.divisions import Division
from driftmonitor.analysis.where.search import Found, search
from driftmonitor.analysis.where.sums import Changes, Sums, variance_of_all
from driftmonitor.facts.base import rounded
from driftmonitor.facts.where import Slice

MOST = 0.4  # of the change that a mix leaves, that a slice has to have to be named
TOO_MUCH = 1.5  # of it: more is not its own
SURE = 1.5  # standard errors, that its contribution is at least
AGREES = 3.0  # standard errors: other rows, or those within a mix, that changed by less are said not to have changed


@dataclass(frozen=True)
class Searched:
    """What a search found: the slice that is named, if any, and its gain; that of all rows; all slices it looked at."""

    named: Slice | None = None
    gain: float = 0.0
    of_all: float = 0.0
    slices: Sequence[Found] = ()


def search_named(
    divisions: list[Division], left: tuple[np.ndarray, np.ndarray], total: Changes, change: float
) -> Searched:
    """Return the first slice that holds and has most of what is `left` of a change.

    The best one may be a pair that has only a part of it.
    """
    of_all, slices = search(divisions, left)
    rest = float(change_of(left).change[0]) / change
    for each in slices:
        part = _tell_slice(each, change, float(total.variance[0])) if each.gain > of_all and each.holds else None
        if part and _has_most(part, rest):
            return Searched(part, each.gain, of_all, slices)
    return Searched(of_all=of_all, slices=slices)


def _has_most(found: Slice, left: float) -> bool:
    """Return whether a slice has much of the change that a mix left (1 if there is none), and that is no chance.

    If it has far more than that, and other rows changed the other way, the change of all is not its own.
    """
    is_half = found.elsewhere == "opposite" and found.contribution > TOO_MUCH * left
    return found.contribution >= max(MOST * left, SURE * found.error) and not is_half


def change_of(values: tuple[np.ndarray, np.ndarray]) -> Changes:
    """Return the change of the mean of all scores."""
    return Changes.of(Sums.of_all(values), variance_of_all(values))


def _tell_slice(found: Found, change: float, variance: float) -> Slice:
    weight = sum(found.shares) / 2
    part, of_part = weight * found.change, weight**2 * found.variance
    z = found.elsewhere / found.elsewhere_variance**0.5 if found.elsewhere_variance > 0 else 0.0
    elsewhere: Literal["unchanged", "less", "opposite"] = (
        "unchanged" if abs(z) < AGREES else "less" if z * found.change > 0 else "opposite"
    )
    return Slice(
        conditions=found.conditions,
        rows=(rounded(found.shares[0]), rounded(found.shares[1])),
        contribution=rounded(part / change),
        error=rounded(_error_of_ratio(part, of_part, change, variance)),
        elsewhere=elsewhere,
    )


def _error_of_ratio(part: float, of_part: float, whole: float, of_whole: float) -> float:
    """Return the standard error of part / whole, the part and the rest of the whole being independent."""
    rest, of_rest = whole - part, max(of_whole - of_part, 0.0)
    return float(np.sqrt(rest**2 * of_part + part**2 * of_rest)) / whole**2
