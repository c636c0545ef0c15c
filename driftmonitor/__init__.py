"""Data-drift monitoring that lives in a GitHub repository."""

from pathlib import Path

__version__ = "0.1.0"

ROOT = Path(__file__).resolve().parents[1]  # the repository: what paths in params files are relative to


class DriftMonitorError(Exception):
    """Something a user can mend: says where, what, and what would do. Shown as one line, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Return what Jupyter shows in place of a traceback."""
        return [str(self)]


class OutsideError(DriftMonitorError):
    """Something outside, such as a database, fails: nothing in the command or its files is wrong, and it may pass."""
