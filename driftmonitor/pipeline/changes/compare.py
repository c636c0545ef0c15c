"""Run the monitors that a change touches before and after it, and say what became of each. Nothing is kept or sent."""

import datetime as dt
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from driftmonitor import ROOT, DriftMonitorError
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline import console
from driftmonitor.pipeline.changes.before import changed_files, find_base, write_files
from driftmonitor.pipeline.changes.days import last_day
from driftmonitor.pipeline.changes.dry_runs import DryRuns, unset_variables
from driftmonitor.pipeline.changes.touched import Tree, names_in, touched
from driftmonitor.pipeline.github.git import Clone, scratch
from driftmonitor.pipeline.job import Job


@dataclass(frozen=True)
class Change:
    """What became of one monitor: its runs before and after; None where there is no such monitor, or no run."""

    monitor: str
    files: tuple[str, ...]  # that changed and that it reads
    day: dt.date  # to run it for
    before: RunRecord | None = None
    after: RunRecord | None = None
    is_removed: bool = False
    needs: str = ""  # an environment variable that is not set here, so that nothing was run

    @property
    def breaks(self) -> bool:
        """Whether the monitor fails because of the change."""
        return bool(
            self.after and self.after.status == "failed" and not (self.before and self.before.status == "failed")
        )

    @property
    def begins_to_drift(self) -> bool:
        return bool(self.after and self.after.status == "drift" and not (self.before and self.before.status == "drift"))


@dataclass(frozen=True)
class Comparison:
    """The commit that was compared with (None: there was none), the monitors in all, and those that are touched."""

    base: str | None
    run_date: dt.date
    monitors: int
    changes: list[Change] = field(default_factory=list)


def compare(job: Job, wanted_base: str, pages_dir: Path | None) -> Comparison:
    """Compare the working tree with a commit; write the pages of the new runs to `pages_dir`, if given."""
    clone = Clone(ROOT, os.environ)
    base = find_base(clone, wanted_base)
    with scratch() as folder:
        write_files(clone, base, _make(folder / "files"))
        old, new = Tree(folder / "files", _params(job)), Tree(ROOT, _params(job))
        changes = _find_changes(job, old, new, changed_files(clone, base))
        changes = run_both(changes, DryRuns(old, folder / "before", job), DryRuns(new, folder / "after", job))
        if pages_dir:
            _write_pages(job, changes, folder / "after", pages_dir)
    return Comparison(base, job.run_date, len(new.monitors()), changes)


def _make(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _params(job: Job) -> Path:
    try:
        return (ROOT / job.params_dir).resolve().relative_to(ROOT)
    except ValueError:
        raise DriftMonitorError(f"{job.params_dir}: outside the repository; choose another --params.") from None


def _find_changes(job: Job, old: Tree, new: Tree, changed: list[str]) -> list[Change]:
    """Return the monitors that the changed files touch, by name; the monitors that the job names, if it does."""
    before, after, left = touched(old, changed), touched(new, changed), new.monitors()
    monitors = replace(job, keep_going=True).all_monitors() if left else []
    needs = unset_variables({monitor.name: monitor.settings.pass_env for monitor in monitors})
    return [
        Change(
            name,
            files := tuple(dict.fromkeys((*before.get(name, ()), *after.get(name, ())))),
            job.run_date if job.is_dated or name not in left else _day(new, left[name], files, job.run_date),
            is_removed=name not in left,
            needs=needs.get(name, ""),
        )
        for name in sorted({**before, **after})
        if not job.only or name in job.only
    ]


def _day(tree: Tree, params: str, files: tuple[str, ...], run_date: dt.date) -> dt.date:
    """Return the last day whose data changed, if the monitor has a file for each day; otherwise the run date."""
    return last_day(names_in(tree, params), files, run_date) or run_date


def run_both(changes: list[Change], before: DryRuns, after: DryRuns) -> list[Change]:
    """Run each monitor on both sides for its day or, if that has no data, for its last recorded day."""
    days = {change.monitor: change.day for change in changes if not (change.is_removed or change.needs)}
    existed = days.keys() & before.tree.monitors().keys()
    console.say(f"running {len(existed)} before and {len(days)} after the change")
    new = after.run(days)
    recorded = after.last_days({name for name, record in new.items() if record.error_kind == "data_missing"})
    new |= after.run(recorded)
    old = before.run({name: day for name, day in {**days, **recorded}.items() if name in existed})
    return [replace(each, before=old.get(each.monitor), after=new.get(each.monitor)) for each in changes]


def _write_pages(job: Job, changes: list[Change], state_dir: Path, pages_dir: Path) -> None:
    """Publish the new runs alone, as a site; the rendered notebook is part of each run's page."""
    from driftmonitor.pipeline import pages
    from driftmonitor.pipeline.history import open_history

    records = [change.after for change in changes if change.after]
    if not records:
        return
    names = {record.monitor for record in records}
    monitors = [monitor for monitor in replace(job, keep_going=True).all_monitors() if monitor.name in names]
    with open_history(state_dir / "dry_runs.db") as history:
        for record in records:
            history.record(record, None, job.now)
        pages.publish(history, state_dir / "reports", pages_dir, monitors, job.now)
