"""Find where one column's values are on both sides: what pages draw of a day once its rows are gone."""

from driftmonitor.analysis.drift.quantiles import find_quantiles
from driftmonitor.analysis.usable import LevelCounts, Numbers
from driftmonitor.facts.base import rounded
from driftmonitor.facts.distribution import LEAST_SHARE, LONGEST_LEVEL, MOST_LEVELS, Distribution, Quantiles
from driftmonitor.formats import one_line


def distribution_of_numbers(reference: Numbers, current: Numbers) -> Distribution | None:
    """Return the quantiles of both sides; None if one has none."""
    before, now = reference.once(_find_quantiles), current.once(_find_quantiles)
    return Distribution(quantiles=(before, now)) if before and now else None


def _find_quantiles(numbers: Numbers) -> Quantiles | None:
    return find_quantiles(numbers.ordered)


def distribution_of_levels(reference: LevelCounts, current: LevelCounts) -> Distribution | None:
    """Return the shares of the most frequent levels of either side; None if no level is frequent.

    A level that few rows have is never named: that would be a value of a row.
    """
    sides = reference, current
    found = {level: max(_share(side, level) for side in sides) for side in sides for level in _list_frequent(side)}
    levels = sorted(found, key=lambda level: (-found[level], level))[:MOST_LEVELS]
    if not levels:
        return None
    first, second = (tuple(rounded(_share(side, level)) or 0.0 for level in levels) for side in sides)
    return Distribution(levels=tuple(one_line(level, LONGEST_LEVEL) for level in levels), shares=(first, second))


def _share(counts: LevelCounts, level: str) -> float:
    return counts.rows.get(level, 0) / max(counts.total, 1)


def _list_frequent(counts: LevelCounts) -> list[str]:
    return counts.once(_find_frequent)


def _find_frequent(counts: LevelCounts) -> list[str]:
    least = LEAST_SHARE * counts.total
    frequent = [level for level, rows in counts.rows.items() if rows >= least and counts.is_common(level)]
    return sorted(frequent, key=lambda level: (-counts.rows[level], level))[:MOST_LEVELS]
