"""Compare every watched column, and put scores, findings and evidence together as a comparison."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift.ahead import ahead, count_threads
from driftmonitor.analysis.drift.collect_evidence import collect
from driftmonitor.analysis.drift.compare_column import Described, describe_column, score_described
from driftmonitor.analysis.drift.comparison import Comparison
from driftmonitor.analysis.drift.dates import describe_dates
from driftmonitor.analysis.drift.quality import find_quality
from driftmonitor.analysis.drift.ranges import find_out_of_range
from driftmonitor.analysis.drift.rules import Rule
from driftmonitor.analysis.drift.scores import Pair, adjust, same_random_numbers
from driftmonitor.analysis.drift.segments.evidence import collect_segments
from driftmonitor.analysis.drift.segments.groups import Groups, find_groups
from driftmonitor.analysis.sides import Sides, both_sides
from driftmonitor.analysis.sources import Data, Snapshot
from driftmonitor.config.segment_settings import parse_segments
from driftmonitor.facts.record import ColumnScore, Rows
from driftmonitor.formats import one_line


def compare_columns(
    data: Data | Snapshot | Sides,
    columns: Sequence[Column],
    rules: Mapping[str, Rule],
    drift_share: float,
    keep: Callable[[str, Pair], None] | None = None,
    dependence: bool = True,
    segments: Sequence[object] = (),
) -> Comparison:
    """Return the scores, the verdict and the findings, without Evidently's report.

    `rules` are those of the testable columns by name. Each tested column's values are given to `keep`, and forgotten.
    `dependence`: whether to watch how columns of any kind go together. `segments`: by what the rows are divided.
    DriftMonitorError when no column could be tested.
    """
    sides = both_sides(data)
    groups = find_groups(sides, segments, list(rules))
    with same_random_numbers():
        compared = list(_compare_each(sides, columns, rules, keep, groups))
    scores = adjust([score for score, _ in compared])
    _refuse_nothing_tested(scores)
    tested = [each for score, each in compared if score.status != "not_testable"]
    numbers = [each for each in tested if each.column.kind == "numerical"]
    new = [finding for each in [*tested, *_untested_with_new(compared)] for finding in each.new]
    evidence = [each.evidence for each in tested if each.evidence]
    in_segments = [(each.column.name, each.segments) for each in tested if each.evidence]
    dates, before_reference = describe_dates(sides, columns)
    of_values = [*groups.findings, *before_reference, *new, *find_out_of_range([each.beyond for each in numbers])]
    together = [column for column in columns if dependence and column.kind and not column.ignored]
    return Comparison(
        columns=tuple(scores),
        threshold=float(drift_share),
        rows=_count_rows(sides.snapshot),
        quality=find_quality(sides, columns, [each.missing for _, each in compared], of_values, evidence),
        evidence=collect(
            sides,
            evidence,
            [each.column.name for each in numbers],
            together,
            collect_segments(groups, in_segments),
            dates,
        ),
        compared=sides.snapshot,
        segmentations=parse_segments(segments),
    )


def _compare_each(
    sides: Sides,
    columns: Sequence[Column],
    rules: Mapping[str, Rule],
    keep: Callable[[str, Pair], None] | None,
    groups: Groups,
) -> Iterator[tuple[ColumnScore, Described]]:
    """Yield the score of each watched column and what is known of it, without its values."""
    watched = [column for column in columns if not column.ignored]

    def describe(column: Column) -> Described:
        return describe_column(sides, column, column.name in rules, groups)

    for described in ahead(describe, watched, count_threads(min(len(sides.reference), len(sides.current)))):
        name, pair = described.column.name, described.pair
        score = score_described(described, rules.get(name), sides.snapshot)
        if keep and pair and score.status != "not_testable":
            keep(name, pair)
        yield score, replace(described, pair=None)


def _untested_with_new(compared: Sequence[tuple[ColumnScore, Described]]) -> list[Described]:
    """Return the columns that were not tested, and have more new categories than the reference lets expect."""
    return [each for score, each in compared if score.status == "not_testable" and each.new_are_unexpected]


def _count_rows(data: Snapshot) -> Rows:
    return Rows(
        reference=len(data.reference),
        current=len(data.current),
        reference_total=data.reference_total,
        current_total=data.current_total,
    )


def _refuse_nothing_tested(scores: Sequence[ColumnScore]) -> None:
    if all(score.status == "not_testable" for score in scores):
        why = f"{one_line(scores[0].name)}: {scores[0].reason}" if scores else "none is watched"
        raise DriftMonitorError(f"data: no column can be tested ({why}); name columns and their kinds in `columns`.")
