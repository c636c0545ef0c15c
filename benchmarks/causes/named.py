"""Tell whether what is said of a day is what was planted in it."""

from driftmonitor.facts.where import Slice, Where

NOT_NAMED = (None, "everywhere", "unclear", "too_few")  # verdicts that blame no part of the rows


def is_named(where: Where | None, planted: object) -> bool:
    """Return whether a verdict is right: of no change, that it blames no part of the rows.

    `planted`: "everywhere"; the name of the column with the mix; a set of (column, level) or one (column, edge); a list
    of one (column, level) that must be part of what is named; None.
    """
    if planted is None:
        return (where.verdict if where else None) in NOT_NAMED
    if where is None:
        return False
    if planted == "everywhere":
        return where.verdict in ("everywhere", "unequal")
    if isinstance(planted, list):
        return where.slice is not None and {*planted} <= {(each.column, each.level) for each in where.slice.conditions}
    if isinstance(planted, str):
        return where.mix is not None and where.mix.column == planted and where.slice is None
    return where.slice is not None and where.mix is None and _is_that(where.slice, planted)


def _is_that(found: Slice, planted: object) -> bool:
    if isinstance(planted, tuple):
        (condition, *others), (name, edge) = found.conditions, planted
        near = condition.above is not None and abs(condition.above - edge) <= 0.1 * edge
        return not others and condition.column == name and near and condition.up_to is None
    return {(each.column, each.level) for each in found.conditions} == planted
