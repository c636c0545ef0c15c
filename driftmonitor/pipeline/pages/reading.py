"""Show what a run read: both sides, the columns with something to say about them, and the others by type."""

from collections.abc import Sequence
from typing import NamedTuple

from driftmonitor.facts.reading import Reading
from driftmonitor.formats import counted, some_names
from driftmonitor.words.readings import Line, list_columns, say_side

LINES_SHOWN = 40
NAME_LENGTH = 48
NAMES_SHOWN = 8  # of columns that were read alike; of plain ones all are shown, folded


class ReadLine(NamedTuple):
    """Columns that were read alike: their names, what they were read as, and why."""

    names: str
    read_as: str
    why: str


class ReadingView(NamedTuple):
    """What was read, in words. `more` is how many lines are left out, `plain` are the folded ones."""

    summary: str
    sides: Sequence[str]
    lines: Sequence[ReadLine]
    more: int
    plain: Sequence[ReadLine]
    plain_words: str


def show_reading(reading: Reading | None) -> ReadingView | None:
    """Return what a run's page shows of its reading, None if it has none."""
    if reading is None:
        return None
    every = list_columns(reading)
    lines, plain = [line for line in every if not line.is_plain], [line for line in every if line.is_plain]
    columns = counted(sum(len(each.names) for each in reading.columns), "column")
    rows = f"{reading.reference.rows_read:,} reference and {reading.current.rows_read:,} current rows"
    others = sum(len(line.names) for line in plain)
    return ReadingView(
        summary=f"What was read: {columns}, {rows}",
        sides=[f"{side.capitalize()}: {say_side(getattr(reading, side))}." for side in ("reference", "current")],
        lines=[_show(line, NAMES_SHOWN) for line in lines[:LINES_SHOWN]],
        more=len(lines[LINES_SHOWN:]),
        plain=[_show(line, len(line.names)) for line in plain],
        plain_words=f"{counted(others, 'other column' if lines else 'column')} by type" if plain else "",
    )


def _show(line: Line, most: int) -> ReadLine:
    names = some_names(line.names, most, NAME_LENGTH)
    return ReadLine(names, line.read_as, "; ".join(filter(None, (line.why, _say_unreadable(line)))))


def _say_unreadable(line: Line) -> str:
    return f"{counted(line.unreadable, 'value')} not readable" if line.unreadable else ""
