"""The index of many monitors: the worst have cards, quiet ones are rows by group, and recent incidents have a line."""

import datetime as dt
import gzip
import re

from page_samples import HOSTILE, TODAY, add_days, failed_record, good_record, healthy_record, remember, score, watched

from driftmonitor.facts.judgement import Judgement
from driftmonitor.pipeline.pages.cards import Card
from driftmonitor.pipeline.pages.listing import make_finder, make_parts


def cards(*states, group=""):
    return [Card(f"m{i:03}", f"Monitor {i:03}", state, state, group=group) for i, state in enumerate(states)]


def test_few_monitors_all_have_cards_under_their_groups_the_worst_first():
    some = [*cards("healthy", "healthy"), *cards("drift", "healthy", group="pay")]

    parts = make_parts(some)

    assert [(part.title, [card.state for card in part.cards]) for part in parts] == [
        ("pay", ["drift", "healthy"]), ("No group", ["healthy", "healthy"]),
    ]  # fmt: skip
    assert [part.title for part in make_parts(cards("drift", "healthy"))] == [""]


def test_of_many_monitors_the_six_worst_have_cards_and_quiet_ones_are_rows_by_group():
    some = [*cards(*["drift"] * 5, "failed", "overdue"), *cards("healthy", "warm_up", group="pay"), *cards("changed")]

    attention, pay, others = make_parts(some)

    assert [card.state for card in attention.cards] == ["drift"] * 5 + ["failed"]
    assert [row.card.state for row in attention.rows] == ["overdue"]
    assert (pay.title, [row.card.state for row in pay.rows]) == ("pay", ["warm_up", "healthy"])
    assert (others.title, len(others.rows), others.fold) == ("No group", 1, "")


def test_a_row_says_what_drifts_or_why_a_run_failed(world):
    names = [f"m{i}" for i in range(8)]
    remember(world.history, *map(good_record, names[:7]), failed_record("m7", error="no rows for <b>today</b>"))

    world.publish(*map(watched, names))

    rows = re.findall(r'<span class="why"><bdi>(.*?)</bdi>', world.text("index.html"))
    assert rows == ["salary", "no rows for &lt;b&gt;today&lt;/b&gt;"]


def test_more_than_twenty_rows_are_folded():
    attention, quiet = make_parts(cards(*["drift"] * 28, *["healthy"] * 172))

    assert (attention.fold, len(attention.rows)) == ("Show 22 more monitors", 22)
    assert (quiet.title, quiet.fold) == ("Quiet monitors", "Show 172 quiet monitors")


def test_the_finder_counts_the_states_and_groups_that_there_are():
    finder = make_finder([*cards("drift", "healthy", *["healthy"] * 4, group="pay"), *cards("warm_up")])

    assert finder.total == "7 monitors"
    assert [(each.words, each.number) for each in finder.states] == [("Drift", 1), ("Warm-up", 1), ("Healthy", 5)]
    assert [(each.value, each.number) for each in finder.groups] == [("pay", 6)]
    assert make_finder(cards(*["healthy"] * 6)) is None  # six are seen at once


def test_the_index_lists_the_incidents_of_thirty_days_and_links_their_pages(world):
    add_days(world.history, "salary", lambda i: "drift" if i in (40, 98, 99) else "healthy")
    remember(world.history, failed_record("other"))

    world.publish(watched("salary", "Pay"), watched("other"))

    recent = re.search(r'<section class="recent".*?</section>', world.text("index.html"), re.DOTALL)[0]
    assert re.findall(r'<a href="([^"]+)"', recent) == [
        "other/incidents/failure-2026-11-24/index.html", "salary/incidents/drift-2026-11-23/index.html",
    ]  # fmt: skip
    assert "<bdi>Pay</bdi>, since 23 Nov 2026" in recent


def test_hostile_groups_and_owners_are_text_on_the_index(world):
    names = [f"m{i}" for i in range(8)]
    for name in names:
        remember(world.history, healthy_record(name))

    world.publish(*(watched(name, group=HOSTILE[i % 2], owner=HOSTILE[1]) for i, name in enumerate(names)))

    page = world.text("index.html")
    assert "<script>alert" not in page and "<img src=x" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;</bdi></h2>") == 1


def test_a_monitor_on_past_data_is_shown_in_its_own_time_and_a_gap_is_no_drift(world):
    """16 drift days of January 2013 and one failed run of today, as after a backfill by hand."""
    for day in range(3, 19):
        world.history.record(
            good_record(run_date=dt.date(2013, 1, day)), None, dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)
        )
    world.publish(watched("salary"), now=dt.datetime(2026, 12, 24, tzinfo=dt.UTC))
    past = world.text("index.html")
    remember(world.history, good_record(run_date=TODAY))
    world.publish(watched("salary"))

    assert "Drifting since 3 Jan 2013 (16 days)" in past
    assert "Unknown" not in past and "Valid until" not in past and "18 Jan 2013</span>" in past
    assert "Drifting since 3 Jan 2013 (17 runs)" in world.text("index.html")
    assert "17 runs so far" in world.text("salary/incidents/drift-2013-01-03/index.html")


def test_a_warm_up_is_progress_on_card_badge_strip_and_api(world):
    judgement = Judgement(
        rule="budget", false_alarms_per_year=4, alarm=False, mode="early", strangeness=2.0, pool_days=45,
        pool_needed=182, p=0.3, signals=1,
    )  # fmt: skip
    for back in (1, 0):
        record = healthy_record(run_date=TODAY - dt.timedelta(back))
        remember(world.history, record.model_copy(update={"judgement": judgement}))

    world.publish(watched("salary"))

    page = world.text("index.html")
    assert "Warm-up: 45 of 182 baseline days; healthy since 23 Nov 2026 (2 days)" in page
    assert '<div class="gauge is-warm_up">' in page and "gauge is-healthy" not in page
    assert "2 days, all healthy in warm-up" in page
    assert "Healthy in warm-up" in world.text("salary/index.html")
    assert '"message": "warm-up 45 of 182' in world.text("badge/salary.json")
    assert '"warm_up": {"days": 45, "needed": 182}' in world.text("api/summary.json")
    assert '"state": "healthy"' in world.text("api/summary.json")


def test_the_index_of_many_monitors_weighs_little(world):
    for i in range(60):
        add_days(world.history, f"m{i}", lambda day, i=i: "drift" if (day + i) % 20 > 16 else "healthy", days=4)
    remember(world.history, *(good_record(f"m{i}", columns=[score(f"c{j}") for j in range(30)]) for i in range(10)))

    world.publish(*(watched(f"m{i}") for i in range(60)))

    assert len(gzip.compress((world.site / "index.html").read_bytes())) < 10_000
