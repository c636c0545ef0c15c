"""Decide how long reports are kept, and remove the others. Their records and numbers stay in the history.

A report is kept for `keep_reports_days`, and for four times as long if it is of a drift day. The newest and the last
successful one are always kept. If the site would still be larger than its limit, the oldest are removed, those past
`keep_reports_days` first. A report that is not in the history is never removed.
"""

import datetime as dt
import fnmatch
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from filelock import FileLock, Timeout

from driftmonitor import reports
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.facts.earlier_days import NAME as EARLIER_DAYS
from driftmonitor.pipeline.alerts.incidents import Run
from driftmonitor.regular_files import Folder

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History

DRIFTED_FACTOR = 4
FOREVER = 10**6  # days, for a monitor whose own setting cannot be read
PAUSE_DAYS = 31  # without a run: a longer time is no time in the life of a monitor
LIMIT_BYTES = 700_000_000  # GitHub Pages allows 1 GB, and the monitors' pages and tables need space too
PAGE_FACTOR = 2  # the published page contains the notebook's pictures again


class Report(NamedTuple):
    """A day's report on the disk; `bytes` is what it adds to the site."""

    monitor: str
    day: dt.date
    bytes: int


def choose(
    stored: Iterable[Report],
    runs: Mapping[str, Sequence[Run]],
    keep_days: Mapping[str, int],
    limit_bytes: int = LIMIT_BYTES,
) -> list[Report]:
    """Return the reports to remove, by the rule above. Pure.

    `runs` are each monitor's runs in date order, and `keep_days` its `keep_reports_days`. Reports of monitors without
    `keep_days` are not removed.
    """
    known = {monitor: {run.run_date: (age, run.status) for run, age in _ages(own)} for monitor, own in runs.items()}
    aged = [
        Aged(report, *known[report.monitor][report.day])
        for report in stored
        if report.monitor in keep_days and report.day in known.get(report.monitor, ())
    ]
    removable = [each for each in aged if each.report.day not in _always_kept(runs[each.report.monitor])]
    expired = [each for each in removable if each.is_expired(keep_days[each.report.monitor])]
    rest = set(removable) - set(expired)
    in_order = sorted(rest, key=lambda each: (each.age < keep_days[each.report.monitor], -each.age))
    excess = sum(each.report.bytes for each in aged) - sum(each.report.bytes for each in expired) - limit_bytes
    return sorted(each.report for each in [*expired, *_first(in_order, excess)])


class Aged(NamedTuple):
    """A report, its age in days, and its run's status."""

    report: Report
    age: int
    status: str

    def is_expired(self, keep_days: int) -> bool:
        return _is_expired(self.age, self.status, keep_days)


def _ages(runs: Sequence[Run]) -> Iterator[tuple[Run, int]]:
    """Yield each of a monitor's runs, and its age in days when the newest one ran; a pause counts as PAUSE_DAYS.

    So a monitor of 2013 lives in 2013, even if it was once run for today.
    """
    age = 0
    for later, run in itertools.pairwise([*runs[-1:], *reversed(runs)]):
        age += min((later.run_date - run.run_date).days, PAUSE_DAYS)
        yield run, age


def _is_expired(age: int, status: str, keep_days: int) -> bool:
    return age >= keep_days * (DRIFTED_FACTOR if status == "drift" else 1)


def keeps(runs: Sequence[Run], day: dt.date, keep_days: int) -> bool:
    """Return whether a report of this day would be kept, if there is room; `runs` are the monitor's in date order."""
    ages = {run.run_date: (age, run.status) for run, age in _ages(runs)}
    return day in ages and (day in _always_kept(runs) or not _is_expired(*ages[day], keep_days))


def _always_kept(runs: Sequence[Run]) -> set[dt.date]:
    """Return the days of the newest and of the last successful run."""
    successful = [run.run_date for run in runs if run.status != "failed"]
    return {runs[-1].run_date, *successful[-1:]}


def _first(reports_left: Iterable[Aged], excess: int) -> Iterator[Aged]:
    """Yield reports until they add up to `excess` bytes."""
    for each in reports_left:
        if excess <= 0:
            return
        excess -= each.report.bytes
        yield each


def prune(
    history: "History", reports_dir: Path, keep_days: Mapping[str, int], limit_bytes: int = LIMIT_BYTES
) -> list[Report]:
    """Remove the reports that `choose` returns, and return them; one that is being written stays until the next time.

    The reports of a monitor that no longer runs are kept for the default time.
    """
    for leftover in reports_dir.glob("*/.*.gone"):
        reports.remove(leftover)
    _remove_old_earlier_days(reports_dir)
    keep_days = dict.fromkeys(history.monitors(), MonitorSettings().keep_reports_days) | dict(keep_days)
    stored = [report for monitor in keep_days for report in measure(reports_dir, monitor)]
    runs = {monitor: history.runs(monitor) for monitor in keep_days}
    removed = [
        report
        for report in choose(stored, runs, keep_days, limit_bytes)
        if _remove(reports_dir / report.monitor, report.day)
    ]
    if removed:
        _prune_scripts(reports_dir)
    return removed


def _remove_old_earlier_days(reports_dir: Path) -> None:
    """Remove each monitor's files of earlier days except the newest: they overlap, and the history has the days."""
    for home in reports_dir.glob("*/"):
        for path in sorted(home.glob(f"[0-9]*/{EARLIER_DAYS}"))[:-1]:
            path.unlink(missing_ok=True)


def measure(reports_dir: Path, monitor: str) -> list[Report]:
    """Return a monitor's reports, each with the bytes that it adds to the site."""
    return [
        Report(monitor, day, _bytes(Folder(reports_dir) / monitor / f"{day}"))
        for day in reports.days(reports_dir, monitor)
    ]


def _bytes(report: Folder) -> int:
    sizes = {name: status.st_size for name in report.files() if (status := report.status(name))}
    return sum(size * (PAGE_FACTOR if name.endswith(".ipynb") else 1) for name, size in sizes.items())


def _remove(home: Path, day: dt.date) -> bool:
    """Remove a day's report in two steps, so that a kill in between leaves a hidden folder and never half a report."""
    doomed = home / f".{day}.gone"
    try:
        with FileLock(home / f".{day}.lock", timeout=0):
            (home / f"{day}").rename(doomed)
            reports.remove(doomed)
    except (Timeout, OSError):
        return False
    return True


def _prune_scripts(reports_dir: Path) -> None:
    """Remove the shared scripts of older Evidently versions that no report uses."""
    stored = Folder(reports_dir)
    scripts = fnmatch.filter((stored / "assets").names(), "evidently-*.js")
    if len(scripts) < 2:
        return
    pages = [stored.read(name) for name in stored.files() if name.endswith("/evidently.html")]
    for script in scripts:
        if not any(script.encode() in page for page in pages):
            reports.remove(reports_dir / "assets" / script)
