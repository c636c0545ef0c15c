"""Find columns that say what another one says: the same value in each row, or one that is only coded in another way."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from driftmonitor.analysis.sources.overview import Overview
from driftmonitor.analysis.starting.facts import Facts
from driftmonitor.formats import one_line

MOST_COMPARED = 200  # pairs of columns
MOST_CODES = 60  # different values of a coded column
FEWEST_OTHERS = 30  # rows outside of the most frequent value: a few agree by chance

Copies = dict[str, tuple[str, str]]  # why a column is not watched, and what is not sure of that, by its name


def find_copies(overview: Overview, columns: Sequence[Facts], unwatched: Collection[str]) -> Copies:
    """Return columns that have in each row the same value as an earlier one, or whose values are one-to-one with it.

    Columns that are `unwatched` for another reason stand for no other.
    """
    found = {facts.name: (f"a copy of {one_line(original)}", "") for facts, original in _same(overview, columns)}
    left = [facts for facts in columns if facts.name not in {*found, *unwatched}]
    for facts, original in _recoded(overview, left):
        why = f"its values and those of {one_line(original)} are one-to-one, so only {one_line(original)} is watched"
        found[facts.name] = (f"one-to-one with {one_line(original)}", why)
    return found


def _same(overview: Overview, columns: Sequence[Facts]) -> Iterator[tuple[Facts, str]]:
    originals: dict[tuple[Any, ...], list[Facts]] = {}
    pairs = 0
    for facts in columns:
        same = originals.setdefault((facts.kind, facts.values, facts.distinct, facts.low, facts.high, facts.levels), [])
        for original in same if facts.distinct > 1 else ():
            pairs += 1
            if pairs > MOST_COMPARED:
                return
            test = f"bool_and({facts.column} IS NOT DISTINCT FROM {original.column})"
            if overview.ask(f"SELECT {test} FROM all_rows")[0][0]:  # noqa: S608
                yield facts, original.name
                break
        else:
            same.append(facts)


def _recoded(overview: Overview, columns: Sequence[Facts]) -> Iterator[tuple[Facts, str]]:
    """Yield columns that are coded in another way than one which says it better: text, then true and false.

    Only columns whose values come equally often can be so; their pairs are then counted.
    """
    originals: dict[tuple[int, ...], list[Facts]] = {}
    alike = Counter(map(_groups, columns))
    coded = [facts for facts in columns if 1 < _groups(facts) <= MOST_CODES and alike[_groups(facts)] > 1]
    pairs = 0
    for facts in sorted(coded, key=lambda each: (not each.is_text, each.kind != "BOOLEAN")):
        counts = _counts(overview, facts.column)
        if sum(counts) - counts[0] < FEWEST_OTHERS:
            continue
        same = originals.setdefault(counts, [])
        for original in same:
            pairs += 1
            if pairs > MOST_COMPARED:
                return
            if len(_counts(overview, f"{facts.column}, {original.column}")) == len(counts):
                yield facts, original.name
                break
        else:
            same.append(facts)


def _groups(facts: Facts) -> int:
    """Return how many values a column has; a missing one is one of them."""
    return facts.distinct + (facts.values < facts.rows)


def _counts(overview: Overview, columns: str) -> tuple[int, ...]:
    """Return how often each value, or each combination of values, comes; a missing one is one of them."""
    query = f"SELECT count(*) AS n FROM all_rows GROUP BY {columns} ORDER BY n DESC"  # noqa: S608
    return tuple(count for (count,) in overview.ask(query))
