"""A monitor's page and the files beside it: taken over whole from the previous site when nothing about it changed."""

import datetime as dt
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from driftmonitor.budget.share_rule import expect
from driftmonitor.formats import number, say_day
from driftmonitor.pipeline.pages import api, badge, csv_files
from driftmonitor.pipeline.pages.anomaly import make_strange
from driftmonitor.pipeline.pages.calibration import make_trial
from driftmonitor.pipeline.pages.cards import make_card
from driftmonitor.pipeline.pages.charts import SPARK_DAYS, spark_path
from driftmonitor.pipeline.pages.columns import column_histories, make_rows
from driftmonitor.pipeline.pages.frame import made_by, page_links, template
from driftmonitor.pipeline.pages.incidents import make_incidents
from driftmonitor.pipeline.pages.monitor_history import History, MonitorView
from driftmonitor.pipeline.pages.pictures import Picture
from driftmonitor.pipeline.pages.scores_csv import first_day, publish_scores
from driftmonitor.pipeline.pages.site_folder import Build, content_key
from driftmonitor.pipeline.pages.timeline import make_months
from driftmonitor.pipeline.pages.trends import make_trend


class Durations(NamedTuple):
    """How long the runs took, in words and as a line over the last 90 days."""

    words: str
    path: str


def publish_monitor(build: Build, history: History, view: MonitorView, site_url: str, picture: Picture | None) -> None:
    """Publish a monitor's page, its JSON, its badge and its tables."""
    paths = [
        f"{view.name}/index.html", f"{view.name}/history.csv", f"api/{view.name}.json",
        f"badge/{view.name}.json", f"badge/{view.name}.svg",
    ]  # fmt: skip
    messages = list(history.messages(view.name))
    # The good record is not part of the key: a run that is recorded anew has another recorded_at.
    about = (
        view.title,
        view.retired,
        view.settings,
        view.last_day,
        view.late_days,
        site_url,
        view.calibration,
        view.replayed,
        picture,
    )
    key = content_key(made_by(), repr((about, view.run_keys[-1], sorted(view.files.items()), messages)))
    if not build.reuse_all(paths, key):
        contents = _make(history, view, messages, site_url, picture)
        for path, content in zip(paths, contents, strict=True):
            build.write(path, content, key)
    publish_scores(build, history, view)


def _make(
    history: History, view: MonitorView, messages: Sequence, site_url: str, picture: Picture | None
) -> tuple[str, ...]:
    """Return the contents of the files, in their order."""
    marks = history.marks(first_day(view), view.name) if view.runs else []
    durations = dict(history.durations(view.name))
    shown = badge.make_badge(view)
    return (
        _page(view, marks, messages, durations, picture),
        csv_files.runs_csv(view.runs, durations),
        api.monitor_json(view, site_url or "../"),
        badge.badge_json(shown),
        badge.badge_svg(shown),
    )


def _page(
    view: MonitorView, marks: Sequence, messages: Sequence, durations: dict[dt.date, float], picture: Picture | None
) -> str:
    pasts = column_histories(marks)
    return template("monitor.html.j2").render(
        **page_links("../", view.recorded_at if not view.retired else None),
        card=make_card(view),
        name=view.name,
        trend=make_trend(view, pasts),
        strange=make_strange(view),
        rows=make_rows(view, pasts),
        picture=picture,
        findings=[finding.message for finding in view.good.quality] if view.good else [],
        incidents=make_incidents(view, messages),
        durations=make_durations(view, durations),
        rule=say_rule(view),
        silence=say_silence(view),
        calibration=make_trial(view.calibration),
        replayed=view.replayed,
        months=make_months(view),
        runs_words="One run" if len(view.runs) == 1 else f"{len(view.runs)} runs",
    )


def say_silence(view: MonitorView) -> str:
    """Return that alerts are silenced on the next day, until when and why; "" if they aren't."""
    following = view.last_day and view.last_day + dt.timedelta(days=1)
    silent = not view.retired and following and view.settings.silent_on(following)
    return f"Alerts are {view.settings.say_silence(say_day)}." if silent else ""


def say_rule(view: MonitorView) -> list[str]:
    """Return what the monitor's alert rule does by itself, in sentences."""
    expectation = expect(view.good) if view.good else None
    return expectation.sentences() if expectation else []


def make_durations(view: MonitorView, durations: dict[dt.date, float]) -> Durations | None:
    """Return how long the runs of the last 90 days took; None when none of them was timed."""
    days = [view.last_shown - dt.timedelta(back) for back in range(SPARK_DAYS - 1, -1, -1)] if view.runs else []
    timed = [(seconds, day) for day in days if (seconds := durations.get(day)) is not None]
    if not timed:
        return None
    longest, day = max(timed)
    words = f"The last run took {say_seconds(timed[-1][0])}."
    if len(timed) > 1:
        usual = median(seconds for seconds, _ in timed)
        words += f" Half of those of 90 days took up to {say_seconds(usual)}; the longest, on {say_day(day)}, "
        words += f"{say_seconds(longest)}."
    return Durations(words, spark_path([durations.get(day) for day in days], longest or 1.0))


def say_seconds(seconds: float) -> str:
    """Return a duration as people say it: `3.1 s`, `12 min`."""
    return f"{number(seconds)} s" if seconds < 120 else f"{number(seconds / 60)} min"
