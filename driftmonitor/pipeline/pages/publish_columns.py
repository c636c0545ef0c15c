"""Publish a page for each column of a monitor's last successful run."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from driftmonitor.facts.distribution import Distribution
from driftmonitor.formats import say_day
from driftmonitor.pipeline.pages.column_ids import MOST_PAGES, column_id
from driftmonitor.pipeline.pages.columns import ColumnHistory, make_histories, to_stored_name
from driftmonitor.pipeline.pages.distribution_view import parse_distribution
from driftmonitor.pipeline.pages.frame import make_frame
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.publish_scores import first_day
from driftmonitor.pipeline.pages.run_page import Link
from driftmonitor.pipeline.pages.site_folder import Build
from driftmonitor.pipeline.pages.templates import asset, get_template
from driftmonitor.pipeline.pages.timeline import list_names
from driftmonitor.pipeline.pages.wording import list_columns

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History
    from driftmonitor.pipeline.history.store import Mark
    from driftmonitor.pipeline.pages.column_page import ColumnPage

ROOT = "../../../"
DAYS_NAMED = 5
SCRIPT_END = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})  # a name may hold the end of a script


@dataclass(frozen=True)
class Days:
    """What the history has of a monitor's columns by day, read when it is first asked for."""

    history: "History | None"
    view: MonitorView

    @cached_property
    def marks(self) -> Sequence["Mark"]:
        """The columns' test results of the last year."""
        return self.history.marks(first_day(self.view), self.view.name) if self.history and self.view.runs else []

    @cached_property
    def histories(self) -> dict[str, ColumnHistory]:
        """Each column's history, by its stored name."""
        return make_histories(self.marks)

    @property
    def distributions(self) -> dict[str, dict[dt.date, Distribution]]:
        """Each column's distributions of the last year by day, in date order."""
        return self._distributions[0]

    @property
    def damaged(self) -> list[dt.date]:
        """The days whose distributions the history has, but damaged."""
        return self._distributions[1]

    @cached_property
    def _distributions(self) -> tuple[dict[str, dict[dt.date, Distribution]], list[dt.date]]:
        if not (self.history and self.view.runs):
            return {}, []
        return _sort_by_column(self.history.distributions(self.view.name, first_day(self.view)))


def publish_columns(build: Build, view: MonitorView, days: Days, key: str) -> None:
    """Publish the pages of columns, or reuse all of the previous site that have the same key."""
    if view.last_success is None or build.reuse_folder(f"{view.name}/columns", key):
        return
    # A site without changes needs neither.
    from driftmonitor.pipeline.pages.column_days import make_column_days
    from driftmonitor.pipeline.pages.column_page import make_column_page

    scores = view.last_success.worst_columns[:MOST_PAGES]
    by_name = make_column_days(view, [to_stored_name(score.name) for score in scores], days.histories)
    columns = list_columns(view.last_success)[:MOST_PAGES]
    names = [score.name for score in scores]
    for i, (score, column) in enumerate(zip(scores, columns, strict=True)):
        known = by_name[to_stored_name(score.name)]
        page = make_column_page(view, view.last_success, score, column, known, days.distributions.get(score.name, {}))
        html = _render(page, view, days.damaged, names[max(i - 1, 0) : i], names[i + 1 : i + 2])
        build.write(f"{view.name}/columns/{column_id(score.name)}/index.html", html, key)


def _sort_by_column(
    days: Iterable[tuple[dt.date, Mapping[str, Any] | None]],
) -> tuple[dict[str, dict[dt.date, Distribution]], list[dt.date]]:
    """Return each column's distributions by day, in date order, and the days that are damaged."""
    columns: dict[str, dict[dt.date, Distribution]] = {}
    damaged = []
    for day, of_day in days:
        parsed = {name: parse_distribution(content) for name, content in (of_day or {}).items()}
        for name, known in parsed.items():
            if known:
                columns.setdefault(name, {})[day] = known
        if of_day is None or None in parsed.values():
            damaged.append(day)
    return columns, damaged


def _render(
    page: "ColumnPage",
    view: MonitorView,
    damaged: Sequence[dt.date],
    previous: Sequence[str],
    following: Sequence[str],
) -> str:
    data = Markup(json.dumps(page.data, separators=(",", ":")).translate(SCRIPT_END))  # noqa: S704
    frame = make_frame(ROOT, view.checked_at)
    links = [[Link(name, f"../{column_id(name)}/index.html") for name in names] for names in (previous, following)]
    return get_template("column.html.j2").render(
        **frame,
        column_script=f"{ROOT}assets/{asset('column.js')[0]}",
        page=page,
        data=data,
        damaged=list_names([say_day(day) for day in damaged[::-1]], DAYS_NAMED),
        previous=next(iter(links[0]), None),
        following=next(iter(links[1]), None),
    )
