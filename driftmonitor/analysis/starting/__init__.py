"""A first look at data that nobody has described yet: what its columns are, and how to watch it."""

from driftmonitor.analysis.starting.propose import propose

__all__ = ["propose"]
