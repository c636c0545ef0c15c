"""Choose the tables of parts of two columns, and of three, that say most of how the reference's columns go together.

Two parts make a table of four cells. A number has seven parts, so a pair of columns can be divided in many ways. That
with the largest chi-squared (Pearson 1900) finds relations that rise and fall again too. Of three columns, those are
chosen of which one decides how the other two go together, as a sign that is the product of two signs.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

MOST_TABLES = 48  # of two columns
MOST_OF_THREE = 16
SIGNIFICANT = 20.0  # chi-squared, from which on none of the divisions of 435 pairs is by chance
MOST_TRIED = 200  # triples of columns, by their third central moment
OF_THREE = 5.0  # standard errors, beyond which none of 4,060 interactions is by chance
LEAST_SHARE = 0.005  # of the rows, expected in the smallest cell
FEWEST_EXPECTED = 5.0
PAIR_AGAIN, COLUMN_AGAIN = 0.5, 0.8  # factors of chi-squared for each table that a pair, or a column, already has

Table = tuple[int, ...]  # numbers of parts, each of another column


def choose_tables(parts: Sequence[np.ndarray], known: np.ndarray, numbers: Sequence[bool]) -> list[Table]:
    """Return tables of the parts, which are numbered through.

    `parts`: of each column, which rows are in each of its parts (rows, parts). `known`: which rows have a value (rows,
    columns). `numbers`: which columns are numbers; their correlations are watched anyway.
    """
    column = np.repeat(np.arange(len(parts)), [each.shape[1] for each in parts])
    inside = np.hstack(parts).astype(np.float32)  # counts below 2 ** 24 are exact, whatever adds them up
    chi_squared, expected = _test_pairs(inside, known.astype(np.float32), column)
    return [*_of_two(chi_squared, expected, column, numbers), *_of_three(inside, known, column)]


def _test_pairs(inside: np.ndarray, known: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return chi-squared of each pair of parts and the expected rows of its smallest cell, 0 where that is too small.

    The first part is of the column that comes first.
    """
    both = _float(inside.T @ inside)
    rows = _float(known.T @ known)[np.ix_(column, column)]
    first = _float(inside.T @ known)[:, column]  # rows of a part, where the other column has a value
    second = first.T
    with np.errstate(invalid="ignore", divide="ignore"):
        smallest = np.minimum(first, rows - first) * np.minimum(second, rows - second) / rows
        chi_squared = rows * (rows * both - first * second) ** 2 / (first * (rows - first) * second * (rows - second))
    usable = (column[:, None] < column) & (smallest >= np.maximum(FEWEST_EXPECTED, LEAST_SHARE * len(inside)))
    return np.where(usable, chi_squared, 0.0), np.where(usable, smallest, 0.0)


def _of_two(
    chi_squared: np.ndarray, expected: np.ndarray, column: np.ndarray, numbers: Sequence[bool]
) -> Iterator[Table]:
    """Yield the tables with the largest chi-squared, then even ones of the pairs of columns that have none.

    Two columns of numbers have one table, and a column of numbers has one with each level of a category.
    """
    of_number = np.array(numbers)[column]
    left = np.where(chi_squared >= SIGNIFICANT, chi_squared, 0.0)
    even = np.where(of_number[:, None] & of_number, 0.0, expected)
    for _ in range(MOST_TABLES):
        of = left if left.max(initial=0.0) > 0 else even
        if of.max(initial=0.0) <= 0:
            return
        first, second = _largest(of)
        yield first, second
        alike = [np.flatnonzero(column == column[part]) for part in (first, second)]
        left[np.ix_(*alike)] *= PAIR_AGAIN
        even[np.ix_(*alike)] = 0.0
        own = [same if of_number[part] else [part] for part, same in zip((first, second), alike, strict=True)]
        left[np.ix_(*own)] = 0.0
        for same in alike:
            left[same] *= COLUMN_AGAIN
            left[:, same] *= COLUMN_AGAIN


def _float(counts: np.ndarray) -> np.ndarray:
    return counts.astype(np.float64)


def _largest(values: np.ndarray) -> tuple[int, int]:
    row, place = np.unravel_index(int(np.argmax(values)), values.shape)
    return int(row), int(place)


def _of_three(inside: np.ndarray, known: np.ndarray, column: np.ndarray) -> list[Table]:
    """Return the triples of parts that interact most, one part of each column: that which is nearest to a half."""
    shares = np.abs(inside.mean(axis=0) - 0.5)
    halves = [int(min(np.flatnonzero(column == each), key=lambda part: shares[part])) for each in np.unique(column)]
    signs = np.where(known[:, column[halves]], 2 * inside[:, halves] - 1, 0).astype(np.float32)
    triples = _likely_triples(signs)
    cells = np.array([_count_cells(signs[:, triple]) for triple in triples]).reshape(-1, 8) + 0.5
    size = np.round(np.abs(np.log(cells) @ [-1, 1, 1, -1, 1, -1, -1, 1]) / np.sqrt((1 / cells).sum(axis=1)), 6)
    strongest = [i for i in np.argsort(-size, kind="stable")[:MOST_OF_THREE] if size[i] >= OF_THREE]
    return [tuple(halves[part] for part in triples[i]) for i in strongest]


def _likely_triples(signs: np.ndarray) -> list[Table]:
    """Return the triples of columns of 1 and -1, or 0 where missing, whose third central moment is furthest from 0."""
    triples = list(combinations(range(signs.shape[1]), 3))
    if not triples:
        return []
    first, second, third = np.array(triples).T
    mean, pair = _float(signs.sum(axis=0)) / len(signs), _float(signs.T @ signs) / len(signs)
    moments = np.stack([_float((each[:, None] * signs).T @ signs) for each in signs.T]) / len(signs)
    of_pairs = mean[first] * pair[second, third] + mean[second] * pair[first, third] + mean[third] * pair[first, second]
    central = moments[first, second, third] - of_pairs + 2 * mean[first] * mean[second] * mean[third]
    return [triples[i] for i in np.argsort(-np.round(np.abs(central), 9), kind="stable")[:MOST_TRIED]]


def _count_cells(signs: np.ndarray) -> np.ndarray:
    """Return the rows in each of the eight cells of three columns."""
    rows = (signs[signs.all(axis=1)] > 0) @ np.array([4, 2, 1])
    return np.bincount(rows, minlength=8)
