"""Publish a monitor's backtest: the drift days and incidents of each rule on one time line."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from driftmonitor.facts.backtest import Backtest, ReplayedIncident, RuleReplay
from driftmonitor.formats import counted, say_day
from driftmonitor.pipeline.pages.axes import place_days
from driftmonitor.pipeline.pages.charts import RIBBON, draw_bands, merge_days
from driftmonitor.pipeline.pages.frame import look_key, make_frame
from driftmonitor.pipeline.pages.monitor_view import MonitorView
from driftmonitor.pipeline.pages.site_folder import Build, content_key
from driftmonitor.pipeline.pages.templates import get_template
from driftmonitor.pipeline.pages.timeline import list_names

PAGE = "backtest.html"
HEIGHT = 12  # of a day with a verdict and no drift, in percent


@dataclass(frozen=True)
class RuleView:
    """One rule: its numbers in words, its drift days as a path, its incidents as paths with words and in a list.

    `waiting` days from the first on are its warm-up.
    """

    rule: str
    words: str
    columns: str
    path: str
    bands: Sequence[tuple[str, str]]
    ribbons: str
    waiting: int
    warm_up: str
    incidents: Sequence[str]


def publish_backtest(build: Build, view: MonitorView) -> None:
    """Publish a monitor's backtest, if it has one."""
    backtest = view.backtest
    if backtest is None or not view.has_backtest:
        return
    page, key = f"{view.name}/{PAGE}", content_key(look_key(), view.title, backtest.model_dump_json())
    if not build.reuse(page, key):
        build.write(page, _make_page(view, backtest), key)


def _make_page(view: MonitorView, backtest: Backtest) -> str:
    return get_template("backtest.html.j2").render(
        **make_frame("../"),
        title=view.title,
        days=len(backtest.days),
        span=(backtest.days[-1] - backtest.days[0]).days + 1,
        judged=draw_judged(backtest.days),
        ticks=place_days(backtest.days[0], backtest.days[-1]),
        first=backtest.days[0],
        last=backtest.days[-1],
        rules=[_make_rule(rule, backtest) for rule in backtest.rules],
        gaps=backtest.gaps,
    )


def _make_rule(rule: RuleReplay, backtest: Backtest) -> RuleView:
    start, end = backtest.days[0], backtest.days[-1] + dt.timedelta(days=1)
    days = {(alarm.date - start).days: ("drift", 1.0) for alarm in rule.alarms}
    spans = [((each.opened - start).days, ((each.end or end) - each.opened).days) for each in rule.incidents]
    bands = [(draw_bands([span]), say_incident(each)) for span, each in zip(spans, rule.incidents, strict=True)]
    return RuleView(
        rule=rule.rule,
        words=f"{counted(len(rule.alarms), 'drift day')}, {counted(len(rule.incidents), 'incident')}",
        columns=rule.say_columns(),
        path="".join(f"M{x} 100v-100h{width}v100z" for x, width in merge_days(days, "drift")),
        bands=bands,
        ribbons=draw_bands(spans, RIBBON),
        waiting=((backtest.days[rule.waiting - 1] - start).days + 1) if rule.waiting else 0,
        warm_up=say_warm_up(rule.waiting, len(backtest.days)),
        incidents=[say_incident(incident) for incident in rule.incidents],
    )


def draw_judged(days: Sequence[dt.date]) -> str:
    """Return the days that have a verdict, as low bars: where there is none, a day is missing."""
    bars = {(day - days[0]).days: ("healthy", 1.0) for day in days}
    return "".join(f"M{x} 100v-{HEIGHT}h{width}v{HEIGHT}z" for x, width in merge_days(bars, "healthy"))


def say_incident(incident: ReplayedIncident) -> str:
    """Return when an incident was open, and its columns."""
    end = f" to {say_day(incident.end)}" if incident.end else ", still open"
    return f"{say_day(incident.opened)}{end}: {list_names(incident.columns, len(incident.columns))}"


def say_warm_up(days: int, all_days: int) -> str:
    """Return on how many days a rule had too few baseline days; "" if on none."""
    which = f"all {counted(days, 'day')}" if days == all_days else f"the first {counted(days, 'day')}"
    return f"Warm-up on {which}: only large changes counted." if days else ""
