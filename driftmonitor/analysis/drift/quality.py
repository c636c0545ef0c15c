"""Find data-quality issues: what is wrong with the data itself, whether or not a distribution drifted.

`infer_columns` finds missing, new, retyped and constant columns, the data's snapshot names edits that made counts
invalid. This module adds rows that came twice, jumps in missing values, new categories and what was sampled.
"""

from collections.abc import Iterable, Sequence

from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift.column_counts import MissingCounts
from driftmonitor.analysis.drift.duplicates import find_duplicates
from driftmonitor.analysis.drift.p_values import holm, proportion_change
from driftmonitor.analysis.drift.same_rows import find_same_rows
from driftmonitor.analysis.drift.scores import Pair
from driftmonitor.analysis.sides import Sides
from driftmonitor.analysis.sources import Snapshot
from driftmonitor.analysis.usable import LevelCounts
from driftmonitor.facts.evidence import ColumnEvidence
from driftmonitor.facts.record import Finding
from driftmonitor.formats import as_seen, one_line, p_value, percent, show_category

MISSING_LEVEL = 0.01  # missing values jumped if the Holm-adjusted p-value is under this
MISSING_LEAST_CHANGE = 0.01  # and their share changed by a percentage point or more
CATEGORIES_NAMED = 5
UNEXPECTED_ERRORS = 3  # standard errors by which more rows than expected have new categories, of an untested column
UNEXPECTED_LEAST = 0.01  # and the share of rows by which they do
COUNTED = "; missing values and categories are counted in all rows"


def find_quality(
    sides: Sides,
    columns: Iterable[Column],
    missing: Iterable[MissingCounts | None],
    of_values: Iterable[Finding],
    evidence: Sequence[ColumnEvidence] = (),
) -> tuple[Finding, ...]:
    """Return every finding of the run: the data's, the columns', then those of rows, and `of_values` of columns.

    `evidence`: of the tested columns.
    """
    data = sides.snapshot
    return (
        *data.findings,
        *(finding for column in columns for finding in column.findings),
        *find_same_rows(sides, evidence),
        *find_duplicates(sides, _all_different(sides, evidence), [column.name for column in evidence]),
        *missing_jumps([counts for counts in missing if counts]),
        *of_values,
        *([] if any(finding.kind == "sampled" for finding in data.findings) else sampled(data)),
    )


def _all_different(sides: Sides, columns: Sequence[ColumnEvidence]) -> set[str]:
    """Return the sides on which a column has a number in each row that no other row has."""
    found = set()
    for column in columns:
        if column.tail and column.reference_tail:
            most_frequent = column.reference_tail[-1], column.tail.same
            for (side, rows), usable, same in zip(sides, column.rows, most_frequent, strict=True):
                found |= {side} if same == 1 and usable == len(rows) else set()
    return found


def missing_jumps(missing: Sequence[MissingCounts]) -> list[Finding]:
    """Return a finding for each column whose share of missing values jumped.

    It did if Fisher's exact p-value, Holm-adjusted over the columns, is under 0.01 and the share changed by one
    percentage point or more.
    """
    p_values = [
        proportion_change(side.reference, side.reference_rows, side.current, side.current_rows) for side in missing
    ]
    return [
        _jump(counts, p)
        for counts, p in zip(missing, holm(p_values), strict=True)
        if p < MISSING_LEVEL and abs(counts.shares[1] - counts.shares[0]) > MISSING_LEAST_CHANGE - 1e-9
    ]


def _jump(counts: MissingCounts, p: float) -> Finding:
    was, now = counts.shares
    change = f"{'rose' if now > was else 'fell'} from the reference's {percent(was)} to {percent(now)} of rows"
    message = f"{one_line(counts.column)}: missing values {change} ({p_value(p)})."
    return Finding(kind="missing_values", column=counts.column, message=message, p_value=p)


def new_categories(name: str, pair: Pair) -> list[Finding]:
    """Return a finding if current has categories that the reference lacks: their share, and which are common."""
    if pair.kind != "categorical" or pair.levels[1].rows.keys() <= pair.levels[0].rows.keys():
        return []
    new = pair.counts[pair.counts["reference"] == 0]
    share = percent(new["current"].sum() / pair.counts["current"].sum())
    noun = "category" if len(new) == 1 else "categories"
    said = f"{one_line(name)}: {len(new):,} new {noun} in {share} of current rows"
    message = f"{said}{_name_common(list(new.index), pair.levels[1])}{_say_alike(pair)}."
    return [Finding(kind="new_category", column=name, message=message)]


def new_are_unexpected(counts: LevelCounts, current: LevelCounts) -> bool:
    """Return whether clearly more rows have new categories than the reference lets expect, as of names or ids.

    Expected is the share of its rows that no other row shares the category with (Good 1953), and clearly is three
    standard errors.
    """
    once = sum(rows == 1 for rows in counts.rows.values()) / counts.total
    new = sum(rows for level, rows in current.rows.items() if level not in counts.rows) / current.total
    error = (once * (1 - once) * (1 / counts.total + 1 / current.total)) ** 0.5
    return new - once > max(UNEXPECTED_ERRORS * error, UNEXPECTED_LEAST)


def _name_common(new: Sequence[str], current: LevelCounts) -> str:
    """Return which categories are new; one that few rows have is not named, because that would tell a row's value."""
    common = [f'"{show_category(level)}"' for level in new if current.is_common(level)][:CATEGORIES_NAMED]
    if not common:
        return f", of too few rows to name {'it' if len(new) == 1 else 'them'}"
    rest = len(new) - len(common)
    return f": {', '.join(common)}{f' and {rest} more' if rest else ''}"


def _say_alike(pair: Pair) -> str:
    """Return how many new categories are those of the reference but for what is hard to see; "" if none are."""
    known = pair.counts["reference"] > 0
    before = {as_seen(level) for level in pair.counts.index[known]}
    alike = sum(as_seen(level) in before for level in pair.counts.index[~known])
    differ = "differs" if alike == 1 else "differ"
    return f"; {alike} {differ} from earlier ones only in spaces, capitals or Unicode form" if alike else ""


def sampled(data: Snapshot) -> list[Finding]:
    """Return a finding for each side of which only a sample was compared."""
    sides = (
        ("reference", len(data.reference), data.reference_total),
        ("current", len(data.current), data.current_total),
    )
    return [
        Finding(
            kind="sampled", column=None, message=f"{side}: a sample of {rows:,} of {total:,} rows was compared{also}."
        )
        for side, rows, total in sides
        if rows < total
        for also in [COUNTED if side in data.full_counts else ""]
    ]
