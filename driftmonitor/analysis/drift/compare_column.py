"""Compare one column: what can be computed beside other columns, and its test, which cannot."""

from collections.abc import Sequence
from dataclasses import dataclass

from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift.collect_evidence import column_evidence
from driftmonitor.analysis.drift.column_counts import MissingCounts, count_missing
from driftmonitor.analysis.drift.pairs import find_values, make_pair
from driftmonitor.analysis.drift.quality import new_are_unexpected, new_categories
from driftmonitor.analysis.drift.ranges import Beyond, find_beyond
from driftmonitor.analysis.drift.rules import Rule
from driftmonitor.analysis.drift.scores import Pair, score_column, untested
from driftmonitor.analysis.drift.segments.groups import Groups
from driftmonitor.analysis.drift.segments.ridits import InSegments, add_up_in_segments
from driftmonitor.analysis.sides import Sides
from driftmonitor.analysis.sources import Snapshot
from driftmonitor.facts.evidence import ColumnEvidence
from driftmonitor.facts.record import ColumnScore, Finding, SidePair


@dataclass(frozen=True)
class Described:
    """What is known of a watched column before its test. `pair` has its usable values, if it can be tested.

    `evidence`, `segments`, `new` and `beyond` (new categories, and numbers beyond the range) are there if both sides
    have values. `new_are_unexpected` says whether new categories are worth a word although the column is not tested.
    """

    column: Column
    missing: MissingCounts | None
    pair: Pair | None = None
    evidence: ColumnEvidence | None = None
    new: Sequence[Finding] = ()
    beyond: Sequence[Beyond] = ()
    segments: tuple[InSegments, ...] = ()
    new_are_unexpected: bool = False


def describe_column(sides: Sides, column: Column, is_tested: bool, groups: Groups) -> Described:
    """Return what is known of a column. Columns may be described at the same time: no global state is used."""
    values = find_values(sides, column.name)
    pair = make_pair(sides, column, values) if is_tested else None
    missing = count_missing(sides, column.name, values, pair)
    if pair is None or not (len(pair.reference) and len(pair.current)):
        return Described(column, missing, pair)
    pair.prepare()
    evidence, new = column_evidence(column.name, pair, missing), new_categories(column.name, pair)
    segments = add_up_in_segments(groups, column.name, pair, values["reference"], values["current"])
    unexpected = bool(new) and new_are_unexpected(*pair.levels)
    return Described(column, missing, pair, evidence, new, find_beyond(column.name, pair), segments, unexpected)


def score_described(described: Described, rule: Rule | None, data: Snapshot) -> ColumnScore:
    """Return the score of a column; its test may draw random numbers, and is made alone."""
    missing = described.missing
    shares = SidePair(reference=missing.shares[0], current=missing.shares[1]) if missing else None
    return _name_full_counts(_score(described.column, described.pair, rule, shares), data, missing)


def _score(column: Column, pair: Pair | None, rule: Rule | None, missing: SidePair | None) -> ColumnScore:
    if pair is None or rule is None:
        return untested(column.name, column.kind, column.reason, missing)
    empty = [side for side in ("reference", "current") if not len(getattr(pair, side))]
    if empty:
        return untested(column.name, column.kind, f"no usable value in {' or in '.join(empty)}", missing)
    return score_column(column.name, pair, rule, missing)


def _name_full_counts(score: ColumnScore, data: Snapshot, missing: MissingCounts | None) -> ColumnScore:
    """Return the score with the names of the fields that come from all rows, though a sample was compared."""
    counted = all(score.name in counts.levels for counts in data.full_counts.values())  # else a side was edited
    shares = ("missing_share",) if missing and missing.in_all_rows else ()
    named = (*shares, *(score.from_all_rows if counted else ()))
    return score if named == score.from_all_rows else score.model_copy(update={"from_all_rows": named})
