"""Which days a run may describe: none that has not come yet, which would distort the history, and none before 1970."""

import datetime as dt

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import parse_date
from driftmonitor.pipeline.clock import latest_day

EARLIEST = dt.date(1970, 1, 1)


def parse_run_date(text: str, where: str, now: dt.datetime, force: bool) -> dt.date:
    """Return the run date that `text` names; raise DriftMonitorError for a future one, except with `force`.

    A day has come as soon as it has begun anywhere on earth.
    """
    day = parse_date(text, where)
    if day < EARLIEST:
        raise DriftMonitorError(f"{where} {day} is before 1970; check the year.")
    if day > latest_day(now) and not force:
        raise DriftMonitorError(f"{where} {day} is in the future; check it, or add --force to run it all the same.")
    return day
