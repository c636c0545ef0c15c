"""The report folders `reports/<monitor>/<date>/`: replaced as a whole, and never a successful report by a failed one.

A failed report keeps the successful one it replaces in its subfolder `last_good`.
"""

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from driftmonitor import OutsideError

LAST_GOOD = "last_good"


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
    home = reports_dir / monitor
    final, new, old = (home / name for name in (f"{run_date}", f".{run_date}.new", f".{run_date}.old"))
    try:
        home.mkdir(parents=True, exist_ok=True)
        with FileLock(home / f".{run_date}.lock").acquire(wait_seconds, cancel_check=stopped):
            _clean_up(final, new, old)
            new.mkdir()
            try:
                yield new
                _keep_last_good(final, new)
                _swap(final, new, old)
            finally:
                shutil.rmtree(new, ignore_errors=True)
    except Timeout:
        raise OutsideError(f"{monitor} {run_date}: another process is still running it; wait for that one.") from None
    except OSError as error:
        raise OutsideError(
            f"{home}: cannot be written: {error.strerror}; fix that, or choose another --state."
        ) from None


def _clean_up(final: Path, new: Path, old: Path) -> None:
    """Remove what a killed run left behind, and put back an old report that was not replaced yet."""
    if old.exists() and not final.exists():
        old.rename(final)
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)


def _keep_last_good(final: Path, new: Path) -> None:
    if is_failed(new) and final.exists():
        good = final / LAST_GOOD if is_failed(final) else final
        if good.exists():
            shutil.copytree(good, new / LAST_GOOD, ignore=shutil.ignore_patterns(LAST_GOOD))


def _swap(final: Path, new: Path, old: Path) -> None:
    if final.exists():
        final.rename(old)
    new.rename(final)
    shutil.rmtree(old, ignore_errors=True)


def is_failed(folder: Path) -> bool:
    """Return whether a report folder has no verdict."""
    try:
        return bool(json.loads((folder / "record.json").read_text(encoding="utf-8"))["status"] == "failed")
    except (OSError, ValueError, KeyError, TypeError):
        return True


def days(reports_dir: Path, monitor: str) -> list[dt.date]:
    """Return the days that have a report, oldest first."""
    home = reports_dir / monitor
    names = sorted(path.name for path in home.iterdir()) if home.is_dir() else []
    return [dt.date.fromisoformat(name) for name in names if name[:1].isdigit()]
