"""The files of the state folder: list those that are state, merge two states, and restore one from an archive."""

import datetime as dt
import os
import stat
import sys
import zipfile
import zlib
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from driftmonitor import DriftMonitorError, reports
from driftmonitor.config import names
from driftmonitor.pipeline.clock import LATEST
from driftmonitor.pipeline.github.history_parts import HISTORY
from driftmonitor.pipeline.history.sqlite_file import write_to_one_file
from driftmonitor.regular_files import Folder, Unreadable, check_file

MOST_UNPACKED = 5_000_000_000  # bytes of a state


def files(state_dir: Path) -> list[str]:
    """Return the files that are state, relative to the folder: the history and the reports, no locks or leftovers."""
    state = Folder(state_dir)
    history = [HISTORY] if os.path.lexists(state_dir / HISTORY) and state.check(HISTORY) else []
    return history + sorted(f"reports/{name}" for name in (state / "reports").files())


def monitors(state_dir: Path) -> list[str]:
    """Return the monitors that have a report, by name."""
    home = state_dir / "reports"
    return [name for name in filter(names.is_valid, Folder(home).folders()) if reports.days(home, name)]


def write_history_to_one_file(state_dir: Path) -> None:
    """Move all of the history into its file, so that the file can be copied alone."""
    if (state_dir / HISTORY).exists():
        write_to_one_file(state_dir / HISTORY)


def merge(ours: Path, theirs: Path, latest: dt.datetime = LATEST) -> None:
    """Merge the state at `theirs` into the one at `ours`; if both have a run, the newer one stays, see merge_files."""
    taken: set = set()
    if Folder(theirs).has(HISTORY):
        if (ours / HISTORY).exists():
            from driftmonitor.pipeline.history.merge import merge_files

            taken = merge_files(ours / HISTORY, theirs / HISTORY, latest)
        else:
            Folder(theirs).copy(HISTORY, ours / HISTORY, sys.maxsize)
    for monitor in monitors(theirs):
        for day in reports.days(theirs / "reports", monitor):
            report = ours / "reports" / monitor / f"{day}"
            if (monitor, day) in taken or not report.exists():
                reports.remove(report)
                (Folder(theirs) / "reports" / monitor / f"{day}").copy_to(report)
    copy_assets(Folder(theirs) / "reports", ours / "reports")


def remove_reports(state_dir: Path, unwanted: Mapping[str, Collection[dt.date]]) -> None:
    """Remove each monitor's reports of these days, which a merge may have brought back."""
    for monitor, days in unwanted.items():
        for day in days:
            reports.remove(state_dir / "reports" / monitor / f"{day}")


def copy_assets(source: Folder, target: Path) -> None:
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
