"""The page of a column: how far it moved each day, its values over time in its own unit, one day's distribution."""

import datetime as dt
import json
import re
from dataclasses import replace

import pytest
from page_samples import HOSTILE, TODAY, World, category, good_record, score, untestable, watched, with_distribution

from driftmonitor.facts.distribution import Distribution
from driftmonitor.pipeline.pages.bands import draw_band, draw_steps, place_days
from driftmonitor.pipeline.pages.column_ids import column_id
from driftmonitor.pipeline.pages.distribution_view import choose_axis, draw_distribution, say_change


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.history.close()


def add_days(world, days=20, columns=None):
    for back in range(days - 1, -1, -1):
        drifted = back < 3
        salary = with_distribution(score(drifted=drifted), 55_000 if drifted else 50_000)
        own = [salary, with_distribution(category(drifted=False)), untestable()]
        world.run(good_record("salary", TODAY - dt.timedelta(back), columns or own))
    world.publish(watched("salary", "Salaries"))


def test_the_page_says_when_the_column_drifted_how_far_and_in_which_unit(world):
    add_days(world)

    page = world.text("salary/columns/salary/index.html")

    assert "Drifted on 24 Nov 2026" in page
    assert "Mean rose from 50,000 to 75,000 (+2.5 SD of the reference)" in page
    assert "It counts as drifted if p is below 0.05." in page
    assert "Largest distance 0.79, on 24 Nov 2026; drifted on 3 of 20 days." in page
    assert "22 Nov to 24 Nov 2026" in page
    assert 'href="../../incidents/drift-2026-11-22/index.html"' in page
    moved = world.text("salary/index.html").partition('id="moved"')[2].partition("</section>")[0]
    assert 'class="bar-drift"' in moved and 'class="bar-healthy"' in moved and "Bars: distance" in moved
    incident = world.text("salary/incidents/drift-2026-11-22/index.html")
    assert 'href="../../columns/salary/index.html"' in incident
    assert "median 50,000 → 55,000 on 24 Nov 2026" in incident
    assert "dismiss --monitor salary --date 2026-11-24 --reason" in re.sub(r"</?span>", "", incident)
    assert re.search(r"<th scope=\"row\">Median</th><td>50,000</td><td>55,000</td>", page)
    assert "Median 50,000 → 55,000; half of the rows 49,000 to 51,000 → 54,000 to 56,000" in page


def test_a_category_has_a_line_for_each_value_and_a_bar_for_each_side(world):
    add_days(world)

    page = world.text("salary/columns/carrier/index.html")

    assert "Stable on 24 Nov 2026" in page
    for name, words in (("UA", "20% → 25%"), ("DL", "20% → 40%"), ("all others", "60% → 35%")):
        assert re.search(rf"<bdi title=\"{name}\">{name}</bdi> <span>{words}</span>", page)
    assert 'id="level-2"' in page and 'id="level-3"' not in page  # the others have no line


def test_every_column_has_a_page_and_says_what_is_not_known(world):
    add_days(world, columns=[score(), score("age", False), untestable()])

    assert "Values by day appear here from the next run on" in world.text("salary/columns/age/index.html")
    page = world.text("salary/columns/note/index.html")
    assert "Not testable on 24 Nov 2026" in page
    assert "mixed text and numbers" in page
    assert "It is neither stable nor drifted" in page and "None" not in page
    assert "Of a column that cannot be tested, no values are kept." in page


def test_with_the_budget_rule_only_an_unusual_day_wears_the_colour_of_drift(world):
    from test_pages_in_browser import add_judged

    add_judged(world)
    world.publish(watched("judged"))

    page = world.text("judged/columns/differs/index.html")
    assert "Differs on 24 Nov 2026" in page
    assert "It differs if p is below 0.05. Only the anomaly score decides whether it is unusual." in page
    assert 'class="bar-differs"' in page and 'class="bar-drift"' not in page
    assert "drifted" not in re.sub(r"<[^>]*>", "", page.split("<main")[1].split("<script")[0])
    unusual = world.text(f"judged/columns/{column_id(HOSTILE[1])}/index.html")
    assert 'class="bar-drift"' in unusual and ">unusual</span>" in unusual


def test_the_script_gets_every_day_and_no_name_ends_it(world):
    levels = ("</script><script>alert(1)</script>", "]]>", "a & b")
    for back in (1, 0):
        carrier = with_distribution(category(), levels=levels, shares=(0.2, 0.2, 0.3))
        world.run(good_record("salary", TODAY - dt.timedelta(back), [carrier]))
    world.publish(watched("salary"))

    page = world.text("salary/columns/carrier/index.html")
    text = page.partition('id="column-days">')[2].partition("</script>")[0]

    data = json.loads(text)
    assert tuple(data["levels"]) == levels
    assert [row[:2] for row in data["days"]] == [[12, "drifted"], [13, "drifted"]]
    assert data["days"][0][4] == [[0, 0.2, 0.2], [1, 0.2, 0.2], [2, 0.2, 0.3]]


def test_pages_are_made_again_only_for_a_new_run_and_go_with_their_column(world):
    add_days(world, 3)
    before = (world.site / "salary/columns/carrier/index.html").stat().st_ino
    world.publish(watched("salary", "Salaries"))
    assert (world.site / "salary/columns/carrier/index.html").stat().st_ino == before

    world.run(good_record("salary", TODAY + dt.timedelta(1), [score()]))
    world.publish(watched("salary", "Salaries"))

    assert [path.name for path in (world.site / "salary/columns").iterdir()] == ["salary"]


def test_a_damaged_day_is_a_gap_that_page_and_console_name(world):
    add_days(world, 4)
    import sqlalchemy as sa

    world.history._database.write(
        lambda connection: connection.execute(
            sa.text("UPDATE distributions SET content = x'00' WHERE run_date = '2026-11-22'")
        )
    )
    world.run(good_record("salary", TODAY + dt.timedelta(1), [with_distribution(score(), 51_000)]))
    published = world.publish(watched("salary", "Salaries"))

    page = world.text("salary/columns/salary/index.html")
    data = json.loads(page.partition('id="column-days">')[2].partition("<")[0])
    assert [len(row) for row in data["days"]] == [6, 4, 6, 6, 6]
    assert "The values of 22 Nov 2026 are damaged in the history" in page
    assert published.failures == ["salary 2026-11-22: its columns' values are damaged; run that day again."]


def test_a_column_says_what_it_is_to_the_model(world):
    world.run(good_record("churn", columns=[score("p"), score("gold"), score("plan")]))

    world.publish(replace(watched("churn"), parameters={"score": {"gold": "gold"}, "prediction": "p", "label": "p"}))

    assert "the class that the model predicts, and the label: the outcome</bdi>" in world.text(
        "churn/columns/p/index.html"
    )
    assert "Role: <bdi>the model’s score for gold</bdi>" in world.text("churn/columns/gold/index.html")
    assert "Role:" not in world.text("churn/columns/plan/index.html")


def test_columns_without_a_page_are_said_and_their_names_are_no_links(world):
    world.run(good_record("wide", columns=[score(f"c{i}", drifted=i < 500) for i in range(503)]))

    world.publish(watched("wide"))

    page = world.text("wide/index.html")
    assert "Only the 500 most severe columns have a page. The other 3 columns are in this table" in page
    assert page.count('<a href="columns/c') >= 500 and '<a href="#column-' not in page.partition('id="columns"')[2]


def test_a_name_that_is_an_address_keeps_it_and_others_get_one_of_their_own():
    assert [column_id(name) for name in ("salary", "is_new", "amount-eur")] == ["salary", "is_new", "amount-eur"]
    others = ["Salary", "salary ", "Betrag (€)", "../../x", "", "..", "数量", "a" * 300, "a" * 301, "\ud800"]
    found = [column_id(name) for name in others]
    assert len({*found, "salary"}) == len(others) + 1
    assert all(re.fullmatch(r"[a-z0-9_-]{8,49}", name) for name in found)


def test_days_are_drawn_in_steps_and_a_gap_stays_empty():
    days = [dt.date(2026, 11, day) for day in (1, 2, 3, 10, 11)]
    places = place_days(days, dt.date(2026, 11, 1))

    assert places == [(0, 1), (1, 1), (2, 1), (9, 1), (10, 1)]
    assert draw_steps(places, [5, 5, 7, 2, 2]) == "M0 5H2V7H3M9 2H11"
    assert draw_band(places[:3], [9, 9, 8], [5, 5, 7]) == "M0 5H2V7H3V8H2V9H0z"
    weekly = [dt.date(2026, 11, 1) + dt.timedelta(7 * week) for week in range(4)]
    assert place_days(weekly, weekly[0]) == [(0, 7), (7, 7), (14, 7), (21, 1)]


def test_the_axis_shows_the_middle_although_a_tail_is_far_away():
    usual = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0)
    assert choose_axis([usual, usual]) == (1.0, 9.0)
    assert choose_axis([usual, (*usual[:8], 1e9)]) == (1.0, 17.0)
    assert choose_axis([(5.0,) * 9, (5.0,) * 9]) == (2.5, 7.5)
    assert choose_axis([(0.0,) * 9, (0.0,) * 9]) == (-0.5, 0.5)

    view = draw_distribution(Distribution(quantiles=(usual, (*usual[:8], 1e9))))
    assert all(span.start >= 0 and span.start + span.width <= 100.01 for box in view.boxes for span in box.spans)


@pytest.mark.parametrize(("now", "said"), [
    ((1, 5, 10, 25, 60, 75, 90, 95, 99), "median 50 → 60"),
    ((1, 5, 10, 25, 50, 75, 99, 120, 400), "95% quantile 95 → 120"),
])  # fmt: skip
def test_a_change_of_numbers_is_said_where_most_rows_moved(now, said):
    before = (1, 5, 10, 25, 50, 75, 90, 95, 99)

    assert say_change(Distribution(quantiles=(before, now))) == said
