"""Read labels that come later than the rows they belong to, from the same kind of source, in the same way."""

import datetime as dt
import glob
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.locations import DataMissing, find_files
from driftmonitor.analysis.sources.memory import Memory
from driftmonitor.analysis.sources.names import nearest_column
from driftmonitor.analysis.sources.readers import reader_of
from driftmonitor.analysis.sources.request import Request, Wanted
from driftmonitor.config.data_settings import OF_RUN, fill_date
from driftmonitor.formats import one_line

MOST_LABELS = 10_000_000
NO_ROWS, EMPTY = " has no rows; ", " is empty ("  # how a reader's error says it


class Labels(NamedTuple):
    """Labels by key, and why there are none yet, "" if there are some."""

    frame: pd.DataFrame
    absent: str = ""


class LabelRequest(Request):
    """A request for one table; readers know it as a reference."""

    @cached_property
    def sides(self) -> dict[str, Wanted]:
        """What the labels are read from."""
        return {"reference": Wanted(self.reference)}

    @property
    def same_table(self) -> bool:
        """There is no other side."""
        return False


def _is_one_of_several(error: DataMissing, place: str) -> bool:
    """Return whether a file is empty among others: its labels are not simply still to come."""
    return EMPTY in str(error) and len(glob.glob(place)) > 1  # noqa: PTH207  a pattern, also an absolute one


def fill_dates(location: str, day: dt.date, run_date: dt.date) -> str:
    """Return where the labels of a day are that are known on the run date, for {run_date}."""
    return fill_date(fill_date(location, run_date, OF_RUN), day)


def read_labels(request: Request, location: str, key: str, label: str, day: dt.date | None = None) -> Labels:
    """Return the columns `key` and `label` of the labels at a location; without rows if there are none yet.

    `request` is that of the data: the labels have its source, connection and way of reading. {date} becomes `day`, or
    the run date, and {run_date} the run date. DriftMonitorError for anything that a user can fix.
    """
    place = fill_dates(location, day or request.run_date, request.run_date)
    none = pd.DataFrame({key: [], label: []}, dtype=object)
    if request.source == "files":
        try:
            find_files("current", place)
        except DataMissing as error:
            if _is_one_of_several(error, place):
                raise DriftMonitorError(f"labels: {str(error).removeprefix('current: ')}") from None
            return Labels(none, _say_absent(error))
    as_current = request.read.model_copy(update={"reference": request.read.current})
    wanted = LabelRequest(
        run_date=day or request.run_date, source=request.source, reference=place, max_rows=MOST_LABELS,
        connection=request.connection, read=as_current, timezone=request.timezone, memory=Memory(),
    )  # fmt: skip
    try:
        side = reader_of(request.source, request.connection).read(wanted)["reference"]
    except DriftMonitorError as error:
        if NO_ROWS in str(error):
            return Labels(none, _say_absent(error))
        raise type(error)(f"labels: {str(error).removeprefix('reference: ')}") from None
    if side.total > MOST_LABELS:
        raise DriftMonitorError(f"labels: {side.total:,} rows; use at most {MOST_LABELS:,}, such as those of {{date}}.")
    for role, name in {"key": key, "label": label}.items():
        if name not in side.frame:
            nearest = nearest_column(name, side.frame)
            raise DriftMonitorError(f"labels: {role}: {one_line(name)}: no such column{nearest}")
    return Labels(side.frame[[key, label]])


def _say_absent(error: DriftMonitorError) -> str:
    """Return what is wrong, without the side that the reader took the labels for, and without a remedy."""
    return str(error).removeprefix("current: ").removeprefix("reference: ").partition("; ")[0]
