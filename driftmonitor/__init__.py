"""Data-drift monitoring that lives in a GitHub repository."""

__version__ = "0.1.0"


class DriftMonitorError(Exception):
    """Something a user can mend: says where, what, and what would do. Shown as one line, without a traceback."""
