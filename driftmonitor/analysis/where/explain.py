"""Find where the changes of a drift day come from, for the columns that made it one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from driftmonitor.analysis.where.in_segments import find_in_segments
from driftmonitor.analysis.where.of_column import Rows, find_of_column
from driftmonitor.facts.judgement import Cause
from driftmonitor.facts.record import by_severity
from driftmonitor.facts.where import Changed, Where

if TYPE_CHECKING:
    from driftmonitor.analysis.drift.comparison import Comparison
    from driftmonitor.facts.record import ColumnScore

Wanted = tuple[str, Sequence[Changed], bool | None]  # a column, what of it may have changed, and whether it rose
MOST_COLUMNS = 5  # that are explained, the most unusual or most severe ones
OF_NUMBERS: Sequence[Changed] = ("level", "spread")
OF_CAUSES: Mapping[str, Sequence[Changed]] = {
    "level": ("level",), "beside": ("level",), "spread": ("spread",), "above": ("above",), "below": ("below",),
    "same": ("same",), "missing": ("missing",),
}  # fmt: skip  # of the others, what explains most


def find_where(comparison: "Comparison", columns: Sequence[str] | None = None) -> "Comparison":
    """Return the comparison with where its changes come from, compared with the reference.

    On a drift day, the rows of both sides are searched for slices: one column's value or range, or those of two. It is
    done for up to five columns, under the budget rule the causes of the day, otherwise those that drifted. `columns`
    names others, on any day; KeyError with the nearest name if there is none, DriftMonitorError if it was not compared.
    First comes the mix, which is what changed shares of one column's values do (Kitagawa 1955). A slice is named if it
    has 40% or more of what that leaves, and differs from all other rows (p < 0.002, Bonferroni), which changed by half
    as much at most. Of a column that was unusual in a segment of the monitor, both medians there are compared.
    """
    found = _name_columns(comparison, columns) if columns is not None else _find_changed(comparison)
    wanted = list(islice(found, MOST_COLUMNS))
    judged = columns is None and comparison.judgement is not None and comparison.judgement.decides
    segments = tuple(islice(find_in_segments(comparison), MOST_COLUMNS)) if judged else ()
    if not wanted or comparison.compared is None:
        return replace(comparison, where=segments)
    rows = Rows(comparison.compared.reference, comparison.compared.current, comparison.columns)
    told = _explain_all(rows, wanted)
    kept = (each for each, (_, _, rose) in zip(told, wanted, strict=True) if each and rose in (None, each.rose))
    return replace(comparison, where=(*segments, *kept))


def _explain_all(rows: Rows, wanted: Sequence[Wanted]) -> list[Where | None]:
    """Return where each change comes from; of two columns that explain each other, the better explained one keeps it.

    The other is searched again without the columns that it explains.
    """
    told = [find_of_column(rows, name, kinds) for name, kinds, _ in wanted]
    mixes = {each.column: each.mix for each in told if each and each.mix}
    for place, (name, kinds, _) in enumerate(wanted):
        own = mixes.get(name)
        other = mixes.get(own.column) if own else None
        if own and other and other.column == name and other.contribution > own.contribution:
            told[place] = find_of_column(rows, name, kinds, [each for each in mixes if mixes[each].column == name])
    return told


def _name_columns(comparison: "Comparison", columns: Sequence[str]) -> Iterator[Wanted]:
    for name in columns:
        score = comparison.tested(name)
        yield name, _kinds(score), None


def _find_changed(comparison: "Comparison") -> Iterator[Wanted]:
    """Yield the columns that made the day a drift day, what of them may have changed, and in which direction.

    A change from what is usual is not told by one from the reference in the other direction.
    """
    judgement, judging = comparison.judgement, comparison.judging
    if judgement is None and judging is not None and judging.earlier.rule == "budget":
        return  # the runner judges the day when it records it
    if judgement is None or not judgement.decides:
        worst = by_severity(comparison.columns) if comparison.drifted else []
        yield from ((score.name, _kinds(score), None) for score in worst if score.status == "drifted")
    elif judgement.alarm:
        for cause in judgement.causes:
            if kinds := _kinds_of(cause, comparison):
                yield cause.columns[0], kinds, cause.rose if len(kinds) == 1 and kinds != ("category",) else None


def _kinds(score: "ColumnScore") -> Sequence[Changed]:
    return OF_NUMBERS if score.kind == "numerical" else ("category",)


def _kinds_of(cause: Cause, comparison: "Comparison") -> Sequence[Changed]:
    """Return what of a cause's column may have changed; nothing for a cause that no single column of all rows has."""
    if len(cause.columns) != 1 or cause.check is not None or cause.segment is not None:
        return ()
    return OF_CAUSES.get(cause.signal) or _kinds(comparison[cause.columns[0]])
