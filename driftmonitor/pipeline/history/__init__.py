"""The history of all runs, and the outbox: the only SQL of ours, on SQLite or PostgreSQL."""

from driftmonitor.pipeline.history.store import History, open_history

__all__ = ["History", "open_history"]
