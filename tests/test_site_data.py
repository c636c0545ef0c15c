import csv
import datetime as dt
import io
import itertools
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import feedparser
import pytest
from page_samples import (
    HOSTILE,
    NOW,
    TODAY,
    category,
    failed_record,
    good_record,
    healthy_record,
    new_column,
    remember,
    score,
    untestable,
    watched,
)

from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.csv_formulas import defuse, restore
from driftmonitor.pipeline.pages.csv_files import to_csv
from tests.schemas import problems

ATOM = "{http://www.w3.org/2005/Atom}"
DOCS = Path(__file__).parents[1] / "docs" / "api.md"
YESTERDAY = TODAY - dt.timedelta(1)


def read(world, path):
    return json.loads(world.text(path))


def test_the_summary_has_each_monitors_state(world):
    world.run(healthy_record(run_date=YESTERDAY), good_record(), failed_record("other"))

    world.publish(watched("salary", "Salary spike"), watched("other"), watched("fresh"))

    summary = read(world, "api/summary.json")
    assert summary["schema"] == 1 and summary["recorded_at"] == "2026-11-24T09:04:00+00:00"
    assert summary["title"] == "Drift in 1 of 2 monitors, 1 failing"
    salary, other, fresh = summary["monitors"]
    assert (salary["state"], salary["since"], salary["drift_share"]) == ("drift", "2026-11-24", pytest.approx(1 / 3))
    assert (salary["drifted_columns"], salary["page"]) == (["salary"], "../salary/index.html")
    assert (other["state"], other["error"], other["drift_share"]) == ("failed", "ValueError: salary: no rows", None)
    assert (fresh["state"], fresh["last_run"]) == ("none", None)


def test_a_monitors_json_holds_its_columns_incidents_and_runs(world):
    world.run(healthy_record(run_date=YESTERDAY), good_record(quality=[new_column("bonus")]))

    world.publish(watched("salary"), site_url="https://example.org/drift")

    data = read(world, "api/salary.json")
    assert data["verdict"].startswith("Drift: 1 of 3 columns drifted")
    assert data["columns"][0]["words"] == "salary: mean rose from 50,000 to 75,000 (+2.5 SD of the reference)"
    assert data["quality"][0]["kind"] == "new_column"
    assert data["incidents"] == [
        {
            "id": "drift-2026-11-24",
            "family": "drift",
            "start": "2026-11-24",
            "end": None,
            "peak_share": pytest.approx(1 / 3),
            "columns": ["salary"],
            "appearances": [
                {
                    "date": "2026-11-24",
                    "changes": [{"columns": ["salary"], "change": "level", "rose": True}],
                    "together": [],
                    "against": [],
                    "are_apart": False,
                    "found": [{"kind": "new_column", "column": "bonus"}],
                }
            ],
            "events": None,
            "alike": [],
            "alike_count": 0,
            "earlier_count": 0,
            "words": ["Also new on 24 Nov 2026: a new column (bonus)."],
            "page": "https://example.org/drift/salary/incidents/drift-2026-11-24/index.html",
        }
    ]
    assert [run["page"] for run in data["runs"]] == [
        "https://example.org/drift/salary/2026-11-23/index.html",
        "https://example.org/drift/salary/2026-11-24/index.html",
    ]


def test_every_name_of_the_json_is_described_in_the_docs(world):
    world.run(good_record(quality=[new_column("bonus")]), failed_record("other"))
    world.publish(watched("salary"), watched("other"))

    def names(value):
        if isinstance(value, dict):
            inner = [] if "mean_shift_sd" in value else [name for item in value.values() for name in names(item)]
            return [*value, *inner]
        return [name for item in value for name in names(item)] if isinstance(value, list) else []

    found = {name for path in (world.site / "api").iterdir() for name in names(json.loads(path.read_text()))}
    described = set(re.findall(r"`(\w+)`", DOCS.read_text(encoding="utf-8")))
    assert len(found) > 30
    assert sorted(found - described) == []


def test_every_file_is_as_its_schema_says(world):
    columns = [score(), category(), *(untestable(name) for name in HOSTILE)]
    world.run(good_record(columns=columns, quality=[new_column("bonus")]), failed_record("other"))
    world.history.label("salary", TODAY, "dismissed", "a sale", planner(), NOW)

    world.publish(watched("salary"), watched("other"), watched("fresh"))
    world.publish(watched("salary"), site_url="https://example.org/drift/", site_dir=world.root / "whole")

    assert problems(world.site) == (6, [])
    assert problems(world.root / "whole") == (5, [])


def test_a_badge_carries_state_share_and_date(world):
    world.run(good_record())

    world.publish(watched("salary", "Salary <spike> & co"))

    badge = read(world, "badge/salary.json")
    assert badge == {
        "schemaVersion": 1, "label": "Salary <spike> & co", "message": "drift 33.3% · 24 Nov 2026", "color": "#b54100",
    }  # fmt: skip
    picture = ET.fromstring(world.text("badge/salary.svg"))
    assert picture.get("aria-label") == "Salary <spike> & co: drift 33.3% · 24 Nov 2026"


def test_badge_and_feed_say_that_a_drift_was_dismissed(world):
    world.run(healthy_record(run_date=TODAY - dt.timedelta(2)), good_record(run_date=YESTERDAY), good_record())
    world.history.label("salary", TODAY, "dismissed", "a sale", planner(), NOW)

    world.publish(watched("salary"))

    assert read(world, "badge/salary.json")["message"] == "healthy · 24 Nov 2026"
    summaries = [entry.summary for entry in feedparser.parse(world.text("feed.xml")).entries]
    assert summaries[0].startswith("Dismissed by an analyst, so the day counts as healthy: a sale. ")


def test_a_monitor_without_runs_has_a_badge_too(world):
    world.publish(watched("fresh"))

    assert read(world, "badge/fresh.json")["message"] == "no runs"


def entries(world):
    feed = ET.fromstring(world.text("feed.xml"))
    return [
        (e.findtext(f"{ATOM}id"), e.findtext(f"{ATOM}title"), e.find(f"{ATOM}link").get("href"))
        for e in feed.iter(f"{ATOM}entry")
    ]


def test_the_feed_lists_events_newest_first_with_stable_ids(world):
    world.run(healthy_record(run_date=YESTERDAY - dt.timedelta(1)), good_record(run_date=YESTERDAY))
    world.publish(watched("salary", "Salary"))
    before = entries(world)

    world.run(healthy_record())
    world.publish(watched("salary", "Salary"))

    after = entries(world)
    assert [title for _, title, _ in after] == [
        "Salary: drift ended (24 Nov 2026)", "Salary: drift started (23 Nov 2026)",
    ]  # fmt: skip
    assert after[1:] == before
    assert after[0][2] == "salary/incidents/drift-2026-11-23/index.html"
    assert len({entry_id for entry_id, _, _ in after}) == 2 and after[0][0].startswith("urn:uuid:")


def test_a_feed_with_an_address_has_whole_links(world):
    world.run(good_record())

    world.publish(watched("salary"), site_url="https://example.org/drift/")

    assert entries(world)[0][2] == "https://example.org/drift/salary/incidents/drift-2026-11-24/index.html"
    assert '<link rel="related" type="text/html" href="https://example.org/drift/salary/2026-11-24/' in (
        world.text("feed.xml")
    )
    assert 'rel="self" href="https://example.org/drift/feed.xml"' in world.text("feed.xml")


def test_a_reader_of_feeds_finds_every_event_whole(world):
    world.run(healthy_record(run_date=YESTERDAY), good_record(), failed_record("other", error="]]> <b>no rows</b>"))

    world.publish(watched("salary", "Pay & <b>more</b>"), watched("other"), site_url="https://example.org/drift/")

    feed = feedparser.parse((world.site / "feed.xml").read_bytes())
    assert not feed.bozo and feed.version == "atom10" and feed.feed.author == "drift-monitor"
    assert [link.href for link in feed.feed.links] == [
        "https://example.org/drift/feed.xml", "https://example.org/drift/index.html",
    ]  # fmt: skip
    events = {entry.link: (entry.title, entry.updated_parsed[:5]) for entry in feed.entries}
    assert {entry.published for entry in feed.entries} == {"2026-11-24T00:00:00Z"}
    at = (2026, 11, 24, 9, 4)
    assert events == {
        "https://example.org/drift/salary/incidents/drift-2026-11-24/index.html": (
            "Pay & <b>more</b>: drift started (24 Nov 2026)", at,
        ),
        "https://example.org/drift/other/incidents/failure-2026-11-24/index.html": (
            "other: run failed (24 Nov 2026)", at,
        ),
    }  # fmt: skip
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", entry.id) for entry in feed.entries)
    assert len({feed.feed.id, *(entry.id for entry in feed.entries)}) == 3
    assert all(entry.link.startswith("https://example.org/drift/") and entry.summary for entry in feed.entries)


def test_group_and_owner_are_data_and_text_on_the_page(world):
    world.run(healthy_record())

    world.publish(watched("salary", group="<b>pay</b>", owner="@data-team"))

    data = read(world, "api/salary.json")
    assert (data["group"], data["owner"]) == ("<b>pay</b>", "@data-team")
    page = world.text("salary/index.html")
    assert "Owner: <bdi>@data-team</bdi> · Group: <bdi>&lt;b&gt;pay&lt;/b&gt;</bdi>" in page


def test_a_silent_backfill_is_no_news_but_what_lasts_of_it_is(world):
    """Drift of September that ended, and drift since 20 November: both were filled in silently on the 24th."""
    past = {dt.date(2026, 9, 1): good_record, dt.date(2026, 9, 2): healthy_record, dt.date(2026, 11, 20): good_record}
    for day, make in past.items():
        world.history.record(make(run_date=day), planner(silent=True), NOW)

    world.publish(watched("salary"))

    assert [title for _, title, _ in entries(world)] == ["salary: drift started (20 Nov 2026)"]
    assert "<published>2026-11-20T00:00:00Z</published>" in world.text("feed.xml")
    assert "<updated>2026-11-24T09:05:00Z</updated>" in world.text("feed.xml")


def test_an_empty_feed_is_well_formed(world):
    world.publish()

    assert entries(world) == []


def test_hostile_names_leave_every_file_well_formed(world):
    names = [*HOSTILE, "\x00nul", "half \ud83d pair", "]]>", "=1+1"]
    columns = [make(name) for name in names for make in (score,)] + [untestable(f"{name}!") for name in names]
    remember(world.history, good_record(columns=columns, run_date=YESTERDAY), good_record(columns=columns))
    remember(world.history, failed_record("other", error="]]></feed> \x00 <script>"))

    world.publish(watched("salary", "]]> \x00 <b>"), watched("other"))

    assert len(entries(world)) == 2
    ET.fromstring(world.text("badge/salary.svg"))
    assert len(read(world, "api/salary.json")["columns"]) == 22
    rows = list(csv.DictReader(io.StringIO(world.text("salary/scores.csv"))))
    assert len(rows) == 44 and "'=1+1" in {row["column"] for row in rows}
    assert "<script>alert" not in world.text("salary/index.html")


def test_the_table_of_scores_grows_by_the_day_and_forgets_what_is_older_than_a_year(world, monkeypatch):
    names = ["two\r\n2026-11-23,lines", "=1+1", "x"]
    for day in (TODAY - dt.timedelta(365), TODAY - dt.timedelta(364), YESTERDAY):
        remember(world.history, good_record(run_date=day, columns=[score(name) for name in names]))
    world.publish(watched("salary"))
    before, asked = world.text("salary/scores.csv"), []
    original = world.history.scores
    monkeypatch.setattr(world.history, "scores", lambda since, name: asked.append(since) or original(since, name))

    remember(world.history, good_record(columns=[score(name) for name in names]))
    world.publish(watched("salary"))
    grown = world.text("salary/scores.csv")
    remember(world.history, healthy_record(run_date=YESTERDAY))
    world.publish(watched("salary"))
    rewritten = world.text("salary/scores.csv")
    world.publish(watched("salary"), site_dir=world.root / "again")

    assert asked == [TODAY] + [TODAY - dt.timedelta(364)] * 2  # a run that changed has the year read again
    assert before.count("\n2025-11-24,") == 3 and "\n2025-11-24," not in grown
    again = world.root / "again" / "salary" / "scores.csv"
    assert (world.site / "salary" / "scores.csv").read_bytes() == again.read_bytes()
    dates = [row["run_date"] for row in csv.DictReader(io.StringIO(rewritten, newline=""))]
    assert dates == ["2025-11-25"] * 3 + ["2026-11-23"] * 3 + ["2026-11-24"] * 3


def test_the_history_is_a_table_of_all_runs(world):
    world.run(healthy_record(run_date=YESTERDAY), good_record())

    world.publish(watched("salary"))

    first, second = csv.DictReader(io.StringIO(world.text("salary/history.csv")))
    assert (first["run_date"], first["status"], first["drift_share"]) == ("2026-11-23", "healthy", "0.0")
    assert (second["drifted_columns"], second["duration_seconds"]) == ("salary", "3.1")
    assert second["recorded_at"] == "2026-11-24T09:04:00Z"


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+1", "-1", "\tx", "\rx"])
def test_a_text_that_a_spreadsheet_would_run_is_defused(text):
    (row,) = list(csv.reader(io.StringIO(to_csv(["name"], [[text]]), newline="")))[1:]

    assert row == [f"'{text}"]


IN_PARTS = {"a;=1": "a;'=1", "a\t@x": "a\t'@x", "a|-1": "a|'-1", 'a; "+1': "a; \"'+1", "a\n=1": "a\n'=1"}
FULL_WIDTH = {"＝1": "'＝1", " ＋1": " '＋1", "a;－1": "a;'－1", "\ufeff＠x": "\ufeff'＠x"}
HARMLESS = {"a=1; b-2": "a=1; b-2", "2026-11-24": "2026-11-24", "a, -1": "a, -1"}


@pytest.mark.parametrize(("text", "defused"), (IN_PARTS | FULL_WIDTH | HARMLESS).items())
def test_a_part_that_another_delimiter_makes_a_formula_is_defused_and_can_be_restored(text, defused):
    (row,) = list(csv.reader(io.StringIO(to_csv(["name"], [[text]]), newline="")))[1:]

    assert row == [defused]
    assert restore(defused) == text


def test_every_text_is_restored():
    texts = map("".join, itertools.product("'=;\t x", repeat=5))

    assert [text for text in texts if restore(defuse(text)) != text] == []


def test_a_negative_number_stays_a_number():
    assert to_csv(["shift"], [[-2.5]]) == "shift\r\n-2.5\r\n"


def test_the_page_shows_how_long_runs_took(world):
    world.run(healthy_record(run_date=YESTERDAY), good_record())

    world.publish(watched("salary"), now=NOW)

    assert "The last run took 3.1 s." in world.text("salary/index.html")
