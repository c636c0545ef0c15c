"""Score every watched column, and put scores, findings and evidence together as a comparison."""

from collections.abc import Mapping, Sequence

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift.collect_evidence import collect
from driftmonitor.analysis.drift.column_counts import MissingCounts, count_missing
from driftmonitor.analysis.drift.comparison import Comparison
from driftmonitor.analysis.drift.quality import find_quality
from driftmonitor.analysis.drift.rules import Rule
from driftmonitor.analysis.drift.scores import Pair, adjust, score_column, untested
from driftmonitor.analysis.sources import Data, Snapshot
from driftmonitor.facts.record import ColumnScore, Rows, SidePair
from driftmonitor.formats import one_line


def compare_columns(
    data: Data | Snapshot,
    columns: Sequence[Column],
    pairs: Mapping[str, Pair],
    rules: Mapping[str, Rule],
    drift_share: float,
) -> Comparison:
    """Return the scores, the verdict and the findings, without Evidently's report.

    `pairs` and `rules` are those of the testable columns by name. DriftMonitorError when no column could be tested.
    """
    now, watched = data.snapshot(), [column for column in columns if not column.ignored]
    missing = {column.name: count_missing(now, column.name, pairs.get(column.name)) for column in watched}
    scores = adjust([_score(column, pairs, rules, missing[column.name]) for column in watched])
    scores = [_name_full_counts(score, now, missing[score.name]) for score in scores]
    _refuse_nothing_tested(scores)
    rows = Rows(
        reference=len(now.reference),
        current=len(now.current),
        reference_total=now.reference_total,
        current_total=now.current_total,
    )
    tested = {score.name: pairs[score.name] for score in scores if score.status != "not_testable"}
    return Comparison(
        columns=tuple(scores),
        threshold=float(drift_share),
        rows=rows,
        quality=find_quality(now, columns, missing.values(), tested),
        evidence=collect(now, scores, tested, missing),
        compared=now,
    )


def _score(
    column: Column, pairs: Mapping[str, Pair], rules: Mapping[str, Rule], missing: MissingCounts | None
) -> ColumnScore:
    shares = SidePair(reference=missing.shares[0], current=missing.shares[1]) if missing else None
    pair = pairs.get(column.name)
    if pair is None:
        return untested(column.name, column.kind, column.reason, shares)
    empty = [side for side in ("reference", "current") if getattr(pair, side).empty]
    if empty:
        return untested(column.name, column.kind, f"no usable value in {' or in '.join(empty)}", shares)
    return score_column(column.name, pair, rules[column.name], shares)


def _name_full_counts(score: ColumnScore, data: Snapshot, missing: MissingCounts | None) -> ColumnScore:
    """Return the score with the names of the fields that come from all rows, though a sample was compared."""
    counted = all(score.name in counts.levels for counts in data.full_counts.values())  # else a side was edited
    shares = ("missing_share",) if missing and missing.in_all_rows else ()
    return score.model_copy(update={"from_all_rows": (*shares, *(score.from_all_rows if counted else ()))})


def _refuse_nothing_tested(scores: Sequence[ColumnScore]) -> None:
    if all(score.status == "not_testable" for score in scores):
        why = f"{one_line(scores[0].name)}: {scores[0].reason}" if scores else "none is watched"
        raise DriftMonitorError(f"data: no column can be tested ({why}); name columns and their kinds in `columns`.")
