"""What stands around a rendered notebook: render.py is given it, pages/ makes it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Link(NamedTuple):
    """A link, relative to the page it stands on."""

    text: str
    href: str


class Column(NamedTuple):
    """A column's verdict in words."""

    name: str
    state: str
    state_words: str
    effect: str
    evidence: str


class Day(NamedTuple):
    """A link to the page of a day."""

    date: dt.date
    href: str


@dataclass(frozen=True)
class RunPage:
    """What stands around the notebook. Links are relative to the page; None where there is nothing to link."""

    title: str
    monitor: str
    run_date: dt.date
    status: str
    status_words: str
    headline: str
    index: str
    monitor_page: str
    stylesheet: str
    favicon: str
    columns: Sequence[Column] = ()
    note: str = ""
    strange: str = ""
    label: str = ""
    change: str = ""
    incident: Link | None = None
    evidently: str | None = None
    record: str | None = None
    notebook: str | None = None
    previous: Day | None = None
    following: Day | None = None
    last_good: Day | None = None
