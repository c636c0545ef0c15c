"""Load and save the state branch: the history and the reports as one commit without parents, which each run replaces.

A branch that cannot be read is an error, never "no state yet": otherwise a short outage would erase the history.
"""

import datetime as dt
import json
import os
import random
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from driftmonitor import ROOT, DriftMonitorError, reports
from driftmonitor.formats import counted
from driftmonitor.pipeline.clock import LATEST
from driftmonitor.pipeline.github import history_parts, kept_histories, state_files, state_size
from driftmonitor.pipeline.github.git import Clone, scratch
from driftmonitor.pipeline.github.history_parts import HISTORY
from driftmonitor.pipeline.history.sqlite_file import is_whole
from driftmonitor.pipeline.job import Job
from driftmonitor.regular_files import Folder, Unreadable, parse_json

BRANCH = "drift-state"
MANIFEST = "state.json"  # on the branch: the run dates of each monitor
LOADED = ".loaded"  # in the state folder: the commit that it was loaded from or saved as
ATTEMPTS = 20

Recorded = Mapping[str, Collection[dt.date]]


def act(job: Job, action: str, archive: Path | None = None, replace: bool = False) -> str:
    """Load, save or restore the job's state; return a line for the console."""
    if action == "restore":
        if archive is None:
            raise DriftMonitorError("state restore: no archive and no branch given; name it.")
        if archive.name.startswith(kept_histories.PREFIX) and not archive.exists():
            kept_histories.restore(Clone(ROOT, os.environ), archive.name, BRANCH, job.state_dir)
        else:
            state_files.restore(archive, job.state_dir)
        return f"{job.state_dir}: restored; check it, then save it with `python runner.py state save --replace`"
    if archive is not None:
        raise DriftMonitorError(f"state {action}: takes no archive; leave it out.")
    if action == "load":
        return f"loaded {state_branch(job.state_dir).load() or 'nothing: there is no state yet'}"
    saved = state_branch(job.state_dir, job.now + dt.timedelta(days=1)).save(
        lambda: recorded_days(job), replace, lambda: forgotten_days(job)
    )
    return f"saved {saved}" if saved else "nothing to save: the branch already has this state"


def recorded_days(job: Job) -> dict[str, set[dt.date]]:
    """Return the run dates of each monitor in the history."""
    with job.open_history() as history:
        return history.recorded_days()


def forgotten_days(job: Job) -> Recorded:
    """Return the days of each monitor that were forgotten on purpose."""
    with job.open_history() as history:
        return history.forgotten_days()


def state_branch(state_dir: Path, latest: dt.datetime = LATEST) -> "StateBranch":
    """Return the state branch of this repository."""
    return StateBranch(state_dir, Clone(ROOT, os.environ), bool(os.environ.get("DRIFT_DATABASE_URL")), latest)


@dataclass(frozen=True)
class Saved:
    """What the branch says of itself: the run dates of each monitor, and the bytes of its history and reports."""

    recorded: dict[str, set[dt.date]]
    sizes: dict[str, int]


@dataclass(frozen=True)
class StateBranch:
    """The branch of a clone's remote, and the folder that it is loaded into.

    With `history_elsewhere` the history is in PostgreSQL, and only reports are saved. A time after `latest` was written
    by a clock that was ahead.
    """

    state_dir: Path
    clone: Clone
    history_elsewhere: bool = False
    latest: dt.datetime = LATEST

    def tip(self) -> str | None:
        """Return the branch's commit, or None if the remote has branches but not this one."""
        return self._tips().get(BRANCH)

    def _tips(self) -> dict[str, str]:
        tips = self.clone.tips()
        if not tips:
            raise DriftMonitorError(
                f"{self.clone.remote}: has no branches, or does not show them; check the token's rights."
            )
        return tips

    def recorded(self) -> dict[str, set[dt.date]]:
        """Return the run dates of each monitor, without loading the rest; {} if there is no state yet."""
        saved = self.saved()
        return saved.recorded if saved else {}

    def saved(self) -> Saved | None:
        """Return what the branch says of itself, without loading the rest; None if there is no state yet."""
        tip = self._fetch_names()
        return None if tip is None else self._read_manifest(tip)

    def load_history(self) -> None:
        """Copy the branch's history into the state folder, without reports; do nothing if it has no history."""
        tip = self._fetch_names()
        if tip is None:
            return
        names = [*history_parts.names(lambda name: self.clone.has(tip, name))]
        if names:
            history_parts.write(self.state_dir, (self.clone.blob(tip, name) for name in names))

    def _fetch_names(self) -> str | None:
        """Return the branch's commit, of which only the names of files are fetched; None if there is no state yet."""
        tip = self.tip()
        if tip is not None:
            self.clone.fetch(tip, "--filter=blob:none")
            self.clone.check_tree(tip)
        return tip

    def load(self) -> str | None:
        """Fill the state folder from the branch; return the commit, or None if there is no state yet."""
        if (self.state_dir / HISTORY).exists() or (self.state_dir / "reports").exists():
            raise DriftMonitorError(
                f"{self.state_dir}: already contains a state; move it away, or choose another --state."
            )
        tip = self.tip()
        self.state_dir.mkdir(parents=True, exist_ok=True)
        if tip is not None:
            self.clone.fetch(tip)
            self._read_manifest(tip)  # refuses a branch that is no state of drift-monitor
            self._check_out(tip, self.state_dir)
            self._refuse_damaged()
            self._remember(tip)
        return tip

    def _refuse_damaged(self) -> None:
        """Remove what was loaded, and raise DriftMonitorError, if the history among it is damaged."""
        history = self.state_dir / HISTORY
        if self.history_elsewhere or not history.exists() or is_whole(history):
            return
        for name in (HISTORY, "reports"):
            reports.remove(self.state_dir / name)
        raise DriftMonitorError(
            f"{BRANCH}: its {HISTORY} is damaged; restore an earlier state with `state restore` (docs/github.md)."
        )

    def save(
        self, recorded: Callable[[], Recorded], replace: bool = False, forgotten: Callable[[], Recorded] = dict
    ) -> str | None:
        """Save the state folder as the branch's one commit and return that; None if the branch already has this state.

        `recorded()` returns the run dates of each monitor in the history. What other runs saved meanwhile is merged
        into the folder first. A state that lacks runs or monitors of the branch is refused, except with `replace`;
        those that were `forgotten` may be missing, and their reports are removed again.
        """
        for attempt in range(ATTEMPTS):
            tips = self._tips()
            tip = tips.get(BRANCH)
            to_save = self._prepare(tip, recorded, replace, forgotten)
            tree = self._write_tree(to_save)
            if tip and tree == self.clone.tree(tip):
                return None
            runs = counted(sum(map(len, to_save.values())), "run")
            commit = self.clone.commit(tree, f"State: {runs} of {counted(len(to_save), 'monitor')}")
            if self.clone.push(commit, BRANCH, tip):
                self._remember(commit)
                kept_histories.keep(self.clone, tips, commit)
                return commit
            time.sleep(random.uniform(0.1, 0.3 * (attempt + 1)))  # noqa: S311  so that racing runs do not meet again
        raise DriftMonitorError(
            f"{BRANCH}: other runs changed the branch during all {ATTEMPTS} attempts to push; run the command again."
        )

    def _prepare(
        self, tip: str | None, recorded: Callable[[], Recorded], replace: bool, forgotten: Callable[[], Recorded]
    ) -> Recorded:
        """Merge the branch into the state folder; return the run dates to save, which lack none of the branch's."""
        if tip is None:
            return recorded()
        self.clone.fetch(tip)
        if replace:
            return recorded()
        if tip != self._loaded():
            with scratch() as theirs:
                self._check_out(tip, theirs)
                state_files.merge(self.state_dir, theirs, self.latest)
            self._remember(tip)
        to_save, not_wanted = recorded(), forgotten()
        state_files.remove_reports(self.state_dir, not_wanted)
        self._refuse_loss(tip, to_save, not_wanted)
        return to_save

    def _refuse_loss(self, tip: str, to_save: Recorded, not_wanted: Recorded) -> None:
        for monitor, days in sorted(self._read_manifest(tip).recorded.items()):
            lost = sorted(days - set(to_save.get(monitor, ())) - set(not_wanted.get(monitor, ())))
            if lost:
                runs = f"{counted(len(lost), 'run')} of {monitor}"
                raise DriftMonitorError(
                    f"{BRANCH}: has {runs} that this history lacks, from {lost[0]} on; "
                    "load the state again, import them, or use --replace to delete them."
                )
        if self.clone.has(tip, "reports/") and not state_files.monitors(self.state_dir) and not not_wanted:
            raise DriftMonitorError(
                f"{BRANCH}: has reports, and this state has none; load it again, or use --replace to delete them."
            )

    def _read_manifest(self, tip: str) -> Saved:
        try:
            blob = self.clone.blob(tip, MANIFEST) if self.clone.has(tip, MANIFEST) else b""
            content = parse_json(blob)
            recorded = {monitor: from_ranges(ranges) for monitor, ranges in content["monitors"].items()}
            return Saved(recorded, _sizes(content.get("bytes")))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise DriftMonitorError(
                f"{BRANCH}: its {MANIFEST} cannot be read; restore an earlier state with `state restore` "
                "(docs/github.md), or delete the branch to start a new history."
            ) from None

    def _write_tree(self, to_save: Recorded) -> str:
        monitors = {monitor: to_ranges(days) for monitor, days in sorted(to_save.items())}
        state_files.write_history_to_one_file(self.state_dir)
        names = [name for name in state_files.files(self.state_dir) if name != HISTORY or not self.history_elsewhere]
        content = {"format": 1, "bytes": state_size.measure(self.state_dir, names), "monitors": monitors}
        added = [(MANIFEST, json.dumps(content, indent=1).encode())]
        if HISTORY not in names or not history_parts.is_long(self.state_dir):
            return self.clone.write_tree(self.state_dir, names, added)
        names.remove(HISTORY)
        return self.clone.write_tree(self.state_dir, names, chain(added, history_parts.split(self.state_dir)))

    def _check_out(self, commit: str, folder: Path) -> None:
        """Write all files of a commit into a folder, with the history in one file."""
        self.clone.check_out(commit, folder)
        history_parts.join(folder)

    def _loaded(self) -> str | None:
        try:
            return Folder(self.state_dir).read(LOADED, 1000).decode("ascii").strip()
        except (Unreadable, UnicodeDecodeError):
            return None

    def _remember(self, commit: str) -> None:
        reports.write(self.state_dir / LOADED, commit + "\n")


def _sizes(found: object) -> dict[str, int]:
    """Return the sizes that a manifest has; {} for one of an older version, or if they are no numbers."""
    if not isinstance(found, dict) or not all(isinstance(size, int) for size in found.values()):
        return {}
    return {str(name): size for name, size in found.items()}


def to_ranges(days: Collection[dt.date]) -> list[str]:
    """Return days as ISO text, with days in a row joined: ["2026-01-01/2026-02-28", "2026-03-02"]."""
    ranges: list[list[dt.date]] = []
    for day in sorted(days):
        if ranges and day.toordinal() - ranges[-1][-1].toordinal() == 1:
            ranges[-1][1:] = [day]
        else:
            ranges.append([day])
    return ["/".join(day.isoformat() for day in ends) for ends in ranges]


def from_ranges(ranges: Collection[str]) -> set[dt.date]:
    """Return the days that `to_ranges` wrote; raise ValueError for anything else."""
    days: set[dt.date] = set()
    for text in ranges:
        ends = [dt.date.fromisoformat(end).toordinal() for end in text.split("/")]
        days |= {dt.date.fromordinal(n) for n in range(ends[0], ends[-1] + 1)}
    return days
