"""Find the columns of the newest day, and say which of those that a params file names are not among them."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from driftmonitor.analysis.first_look import days_with_files, is_far
from driftmonitor.analysis.sources import Data, nearest_column
from driftmonitor.analysis.sources.names import column_names
from driftmonitor.analysis.sources.schema import find_names
from driftmonitor.config.data_settings import has_date
from driftmonitor.config.named_columns import Named, find_absent, named_columns

SIDES = ("reference", "current")
DAYS_BACK = 8  # in which the newest day of a query is looked for

Names = Mapping[str, Sequence[str]]  # of columns, by side


def days_to_try(parameters: Mapping[str, Any], run_date: dt.date) -> Iterator[dt.date]:
    """Yield the run date, and the days before it that may have data, the newest first."""
    yield run_date
    current = parameters.get("current") or ""
    if parameters.get("source") == "files" and not is_far(parameters):
        yield from (day for day in days_with_files(current, run_date) if day < run_date)
    elif has_date(current):
        yield from (run_date - dt.timedelta(days=back) for back in range(1, DAYS_BACK))


def find_newest_names(parameters: Mapping[str, Any], run_date: dt.date) -> Names:
    """Return the names of both sides' columns, without those of current if no day has any; none if rows would be read.

    Sides without a column in common may have no header: then their names are a row's values, and none are returned.
    """
    names: Names = {}
    for day in days_to_try(parameters, run_date):
        names = find_names(parameters, day)
        if "current" in names or not names:
            break
    alike = len(names) < len(SIDES) or set.intersection(*map(set, names.values())) - {parameters.get("time_column")}
    return names if alike else {}


def names_of(data: Data, sides: Sequence[str] = SIDES) -> Names:
    """Return the names of the columns that were read of some sides, and of those that are ignored and were not."""
    return {side: (*column_names(getattr(data, side)), *data.unread) for side in sides}


def say_absent(parameters: Mapping[str, Any], names: Names) -> list[tuple[Named, str]]:
    """Return each column that is named and not there, with a sentence that gives the nearest."""
    return [(each, _say_absent(each, names)) for each in find_absent(named_columns(parameters), names)]


def _say_absent(named: Named, names: Names) -> str:
    sides = ("reference", "current") if named.on == "either" else (named.on,)
    known = dict.fromkeys(name for side in sides for name in names[side])
    where = "" if named.on == "either" else f" in {'the ' if named.on == 'reference' else ''}{named.on}"
    effect = "" if named.needed else ", so it has no effect"
    return f"{named.where}: no such column{where}{effect}{nearest_column(named.column, known)}"
