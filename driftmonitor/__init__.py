"""Data-drift monitoring that lives in a GitHub repository."""

from pathlib import Path

__version__ = "0.1.0"

ROOT = Path(__file__).resolve().parents[1]  # the repository: relative paths in params files start here


class DriftMonitorError(Exception):
    """An error that a user can fix. Its one-line message says where, what is wrong, and what to do."""

    is_absence = False  # whether it says that data is not there, which may still come

    def _render_traceback_(self) -> list[str]:
        """Return what Jupyter shows in place of a traceback."""
        return [str(self)]


class OutsideError(DriftMonitorError):
    """A failure outside this project, such as a database that is down: the command is correct and may work later."""
