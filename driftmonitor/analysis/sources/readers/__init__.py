"""The sources of data, one file each: a file's name is what a params file gives as `source`.

A reader has `read(request)`, which returns both sides by name. With `TAKES_CONNECTION = True` it is also given a
`connection`, which every other source refuses. With `names(request)`, which returns the names of the columns of the
sides that are there, `validate` need not read rows. CONTRIBUTING.md has the recipe.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Protocol, cast

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.names import nearest_column
from driftmonitor.analysis.sources.request import Request, Side


class Reader(Protocol):
    """What the module of a source contains."""

    def read(self, request: Request, /) -> Mapping[str, Side]:
        """Return both sides of one day, `reference` and `current`."""


def source_names() -> list[str]:
    """Return the names of all sources, without importing them."""
    return sorted(file.name for file in pkgutil.iter_modules(__path__))


def reader_of(source: str, connection: str) -> Reader:
    """Return the reader of a source; only now is imported what it needs."""
    if source not in source_names():
        raise DriftMonitorError(f"source {source!r}: no such source{nearest_column(source, source_names())}")
    reader = importlib.import_module(f"{__name__}.{source}")
    if connection and not getattr(reader, "TAKES_CONNECTION", False):
        raise DriftMonitorError(f"connection is for source: sql, and source is {source}; change one of them.")
    return cast(Reader, reader)
