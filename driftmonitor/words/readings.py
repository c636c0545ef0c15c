"""Say what was read: the types of columns, where a side came from, how many of its rows and on which days."""

from collections.abc import Iterator
from typing import NamedTuple

from driftmonitor.facts.reading import IGNORED, ColumnsRead, ReadAs, Reading, SideRead
from driftmonitor.formats import counted, say_day

COLLECTIVE = ("text", "true/false", "no values")  # types that take no article


def say_type(read_as: ReadAs) -> str:
    """Return a type with how its values are written: `number (decimal comma)`."""
    return f"{read_as.type} ({read_as.written})" if read_as.written else read_as.type


def say_a_type(read_as: ReadAs) -> str:
    """Return a type as in a sentence: `a number (decimal comma)`."""
    return say_type(read_as) if read_as.type in COLLECTIVE else f"a {say_type(read_as)}"


def say_rows(side: SideRead) -> str:
    """Return how many rows were read, and of how many: `360 of 500 rows, 2 without a time`."""
    of_all = f" of {side.rows:,}" if side.rows is not None and side.rows != side.rows_read else ""
    timeless = f", {side.rows_without_time:,} without a time" if side.rows_without_time else ""
    refused = f", {side.rows_refused:,} refused" if side.rows_refused else ""
    return f"{side.rows_read:,}{of_all} {'row' if side.rows_read == 1 and not of_all else 'rows'}{timeless}{refused}"


def say_days(side: SideRead) -> str:
    """Return on which days there are rows: `20 days from 1 Jan 2026 to 20 Jan 2026`; "" if that is not known."""
    if side.days is None or side.first_day is None or side.last_day is None:
        return ""
    if side.first_day == side.last_day:
        return say_day(side.first_day)
    return f"{counted(side.days, 'day')} from {say_day(side.first_day)} to {say_day(side.last_day)}"


class Line(NamedTuple):
    """Columns that were read alike, in words; `is_plain` if their type says it all."""

    names: tuple[str, ...]
    read_as: str
    why: str
    unreadable: int
    is_plain: bool


def list_columns(reading: Reading) -> list[Line]:
    """Return what columns were read as: those with something to say first, of them the ones with unreadable values."""
    counts: dict[str, int] = {}
    for side in (reading.reference, reading.current):
        for name, count in (side.unreadable or {}).items():
            counts[name] = counts.get(name, 0) + count
    lines = [line for alike in reading.columns for line in _lines(alike, counts)]
    return sorted(lines, key=lambda line: (line.is_plain, not line.unreadable))


def _lines(alike: ColumnsRead, counts: dict[str, int]) -> Iterator[Line]:
    """Yield the columns with values that could not be read, then the others."""
    read_as = say_types(alike)
    is_plain = alike.why in (None, IGNORED) and alike.reference == alike.current and "(" not in read_as
    odd = tuple(name for name in alike.names if name in counts)
    if odd:
        yield Line(odd, read_as, alike.why or "", sum(counts[name] for name in odd), is_plain=False)
    if rest := tuple(name for name in alike.names if name not in counts):
        yield Line(rest, read_as, alike.why or "", 0, is_plain)


def say_types(alike: ColumnsRead) -> str:
    """Return what columns were read as on both sides: `text in the reference, number in current`."""
    sides = {"reference": alike.reference, "current": alike.current}
    found = {side: say_type(kind) for side, kind in sides.items() if kind}
    if len(found) == 1:
        ((side, words),) = found.items()
        return f"{words}, only in {'the ' if side == 'reference' else ''}{side}"
    if len(set(found.values())) > 1:
        return f"{found['reference']} in the reference, {found['current']} in current"
    return "".join(set(found.values()))


def say_side(side: SideRead) -> str:
    """Return what one side was read from, and how much of it."""
    unreadable = sum((side.unreadable or {}).values())
    values = f"{counted(unreadable, 'value')} not readable" if unreadable else ""
    return ", ".join(filter(None, (side.source, say_rows(side), say_days(side), values)))
