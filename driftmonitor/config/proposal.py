"""A params file that was not written by a person: what a first look at the data proposes, and why."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def is_query(location: str) -> bool:
    """Return whether a table to look at is a SELECT rather than a file."""
    return bool(re.match(r"\s*(select|with|from)\s", location, re.IGNORECASE))


@dataclass(frozen=True)
class ColumnNote:
    """What one column was read as, which values it has, and what else is to be known of it."""

    name: str
    read_as: str
    values: str = ""
    notes: tuple[str, ...] = ()
    ignored: bool = False

    @property
    def note(self) -> str:
        return "; ".join((*(("ignored",) if self.ignored else ()), *self.notes))


@dataclass(frozen=True)
class Proposal:
    """The parameters of a new monitor, with a comment on each column and on some parameters.

    `summary` says what the data is, `sides` which rows are compared, `unsure` what a person should decide, `ideas`
    what could be added. `run_date` is a day that has data, None for any. `days` have data and are not the reference's.
    """

    summary: str
    parameters: Mapping[str, Any]
    columns: tuple[ColumnNote, ...]
    comments: Mapping[str, str] = field(default_factory=dict)
    sides: Mapping[str, str] = field(default_factory=dict)
    unsure: tuple[str, ...] = ()
    ideas: tuple[str, ...] = ()
    run_date: dt.date | None = None
    days: tuple[dt.date, ...] = ()
