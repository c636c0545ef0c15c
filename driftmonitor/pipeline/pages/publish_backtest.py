"""The page of a backtest: each rule's days on one line of time, and the incidents that people would have heard of."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from driftmonitor.facts.backtest import NAME, Backtest, ReplayedIncident, RuleReplay
from driftmonitor.formats import one_line, say_day
from driftmonitor.pipeline.pages.charts import band, pieces
from driftmonitor.pipeline.pages.frame import made_by, page_links, template
from driftmonitor.pipeline.pages.monitor_history import MonitorView
from driftmonitor.pipeline.pages.site_folder import Build, content_key

PAGE = "backtest.html"


@dataclass(frozen=True)
class Line:
    """One rule: its numbers in words, its days as paths, and its incidents."""

    rule: str
    alarms: int
    incidents: Sequence[str]
    columns: str
    path: str
    band: str
    waiting_words: str
    words: str


def publish_backtest(build: Build, view: MonitorView, reports_dir) -> None:
    """Publish a monitor's backtest, if it has one."""
    path = reports_dir / view.name / NAME
    found = Backtest.read(path) if path.is_file() else None
    if found is None or not found.days:
        return
    place, key = f"{view.name}/{PAGE}", content_key(made_by(), view.title, path.read_bytes())
    if not build.reuse(place, key):
        build.write(place, _page(view, found), key)


def _page(view: MonitorView, found: Backtest) -> str:
    return template("backtest.html.j2").render(
        **page_links("../"),
        title=view.title,
        days=len(found.days),
        span=(found.days[-1] - found.days[0]).days + 1,
        first=found.days[0],
        last=found.days[-1],
        lines=[_line(rule, found) for rule in found.rules],
        gaps=found.gaps,
    )


def _line(rule: RuleReplay, found: Backtest) -> Line:
    start, end = found.days[0], found.days[-1] + dt.timedelta(days=1)
    alarms = {(alarm.date - start).days: ("drift", 1.0) for alarm in rule.alarms}
    spans = [((each.opened - start).days, ((each.end or end) - each.opened).days) for each in rule.incidents]
    count = len(rule.alarms)
    return Line(
        rule=rule.rule,
        alarms=count,
        incidents=[_say(incident) for incident in rule.incidents],
        columns=rule.say_columns(),
        path="".join(f"M{x} 100v-100h{width}v100z" for x, width in pieces(alarms, "drift")),
        band=band(spans),
        waiting_words=_say_waiting(rule.waiting),
        words=f"{rule.rule}: {count} drift day{'' if count == 1 else 's'} in {len(rule.incidents)} incidents",
    )


def _say(incident: ReplayedIncident) -> str:
    until = f"to {say_day(incident.end)}" if incident.end else "and not over"
    names = ", ".join(one_line(name, 40) for name in incident.columns)
    return f"{say_day(incident.opened)} {until}: {names}"


def _say_waiting(days: int) -> str:
    if not days:
        return ""
    return f"On the first {days} days its pool was not full yet: only a clear change alarmed."
