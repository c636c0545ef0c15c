"""Decide which columns of text are dates or times, and in which order of day and month each side writes them."""

from collections.abc import Mapping

from driftmonitor.analysis.sources import date_types as types
from driftmonitor.analysis.sources.column_types import TEXT, ColumnType
from driftmonitor.analysis.sources.counted_column import SIDES, Column, Verdict, alike, refusal
from driftmonitor.analysis.sources.date_types import COMPACT, DATES, SURE, formatted
from driftmonitor.formats import percent

ISO = "%Y-%m-%d"  # the order of dates and times as in 2026-01-31


def by_format(column: Column) -> Verdict | None:
    """A format that a user gives for the column, or for all columns and that fits this one."""
    if not column.formats or (column.all_are("numbers") and not (column.is_time or column.sure_format)):
        return None
    fits = column.nearly_all_are("formatted")
    if not fits and column.sure_format:
        raise refusal(
            column, f"has values that are not written as {', '.join(set(column.formats.values()))}", "date_format"
        )
    kinds = {side: formatted(column.formats[side]) for side in column.counts if side in column.formats}
    if not fits or len(kinds) < len(column.counts):
        return None
    return Verdict(kinds, not column.all_are("formatted"), why="set by read.date_format")


def time_column(column: Column) -> Verdict | None:
    """The time column may have years of two digits; dates that fit two orders are refused."""
    if not column.is_time or (column.has_typed_side and not column.every["n"]):
        return None
    fitting = [written for written in DATES if column.nearly_all_are(written)]
    if len(fitting) > 1:
        orders = " and ".join(fitting)
        raise refusal(column, f"has dates that fit {orders}", "date_format", f"{fitting[0]!r} or {fitting[1]!r}")
    return dates(column) or (alike(column, DATES[fitting[0]], not column.all_are(*fitting)) if fitting else None)


def dates(column: Column) -> Verdict | None:
    """Dates that each side writes in one order alone, unless the column is said to be categories."""
    if column.named == "categorical" and not (column.is_time or column.has_typed_side):
        return None
    orders = {side: _orders_of(column.alone(side)) for side in column.filled}
    if not orders or not all(orders.values()):
        return None
    common = [order for order in next(iter(orders.values())) if all(order in own for own in orders.values())]
    fitting = common or max(orders.values(), key=len)
    if len(fitting) == 1:
        stays = column.beside == "VARCHAR" and common and not column.is_time
        found = {side: fitting[0] if common else own[0] for side, own in orders.items()}
        return None if stays else _read(column, found)
    if column.is_time:
        said, options = " and ".join(fitting), " or ".join(map(repr, fitting))
        raise refusal(column, f"has dates that fit {said}", "date_format", options)
    remark = f"dates that fit {' and '.join(fitting)} are compared as text; set read.date_format"
    return alike(column, TEXT, remark=remark, why="dates that fit two orders")


def _orders_of(column: Column) -> list[str]:
    """Return the orders that all dates of a side fit, but for a trace."""
    if column.nearly_all_are("dates", "times"):
        return [ISO]
    found = [written for written in SURE if column.nearly_all_are(written)]
    return found or (["compact"] if column.has_typed_side and column.nearly_all_are("compact") else [])


def _read(column: Column, orders: Mapping[str, str]) -> Verdict:
    """Return dates that are read in one order on each side; an empty side is read as the other."""
    usual, is_one = next(iter(orders.values())), len(set(orders.values())) == 1
    found = {side: _type_of(column, side, orders.get(side, usual), is_one) for side in column.counts}
    fit = all(column.alone(side).all_are(*sorts_of(order)) for side, order in orders.items())
    why = "" if is_one else "dates in another order on each side"
    return Verdict(found, not fit, _say_offsets(column), why)


def sorts_of(order: str) -> tuple[str, ...]:
    """Return the sorts of values that are dates in an order."""
    return ("dates", "times") if order == ISO else (order,)


def _type_of(column: Column, side: str, order: str, is_one: bool) -> ColumnType:
    """Return the type of a side's dates. Times without an offset, on a side that has none, are as they are written."""
    if order != ISO:
        return COMPACT if order == "compact" else SURE[order]
    every = column.every
    if every["zoned"] and (column.counts[side]["zoned"] or side not in column.filled):
        return types.ZONED
    return types.TIME if every["times"] or not is_one else types.DATE


def _say_offsets(column: Column) -> str:
    """Return the remark on times of which only some have an offset, if they are compared or cut to a window."""
    if not (column.is_time or column.named == "numerical"):
        return ""
    for side, counts in column.filled.items():
        if without := counts["times"] - counts["zoned"] if counts["zoned"] else 0:
            share = percent(without / counts["times"])
            return (
                f"{share} of the times in {side} have no offset, unlike the others, and count as UTC; write it in all"
            )
    zoned = {side: bool(counts["zoned"]) for side, counts in column.filled.items() if counts["times"]}
    if (column.beside or "").startswith("TIMESTAMP"):
        zoned |= {side: "ZONE" in str(column.beside) for side in SIDES if side not in column.counts}
    if len(set(zoned.values())) < 2:
        return ""
    having, lacking = sorted(zoned, key=lambda side: not zoned[side])
    return f"times have an offset in {having} alone; those of {lacking} count as UTC, or as timezone if it is set"
