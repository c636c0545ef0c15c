"""The history of all runs, and the outbox: the only package with SQL of its own, on SQLite or PostgreSQL."""

from driftmonitor.pipeline.history.store import History, open_history

__all__ = ["History", "open_history"]
