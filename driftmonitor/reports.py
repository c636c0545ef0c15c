"""The report folders `reports/<monitor>/<date>/`: replaced as a whole, and never a successful report by a failed one.

A failed report keeps the successful one it replaces in its subfolder `last_good`.
"""

import datetime as dt
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from driftmonitor import OutsideError
from driftmonitor.formats import one_line
from driftmonitor.regular_files import MOST_FOLDERS, Folder, Unreadable, why_not_kept

SHARED_SCRIPT = re.compile(r"evidently-([0-9a-f]{16})\.js")  # the hash of its content
LAST_GOOD = "last_good"
MOST_INSIDE = MOST_FOLDERS - 4  # folders inside a report, which is in folders itself
PICTURE = "shift.png"  # of a drift day's worst column, for alerts


@contextmanager
def staged(
    reports_dir: Path,
    monitor: str,
    run_date: dt.date,
    wait_seconds: float = 0,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Path]:
    """Yield an empty folder; when the block ends without an exception, it replaces the report of that day.

    A process killed at any point leaves either the old report or the new one, and the next run removes the rest.
    If another process is at work on the same report, wait `wait_seconds` for it, or until `stopped` returns true;
    OutsideError then, and for a folder that cannot be written.
    """
    from filelock import FileLock, Timeout  # takes longer to import than most commands run

    home = reports_dir / monitor
    final, new, old = (home / name for name in (f"{run_date}", f".{run_date}.new", f".{run_date}.old"))
    try:
        home.mkdir(parents=True, exist_ok=True)
        with FileLock(home / f".{run_date}.lock").acquire(wait_seconds, cancel_check=stopped):
            _clean_up(final, new, old)
            new.mkdir()
            try:
                yield new
                _keep_last_good(Folder(home) / final.name, Folder(home) / new.name)
                _swap(final, new, old)
            finally:
                shutil.rmtree(new, ignore_errors=True)
    except Timeout:
        raise OutsideError(f"{monitor} {run_date}: another process is still running it; wait for that one.") from None
    except Unreadable:
        raise
    except OSError as error:
        raise OutsideError(
            f"{home}: cannot be written: {error.strerror}; fix that, or choose another --state."
        ) from None


def _clean_up(final: Path, new: Path, old: Path) -> None:
    """Remove what a killed run left behind, and put back an old report that was not replaced yet."""
    if old.exists() and not final.exists():
        old.rename(final)
    for leftover in (new, old):
        remove(leftover)


def remove(path: Path) -> None:
    """Remove whatever has this name: a folder with all that is in it, a file, or a link, but not what it leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def remove_all_but_files(folder: Path, depth: int = 0) -> list[str]:
    """Remove what no report may have, such as links and named pipes; return the name and the reason of each.

    Hidden files stay: nothing reads them.
    """
    removed = []
    with os.scandir(folder) as found:
        entries = sorted((entry for entry in found if entry.name[0] != "."), key=lambda entry: entry.name)
    for entry in entries:
        problem = why_not_kept(entry) if depth < MOST_INSIDE else "is in too many folders"
        if problem:
            remove(Path(entry.path))
            removed.append(f"{one_line(entry.name)} {problem}")
        elif entry.is_dir(follow_symlinks=False):
            removed += remove_all_but_files(Path(entry.path), depth + 1)
    return removed


def write(path: Path, content: str | bytes) -> None:
    """Write a file in place of whatever has its name: nothing is written through a link or into a named pipe."""
    remove(path)
    with path.open("xb") as file:
        file.write(content.encode() if isinstance(content, str) else content)


def _keep_last_good(old: Folder, new: Folder) -> None:
    good = old / LAST_GOOD if is_failed(old) else old
    if is_failed(new) and good.has("record.json"):
        try:
            good.copy_to(new.path / LAST_GOOD, leave_out=LAST_GOOD)
        except Unreadable:  # half a report is none
            shutil.rmtree(new.path / LAST_GOOD, ignore_errors=True)


def _swap(final: Path, new: Path, old: Path) -> None:
    if final.exists() or final.is_symlink():
        final.rename(old)
    new.rename(final)
    remove(old)


def shared_scripts(reports_dir: Folder) -> Iterator[tuple[str, bytes]]:
    """Yield the scripts that Evidently's pages share, by name; one whose content is not that of its name is left out.

    Any notebook can write to them, and each is part of every monitor's pages.
    """
    assets = reports_dir / "assets"
    for name in assets.names():
        named = SHARED_SCRIPT.fullmatch(name)
        if named and hashlib.sha256(content := assets.read(name)).hexdigest().startswith(named[1]):
            yield name, content


def is_failed(report: Folder) -> bool:
    """Return whether a report has no verdict."""
    try:
        return bool(report.read_json("record.json")["status"] == "failed")
    except (OSError, ValueError, KeyError, TypeError):
        return True


def days(reports_dir: Path, monitor: str) -> list[dt.date]:
    """Return the days that have a report, oldest first; a folder whose name is no date is none. Raises Unreadable."""
    return [day for name in (Folder(reports_dir) / monitor).folders() if (day := _day(name))]


def _day(name: str) -> dt.date | None:
    with suppress(ValueError):
        day = dt.date.fromisoformat(name)
        return day if f"{day}" == name else None  # 20261124 is a date too, but no report's folder
    return None
