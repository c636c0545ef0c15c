"""Note the days of a silent backfill while it runs: if it is killed, no later run sends their alerts."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from driftmonitor.pipeline.job import Job
from driftmonitor.regular_files import read_file

MARKER = "backfill"  # in the state folder: the first and last day of a silent backfill that has not finished


@contextlib.contextmanager
def noted_as_unfinished(job: Job, days: Sequence[dt.date]) -> Iterator[None]:
    """Note the days while the block runs them; the note stays if it does not finish."""
    path = _marker(job)
    path.write_text(f"{days[0]} {days[-1]}\n", encoding="utf-8")
    yield
    path.unlink(missing_ok=True)


def may_be_left_over(job: Job, day: dt.date) -> bool:
    """Return whether a silent backfill that was killed may have left this day's report."""
    try:
        first, last = map(dt.date.fromisoformat, read_file(_marker(job), 100).decode().split())
    except (OSError, ValueError):
        return False
    return first <= day <= last


def _marker(job: Job) -> Path:
    return job.state_dir / MARKER
