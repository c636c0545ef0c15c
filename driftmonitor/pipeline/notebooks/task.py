"""A notebook to run: of which monitor, for which day, and with which earlier days."""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

from driftmonitor.config.params import Monitor


class Task(NamedTuple):
    """One run of a notebook; `earlier_days` is their file, and without it the day is judged when it is recorded."""

    monitor: Monitor
    run_date: dt.date
    earlier_days: Path | None = None
