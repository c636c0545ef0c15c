"""The file of a history, as SQLite alone sees it: whether it is whole, and all in one file."""

import sqlite3
from contextlib import closing
from pathlib import Path

from driftmonitor import DriftMonitorError


def is_whole(path: Path) -> bool:
    """Return whether a file is a SQLite database without damage."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False


def write_to_one_file(path: Path) -> None:
    """Move all of a history from SQLite's log into its file, so that the file can be copied alone."""
    try:
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.Error:
        raise DriftMonitorError(f"{path}: not a readable history; load or restore the state again.") from None
    if busy:
        raise DriftMonitorError(f"{path}: another process is writing to it; wait for it to end, then run again.")
