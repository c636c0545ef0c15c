"""Find what changed in how the data was read since an earlier day, and say it: this is no drift, but may be its cause.

The notebook and the history call the same function, so that a day has the same findings wherever it is judged.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from driftmonitor.facts.reading import IGNORED, NO_VALUES, EarlierReading, ReadAs, Reading
from driftmonitor.facts.record import Finding
from driftmonitor.formats import NAME_LENGTH, say_day, some_names
from driftmonitor.words.readings import say_a_type

KIND = "reading_changed"
NAMED = 5
SIDES = ("reference", "current")
NUMBERS = ("number", "whole number")  # a whole number may be both: pandas makes fractions of it if one is missing


class Change(NamedTuple):
    """How a column was read earlier and is now on some sides; None if it was not there."""

    sides: tuple[str, ...]
    was: ReadAs | None
    now: ReadAs | None


def with_reading_changes(
    quality: Iterable[Finding], reading: Reading | None, earlier: EarlierReading | None
) -> tuple[Finding, ...]:
    """Return a day's findings after those of how its reading differs from an earlier one, which replace any old."""
    kept = (finding for finding in quality if finding.kind != KIND)
    return (*(find_changes(reading, earlier) if reading and earlier else ()), *kept)


def find_changes(reading: Reading, earlier: EarlierReading) -> Iterator[Finding]:
    """Yield a finding for each change of a side's source and of how columns were read, the same changes together."""
    for sides, words in _source_changes(reading, earlier.reading, earlier.date):
        yield Finding(kind=KIND, column=None, message=f"{' and '.join(sides)}: {words}.")
    changed: dict[Change, list[str]] = {}
    for name, change in _column_changes(reading, earlier.reading):
        changed.setdefault(change, []).append(name)
    for change, names in changed.items():
        message = f"{some_names(names, NAMED, NAME_LENGTH)}: {_say(change, earlier.date)}."
        yield Finding(kind=KIND, column=names[0] if len(names) == 1 else None, message=message)


def _source_changes(now: Reading, was: Reading, day: dt.date) -> Iterator[tuple[list[str], str]]:
    sides: dict[str, list[str]] = {}
    for side in SIDES:
        source, before = getattr(now, side).source, getattr(was, side).source
        if source != before:
            sides.setdefault(f"came as {source}; on {say_day(day)} as {before}", []).append(side)
    return ((names, words) for words, names in sides.items())


def _column_changes(now: Reading, was: Reading) -> Iterator[tuple[str, Change]]:
    """Yield the changes of each column that is not ignored: one if both sides changed alike."""
    today, before = dict(now.by_column()), dict(was.by_column())
    for name in dict.fromkeys([*today, *before]):
        if IGNORED in (_why(today, name), _why(before, name)):
            continue
        sides: dict[tuple[ReadAs | None, ReadAs | None], list[str]] = {}
        for side in SIDES:
            kinds = getattr(before.get(name), side, None), getattr(today.get(name), side, None)
            if _differ(*kinds):
                sides.setdefault(kinds, []).append(side)
        yield from ((name, Change(tuple(own), *kinds)) for kinds, own in sides.items())


def _why(columns: Mapping[str, object], name: str) -> str | None:
    return getattr(columns.get(name), "why", None)


def _differ(was: ReadAs | None, now: ReadAs | None) -> bool:
    """Return whether a reader should know: not if one has no values, or both are numbers written alike."""
    if was is None or now is None or was == now:
        return was != now
    if NO_VALUES in (was.type, now.type):
        return False
    are_numbers = was.type in NUMBERS and now.type in NUMBERS
    return not (are_numbers and ("whole number" in (was.type, now.type) or was.written == now.written))


def _say(change: Change, day: dt.date) -> str:
    where = "" if len(change.sides) == len(SIDES) else f" in {_side(change.sides[0])}"
    if change.was is None:  # it may have been there before that day
        return f"now{where or ' there'}; not there on {say_day(day)}"
    if change.now is None:
        return f"gone{where.replace(' in ', ' from ')}; still there on {say_day(day)}"
    return f"came as {say_a_type(change.now)}{where}; on {say_day(day)} as {say_a_type(change.was)}"


def _side(side: str) -> str:
    return "the reference" if side == "reference" else side
