"""The days that a silent backfill runs, noted while it does: should it be killed, no later run announces them."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from driftmonitor.pipeline.job import Job

UNFINISHED = "backfill"  # in the state folder: the days that a stopped silent backfill may have left unrecorded


@contextlib.contextmanager
def silently(job: Job, days: Sequence[dt.date]) -> Iterator[None]:
    """Note the days while they are being run: killed, it leaves reports that no later run shall announce."""
    path = _marker(job)
    path.write_text(f"{days[0]} {days[-1]}\n", encoding="utf-8")
    yield
    path.unlink(missing_ok=True)


def left_silent(job: Job, day: dt.date) -> bool:
    """Return whether a silent backfill that was stopped may have left this day's report."""
    try:
        first, last = map(dt.date.fromisoformat, _marker(job).read_text(encoding="utf-8").split())
    except (OSError, ValueError):
        return False
    return first <= day <= last


def _marker(job: Job) -> Path:
    return job.state_dir / UNFINISHED
