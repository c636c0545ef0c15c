"""Find where a change comes from: which slices of the rows have it, and whether only their shares changed."""

from driftmonitor.analysis.where.explain import find_where

__all__ = ["find_where"]
