"""The folders `reports/<monitor>/<date>/`: put in whole, never half, and what was good is kept until better comes."""

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
    """Give an empty folder to fill; on leaving, it takes the place of that day's report, unless by an exception.

    A good report that a failed one replaces moves into it as `last_good`. A process killed at any point leaves either
    the old report or the new one, and the next run clears what it left behind. A second process waits `wait_seconds`,
    unless it is `stopped`.
    """
    home = reports_dir / monitor
    final, new, old = (home / name for name in (f"{run_date}", f".{run_date}.new", f".{run_date}.old"))
    try:
        home.mkdir(parents=True, exist_ok=True)
        with FileLock(home / f".{run_date}.lock").acquire(wait_seconds, cancel_check=stopped):
            _mend(final, new, old)
            new.mkdir()
            try:
                yield new
                _keep_last_good(final, new)
                _swap(final, new, old)
            finally:
                shutil.rmtree(new, ignore_errors=True)
    except Timeout:
        raise OutsideError(f"{monitor} {run_date}: still running in another process; wait for it.") from None
    except OSError as error:
        raise OutsideError(
            f"{home}: cannot be written: {error.strerror}; mend that, or choose another --state."
        ) from None


def _mend(final: Path, new: Path, old: Path) -> None:
    """Undo what a killed run left: an old report that was not yet replaced comes back."""
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
    """Return whether a report folder holds no verdict."""
    try:
        return json.loads((folder / "record.json").read_text(encoding="utf-8"))["status"] == "failed"
    except (OSError, ValueError, KeyError, TypeError):
        return True


def days(reports_dir: Path, monitor: str) -> list[dt.date]:
    """Return the days that have a report, oldest first."""
    home = reports_dir / monitor
    names = sorted(path.name for path in home.iterdir()) if home.is_dir() else []
    return [dt.date.fromisoformat(name) for name in names if name[:1].isdigit()]
