"""Search for the slice of rows that has a change: one column's value or range, or those of two columns."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import distributions

from driftmonitor.analysis.where.divisions import Division
from driftmonitor.analysis.where.sums import Changes, Sums, range_places, variance_of_all
from driftmonitor.facts.where import Condition

FEWEST, MOST_ROWS = 20, 0.8  # rows of a slice on each side, and the largest share of all
LEVEL = 0.002  # of the test whether a slice changed in another way than the others, for all slices of a depth together
MOST_ELSEWHERE = 0.5  # of the change in the slice; if the other rows changed by more, it is not theirs
MOST_IN_PAIRS = 12  # columns, the most promising, that slices of two conditions are made of
PART, CLEAR = 0.25, 2.0  # of the whole change, and in standard errors: each value changed so much, if all did
FIFTHS, CELLS_IN_PAIRS = 5, 12  # of a column: of numbers, and of categories


@dataclass(frozen=True)
class Found:
    """A slice that changed: its gain over no change at all, and how it compares with the other rows.

    gain: z^2 less what the best of so many slices has by chance. inside: which rows are in it, by side. shares: of the
    rows, the reference first. change: of the mean score in the slice; elsewhere: in the other rows; each with its
    variance. p: of their difference.
    """

    conditions: tuple[Condition, ...]
    gain: float
    inside: tuple[np.ndarray, np.ndarray]
    shares: tuple[float, float]
    change: float
    variance: float
    elsewhere: float
    elsewhere_variance: float
    p: float

    @property
    def holds(self) -> bool:
        """Whether the change is this slice's rather than that of all rows."""
        return self.p < LEVEL and abs(self.elsewhere) <= MOST_ELSEWHERE * abs(self.change)


def search(divisions: Sequence[Division], scores: tuple[np.ndarray, np.ndarray]) -> tuple[float, list[Found]]:
    """Return the gain of the change of all rows, and the best slices of one column and of two, the better one first.

    That of one column is better, too, if the other one is part of it and the rest of it changed about as much.
    """
    whole = variance_of_all(scores)
    everything = Sums.of_all(scores)
    of_all = float(Changes.of(everything, whole).z[0]) ** 2
    one = [_OneWay(each, scores) for each in divisions]
    by_promise = sorted(range(len(one)), key=lambda place: -one[place].promise(whole))
    chosen = [divisions[place].coarse(FIFTHS) for place in sorted(by_promise[:MOST_IN_PAIRS])]
    pairs = [_TwoWay(chosen[i], chosen[j], scores) for i in range(len(chosen)) for j in range(i)]
    best, of_two = (_best(slices, everything, whole) for slices in (one, pairs))
    found = [each for each in (best, of_two) if each]
    if best and of_two and of_two.gain > best.gain and not (best.holds and _goes_on(best, of_two, scores, whole)):
        found.reverse()
    return of_all, found


def _goes_on(wide: Found, narrow: Found, scores: tuple[np.ndarray, np.ndarray], whole: np.ndarray) -> bool:
    """Return whether the rows of a wide slice that are not in a narrow one changed as these did."""
    reference, current = (
        score[rows & ~others] for score, rows, others in zip(scores, wide.inside, narrow.inside, strict=True)
    )
    if min(len(reference), len(current)) < FEWEST:
        return True
    change = float(Changes.of(Sums.of_all((reference, current)), whole).change[0])
    return change / narrow.change > MOST_ELSEWHERE


def is_everywhere(divisions: Sequence[Division], scores: tuple[np.ndarray, np.ndarray], change: float) -> bool:
    """Return whether each value of each column changed in the same direction, by a good part of the whole change."""
    whole = variance_of_all(scores)
    for division in divisions:
        cells = division.coarse(FIFTHS)
        sums = Sums.of((cells.reference, cells.current), scores, len(cells))
        own = Changes.of(sums, whole)
        changed = own.change * np.sign(change)
        if ((sums.rows > 0).all(axis=0) & ~((changed >= PART * abs(change)) & (np.abs(own.z) >= CLEAR))).any():
            return False
    return True


class _OneWay:
    """The slices of one column: each level, or each range of cells of numbers."""

    def __init__(self, division: Division, scores: tuple[np.ndarray, np.ndarray]) -> None:
        self.division = division
        self.cells = Sums.of((division.reference, division.current), scores, len(division))
        named = [i for i in _named(division) if i >= division.ranges]
        single = _take(self.cells, named)
        if division.ranges > 1:
            first, last = range_places(division.ranges)
            self.sums = _join(self.cells.ranges(division.ranges), single)
        else:
            first = last = np.empty(0, dtype=int)
            self.sums = single
        self.places = [*zip(first.tolist(), last.tolist(), strict=True), *((i, i) for i in named)]

    def conditions(self, number: int) -> tuple[Condition, ...]:
        """Return what the rows of a slice have in common."""
        condition = self.division.condition(*self.places[number])
        return (condition,) if condition else ()

    def inside(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return which rows are in a slice, by side."""
        first, last = self.places[number]
        reference, current = ((cells >= first) & (cells <= last) for cells in self._sides)
        return reference, current

    @property
    def _sides(self) -> tuple[np.ndarray, np.ndarray]:
        return self.division.reference, self.division.current

    def promise(self, whole: np.ndarray) -> float:
        """Return the largest change of a slice, in standard errors."""
        return float(np.abs(np.where(_are_enough(self.sums), Changes.of(self.sums, whole).z, 0.0)).max(initial=0.0))


class _TwoWay:
    """The slices of two columns: each cell of one, with each of the other."""

    def __init__(self, one: Division, other: Division, scores: tuple[np.ndarray, np.ndarray]) -> None:
        self.sides, size = (one, other), len(other)
        self.cells = one.reference * size + other.reference, one.current * size + other.current
        every = Sums.of(self.cells, scores, size * len(one))
        kept, its = (_named(side)[:CELLS_IN_PAIRS] for side in self.sides)
        self.places = [i * size + j for i in kept for j in its]
        self.sums = _take(every, self.places)

    def conditions(self, number: int) -> tuple[Condition, ...]:
        """Return what the rows of a slice have in common."""
        places = divmod(self.places[number], len(self.sides[1]))
        named = (side.conditions[place] for side, place in zip(self.sides, places, strict=True))
        return tuple(condition for condition in named if condition)

    def inside(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return which rows are in a slice, by side."""
        return self.cells[0] == self.places[number], self.cells[1] == self.places[number]


def _named(division: Division) -> list[int]:
    """Return the cells whose rows have something in common that can be told."""
    return [i for i, condition in enumerate(division.conditions) if condition]


def _best(slices: Sequence[_OneWay | _TwoWay], everything: Sums, whole: np.ndarray) -> Found | None:
    """Return the slice that changed most, unless none has enough rows."""
    allowed = [_are_enough(each.sums) & (each.sums.rows <= MOST_ROWS * everything.rows).all(axis=0) for each in slices]
    number = sum(int(each.sum()) for each in allowed)
    if not number:
        return None
    ranked = [
        np.where(may_be, Changes.of(each.sums, whole).z ** 2, -1.0)
        for each, may_be in zip(slices, allowed, strict=True)
    ]
    place = max(range(len(slices)), key=lambda i: ranked[i].max(initial=-1.0))
    best = int(ranked[place].argmax())
    sums = _take(slices[place].sums, [best])
    inside, outside = Changes.of(sums, whole), Changes.of(everything - sums, whole)
    difference = (inside.change[0] - outside.change[0]) / math.sqrt(inside.variance[0] + outside.variance[0])
    return Found(
        slices[place].conditions(best),
        float(ranked[place][best]) - 2 * math.log(number),
        slices[place].inside(best),
        (float(sums.rows[0, 0] / everything.rows[0, 0]), float(sums.rows[1, 0] / everything.rows[1, 0])),
        float(inside.change[0]),
        float(inside.variance[0]),
        float(outside.change[0]),
        float(outside.variance[0]),
        float(min(1.0, 2 * number * distributions.t.sf(abs(difference), sums.rows.min() - 1))),
    )


def _are_enough(sums: Sums) -> np.ndarray:
    """Return which slices have enough rows on both sides."""
    return np.asarray((sums.rows >= FEWEST).all(axis=0))


def _take(sums: Sums, places: Sequence[int]) -> Sums:
    return Sums(*(each[:, list(places)] for each in (sums.rows, sums.total, sums.squares)))


def _join(one: Sums, other: Sums) -> Sums:
    pairs = zip((one.rows, one.total, one.squares), (other.rows, other.total, other.squares), strict=True)
    return Sums(*(np.concatenate(pair, axis=1) for pair in pairs))
