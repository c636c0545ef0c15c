"""Which reports are kept, and for how long. A day whose report goes keeps its record and numbers in the history.

A report is kept for `keep_reports_days`, one of a drifted day four times as long, and the newest and the last good one
for ever. If all reports together would still make the site heavier than its budget, the oldest go first, those past
`keep_reports_days` before all others. What the history doesn't have is never touched.
"""

import datetime as dt
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from filelock import FileLock, Timeout

from driftmonitor import reports
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.facts.earlier_days import NAME as PAST
from driftmonitor.pipeline.alerts.incidents import Run

DRIFTED_FACTOR = 4
FOR_EVER = 10**6  # days; of a monitor whose own setting can't be read
BUDGET_BYTES = 700_000_000  # GitHub Pages takes 1 GB; the pages of all monitors and their tables need room too
PAGE_FACTOR = 2  # the page holds the notebook's pictures once more


class History(Protocol):
    """What retention asks of the history."""

    def monitors(self) -> Sequence[str]: ...
    def runs(self, monitor: str) -> Sequence[Run]: ...


class Report(NamedTuple):
    """A day's report as it lies on the disk; `bytes` is what it adds to the site."""

    monitor: str
    day: dt.date
    bytes: int


def choose(
    found: Iterable[Report],
    runs: Mapping[str, Sequence[Run]],
    keep_days: Mapping[str, int],
    budget_bytes: int = BUDGET_BYTES,
) -> list[Report]:
    """Return the reports to remove, by the rule above. Pure.

    `runs` are each monitor's, in date order; `keep_days` its `keep_reports_days`. Age counts from a monitor's own
    newest run, so that one that rests keeps its pages. Reports of monitors that have no `keep_days` are left alone.
    """
    statuses = {monitor: {run.run_date: run.status for run in own} for monitor, own in runs.items()}
    aged = [
        Aged(report, (runs[report.monitor][-1].run_date - report.day).days, statuses[report.monitor][report.day])
        for report in found
        if report.monitor in keep_days and report.day in statuses.get(report.monitor, ())
    ]
    removable = [each for each in aged if each.report.day not in _kept_for_ever(runs[each.report.monitor])]
    due = [each for each in removable if each.age >= keep_days[each.report.monitor] * each.factor]
    rest = sorted(set(removable) - set(due), key=lambda each: (each.age < keep_days[each.report.monitor], -each.age))
    excess = sum(each.report.bytes for each in aged) - sum(each.report.bytes for each in due) - budget_bytes
    return sorted(each.report for each in [*due, *_first(rest, excess)])


class Aged(NamedTuple):
    """A report, its age in days, and its run's status."""

    report: Report
    age: int
    status: str

    @property
    def factor(self) -> int:
        return DRIFTED_FACTOR if self.status == "drift" else 1


def _kept_for_ever(runs: Sequence[Run]) -> set[dt.date]:
    good = [run.run_date for run in runs if run.status != "failed"]
    return {runs[-1].run_date, *good[-1:]}


def _first(reports_left: Iterable[Aged], excess: int) -> Iterator[Aged]:
    """Yield reports until they make up `excess` bytes."""
    for each in reports_left:
        if excess <= 0:
            return
        excess -= each.report.bytes
        yield each


def prune(
    history: History, reports_dir: Path, keep_days: Mapping[str, int], budget_bytes: int = BUDGET_BYTES
) -> list[Report]:
    """Remove the reports that `choose` names, and return them; one that is being written is left for the next time.

    A monitor that is no longer run keeps its reports for the default time.
    """
    for leftover in reports_dir.glob("*/.*.gone"):
        shutil.rmtree(leftover, ignore_errors=True)
    _drop_old_pasts(reports_dir)
    keep_days = dict.fromkeys(history.monitors(), MonitorSettings().keep_reports_days) | dict(keep_days)
    found = [report for monitor in keep_days for report in measure(reports_dir, monitor)]
    runs = {monitor: history.runs(monitor) for monitor in keep_days}
    removed = [
        report
        for report in choose(found, runs, keep_days, budget_bytes)
        if _remove(reports_dir / report.monitor, report.day)
    ]
    if removed:
        _prune_scripts(reports_dir)
    return removed


def _drop_old_pasts(reports_dir: Path) -> None:
    """Remove each monitor's files of past days but the newest: they hold nearly the same, and the history has it."""
    for home in reports_dir.glob("*/"):
        for past in sorted(home.glob(f"[0-9]*/{PAST}"))[:-1]:
            past.unlink(missing_ok=True)


def measure(reports_dir: Path, monitor: str) -> list[Report]:
    """Return a monitor's reports with what each adds to the site."""
    return [
        Report(monitor, day, _bytes(reports_dir / monitor / f"{day}")) for day in reports.days(reports_dir, monitor)
    ]


def _bytes(folder: Path) -> int:
    return sum(
        path.stat().st_size * (PAGE_FACTOR if path.suffix == ".ipynb" else 1)
        for path in folder.rglob("*")
        if path.is_file()
    )


def _remove(home: Path, day: dt.date) -> bool:
    """Remove a day's report in two steps, so that a kill between leaves a hidden folder and never half a report."""
    doomed = home / f".{day}.gone"
    try:
        with FileLock(home / f".{day}.lock", timeout=0):
            (home / f"{day}").rename(doomed)
            shutil.rmtree(doomed)
    except (Timeout, OSError):
        return False
    return True


def _prune_scripts(reports_dir: Path) -> None:
    """Remove the shared scripts of older Evidently versions that no report uses any more."""
    scripts = sorted((reports_dir / "assets").glob("evidently-*.js"))
    if len(scripts) < 2:
        return
    pages = [path.read_text(encoding="utf-8", errors="replace") for path in reports_dir.glob("*/*/**/evidently.html")]
    for script in scripts:
        if not any(script.name in page for page in pages):
            script.unlink(missing_ok=True)
