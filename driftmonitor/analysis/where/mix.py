"""Split a change into mix and within (Kitagawa 1955): the shares of a column's values changed, or these values did."""

from dataclasses import dataclass

import numpy as np

from driftmonitor.analysis.where.divisions import Division
from driftmonitor.analysis.where.sums import Sums

CLEAR = 3.3  # standard errors, in rows by which the column was not chosen
LEAST = 0.3  # of the change, that a mix has to be to be named
LEAST_SHARED = 0.5  # of the rows of a side, in cells that the other side has
FEWEST = 10  # rows of a cell on a side; the means of fewer are that of both sides together


@dataclass(frozen=True)
class Split:
    """The mix of a division: its part of the change, the standard error, and the part of each cell.

    of_means: the standard error that the means of the cells have, for the change of these rows as it is. of_within:
    that of the change within the cells.
    """

    division: Division
    mix: float
    error: float
    of_means: float
    of_within: float
    of_cells: np.ndarray
    usual: np.ndarray  # the mean score of each cell over both sides, which the mix weighs

    @property
    def z(self) -> float:
        """The mix in standard errors."""
        return self.mix / self.error if self.error > 0 else 0.0


def split(division: Division, sums: Sums) -> Split:
    """Return the mix of a division by its sums; a cell with few rows on a side has the mean of both sides together."""
    rows, number = sums.rows, sums.rows.sum(axis=1, keepdims=True)
    shares, of_both = rows / number, np.maximum(rows.sum(axis=0), 1)
    whole = sums.total.sum() / number.sum()
    together = np.where(rows.sum(axis=0) > 0, sums.total.sum(axis=0) / of_both, whole)
    enough = (rows >= FEWEST).all(axis=0)
    usual = np.where(enough, sums.means.mean(axis=0), together)
    change = shares[1] - shares[0]
    of_shares = float(np.sum(((shares * usual**2).sum(axis=1) - (shares @ usual) ** 2) / number[:, 0]))
    spread = np.maximum(sums.squares.sum(axis=0) / of_both - together**2, 0)
    of_change = spread * (1 / np.maximum(rows, 1)).sum(axis=0)
    each = np.where(enough, of_change / 4, spread / of_both)
    of_within = float((shares.mean(axis=0) ** 2 * of_change)[enough].sum())
    of_means = float((change**2 * each).sum())
    error = float(np.sqrt(max(of_shares, 0.0) + of_means))
    of_cells = change * (usual - whole)
    return Split(division, float(of_cells.sum()), error, of_means**0.5, of_within**0.5, of_cells, usual)


def find_mix(divisions: list[Division], scores: tuple[np.ndarray, np.ndarray], change: float) -> Split | None:
    """Return the mix that has most of a change, if one clearly has a good part of it.

    The column is chosen by one half of the rows and tested in the other, because the best of many always has some.
    """
    chosen = [_split_rows(each, scores, 0) for each in divisions if _overlap(each)]
    best = max(chosen, key=lambda each: each.z * np.sign(change), default=None)
    if best is None or best.z * np.sign(change) <= 0:
        return None
    tested = _split_rows(best.division, scores, 1)
    if tested.z * np.sign(change) < CLEAR:
        return None
    found = _split_rows(best.division, scores, None)
    return found if found.mix / change >= LEAST else None


def _overlap(division: Division) -> bool:
    """Return whether half of the rows of each side or more have values that the other side has, too.

    If all values are new, the column's change cannot be told from a change within them.
    """
    rows = np.array([np.bincount(side, minlength=len(division)) for side in (division.reference, division.current)])
    shared = np.where((rows >= FEWEST).all(axis=0), rows, 0).sum(axis=1)
    return bool((shared >= LEAST_SHARED * rows.sum(axis=1)).all())


def _split_rows(division: Division, scores: tuple[np.ndarray, np.ndarray], half: int | None) -> Split:
    """Return the mix in every second row, from the first or the second on; None is all rows."""
    rows = slice(half, None, 2 if half is not None else None)
    cells = division.reference[rows], division.current[rows]
    return split(division, Sums.of(cells, (scores[0][rows], scores[1][rows]), len(division)))


def without_mix(found: Split, scores: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the scores less what is usual in their cells: their means differ by the change within cells alone."""
    return scores[0] - found.usual[found.division.reference], scores[1] - found.usual[found.division.current]
