"""Forget runs: remove them from history, reports and site, and correct what people were told about them."""

import datetime as dt
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from driftmonitor import DriftMonitorError, OutsideError, reports
from driftmonitor.complaints import nearest, parse_date
from driftmonitor.config.names import NAME_PATTERN
from driftmonitor.config.params import Monitor
from driftmonitor.config.settings import AlertSettings
from driftmonitor.facts.backtest import NAME as BACKTEST
from driftmonitor.facts.earlier_days import NAME as EARLIER_DAYS
from driftmonitor.formats import counted
from driftmonitor.pipeline.clock import latest_day
from driftmonitor.pipeline.job import Job

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History
    from driftmonitor.pipeline.history.forgetting import Contents

WAIT_SECONDS = 30  # for a run of the same day that is just writing its report


@dataclass(frozen=True)
class Request:
    """What is to be forgotten: one monitor's days from `first` to `last`, or the whole monitor."""

    monitor: str
    first: dt.date = dt.date.min
    last: dt.date = dt.date.max

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the monitor stays."""
        return (self.first, self.last) == (dt.date.min, dt.date.max)


def read_request(job: Job, first: str | None, last: str | None) -> Request:
    """Return what the command line asks for; DriftMonitorError if that is not clear."""
    if len(job.only) != 1:
        raise DriftMonitorError("--monitor: forget needs exactly one; name it, such as --monitor orders.")
    if (first or last) and job.is_dated:
        raise DriftMonitorError("--date: cannot be used with --from and --to; choose one of them.")
    if bool(first) != bool(last):
        raise DriftMonitorError("--from and --to belong together; give both, or --date for one day.")
    (monitor,) = job.only
    if not NAME_PATTERN.fullmatch(monitor):
        raise DriftMonitorError(f"--monitor {monitor[:70]!r} is not a monitor's name; use a-z, 0-9, _ and -.")
    if job.is_dated:
        return Request(monitor, job.run_date, job.run_date)
    if not first or not last:
        return Request(monitor)
    request = Request(monitor, parse_date(first, "--from"), parse_date(last, "--to"))
    if request.first > request.last:
        raise DriftMonitorError(f"--from {first} is after --to {last}; swap them.")
    return request


def preview(history: "History", job: Job, request: Request) -> list[str]:
    """Return lines that say what would be removed, none if that is nothing; refuse a monitor that is not known."""
    contents = history.contents(request.monitor, request.first, request.last)
    days = _report_days(job, request)
    home = job.reports_dir / request.monitor
    if not contents.statuses and not days and not (request.is_whole and home.is_dir()):
        known = history.recorded_days()
        if request.monitor not in known and request.monitor not in history.forgotten_days() and not home.is_dir():
            raise DriftMonitorError(f"--monitor {request.monitor}: has no runs{nearest(request.monitor, known)}")
        return []
    return [f"{request.monitor}: {line}" for line in _say_contents(contents, days, request)]


def _say_contents(contents: "Contents", days: Collection[dt.date], request: Request) -> list[str]:
    statuses = list(contents.statuses.values())
    named = [f"{statuses.count(status)} {status}" for status in ("healthy", "drift", "failed") if status in statuses]
    first, last = min({*contents.statuses, *days}, default=None), max({*contents.statuses, *days}, default=None)
    between = "" if first is None else f" of {first}" if first == last else f" from {first} to {last}"
    kinds = f" ({', '.join(named)})" if named else ""
    whole = ", its calibration and its backtest" if request.is_whole else ""
    return [
        f"{counted(len(statuses), 'run')}{between}{kinds} will be removed, with {counted(len(days), 'report')}{whole}",
        f"with {counted(contents.reviews, 'review')} and {counted(contents.pending, 'pending message')}; "
        f"already sent: {counted(contents.sent, 'message')}",
    ]


def forget(history: "History", job: Job, request: Request) -> str:
    """Remove what the request names, and return a line that says what was done. It can be repeated at any point."""
    from driftmonitor.pipeline import earlier_days
    from driftmonitor.pipeline.alerts.withdrawals import plan_withdrawals

    monitor = _find_monitor(job, request.monitor)
    recorded = history.contents(request.monitor, request.first, request.last).statuses
    days = {day for day in recorded if request.first <= day <= request.last}
    corrections = 0
    if days:
        settings, title = (monitor.settings.alert, monitor.title) if monitor else (AlertSettings(), request.monitor)
        plan = partial(
            plan_withdrawals,
            settings=settings, title=title, until=latest_day(job.now), lasting_only=request.is_whole,
        )  # fmt: skip
        judge_anew = partial(
            earlier_days.judge_anew, monitor, min(days),
            earlier_days.parse_reference_days(history.reference_days(request.monitor)),
        )  # fmt: skip
        corrections = history.forget(request.monitor, days, judge_anew, plan, job.now)
    _remove_files(job, request)
    sent = f"; {counted(corrections, 'correction')} will be sent by the next run, or by `python runner.py alert`"
    return f"{request.monitor}: {counted(len(days), 'run')} forgotten{sent if corrections else ''}"


def _find_monitor(job: Job, name: str) -> Monitor | None:
    """Return the monitor if it still has a valid params file."""
    with suppress(DriftMonitorError):
        found = [each for each in replace(job, keep_going=True).all_monitors() if each.name == name]
        return found[0] if found and not found[0].problem else None
    return None


def _report_days(job: Job, request: Request) -> list[dt.date]:
    days = reports.days(job.reports_dir, request.monitor)
    return [day for day in days if request.first <= day <= request.last]


def _remove_files(job: Job, request: Request) -> None:
    """Remove the reports, and the files of the monitor that show days which are gone."""
    home = job.reports_dir / request.monitor
    try:
        for day in _report_days(job, request):
            with FileLock(home / f".{day}.lock", timeout=WAIT_SECONDS):
                reports.remove(home / f"{day}")
        if request.is_whole:
            reports.remove(home)
        for path in (*home.glob(f"*/{EARLIER_DAYS}"), *home.glob(f"*/*/{EARLIER_DAYS}"), home / BACKTEST):
            path.unlink(missing_ok=True)
    except Timeout:
        raise OutsideError(
            f"{home}: a run is still writing a report; wait for it, then run the command again."
        ) from None
    except OSError as error:
        raise OutsideError(
            f"{home}: cannot be removed: {error.strerror}; fix that, then run the command again."
        ) from None
