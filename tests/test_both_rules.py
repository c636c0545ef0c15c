"""The same history under both rules: what each page, file and message says, read for words that contradict the rule.

A column's own test says whether it drifted (share rule) or differs from the reference (budget rule).
Only the budget rule makes a column unusual.
"""

import csv
import datetime as dt
import io
import json
import re

import pytest
from page_samples import TODAY, World, category, good_record, remember, score, short_notebook, watched, write_report

from driftmonitor.facts.judgement import Cause, Judgement
from driftmonitor.pipeline.alerts.incidents import DayState
from driftmonitor.pipeline.alerts.messages import compose, to_message
from driftmonitor.pipeline.channels import text
from driftmonitor.pipeline.console import print_run

# What a reader of a monitor under the budget rule, or under the share rule, must not find.
FOREIGN = {
    "budget": r"\bdrifted\b|\bdrifts\b|drift share|no column drift|none drifted|at least as unusual|\bmoved\b",
    "share": r"\bunusual\b|anomaly|as usual|\bdiffer(s|ed)?\b|\bsimilar\b|baseline",
}
DAYS = 20


def record_of(monitor, back):
    """Return a day: carrier differs from the reference on every day, salary on three days, two of them the last."""
    drifts = back < 2 or back == DAYS - 3
    columns = [score("salary", drifts), category("carrier"), score("age", False, 0.02)]
    record = good_record(monitor, TODAY - dt.timedelta(back), columns)
    if not monitor.startswith("budget"):
        return record
    calm = monitor == "budget_calm"
    words = "salary: mean rose from its usual 50,000 to 75,000 (+2.5 SD; reference 50,000)"
    cause = Cause(
        signal="level", columns=("salary",), value=9, z=8, distance=0.79, change="level", words=words, rose=True
    )
    alarm = drifts and not (calm and back < 2)
    judgement = Judgement(
        rule="budget", false_alarms_per_year=4, alarm=alarm, mode="pool", strangeness=8 if alarm else 2, limit=4,
        pool_days=182, pool_needed=182, rank=0 if alarm else 13, causes=(cause,) if alarm else (), strongest=cause,
    )  # fmt: skip
    return record.model_copy(update={"judgement": judgement, "status": "drift" if alarm else "healthy"})


MONITORS = ("share", "budget", "budget_calm")


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("both"))
    for monitor in MONITORS:
        records = [record_of(monitor, back) for back in range(DAYS - 1, -1, -1)]
        remember(made.history, *records)
        for each in records[-2:]:
            write_report(made.reports, each, cells=short_notebook())
    made.publish(*map(watched, MONITORS))
    yield made
    made.history.close()


def read_page(html):
    """Return all that a page says: its text, and the names and titles that readers of screens and pointers get."""
    said = re.findall(r'(?:aria-label|title|alt|content|data-days|data-value)="([^"]*)"', html)
    body = re.sub(r"<(style|script)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", " | ".join([*said, re.sub(r"<[^>]+>", " ", body)]).replace("\u00a0", " "))


def words_in(value):
    """Return all texts of JSON that are sentences, under whatever name."""
    if isinstance(value, dict):
        return [words for each in value.values() for words in words_in(each)]
    if isinstance(value, list):
        return [words for each in value for words in words_in(each)]
    return [value] if isinstance(value, str) and " " in value else []


def list_said(world, monitor, capsys):
    """Return everything that is said of a monitor, by where it is said."""
    said = {
        str(path.relative_to(world.site)): read_page(path.read_text("utf-8"))
        for path in (world.site / monitor).rglob("*.html")
        if path.name != "evidently.html"
    }
    for path in (f"api/{monitor}.json", f"badge/{monitor}.json"):
        said[path] = " ".join(words_in(json.loads(world.text(path))))
    card = re.search(
        rf'<article[^>]*>(?:(?!</article>).)*href="{monitor}/index.html".*?</article>',
        world.text("index.html"),
        re.DOTALL,
    )
    said["index.html"] = read_page(card[0])
    entries = re.findall(r"<entry>.*?</entry>", world.text("feed.xml"), re.DOTALL)
    said["feed.xml"] = " ".join(each for each in entries if f"/{monitor}/" in each or f"{monitor}/" in each)
    for kind in ("drift_started", "drift_continues", "drift_worsened", "drift_ended"):
        payload = compose(kind, record_of(monitor, 0), monitor, TODAY, DayState("drifting", False))
        given = {
            "page_url": None,
            "notebook_url": None,
            "picture": None,
            "sent_at": dt.datetime(2026, 11, 24, tzinfo=dt.UTC),
        }
        message = to_message(monitor, TODAY, kind, 0, payload, **given)
        said[kind] = " ".join([text.for_console(message), *text.facts(message), *text.facts(message).values()])
    print_run(record_of(monitor, 0))
    said["console"] = capsys.readouterr().out.replace("expect:", "")
    return said


@pytest.mark.parametrize("monitor", MONITORS)
def test_nothing_that_is_said_of_a_monitor_is_in_the_words_of_the_other_rule(both, monitor, capsys):
    said = list_said(both, monitor, capsys)
    foreign = FOREIGN[monitor.partition("_")[0]]

    found = {
        where: [words[max(0, hit.start() - 60) : hit.end() + 30] for hit in re.finditer(foreign, words, re.IGNORECASE)]
        for where, words in said.items()
    }

    assert {"index.html", "feed.xml", "console", f"{monitor}/index.html", f"{monitor}/2026-11-24/index.html"} <= set(
        said
    )
    assert {where: hits for where, hits in found.items() if hits} == {}


def test_no_file_shows_a_share_over_its_threshold_beside_healthy_without_the_rule_that_decided(both):
    data = json.loads(both.text("api/budget_calm.json"))
    table = list(csv.DictReader(io.StringIO(both.text("budget_calm/history.csv"))))

    shown = [run for run in data["runs"] if run["status"] == "healthy" and run["drift_share"] > run["threshold"]]
    assert len(shown) == DAYS - 1
    assert {(run["rule"], run["limit"], tuple(run["unusual_columns"])) for run in shown} == {("budget", 4.0, ())}
    assert shown[-1]["differing_columns"] == ["salary", "carrier"]
    assert (data["rule"], data["limit"], data["unusual_columns"]) == ("budget", 4.0, [])
    assert data["differing_columns"] == ["salary", "carrier"]
    assert {(row["rule"], row["limit"], row["differing_count"]) for row in table[-2:]} == {("budget", "4.0", "2")}


def test_the_same_day_is_named_by_what_its_own_rule_found(both):
    share, budget = (json.loads(both.text(f"api/{name}.json")) for name in ("share", "budget"))

    assert (share["rule"], share["limit"], share["unusual_columns"]) == ("share", 0.1, None)
    assert share["drifted_columns"] == share["differing_columns"] == ["salary", "carrier"]
    assert budget["drifted_columns"] == budget["unusual_columns"] == ["salary"]
    assert budget["differing_columns"] == ["salary", "carrier"]
    unusual = [row["unusual"] for row in csv.DictReader(io.StringIO(both.text("budget/scores.csv")))][-3:]
    assert unusual == ["True", "False", "False"]
    assert {row["unusual"] for row in csv.DictReader(io.StringIO(both.text("share/scores.csv")))} == {""}


def test_a_day_without_an_unusual_column_says_how_many_differ(both):
    page = read_page(both.text("budget_calm/index.html"))

    assert "no unusual column; 2 columns differ, as usual" in page
    assert "169 of 182 baseline days were less unusual; an alert needs all of them" in page
    assert (
        "More unusual than 169 of its 182 baseline days; an alert needs all of them (budget: 4 false alarms a year)."
        in page
    )


def test_a_day_that_the_share_rule_does_not_count_says_why_the_budget_rule_would_alert(capsys):
    words = "the correlation between age and salary fell from its usual 0.5 to 0"
    cause = Cause(signal="pair", columns=("age", "salary"), value=9, z=8, change="correlation", words=words)
    judged = Judgement(rule="share", false_alarms_per_year=4, alarm=True, mode="pool", strangeness=8, limit=4,
        pool_days=182, pool_needed=182, rank=0, causes=(cause,), strongest=cause,
    )  # fmt: skip
    record = good_record("share", TODAY, [score("age", False, 0.02)]).model_copy(update={"judgement": judged})

    print_run(record)
    assert f"for information: the budget rule would alert: {words}\n" in capsys.readouterr().out
    print_run(record.model_copy(update={"judgement": judged.model_copy(update={"alarm": False})}))
    assert "for information" not in capsys.readouterr().out
