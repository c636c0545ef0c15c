"""Say a column's change in a segment in the column's own unit: the rows are here, and days keep only sums of ranks."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from driftmonitor.analysis.drift.segments.groups import Grouped, find_groups
from driftmonitor.analysis.sides import Sides
from driftmonitor.analysis.values import to_floats
from driftmonitor.facts.judgement import Cause
from driftmonitor.facts.where import Where
from driftmonitor.words.segments import name_segment

if TYPE_CHECKING:
    from driftmonitor.analysis.drift.comparison import Comparison

FEWEST_ROWS = 20  # with a value, of a segment on each side


def find_in_segments(comparison: "Comparison") -> Iterator[Where]:
    """Yield both medians of each column of numbers that made a drift day unusual in a segment.

    Not where they moved in another direction than the signal, as they may if only the days before it did.
    """
    causes = comparison.judgement.causes if comparison.judgement else ()
    wanted = [each for each in causes if each.change == "segment" and comparison[each.columns[0]].kind == "numerical"]
    if not wanted or comparison.compared is None or comparison.evidence is None:
        return
    sides = Sides(comparison.compared)
    by = [{each.name: each.expression} if each.expression else each.name for each in comparison.segmentations]
    found = {each.grouping.by.name: each for each in find_groups(sides, by, []).by}
    for evidence in comparison.evidence.segments:
        places = {name_segment(evidence, place): place for place in range(len(evidence.reference_rows))}
        for cause in wanted:
            if cause.segment in places and evidence.name in found:
                yield from _compare_medians(sides, cause, found[evidence.name], places[cause.segment])


def _compare_medians(sides: Sides, cause: Cause, grouped: Grouped, place: int) -> Iterator[Where]:
    medians = []
    for (_, side), codes in zip(sides, (grouped.grouping.codes, grouped.codes), strict=True):
        values = to_floats(side.column(cause.columns[0]).series)[codes == place]
        usable = values[np.isfinite(values)]
        medians.append(float(np.median(usable)) if len(usable) >= FEWEST_ROWS else np.nan)
    before, now = medians
    if np.isfinite(medians).all() and now != before and (now > before) == cause.rose:
        told = {"segment": cause.segment, "medians": (float(f"{before:.6g}"), float(f"{now:.6g}"))}
        yield Where(column=cause.columns[0], changed="level", rose=now > before, verdict="segment", **told)
