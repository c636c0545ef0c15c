"""Find rows that came twice: exact copies of whole rows, and values of a key that repeat.

A sample has fewer copies than all rows, so a side of which only a sample was read is not judged.
"""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from driftmonitor.analysis.drift.p_values import proportion_change
from driftmonitor.analysis.sides import Side, Sides
from driftmonitor.analysis.usable import FIRST_ROWS
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, one_line, p_value, percent

LEVEL = 0.01  # more rows are copies than in the reference, or a key repeats, if the p-value is under this
LEAST_CHANGE = 0.01  # and the share of copies is a percentage point larger or more
RARE = 0.01  # of the reference's rows: if more are copies in the tested columns, it is natural, as of idle machines
FEW_REPEATS = 0.05  # of the reference's values: what repeats more often is no key


def find_duplicates(sides: Sides, different: Collection[str] = (), tested: Collection[str] = ()) -> list[Finding]:
    """Return a finding if clearly more current rows are copies than in the reference, and one for each repeated key.

    The sides named in `different` have a value in each row that no other row has, so there is nothing to count. If no
    whole rows are copies, the columns that are `tested` may be: rows that came twice with new keys or times.
    """
    data, reference, current = sides.snapshot, sides.reference, sides.current
    if len(reference) < data.reference_total or len(current) < data.current_total:
        return []
    names = tuple(name for name in reference.frame if name in current)
    every = reference.once(_most_different_first, names)
    some = tuple(name for name in every if name in tested)
    copied = _find_copies(sides, different, every, "exact copies")
    if not copied and len(some) < len(every) and reference.once(_are_rare, some):
        copied = _find_copies(sides, different, some, f"copies in all {counted(len(some), 'tested column')}", RARE)
    copies = current.once(_count_copies, every, len(current)) if copied else 0
    repeated = [_judge_key(name, sides, copies) for name in names]
    return [*copied, *(finding for finding in repeated if finding)]


def _are_rare(side: Side, names: tuple[str, ...]) -> bool:
    """Return whether few of the first rows are copies in these columns, which is quick to tell."""
    rows = min(len(side), FIRST_ROWS)
    return _count_copies(side, names, rows) <= RARE * rows


def _find_copies(
    sides: Sides, different: Collection[str], names: tuple[str, ...], words: str, most: float = 1.0
) -> list[Finding]:
    """Return a finding if rows are copies in these columns, which at most such a share of the reference's may be."""
    reference, current = sides.reference, sides.current
    rows = min(len(reference), len(current))  # a larger current side has more copies by chance
    before = 0 if "reference" in different else reference.once(_count_copies, names, len(reference))
    now = 0 if "current" in different else current.once(_count_copies, names, rows)
    return _judge_copies(before, len(reference), now, rows, words) if before <= most * len(reference) else []


def _most_different_first(side: Side, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of columns in the order in which rows are soonest known to be no copies."""
    first = side.frame.head(FIRST_ROWS)
    return tuple(sorted(names, key=lambda name: (first[name].dtype.kind != "f", -_count_different(first[name]))))


def _count_different(values: pd.Series) -> int:
    try:
        return int(values.nunique())
    except TypeError:  # lists and the like
        return 0


def _count_copies(side: Side, names: tuple[str, ...], rows: int) -> int:
    return count_copies(side.frame if rows == len(side.frame) else side.frame.head(rows), names)


def count_copies(frame: pd.DataFrame, names: Sequence[str]) -> int:
    """Return how many rows equal an earlier one in some columns; 0 if their values cannot be compared.

    A copy repeats a value in every column, so a column of different numbers leaves no row to be compared.
    """
    rows = np.arange(len(frame))  # those that can still be a copy
    try:
        for name in names:
            rows = rows[frame[name].iloc[rows].duplicated(keep=False)]
            if not len(rows):
                return 0
        return int(frame[[*names]].iloc[rows].duplicated().sum()) if names else 0
    except TypeError:  # lists and the like
        return 0


def _judge_copies(reference: int, reference_rows: int, current: int, rows: int, words: str) -> list[Finding]:
    """Return a finding if the share of copies is larger by a percentage point and Fisher's test is under 0.01."""
    if not rows or current / rows - reference / reference_rows < LEAST_CHANGE:
        return []
    p = proportion_change(reference, reference_rows, current, rows)
    if p >= LEVEL:
        return []
    change = f"{percent(current / rows)} of current rows, {percent(reference / reference_rows)} of the reference"
    return [Finding(kind="duplicate_rows", column=None, message=f"{words}: {change} ({p_value(p)}).", p_value=p)]


def _judge_key(name: str, sides: Sides, copies: int) -> Finding | None:
    """Return a finding if values repeat in current, beside copies of whole rows, clearly more than in the reference."""
    if not sides.reference.once(_may_be_key, name) or sides.current.column(name).content not in ("number", "text"):
        return None
    (in_reference, before), (repeats, now) = (side.once(_count_repeats, name) for _, side in sides)
    if repeats <= copies:
        return None
    if in_reference:
        return _judge_repeats(name, sides, in_reference, before)
    p = chance_of_repeats(repeats, before, now)
    if p >= LEVEL:
        return None
    text = f"{counted(repeats, 'row')} {'repeats' if repeats == 1 else 'repeat'} an earlier value"
    message = f"{one_line(name)}: {text}; all {before:,} values of the reference are different."
    return Finding(kind="duplicate_key", column=name, message=message, p_value=p)


def _judge_repeats(name: str, sides: Sides, in_reference: int, before: int) -> Finding | None:
    """Return a finding if a few values repeat in the reference, and the share that does is larger, as for copies."""
    repeats, now = sides.current.once(_count_repeats, name, before)
    if in_reference > FEW_REPEATS * before or repeats / now - in_reference / before < LEAST_CHANGE:
        return None
    p = proportion_change(in_reference, before, repeats, now)
    if p >= LEVEL:
        return None
    shares = f"{percent(repeats / now)} of current values repeat an earlier one, {percent(in_reference / before)}"
    message = f"{one_line(name)}: {shares} of the reference's ({p_value(p)})."
    return Finding(kind="duplicate_key", column=name, message=message, p_value=p)


def _may_be_key(side: Side, name: str) -> bool:
    """Return whether values are text or whole numbers, and not a few that are often the same."""
    column = side.column(name)
    if column.content not in ("number", "text") or column.present < 2:
        return False
    if column.content == "number" and not column.numbers.is_whole:
        return False
    first = column.series.dropna().head(FIRST_ROWS)
    return len(set(map(str, first))) >= 0.5 * len(first)


def _count_repeats(side: Side, name: str, most: int | None = None) -> tuple[int, int]:
    """Return how many of the first values equal an earlier one, and how many there are."""
    values = side.frame[name].dropna().head(most) if most else side.frame[name].dropna()
    try:
        return int(values.duplicated().sum()), len(values)
    except TypeError:  # lists and the like are no key
        return len(values), len(values)


def chance_of_repeats(repeats: int, reference_rows: int, rows: int) -> float:
    """Return the probability that so many repeats, out of as many, are all in current if values repeat alike.

    Each of the pairs of rows of one side is then as likely to be equal as those of the other.
    """
    pairs = [n * (n - 1) / 2 for n in (reference_rows, rows)]
    return float((pairs[1] / sum(pairs)) ** repeats)
