"""The page of an exploration: one file that needs no other, to be opened or sent. It is no part of the site."""

import base64
import datetime as dt
import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from driftmonitor.facts.record import ColumnScore, RunRecord
from driftmonitor.formats import counted, number, one_line, p_value, say_day
from driftmonitor.pipeline.pages.charts import RIBBON, draw_bands, merge_days
from driftmonitor.pipeline.pages.publish_backtest import draw_judged, say_incident, say_warm_up
from driftmonitor.pipeline.pages.templates import asset, get_template
from driftmonitor.pipeline.trials.explore import Exploration, Trial
from driftmonitor.words.verdicts import say_effect, say_verdict

SHOWN_COLUMNS = 5
MOST_FOR_ONE = 2.0  # alerts a year that one alert may be, of half a year or more, before that is said
HEIGHTS = {
    "drift": 100,
    "check_failed": 80,
    "changed": 65,
    "healthy": 35,
}  # so that colour is not all that tells them apart


@dataclass(frozen=True)
class DayView:
    """One day: where it is on the strip, its status, its verdict, and the numbers of the columns that changed most."""

    day: dt.date
    x: int
    status: str
    height: int
    sentence: str
    rows: str
    columns: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class TrialView:
    """What one setting would have done, and the options of `init` that adopt it."""

    setting: str
    a_year: str
    words: str
    warm_up: str
    drift_days: str
    columns: str
    incidents: Sequence[str]
    band: str
    ribbons: str
    days: str
    options: str


def write_page(exploration: Exploration, path: Path) -> None:
    """Write the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(exploration), encoding="utf-8")


def render(exploration: Exploration) -> str:
    """Return the page as HTML."""
    records, proposal = exploration.records, exploration.proposal
    first, last = records[0].run_date, records[-1].run_date
    style = asset("style.css")[1].decode()
    return get_template("explore.html.j2").render(
        title=exploration.name,
        summary=proposal.summary,
        reference=proposal.sides["reference"],
        own_rule=proposal.sides["alert"],
        first=first,
        last=last,
        span=(last - first).days + 1,
        days=[_make_day(record, first) for record in records],
        judged=draw_judged([record.run_date for record in records]),
        alerts=sum(record.status == "drift" for record in records),
        rules=[_make_trial(exploration, trial) for trial in exploration.rules],
        distances=[_make_trial(exploration, trial) for trial in exploration.distances],
        command=_command(exploration),
        gaps=exploration.gaps,
        precision=say_precision(exploration),
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        script=None, recorded_at=None,
    )  # fmt: skip


def _make_day(record: RunRecord, first: dt.date) -> DayView:
    worst = [_describe(score) for score in record.worst_columns[:SHOWN_COLUMNS] if score.status != "not_testable"]
    rows = counted(record.rows.current_total, "row") if record.rows else ""
    status = record.shown_status
    at, height = (record.run_date - first).days, HEIGHTS[status]
    return DayView(record.run_date, at, status, height, say_verdict(record), rows, worst)


def _describe(score: ColumnScore) -> tuple[str, str, str]:
    """Return a column's distance, its p-value and its change in words."""
    distance = "" if score.distance is None else number(score.distance)
    return distance, "" if score.p_value is None else p_value(score.p_value), say_effect(score)


def _make_trial(exploration: Exploration, trial: Trial) -> TrialView:
    start, end = exploration.records[0].run_date, exploration.records[-1].run_date + dt.timedelta(days=1)
    result, a_year = trial.result, number(exploration.a_year(trial))
    spans = [((each.opened - start).days, ((each.end or end) - each.opened).days) for each in result.incidents]
    days = {(each.date - start).days: ("drift", 1.0) for each in result.alarms}
    return TrialView(
        setting=f"{trial.given[0]}: {trial.given[1]}" if trial.given else result.rule,
        a_year=a_year,
        words=f"{counted(trial.alerts, 'alert')} ({a_year} a year), {counted(len(result.alarms), 'drift day')}",
        warm_up=say_warm_up(result.waiting, len(exploration.records)),
        drift_days=f"{len(result.alarms)} of {len(exploration.records)}",
        columns=result.say_columns(),
        incidents=[say_incident(each) for each in result.incidents],
        band=draw_bands(spans),
        ribbons=draw_bands(spans, RIBBON),
        days="".join(f"M{x} 100v-100h{width}v100z" for x, width in merge_days(days, "drift")),
        options=f"--rule {trial.rule}" + (f" -p {trial.given[0]} {trial.given[1]}" if trial.given else ""),
    )


def _command(exploration: Exploration) -> str:
    """Return the command that starts this monitor."""
    window = str(exploration.proposal.parameters["reference_window"])
    named = (*exploration.locations, "--name", exploration.name, "-p", "reference_window", window)
    return " ".join(shlex.quote(one_line(word, 300)) for word in ("python", "runner.py", "init", *named))


def say_days(exploration: Exploration) -> str:
    """Return which days were compared: `306 days from 1 Mar 2013 to 31 Dec 2013`."""
    records = exploration.records
    return f"{counted(len(records), 'day')} from {say_day(records[0].run_date)} to {say_day(records[-1].run_date)}"


def say_precision(exploration: Exploration) -> str:
    """Return how little a yearly figure of few days says; "" if it is of most of a year."""
    records, one = exploration.records, exploration.a_year_for(1)
    if one < MOST_FOR_ONE:
        return ""
    days = (records[-1].run_date - records[0].run_date).days + 1
    return f"In {counted(days, 'day')}, each alert counts as {number(one)} a year."


HEADINGS = ("rule", "alerts a year", "alerts", "drift days", "columns")


def rows(exploration: Exploration) -> list[list[str]]:
    """Return a row for each rule, as the console shows it."""
    return [
        [trial.result.rule, number(exploration.a_year(trial)), f"{trial.alerts}", f"{len(trial.result.alarms)}",
         trial.result.say_columns()]
        for trial in exploration.rules
    ]  # fmt: skip
