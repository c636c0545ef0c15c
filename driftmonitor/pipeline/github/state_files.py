"""The files of the state folder: list those that are state, merge two states, and collect the reports of jobs."""

import datetime as dt
import os
import re
import stat
import sys
import zipfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from driftmonitor import DriftMonitorError, reports
from driftmonitor.config.params import NAME_PATTERN, RESERVED_NAMES
from driftmonitor.facts.record import failed, read_report
from driftmonitor.pipeline.github.history_parts import HISTORY
from driftmonitor.pipeline.history.merge import LATEST, merge_files, write_to_one_file
from driftmonitor.regular_files import Folder, Unreadable, check_file

MOST_UNPACKED = 5_000_000_000  # bytes of a state
NO_REPORT = "its job left no report for this day; see the run's log"


def files(state_dir: Path) -> list[str]:
    """Return the files that are state, relative to the folder: the history and the reports, no locks or leftovers."""
    state = Folder(state_dir)
    names = [HISTORY] if os.path.lexists(state_dir / HISTORY) and state.check(HISTORY) else []
    return names + sorted(f"reports/{name}" for name in (state / "reports").files())


def monitors(state_dir: Path) -> list[str]:
    """Return the monitors that have a report, by name."""
    home = state_dir / "reports"
    valid = [name for name in Folder(home).folders() if NAME_PATTERN.fullmatch(name) and name not in RESERVED_NAMES]
    return [name for name in valid if reports.days(home, name)]


def write_history_to_one_file(state_dir: Path) -> None:
    """Move all of the history into its file, so that the file can be copied alone."""
    if (state_dir / HISTORY).exists():
        write_to_one_file(state_dir / HISTORY)


def merge(ours: Path, theirs: Path, latest: dt.datetime = LATEST) -> None:
    """Merge the state at `theirs` into the one at `ours`; if both have a run, the newer one stays, see merge_files."""
    taken: set = set()
    if Folder(theirs).has(HISTORY):
        if (ours / HISTORY).exists():
            taken = merge_files(ours / HISTORY, theirs / HISTORY, latest)
        else:
            Folder(theirs).copy(HISTORY, ours / HISTORY, sys.maxsize)
    for monitor in monitors(theirs):
        for day in reports.days(theirs / "reports", monitor):
            report = ours / "reports" / monitor / f"{day}"
            if (monitor, day) in taken or not report.exists():
                reports.remove(report)
                (Folder(theirs) / "reports" / monitor / f"{day}").copy_to(report)
    _copy_assets(Folder(theirs) / "reports", ours / "reports")


def remove_reports(state_dir: Path, unwanted: Mapping[str, Collection[dt.date]]) -> None:
    """Remove each monitor's reports of these days, which a merge may have brought back."""
    for monitor, days in unwanted.items():
        for day in days:
            reports.remove(state_dir / "reports" / monitor / f"{day}")


def collect(artifacts_dir: Path, reports_dir: Path, shards: Sequence[Sequence[str]], run_date: dt.date) -> None:
    """Collect the day's reports that a run's jobs uploaded; a monitor without one gets a failed record.

    `shards` are the monitors of each job: a report counts only if that monitor's own job left it. If a job ran again,
    its last attempt counts. Other files in an artifact are ignored.
    """
    artifacts = _artifacts(artifacts_dir, shards, run_date)
    for shard, names in enumerate(shards):
        own = [reports_of_job for number, reports_of_job in artifacts if number == shard]
        for name in names:
            attempts = [folder / name / f"{run_date}" for folder in own if _has_report(folder, name, run_date)]
            with reports.staged(reports_dir, name, run_date) as report:
                if problem := _copy(attempts[-1], report, name, run_date) if attempts else NO_REPORT:
                    reports.write(report / "record.json", failed(name, run_date, problem).to_json())
    for _, folder in artifacts:
        _copy_assets(folder, reports_dir)


def _has_report(folder: Folder, name: str, run_date: dt.date) -> bool:
    with suppress(Unreadable):
        return f"{run_date}" in (folder / name).folders()
    return False


def _copy(source: Folder, target: Path, name: str, run_date: dt.date) -> str:
    """Copy a job's report, and return why it cannot be used, or "": a broken one must not stop the others."""
    try:
        record = read_report(source)
        if (record.monitor, record.run_date) != (name, run_date):
            return f"its report is for {record.monitor} on {record.run_date}; see the run's log"
        source.copy_to(target)
    except Unreadable as error:
        for path in target.iterdir():
            reports.remove(path)
        return f"its report cannot be read ({Path(error.filename).name} {error.strerror}); see the run's log"
    except DriftMonitorError:
        return "its report cannot be read; see the run's log"
    return ""


def _artifacts(folder: Path, shards: Sequence[Sequence[str]], run_date: dt.date) -> list[tuple[int, Folder]]:
    """Return each job's number with its folder of reports, those of the last attempt last.

    download-artifact unpacks each artifact into a folder of its name, reports-<attempt>-<job>, but a single artifact
    into `folder` itself: it is the job's that has most of its reports there.
    """
    inside = Folder(folder)
    if "reports" in inside.folders():
        found = [sum(_has_report(inside / "reports", name, run_date) for name in names) for names in shards]
        return [(found.index(max(found)), inside / "reports")] if found else []
    named = [match for name in inside.folders() if (match := re.fullmatch(r"reports-(\d+)-(\d+)", name))]
    in_order = sorted(named, key=lambda match: int(match[1]))
    return [(int(match[2]), inside / match[0] / "reports") for match in in_order]


def _copy_assets(source: Folder, target: Path) -> None:
    """Copy the scripts that reports share, if their content matches the hash in their name."""
    with suppress(Unreadable):
        for name, content in reports.shared_scripts(source):
            if name not in (Folder(target) / "assets").names():
                (target / "assets").mkdir(parents=True, exist_ok=True)
                reports.write(target / "assets" / name, content)


def refuse_filled(state_dir: Path) -> None:
    """Refuse a state folder that has anything in it."""
    if state_dir.exists() and any(state_dir.iterdir()):
        raise DriftMonitorError(f"{state_dir}: not empty; move it away, or choose another --state.")


def restore(archive: Path, state_dir: Path) -> None:
    """Fill an empty state folder from a zip of a state."""
    refuse_filled(state_dir)
    try:
        check_file(archive)
        with zipfile.ZipFile(archive) as packed:
            members = [member for member in packed.infolist() if _is_state(member)]
            if not members:
                raise DriftMonitorError(f"{archive}: contains no state; use the artifact named state-... of a run.")
            if sum(member.file_size for member in members) > MOST_UNPACKED:
                raise DriftMonitorError(f"{archive}: has more than {MOST_UNPACKED // 10**9} GB; unpack it by hand.")
            packed.extractall(state_dir, members)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "not a zip file, or incomplete"
        raise DriftMonitorError(f"{archive}: cannot be read: {reason}; download the artifact again.") from None


def _is_state(member: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(member.filename).parts
    plain = not member.is_dir() and not stat.S_ISLNK(member.external_attr >> 16)
    safe = bool(parts) and not any(part.startswith(".") or "\\" in part or ":" in part for part in parts)
    return plain and safe and (parts == (HISTORY,) or parts[0] == "reports")
