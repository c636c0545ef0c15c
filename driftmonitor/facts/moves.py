"""What moved on a day, in which direction and with what: as much of a record as an incident's story needs."""

import math
from collections.abc import Iterator
from itertools import combinations

from driftmonitor.facts.base import Fact, SparseFact
from driftmonitor.facts.evidence import DependenceEvidence
from driftmonitor.facts.record import ColumnScore, RunRecord

NOTICEABLE = 0.1  # SD, or a part of the SD: as small a change of the mean, or of the spread, does not name the change
TOGETHER, APART = 0.5, 0.2  # correlations in the reference, from which on, and up to which, it is said how columns go
MOST_TABLES = 48  # of two columns: as long as there are fewer, every pair that goes together clearly has one
MOST_MOVES, MOST_FOUND, MOST_PAIRED = 20, 20, 8

Pair = tuple[str, str]


class Move(SparseFact):
    """One change of a drift day: its columns (none of the number of rows), its segment, or its check.

    `change`: its kind, as in `Cause`. `rose`: its direction; None if it has none, or an older version kept none.
    """

    columns: tuple[str, ...] = ()
    check: str | None = None
    segment: str | None = None
    change: str
    rose: bool | None = None


class Found(SparseFact):
    """A data-quality issue: its kind and its column."""

    kind: str
    column: str | None = None


class DayMoves(Fact):
    """What moved on a drift day, and the data-quality issues of any day.

    `together`: pairs of columns that moved, and that go together in the reference. `against`: such pairs that moved in
    other directions than that suggests. `apart`: pairs that hardly go together. A pair in none of them is in between,
    or the record does not say.
    """

    moves: tuple[Move, ...] = ()
    found: tuple[Found, ...] = ()
    together: tuple[Pair, ...] = ()
    against: tuple[Pair, ...] = ()
    apart: tuple[Pair, ...] = ()

    @classmethod
    def of(cls, record: RunRecord) -> "DayMoves":
        """Return what moved on the day of a record, and what was wrong with its data."""
        moves = tuple(_find_moves(record))[:MOST_MOVES] if record.status == "drift" else ()
        found = tuple(dict.fromkeys(Found(kind=each.kind, column=each.column) for each in record.quality))[:MOST_FOUND]
        return cls(moves=moves, found=found, **_sort_pairs(record, moves))


def _find_moves(record: RunRecord) -> Iterator[Move]:
    if judgement := record.budget_judgement:
        for cause in judgement.causes:
            rose = None if cause.change == "category" else cause.rose  # of one category, and tomorrow of another
            named = {"columns": cause.columns, "check": cause.check, "segment": cause.segment}
            yield Move(**named, change=cause.change, rose=rose)
        return
    for score in record.drifted_columns:
        change, rose = _kind_of_move(score)
        yield Move(columns=(score.name,), change=change, rose=rose)


def _kind_of_move(score: ColumnScore) -> tuple[str, bool | None]:
    """Return how a column that drifted by its own test moved, and in which direction, as its sentence says."""
    if "shares" in score.effect:
        return "category", None
    shift = score.effect.get("mean_shift_sd")
    if shift is not None and abs(shift) >= NOTICEABLE:
        return "level", shift > 0
    before, after = score.effect.get("sd") or (None, None)
    if before and after is not None and abs(after / before - 1) >= NOTICEABLE:
        return "spread", after > before
    return "shape", None


def _sort_pairs(record: RunRecord, moves: tuple[Move, ...]) -> dict[str, tuple[Pair, ...]]:
    """Return the pairs of the columns that moved each for itself, by how they go together in the reference."""
    tables = record.evidence.dependence if record.evidence else None
    if tables is None:
        return {}
    single = (move.columns[0] for move in moves if len(move.columns) == 1 and move.segment is None)
    names = list(dict.fromkeys(single))[:MOST_PAIRED]
    rose = _levels(record, moves)
    sorted_pairs: dict[str, tuple[Pair, ...]] = {}
    for pair in combinations([name for name in names if name in tables.columns], 2):
        correlation = correlation_of(tables, pair)
        if correlation is None or APART < abs(correlation) < TOGETHER:
            continue
        how = "apart" if abs(correlation) <= APART else "together"
        if how == "together" and rose.keys() >= set(pair) and (rose[pair[0]] == rose[pair[1]]) != (correlation > 0):
            how = "against"
        sorted_pairs[how] = (*sorted_pairs.get(how, ()), pair)
    return sorted_pairs


def _levels(record: RunRecord, moves: tuple[Move, ...]) -> dict[str, bool]:
    """Return which columns of numbers rose, and which fell."""
    numbers = {score.name for score in record.columns if score.kind == "numerical"}
    changes = ("level", "unit", "beside")
    levels = [move for move in moves if move.change in changes and move.rose is not None and numbers >= {*move.columns}]
    return {name: bool(move.rose) for move in reversed(levels) for name in move.columns}


def correlation_of(tables: DependenceEvidence, pair: Pair) -> float | None:
    """Return the strongest correlation of two columns that a table of the reference shows; None if it is not known.

    From phi of a table of four cells: sin(pi phi / 2) is the correlation of two normal columns that are divided at
    their medians (Sheppard 1899); the odds ratio of an uneven table would say far more. A pair without a table goes
    together less than can be told from nothing, if there was room for one.
    """
    wanted, start, found, of_two = set(pair), 0, [], 0
    for table in tables.tables:
        cells = tables.reference_counts[start : start + 2 ** len(table)]
        start += 2 ** len(table)
        of_two += len(table) == 2
        if len(table) == 2 and {tables.columns[i] for i in table} == wanted:
            found.append(math.sin(math.pi / 2 * _phi(cells)))
    if found:
        return max(found, key=abs)
    return 0.0 if of_two < MOST_TABLES and len(tables.reference_counts) == start else None


def _phi(cells: tuple[int, ...]) -> float:
    both, one, other, neither = cells
    margins = (both + one) * (other + neither) * (both + other) * (one + neither)
    return (both * neither - one * other) / math.sqrt(margins) if margins else 0.0
