"""The map of columns and segments by day answers in a browser: by pointer, by arrow keys, and from the address."""

import datetime as dt
from urllib.parse import urljoin

import pytest
from page_samples import (
    HOSTILE,
    TODAY,
    World,
    category,
    good_record,
    remember,
    score,
    short_notebook,
    watched,
    write_report,
)
from test_day_map import budgeted

from driftmonitor.facts.judgement import Cause
from driftmonitor.pipeline.pages.column_ids import link_column
from tests.browsers import serve

pytestmark = pytest.mark.xdist_group("pages in a browser")
DAYS = 120


def day(monitor, back, salary=0.02, carrier=0.25):
    """Return a day with these distances; those from 0.04 on drift."""
    columns = [
        score("salary", salary >= 0.04).model_copy(update={"distance": salary}),
        category("carrier", carrier >= 0.04).model_copy(update={"distance": carrier}),
        score(HOSTILE[1], False).model_copy(update={"distance": 0.06, "p_value": 0.2}),
    ]
    record = good_record(monitor, TODAY - dt.timedelta(back), columns)
    return record.model_copy(update={"min_distance": 0.04})


def in_segment(record):
    """Return a day of the budget rule on which a column changed in a segment."""
    judged = budgeted(record, "salary")
    cause = Cause(
        signal="segment", columns=("salary",), value=9, z=8, change="segment", rose=True, segment="country = DE",
        words="country = DE: values of salary rose",
    )  # fmt: skip
    judgement = judged.judgement.model_copy(update={"causes": (cause,)})
    return judged.model_copy(update={"judgement": judgement})


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("map"))
    plain = [day("plain", back, *((0.79, 0.0) if back == 0 else (0.039, 0.25))) for back in range(DAYS - 1, -1, -1)]
    budget = [budgeted(day("budget", back)) for back in range(DAYS - 1, -1, -1)]
    budget[-3] = in_segment(day("budget", 2))
    remember(made.history, *plain, *budget)
    for record in (plain[-1], budget[-3], budget[-1]):
        write_report(made.reports, record, cells=short_notebook())
    made.publish(watched("plain"), watched("budget"))
    with serve(made.site) as served:
        yield served
    made.history.close()


def said(tab):
    return tab.get_by_role("status").filter(visible=True).last.inner_text()


def settled(tab):
    """Wait until the address is kept, and return its query."""
    tab.wait_for_timeout(250)
    return tab.evaluate("location.search")


def point(tab, selector, x, y):
    """Move the pointer to a place in a box, as parts of its size."""
    tab.locator(selector).scroll_into_view_if_needed()
    box = tab.locator(selector).bounding_box()
    tab.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y)


def test_the_pointer_on_the_map_and_on_the_chart_reads_a_day(tab, address):
    tab.emulate_media(reduced_motion="reduce")
    tab.goto(f"{address}plain/index.html")

    point(tab, ".map.of-columns", 0.999, 1 / 6)
    drifted = said(tab)
    point(tab, ".map.of-columns", 0.001, 1 / 6)
    stable = said(tab)
    point(tab, ".map.of-columns", 0.001, 5 / 6)
    by_p = said(tab)
    point(tab, ".shares", 0.999, 0.5)

    assert drifted == "salary, 24 Nov 2026: drifted; K-S distance 0.79 (cut-off 0.04), p below 0.05."
    assert stable == "salary, 27 Aug 2026: stable; K-S distance 0.039, below the cut-off 0.04."
    assert by_p == f"{HOSTILE[1]}, 27 Aug 2026: stable; K-S distance 0.06, but p is not below 0.05."
    assert said(tab) == "24 Nov 2026: drift, drift share 33.3% (threshold 10%)."


def test_arrow_keys_go_through_the_map_in_one_tab_stop_and_enter_opens_the_column_on_that_day(tab, address):
    tab.goto(f"{address}plain/index.html")
    tab.locator(".map.of-columns .cell").focus()

    for key in ("ArrowDown", "ArrowLeft", "ArrowLeft"):
        tab.keyboard.press(key)
    there = said(tab)
    name = tab.evaluate("document.activeElement.getAttribute('aria-label')")
    tab.keyboard.press("Home")
    first = said(tab)
    tab.keyboard.press("ArrowLeft")

    assert there == "carrier, 22 Nov 2026: drifted; total variation 0.25 (cut-off 0.04), p below 0.05."
    assert name == there.removesuffix(".")
    assert first.startswith("carrier, 27 Aug 2026: ") and said(tab) == first  # the range's first day
    assert tab.locator(".map.of-columns [tabindex='0']").count() == 1
    tab.keyboard.press("End")
    tab.keyboard.press("ArrowLeft")  # a column's page leaves the newest day out of the address
    assert settled(tab) == "?day=2026-11-23"
    tab.keyboard.press("Enter")
    column = urljoin(f"{address}plain/index.html", link_column("carrier", 2))
    tab.wait_for_url(f"{column}?day=2026-11-23")


def test_range_and_days_stand_in_the_address_and_come_back_from_it(tab, address):
    tab.goto(f"{address}plain/index.html")
    tab.get_by_label("30 days", exact=True).check(force=True)
    tab.get_by_label("Day", exact=True).select_option("2026-11-24")
    tab.get_by_label("compare with").select_option("2026-11-20")
    kept = settled(tab)
    tab.goto("about:blank")
    tab.go_back()
    back = tab.locator(".compared").inner_text()
    tab.reload()

    assert kept == "?range=30&day=2026-11-24&with=2026-11-20"
    assert back == tab.locator(".compared").inner_text()
    assert tab.get_by_label("30 days", exact=True).is_checked()
    assert "24 Nov 2026: drift, drift share 33.3%. 20 Nov 2026: drift, drift share 33.3%." in back
    assert tab.locator(".compared tbody tr").all_inner_texts() == [
        "salary\tdrifted, 0.79\tstable, 0.03", "carrier\tstable, 0.00\tdrifted, 0.25",
    ]  # fmt: skip
    assert tab.locator(".pair a").get_attribute("href") == f"{address}plain/2026-11-24/index.html"


def test_a_day_outside_of_the_range_that_is_shown_widens_it(tab, address):
    tab.goto(f"{address}plain/index.html?range=30&day=2026-07-01")
    assert tab.get_by_label("30 days", exact=True).is_checked()  # 1 July is before the first run

    tab.goto(f"{address}plain/index.html?range=30&day=2026-08-28")
    assert tab.get_by_label("30 days", exact=True).is_checked() is False
    assert said(tab) == "28 Aug 2026: drift, drift share 33.3% (threshold 10%)."


BAD = [
    "day=x", "day=2026-13-01", "day=2026-02-30", "day=1999-01-01", "day=2999-01-01", "range=9999", "range=",
    "day=%3Cimg%20src=x%20onerror=alert(1)%3E", "with=%00&rows=%22%3E",
    "range=90%27%5D&day=2026-11-24T00:00&rows=segments",
]  # fmt: skip


@pytest.mark.parametrize("query", BAD)
def test_what_the_address_asks_for_in_vain_is_as_if_it_were_not_there(tab, address, query):
    found = []
    listen = {"pageerror": lambda error: found.append(str(error)), "dialog": lambda dialog: dialog.dismiss()}
    for event, heard in listen.items():
        tab.on(event, heard)
    tab.goto(f"{address}plain/index.html?{query}")

    assert said(tab).startswith("Point at a day, tap it")
    assert tab.get_by_label("90 days", exact=True).is_checked()
    assert tab.locator(".compared").inner_text() == ""
    assert found == [] and tab.locator("img[src=x]").count() == 0
    for event, heard in listen.items():
        tab.remove_listener(event, heard)


def test_segments_are_rows_of_the_map_with_their_causes(tab, address):
    tab.goto(f"{address}budget/index.html?rows=segments&day=2026-11-22")

    assert tab.locator(".map.of-segments").is_visible() and not tab.locator(".map.of-columns").is_visible()
    tab.locator(".map.of-segments .cell").focus()
    assert said(tab) == "country = DE, 22 Nov 2026: salary: level there rose."
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/budget/2026-11-22/index.html")


def test_under_the_budget_rule_the_map_tells_what_differs_from_what_is_unusual(tab, address):
    tab.goto(f"{address}budget/index.html")
    cell = tab.locator(".map.of-columns .cell")
    cell.focus()
    words = []
    for key in ("ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowDown"):
        tab.keyboard.press(key)
        words.append(said(tab))

    assert words[2] == (
        "salary, 22 Nov 2026: unusual (its own test: similar to the reference); K-S distance 0.02, "
        "below the cut-off 0.04."
    )
    assert words[3] == (
        "carrier, 22 Nov 2026: differs from the reference as usual; total variation 0.25 (cut-off 0.04), p below 0.05."
    )


def test_without_a_script_rows_have_titles_and_the_rows_are_switched(tab_without_scripts, address):
    tab = tab_without_scripts
    tab.goto(f"{address}budget/index.html")
    title = tab.locator(".map.of-columns .lines > *").first.get_attribute("title")
    tab.get_by_label("Segments", exact=True).check(force=True)

    assert title == "salary: unusual 22 Nov 2026"
    assert tab.locator(".map.of-segments").is_visible() and not tab.locator(".map.of-columns").is_visible()
    assert tab.locator(".names.of-segments").inner_text() == "country = DE"
