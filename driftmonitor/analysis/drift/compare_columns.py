"""Compare every watched column, and put scores, findings and evidence together as a comparison."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift.collect_evidence import collect, column_evidence
from driftmonitor.analysis.drift.column_counts import MissingCounts, count_missing
from driftmonitor.analysis.drift.comparison import Comparison
from driftmonitor.analysis.drift.pairs import find_values, make_pair
from driftmonitor.analysis.drift.quality import find_quality, new_categories
from driftmonitor.analysis.drift.ranges import Beyond, find_beyond, find_out_of_range
from driftmonitor.analysis.drift.rules import Rule
from driftmonitor.analysis.drift.scores import Pair, adjust, score_column, untested
from driftmonitor.analysis.sides import Sides, both_sides
from driftmonitor.analysis.sources import Data, Snapshot
from driftmonitor.facts.evidence import ColumnEvidence
from driftmonitor.facts.record import ColumnScore, Finding, Rows, SidePair
from driftmonitor.formats import one_line


@dataclass(frozen=True)
class Compared:
    """What is found of one watched column. `evidence` and what follows it are there if it is tested."""

    score: ColumnScore
    missing: MissingCounts | None
    evidence: ColumnEvidence | None = None
    new: Sequence[Finding] = ()
    beyond: Sequence[Beyond] = ()


def compare_columns(
    data: Data | Snapshot | Sides,
    columns: Sequence[Column],
    rules: Mapping[str, Rule],
    drift_share: float,
    keep: Callable[[str, Pair], None] | None = None,
) -> Comparison:
    """Return the scores, the verdict and the findings, without Evidently's report.

    `rules` are those of the testable columns by name. Each tested column's values are given to `keep`, and forgotten.
    DriftMonitorError when no column could be tested.
    """
    sides, watched = both_sides(data), [column for column in columns if not column.ignored]
    compared = [_compare(sides, column, rules.get(column.name), keep) for column in watched]
    scores = adjust([each.score for each in compared])
    _refuse_nothing_tested(scores)
    tested = [each for each in compared if each.evidence]
    numbers = [each for each in tested if each.score.kind == "numerical"]
    new = [finding for each in tested for finding in each.new]
    evidence = [each.evidence for each in tested if each.evidence]
    of_values = [*new, *find_out_of_range([each.beyond for each in numbers])]
    different = _all_different(sides, evidence)
    return Comparison(
        columns=tuple(scores),
        threshold=float(drift_share),
        rows=_count_rows(sides.snapshot),
        quality=find_quality(sides, columns, [each.missing for each in compared], of_values, different),
        evidence=collect(sides, evidence, [each.score.name for each in numbers]),
        compared=sides.snapshot,
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


def _count_rows(data: Snapshot) -> Rows:
    return Rows(
        reference=len(data.reference),
        current=len(data.current),
        reference_total=data.reference_total,
        current_total=data.current_total,
    )


def _compare(sides: Sides, column: Column, rule: Rule | None, keep: Callable[[str, Pair], None] | None) -> Compared:
    values = find_values(sides, column.name)
    pair = make_pair(sides, column, values) if rule else None
    missing = count_missing(sides, column.name, values, pair)
    score = _name_full_counts(_score(column, pair, rule, missing), sides.snapshot, missing)
    if pair is None or score.status == "not_testable":
        return Compared(score, missing)
    if keep:
        keep(column.name, pair)
    beyond = find_beyond(column.name, pair) if pair.kind == "numerical" else ()
    evidence = column_evidence(column.name, pair, missing)
    return Compared(score, missing, evidence, new_categories(column.name, pair), beyond)


def _score(column: Column, pair: Pair | None, rule: Rule | None, missing: MissingCounts | None) -> ColumnScore:
    shares = SidePair(reference=missing.shares[0], current=missing.shares[1]) if missing else None
    if pair is None or rule is None:
        return untested(column.name, column.kind, column.reason, shares)
    empty = [side for side in ("reference", "current") if not len(getattr(pair, side))]
    if empty:
        return untested(column.name, column.kind, f"no usable value in {' or in '.join(empty)}", shares)
    return score_column(column.name, pair, rule, shares)


def _name_full_counts(score: ColumnScore, data: Snapshot, missing: MissingCounts | None) -> ColumnScore:
    """Return the score with the names of the fields that come from all rows, though a sample was compared."""
    counted = all(score.name in counts.levels for counts in data.full_counts.values())  # else a side was edited
    shares = ("missing_share",) if missing and missing.in_all_rows else ()
    named = (*shares, *(score.from_all_rows if counted else ()))
    return score if named == score.from_all_rows else score.model_copy(update={"from_all_rows": named})


def _refuse_nothing_tested(scores: Sequence[ColumnScore]) -> None:
    if all(score.status == "not_testable" for score in scores):
        why = f"{one_line(scores[0].name)}: {scores[0].reason}" if scores else "none is watched"
        raise DriftMonitorError(f"data: no column can be tested ({why}); name columns and their kinds in `columns`.")
