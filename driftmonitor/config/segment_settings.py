"""Read the key `segments` of a params file: by which columns or SQL expressions the rows are divided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import describe
from driftmonitor.formats import one_line

MOST_SEGMENTATIONS = 8
LONGEST_NAME = 120  # of an expression
LONGEST_EXPRESSION = 2_000
REMEDY = 'write a column\'s name, or {"name": "SQL expression"}'


@dataclass(frozen=True)
class Segmentation:
    """One way to divide the rows: by a column, or by an SQL expression that has a name."""

    name: str
    expression: str = ""


def parse_segments(segments: Sequence[Any], where: str = "") -> tuple[Segmentation, ...]:
    """Return how the rows are divided; DriftMonitorError, which begins with `where`, for the first invalid item."""
    if isinstance(segments, str | Mapping) or not isinstance(segments, Sequence):
        raise DriftMonitorError(f"{where}segments is {describe(segments)}; give a list, such as [country, plan].")
    if len(segments) > MOST_SEGMENTATIONS:
        raise DriftMonitorError(f"{where}segments has {len(segments):,} items; use at most {MOST_SEGMENTATIONS}.")
    found = tuple(_parse(item, f"{where}segments[{place}]") for place, item in enumerate(segments))
    names = [each.name for each in found]
    for name in names:
        if names.count(name) > 1:
            raise DriftMonitorError(f"{where}segments: {one_line(name)} is named twice; remove one.")
    return found


def _parse(item: Any, where: str) -> Segmentation:
    if isinstance(item, str) and item.strip():
        return Segmentation(item)
    if not isinstance(item, Mapping) or len(item) != 1:
        raise DriftMonitorError(f"{where} is {describe(item)}; {REMEDY}.")
    ((name, expression),) = item.items()
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME:
        raise DriftMonitorError(f"{where}: the name has to be a text of at most {LONGEST_NAME} characters.")
    if not isinstance(expression, str) or not expression.strip():
        raise DriftMonitorError(f"{where}.{one_line(name)} is {describe(expression)}; write an SQL expression.")
    if len(expression) > LONGEST_EXPRESSION:
        raise DriftMonitorError(
            f"{where}.{one_line(name)} has {len(expression):,} characters; use at most {LONGEST_EXPRESSION:,}."
        )
    return Segmentation(name, expression)
