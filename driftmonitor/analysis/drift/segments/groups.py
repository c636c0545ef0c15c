"""All segmentations of one day: the segment of each row on both sides, and what is to be said of the segments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.drift.segments.grouping import Grouping, divide
from driftmonitor.analysis.sides import Side, Sides, Values
from driftmonitor.analysis.sources import nearest_column
from driftmonitor.config.segment_settings import Segmentation, parse_segments
from driftmonitor.facts.record import Finding
from driftmonitor.formats import counted, one_line

MOST_CELLS = 6_000  # columns times segments


@dataclass(frozen=True, eq=False)
class Grouped:
    """One segmentation: the segment of each current row, and a frequent value that the reference lacks."""

    grouping: Grouping
    codes: np.ndarray
    new: str | None = None

    @property
    def rows(self) -> list[int]:
        """The current rows of each segment, and last those whose value the reference does not have."""
        rows: list[int] = np.bincount(self.codes, minlength=len(self.grouping) + 1).tolist()
        return rows


@dataclass(frozen=True, eq=False)
class Groups:
    """All segmentations of a day, the columns that are compared in the segments, and the findings."""

    by: tuple[Grouped, ...] = ()
    columns: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()


def find_groups(sides: Sides, segments: Sequence[object], columns: Sequence[str]) -> Groups:
    """Return the segments of both sides; `segments` as in a params file, `columns` the names of those tested.

    DriftMonitorError for an invalid setting, a column that is not in the reference, and an expression that fails.
    """
    wanted = parse_segments(segments)
    if not wanted:
        return Groups()
    found: list[Grouped] = []
    findings: list[Finding] = []
    absent = {each.name for each in wanted if _is_absent(sides, each)}
    reference = sides.reference.once(_find_values, wanted)
    current = _find_current(sides.current, [each for each in wanted if each.name not in absent])
    for each in wanted:
        today = current.get(each.name, "is missing in current")
        grouped = today if isinstance(today, str) else _group(sides.reference, each, reference[each.name], today)
        if isinstance(grouped, Grouped):
            found.append(grouped)
        else:
            findings.append(_finding(each, grouped))
    watched = columns[: max(1, MOST_CELLS // max(1, sum(len(each.grouping) for each in found)))]
    if found and len(watched) < len(columns):
        message = f"Segments are compared in the first {len(watched)} of {counted(len(columns), 'column')} only."
        findings.append(Finding(kind="segments", column=None, message=message))
    return Groups(tuple(found), frozenset(watched), tuple(findings))


def _group(side: Side, by: Segmentation, values: Values, today: Values) -> Grouped | str:
    grouping = side.once(_divide, by, values, {values.content, today.content} == {"boolean", "number"})
    return grouping if isinstance(grouping, str) else Grouped(grouping, *grouping.place(today))


def _divide(_side: Side, by: Segmentation, values: Values, as_numbers: bool) -> Grouping | str:
    return divide(by, values, as_numbers)


def _is_absent(sides: Sides, by: Segmentation) -> bool:
    """Return whether only the current side lacks a column; DriftMonitorError if there is none."""
    where, names = f"segments: {one_line(by.name)}", list(sides.reference.frame)
    if by.expression:
        if by.name in names:
            raise DriftMonitorError(f"{where}: there is a column of this name; choose another for the expression.")
        return False
    if by.name in names:
        return by.name not in sides.current
    if by.name in sides.unread:
        raise DriftMonitorError(f"{where} is ignored, and so not read of a sampled side; remove it from `columns`.")
    raise DriftMonitorError(f"{where}: no such column in the reference{nearest_column(by.name, names)}")


def _find_current(side: Side, wanted: Sequence[Segmentation]) -> Mapping[str, Values | str]:
    """Return the values by which the current rows are divided, or why an expression has none there, by name."""
    try:
        return _find_values(side, wanted)
    except DriftMonitorError:
        return {each.name: _find_today(side, each) for each in wanted}


def _find_today(side: Side, by: Segmentation) -> Values | str:
    try:
        return _find_values(side, [by])[by.name]
    except DriftMonitorError as error:  # the expression itself is valid: the reference has its values
        problem = str(error).removeprefix(_where(by.name)).lstrip(": ").split(";")[0].rstrip(".!")
        return f"cannot be computed in current ({problem})"


def _find_values(side: Side, wanted: Sequence[Segmentation]) -> dict[str, Values]:
    """Return the values by which the rows of a side are divided, by name."""
    computed = _compute(side, {each.name: each.expression for each in wanted if each.expression})
    return {each.name: Values(computed[each.name]) if each.expression else side.column(each.name) for each in wanted}


def _compute(side: Side, expressions: Mapping[str, str]) -> dict[str, pd.Series]:
    if not expressions:
        return {}
    from driftmonitor.analysis.sources.expressions import evaluate

    where = {name: _where(name) for name in expressions}
    found = evaluate(side.frame, {where[name]: expression for name, expression in expressions.items()})
    return {name: found[where[name]] for name in expressions}


def _where(name: str) -> str:
    return f"segments.{one_line(name)}"


def _finding(by: Segmentation, why: str) -> Finding:
    message = f"Segments: {one_line(by.name)} {why}. No segments are compared by it."
    return Finding(kind="segments", column=None, message=message)
