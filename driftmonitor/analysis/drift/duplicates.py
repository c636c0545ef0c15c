"""Find rows that came twice: exact copies of whole rows, and values of a key that repeat.

A sample has fewer copies than all rows, so a side of which only a sample was read is not judged.
"""

import pandas as pd

from driftmonitor.analysis.drift.p_values import proportion_change
from driftmonitor.analysis.sources import Snapshot
from driftmonitor.analysis.values import describe_type, to_numbers
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, one_line, p_value, percent

LEVEL = 0.01  # more rows are copies than in the reference, or a key repeats, if the p-value is under this
FIRST_ROWS = 1_000  # show quickly that a column is no key
LEAST_CHANGE = 0.01  # and the share of copies is a percentage point larger or more


def find_duplicates(data: Snapshot) -> list[Finding]:
    """Return a finding if clearly more current rows are copies than in the reference, and one for each repeated key."""
    if len(data.reference) < data.reference_total or len(data.current) < data.current_total:
        return []
    names = [name for name in data.reference if name in data.current]
    rows = min(len(data.reference), len(data.current))  # a larger current side has more copies by chance
    reference, current = count_copies(data.reference[names]), count_copies(data.current[names].head(rows))
    copied = _judge_copies(reference, len(data.reference), current, rows)
    copies = count_copies(data.current[names]) if copied else 0
    repeated = [_judge_key(name, data, copies) for name in names]
    return [*copied, *(finding for finding in repeated if finding)]


def count_copies(frame: pd.DataFrame) -> int:
    """Return how many rows equal an earlier one; 0 if their values cannot be compared.

    A copy repeats a value in every column, so a column of different numbers leaves no row to be compared.
    """
    rows = frame
    try:
        for name in sorted(frame, key=lambda name: frame[name].dtype.kind != "f"):  # the quickest first
            rows = rows[rows[name].duplicated(keep=False)]
        return int(rows.duplicated().sum()) if frame.shape[1] else 0
    except TypeError:  # lists and the like
        return 0


def _judge_copies(reference: int, reference_rows: int, current: int, rows: int) -> list[Finding]:
    """Return a finding if the share of copies is larger by a percentage point and Fisher's test is under 0.01."""
    if not rows or current / rows - reference / reference_rows < LEAST_CHANGE:
        return []
    p = proportion_change(reference, reference_rows, current, rows)
    if p >= LEVEL:
        return []
    change = f"{percent(current / rows)} of current rows, {percent(reference / reference_rows)} of the reference"
    return [Finding(kind="duplicate_rows", column=None, message=f"exact copies: {change} ({p_value(p)}).", p_value=p)]


def _judge_key(name: str, data: Snapshot, copies: int) -> Finding | None:
    """Return a finding if values repeat in current, beside copies of whole rows, though none does in the reference."""
    values = data.reference[name].dropna(), data.current[name].dropna()
    if min(map(len, values)) < 2 or not all(map(_may_be_key, values)):
        return None
    in_reference, repeats = map(_count_repeats, values)
    if in_reference:
        return None
    p = chance_of_repeats(repeats, *map(len, values))
    if repeats <= copies or p >= LEVEL:
        return None
    text = f"{counted(repeats, 'row')} {'repeats' if repeats == 1 else 'repeat'} an earlier value"
    message = f"{one_line(name)}: {text}; all {len(values[0]):,} values of the reference are different."
    return Finding(kind="duplicate_key", column=name, message=message, p_value=p)


def _count_repeats(values: pd.Series) -> int:
    try:
        return int(values.duplicated().sum())
    except TypeError:  # lists and the like are no key
        return len(values)


def _may_be_key(values: pd.Series) -> bool:
    """Return whether values are text or whole numbers, and not a few that are often the same."""
    if values.head(FIRST_ROWS).map(str).nunique() < 0.5 * min(len(values), FIRST_ROWS):
        return False
    kind = describe_type(values)
    if kind == "number":
        numbers = to_numbers(values)
        return bool((numbers == numbers.round()).all())
    return kind == "text"


def chance_of_repeats(repeats: int, reference_rows: int, rows: int) -> float:
    """Return the probability that so many repeats, out of as many, are all in current if values repeat alike.

    Each of the pairs of rows of one side is then as likely to be equal as those of the other.
    """
    pairs = [n * (n - 1) / 2 for n in (reference_rows, rows)]
    return float((pairs[1] / sum(pairs)) ** repeats)
