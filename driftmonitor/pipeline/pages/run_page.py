"""The values that a run's page shows around its notebook, and the links and column results that other pages share."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from driftmonitor.pipeline.pages.distribution_view import DistributionView
from driftmonitor.pipeline.pages.reading import ReadingView


class Link(NamedTuple):
    """A link, relative to the page that shows it."""

    text: str
    href: str


class ColumnView(NamedTuple):
    """A column's result in words; `test` gives its distance and p-value. `state` chooses icon and colour."""

    name: str
    state: str
    state_words: str
    effect: str
    test: str


class Multiple(NamedTuple):
    """A column's result and picture on one day; `href` is its own page on that day, "" if it has none any more."""

    column: ColumnView
    href: str
    picture: DistributionView | None


class DayLink(NamedTuple):
    """A link to the page of a day."""

    date: dt.date
    href: str


@dataclass(frozen=True)
class RunPage:
    """What a run's page shows around the notebook. Links are relative to the page; None if there is nothing to link."""

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
    columns: Sequence[ColumnView] = ()
    multiples: Sequence[Multiple] = ()
    checks: Sequence[str] = ()
    harm: str = ""
    where: Sequence[str] = ()
    rows: str = ""
    reading: ReadingView | None = None
    anomaly: str = ""
    review: str = ""
    change: str = ""
    incident: Link | None = None
    evidently: str | None = None
    record: str | None = None
    notebook: str | None = None
    previous: DayLink | None = None
    following: DayLink | None = None
    last_success: DayLink | None = None
