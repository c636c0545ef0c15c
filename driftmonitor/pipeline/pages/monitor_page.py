"""A monitor's page and the files beside it: taken over whole from the previous site when nothing about it changed."""

import datetime as dt
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from driftmonitor.budget.share_rule import expect
from driftmonitor.formats import number
from driftmonitor.pipeline.pages import api, badge, csv_files
from driftmonitor.pipeline.pages.anomaly import make_strange
from driftmonitor.pipeline.pages.calibration import make_trial
from driftmonitor.pipeline.pages.cards import make_card
from driftmonitor.pipeline.pages.charts import SPARK_DAYS, spark_path
from driftmonitor.pipeline.pages.columns import make_rows, read_pasts
from driftmonitor.pipeline.pages.frame import made_by, page_links, template
from driftmonitor.pipeline.pages.incidents import make_incidents
from driftmonitor.pipeline.pages.monitor_history import History, Story
from driftmonitor.pipeline.pages.pictures import Picture
from driftmonitor.pipeline.pages.scores_csv import first_day, publish_scores
from driftmonitor.pipeline.pages.site_folder import Build, content_key
from driftmonitor.pipeline.pages.templates import say_day
from driftmonitor.pipeline.pages.timeline import make_months
from driftmonitor.pipeline.pages.trends import make_trend


class Durations(NamedTuple):
    """How long the runs took, in words and as a line over the last 90 days."""

    words: str
    path: str


def publish_monitor(build: Build, history: History, story: Story, site_url: str, picture: Picture | None) -> None:
    """Publish a monitor's page, its JSON, its badge and its tables."""
    paths = [
        f"{story.name}/index.html", f"{story.name}/history.csv", f"api/{story.name}.json",
        f"badge/{story.name}.json", f"badge/{story.name}.svg",
    ]  # fmt: skip
    messages = list(history.messages(story.name))
    # The good record is not part of the key: a run that is recorded anew has another recorded_at.
    about = (
        story.title,
        story.retired,
        story.settings,
        story.last_day,
        story.late_days,
        site_url,
        story.calibration,
        story.replayed,
        picture,
    )
    key = content_key(made_by(), repr((about, story.run_keys[-1], sorted(story.files.items()), messages)))
    if not build.reuse_all(paths, key):
        contents = _make(history, story, messages, site_url, picture)
        for path, content in zip(paths, contents, strict=True):
            build.write(path, content, key)
    publish_scores(build, history, story)


def _make(
    history: History, story: Story, messages: Sequence, site_url: str, picture: Picture | None
) -> tuple[str, ...]:
    """Return the contents of the files, in their order."""
    marks = history.marks(first_day(story), story.name) if story.runs else []
    durations = dict(history.durations(story.name))
    shown = badge.make_badge(story)
    return (
        _page(story, marks, messages, durations, picture),
        csv_files.runs_csv(story.runs, durations),
        api.monitor_json(story, site_url or "../"),
        badge.badge_json(shown),
        badge.badge_svg(shown),
    )


def _page(
    story: Story, marks: Sequence, messages: Sequence, durations: dict[dt.date, float], picture: Picture | None
) -> str:
    pasts = read_pasts(marks)
    return template("monitor.html.j2").render(
        **page_links("../", story.recorded_at if not story.retired else None),
        card=make_card(story),
        name=story.name,
        trend=make_trend(story, pasts),
        strange=make_strange(story),
        rows=make_rows(story, pasts),
        picture=picture,
        findings=[finding.message for finding in story.good.quality] if story.good else [],
        incidents=make_incidents(story, messages),
        durations=make_durations(story, durations),
        rule=say_rule(story),
        silence=say_silence(story),
        calibration=make_trial(story.calibration),
        replayed=story.replayed,
        months=make_months(story),
        runs_words="One run" if len(story.runs) == 1 else f"{len(story.runs)} runs",
    )


def say_silence(story: Story) -> str:
    """Return that alerts are silenced on the next day, until when and why; "" if they aren't."""
    following = story.last_day and story.last_day + dt.timedelta(days=1)
    silent = not story.retired and following and story.settings.silent_on(following)
    return f"Alerts are {story.settings.say_silence()}." if silent else ""


def say_rule(story: Story) -> list[str]:
    """Return what the monitor's alert rule does by itself, in sentences."""
    expectation = expect(story.good) if story.good else None
    return expectation.sentences() if expectation else []


def make_durations(story: Story, durations: dict[dt.date, float]) -> Durations | None:
    """Return how long the runs of the last 90 days took; None when none of them was timed."""
    days = [story.last_shown - dt.timedelta(back) for back in range(SPARK_DAYS - 1, -1, -1)] if story.runs else []
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
