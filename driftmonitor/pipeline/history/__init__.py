"""The history of all runs, and the outbox: the only package with SQL of its own, on SQLite or PostgreSQL."""

from typing import TYPE_CHECKING, Any

from driftmonitor.lazy_packages import hiding, importing_when_used

if TYPE_CHECKING:
    from driftmonitor.pipeline.history.store import History, open_history

__all__ = ["History", "open_history"]


def __getattr__(name: str) -> Any:
    """Import the database's library when a history is opened: to load the state branch, say, needs none."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with hiding("greenlet"), importing_when_used("asyncio"):  # SQLAlchemy asks for both, and needs neither here
        from driftmonitor.pipeline.history import store

    return getattr(store, name)
