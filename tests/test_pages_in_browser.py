import datetime as dt
import re
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import axe_playwright_python
import pytest
from page_samples import (
    HOSTILE,
    NOW,
    TODAY,
    World,
    add_days,
    category,
    failed_record,
    good_record,
    healthy_record,
    new_column,
    remember,
    score,
    untestable,
    watched,
    with_distribution,
    write_report,
)

from driftmonitor.facts import backtest, calibration
from driftmonitor.facts.backtest import Backtest, DriftDay, ReplayedIncident, RuleReplay
from driftmonitor.facts.calibration import Calibration, Power, Rate, RuleResult
from driftmonitor.facts.judgement import Cause, Judgement
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.pages.column_ids import column_id
from tests.browsers import serve

pytestmark = pytest.mark.xdist_group("pages in a browser")  # one site and one browser, made once

YESTERDAY = TODAY - dt.timedelta(1)


@pytest.fixture(scope="module")
def wide_world(tmp_path_factory):
    """A site of every kind of state, with hostile names, 300 columns of one monitor and 100 days of another."""
    made = World(tmp_path_factory.mktemp("wide"))
    columns = [score(name) for name in HOSTILE] + [category(f"{name} c") for name in HOSTILE]
    columns += [untestable(f"{name} u") for name in HOSTILE]
    many = [score(f"column_{i:03}", drifted=i % 3 == 0, shift=0.3) for i in range(300 - len(columns))]
    quality = [new_column(name) for name in HOSTILE]
    made.run(good_record("hostile", columns=columns + many[:19], quality=quality))
    made.run(good_record("many", columns=columns + many, quality=quality))
    add_days(made.history, "long", lambda i: [None, "failed", "drift", "healthy"][min(i % 9, 3)], days=100)
    for record in made.history.records("long")[-3:]:
        write_report(made.reports, record)
    add_judged(made)
    add_shop(made)
    made.run(healthy_record("gone", YESTERDAY), failed_record("broken"), healthy_record("fresh"))
    title = "<b>Hostile</b> & " + "y" * 150
    names = ("many", "long", "judged", "shop", "broken", "fresh", "new")
    made.publish(watched("hostile", title), *map(watched, names))
    yield made
    made.history.close()


def add_judged(made):
    """Add a monitor with all that the budget brings: days judged, one dismissed, a calibration and a backtest."""
    for back in range(20, -1, -1):
        columns = [score(HOSTILE[1], drifted=back < 2), score("differs", shift=0.2), score("b", False)]
        record = good_record("judged", TODAY - dt.timedelta(back), columns)
        cause = Cause(
            signal="level", columns=(HOSTILE[1],), value=9, z=8, distance=0.2, change="level", words=HOSTILE[0]
        )
        judgement = Judgement(
            rule="budget", false_alarms_per_year=4, alarm=back < 2, mode="pool", strangeness=8 if back < 2 else 2,
            limit=4, pool_days=182, pool_needed=182, rank=0, causes=(cause,) if back < 2 else (), strongest=cause,
        )  # fmt: skip
        status = "drift" if judgement.alarm else "healthy"
        judged = record.model_copy(update={"judgement": judgement, "status": status})
        remember(made.history, judged)
        if back < 3:
            write_report(made.reports, judged)
    made.history.label("judged", TODAY, "dismissed", HOSTILE[0], planner(), NOW)
    rate, rules = Rate(mean=0.5, low=0, high=2), ("share > 10%", "budget of 4 a year")
    powers = [Power(shift_sd=sd, trials=8, within={1: sd, 7: sd, 30: 1}) for sd in (0.1, 0.5, 0.95)]
    results = [RuleResult(rule=rule, alarm_days=rate, onsets=rate, power=powers) for rule in rules]
    tried = Calibration(
        monitor="judged", columns=2, reference_rows=500, current_rows=500, references=4, seed=0, rules=results
    )
    tried.write(made.reports / "judged" / calibration.NAME)
    incident = ReplayedIncident(opened=YESTERDAY, end=None, columns=(HOSTILE[1],))
    replays = [
        RuleReplay(rule=rule, alarms=[DriftDay(date=YESTERDAY)], incidents=[incident], waiting=3) for rule in rules
    ]
    days = [TODAY - dt.timedelta(back) for back in range(20, -1, -1)]
    replayed = Backtest(monitor="judged", days=days, rules=replays, gaps=["2026-10-01: no file"])
    replayed.write(made.reports / "judged" / backtest.NAME)


def add_shop(made):
    """Add a monitor of 50 days, the last of which drift, with the values of its columns."""
    for back in range(49, -1, -1):
        salary = with_distribution(score("Salary, gross", drifted=back < 5), 50_000 + (5000 if back < 5 else 10 * back))
        carrier = with_distribution(category("carrier", drifted=False), levels=("UA", HOSTILE[0]))
        record = good_record("shop", TODAY - dt.timedelta(back), [salary, carrier])
        made.run(record) if back < 2 else remember(made.history, record)


@pytest.fixture(scope="module")
def address(wide_world):
    with serve(wide_world.site) as served:
        yield served


PAGES = [
    "index.html",
    "hostile/index.html",
    "hostile/2026-11-24/index.html",
    "long/index.html",
    "broken/2026-11-24/index.html",
    "new/index.html",
    "judged/index.html",
    "judged/2026-11-24/index.html",
    "judged/backtest.html",
    "shop/columns/carrier/index.html",
    f"shop/columns/{column_id('Salary, gross')}/index.html",
    f"hostile/columns/{column_id(HOSTILE[0])}/index.html",
    f"hostile/columns/{column_id(f'{HOSTILE[0]} u')}/index.html",
]


@pytest.mark.parametrize("page", [*PAGES, "many/index.html"])
def test_a_page_fits_a_phone_and_loads_nothing_from_elsewhere(tab, address, page):
    found, asked = [], []
    listeners = {
        "request": lambda request: asked.append(request.url),
        "console": lambda message: found.append(message.text),
        "pageerror": lambda error: found.append(str(error)),
        "dialog": lambda dialog: (found.append(dialog.message), dialog.dismiss()),
    }
    for event, listen in listeners.items():
        tab.on(event, listen)
    tab.set_viewport_size({"width": 360, "height": 800})

    tab.goto(address + page, wait_until="networkidle")
    tab.evaluate("document.querySelectorAll('details').forEach(folded => folded.open = true)")

    assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    scripts = tab.evaluate("[...document.scripts].map(script => script.src || script.type)")
    own = address + r"assets/(page|finder|map|column)-[0-9a-f]{12}\.js|application/json"
    assert [script for script in scripts if not re.fullmatch(own, script)] == []
    assert tab.evaluate("document.querySelectorAll('h1').length") == 1
    assert tab.evaluate("getComputedStyle(document.querySelector('h1')).fontWeight") == "650"  # the stylesheet applies
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert found == []
    for event, listen in listeners.items():
        tab.remove_listener(event, listen)


# Every text against its own ground, both as the browser computed them, by the formula of WCAG 2.2.
WEAK_TEXTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgb = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
                          return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const linear = value => value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * linear(r / 255) + .7152 * linear(g / 255) + .0722 * linear(b / 255);
  const ground = element => { for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor); if (colour[3] == 255) return colour; }
      return [255, 255, 255]; };
  const weak = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some(node => node.nodeType == 3 && node.data.trim());
    if (!own || !element.checkVisibility()) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) weak.push(element.className + ": " + element.textContent.slice(0, 40));
  }
  return weak;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_every_text_is_readable_on_its_ground_and_axe_finds_nothing(tab, address, page, scheme):
    axe = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
    width = {"light": 390, "dark": 1440}[scheme]
    tab.emulate_media(color_scheme=scheme)

    tab.goto(address + page)
    tab.evaluate("document.querySelectorAll('details').forEach(folded => folded.open = true)")
    weak = tab.evaluate(WEAK_TEXTS)
    tab.set_viewport_size({"width": width, "height": 900})
    tab.evaluate(axe)
    found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]

    assert weak == []
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []


def test_every_link_leads_somewhere(wide_world):
    pages_found = list(wide_world.site.rglob("index.html"))
    missing = []

    for page in pages_found:
        for href in re.findall(r'(?:href|src)="([^"]+)"', page.read_text(encoding="utf-8")):
            target, anchor = urldefrag(urljoin(page.as_uri(), href.partition("?")[0]))
            if target.startswith("file:") and not Path(target.removeprefix("file://")).is_file():
                missing.append((str(page), href))
            there = Path(target.removeprefix("file://")).read_text(encoding="utf-8") if anchor else ""
            if anchor and f'id="{anchor}"' not in there:
                missing.append((str(page), href))

    assert len(pages_found) >= 12
    assert missing == []


def test_the_index_of_many_columns_stays_light(wide_world):
    assert (wide_world.site / "index.html").stat().st_size < 150_000


def test_the_range_is_switched_without_a_script(tab_without_scripts, address):
    tab = tab_without_scripts
    tab.goto(address + "long/index.html")
    assert tab.locator(".map .r-90").is_visible() and not tab.locator(".map .r-30").is_visible()
    tab.get_by_label("30 days", exact=True).check(force=True)

    assert tab.locator(".map .r-30").is_visible() and not tab.locator(".map .r-90").is_visible()
    assert tab.locator(".shares .r-30").get_attribute("aria-label").startswith("30 days. Drift share by day: highest")


def test_without_scripts_the_page_is_complete_and_shows_its_age(tab_without_scripts, address):
    tab = tab_without_scripts
    tab.goto(address + "index.html")

    assert "recorded at 09:04 UTC on 24 Nov 2026" in tab.locator("header").inner_text()
    assert tab.locator("[data-state]").count() == 8


def test_on_a_phone_the_table_of_columns_needs_no_sideways_scroll_and_stays_a_table(tab, address):
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(address + "long/index.html")

    scrolled = tab.locator(".scores").evaluate(
        "table => table.parentElement.scrollWidth - table.parentElement.clientWidth"
    )
    assert scrolled == 0
    assert tab.get_by_role("table").first.get_by_role("row").count() >= 4
    assert tab.get_by_role("rowheader", name="salary").first.is_visible()
    assert tab.get_by_role("button", name="Distance", exact=True).is_visible()


def test_a_click_on_a_heading_sorts_the_columns(tab, address):
    tab.goto(address + "long/index.html")
    names = tab.locator(".scores tbody th")

    tab.get_by_role("button", name="Column", exact=True).click()
    upward = names.all_inner_texts()
    tab.get_by_role("button", name="Column", exact=True).click()
    tab.locator(".scores thead th").first.wait_for()

    assert upward == ["age", "clicks", "salary"] and names.all_inner_texts() == ["salary", "clicks", "age"]
    assert tab.locator(".scores thead th").first.get_attribute("aria-sort") == "descending"


@pytest.mark.parametrize(
    ("clock", "warns"),
    [("2026-11-25T20:00:00Z", False), ("2026-11-25T22:00:00Z", True), ("2026-12-04T10:00:00Z", True)],
)
def test_a_page_says_that_it_is_older_than_its_schedule(browser, address, clock, warns):
    tab = browser.new_page()
    tab.clock.set_fixed_time(clock)

    tab.goto(address + "index.html")

    assert tab.title().startswith("Unknown: last checked ") == warns
    assert tab.locator("h1").inner_text().startswith("Unknown") == warns
    if clock.startswith("2026-12-04"):
        assert tab.locator("h1").inner_text() == "Unknown: last checked 10 days ago"
        assert tab.locator("[data-deadline]").inner_text().startswith("Before that: Drift in ")
        tab.goto(address + "fresh/index.html")
        assert tab.locator(".top .state").inner_text() == "Unknown: last checked 10 days ago"
        assert tab.locator("[data-deadline]").inner_text() == "Before that: Healthy since 24\u00a0Nov\u00a02026"
        tab.goto(address + "fresh/columns/salary/index.html")
        assert tab.locator(".top .state").inner_text() == "Unknown: last checked 10 days ago"
        assert tab.locator("[data-deadline]").inner_text() == "Before that: Stable on 24\u00a0Nov\u00a02026"
        tab.goto(address + "hostile/incidents/drift-2026-11-24/index.html")
        assert tab.locator(".top .state").inner_text() == "Unknown: last checked 10 days ago"
        assert tab.locator("[data-deadline]").inner_text() == "Before that: since 24 Nov 2026"
    tab.close()


def test_without_scripts_a_page_says_until_when_it_is_valid_and_shows_no_finder(tab_without_scripts, address):
    for page in ("index.html", "many/index.html"):
        tab_without_scripts.goto(address + page)
        words = tab_without_scripts.locator("[data-deadline]").inner_text()

        assert words == "Valid until 21:04 UTC on 25 Nov 2026; runs are daily."
        assert not tab_without_scripts.locator(".finder").is_visible()


@pytest.mark.parametrize("page", ["index.html", "long/index.html", "judged/index.html"])
def test_nothing_moves_when_a_page_turns_out_to_be_out_of_date(browser, address, page):
    places = []
    for clock in ("2026-11-24T10:00:00Z", "2026-11-26T10:00:00Z"):
        tab = browser.new_page(viewport={"width": 390, "height": 844})
        tab.clock.set_fixed_time(clock)
        tab.goto(address + page)
        places.append(
            tab.locator("header").evaluate("header => header.querySelector('time').getBoundingClientRect().top")
        )
        tab.close()

    assert places[0] == places[1]


def test_the_finder_leaves_what_was_asked_for_and_the_address_keeps_it(tab, address):
    tab.goto(address + "index.html")
    field, found, shown = tab.get_by_label("Find a monitor"), tab.locator(".found"), tab.locator("[data-state]:visible")
    whole = found.inner_text()

    field.fill("LONG")
    by_name = (found.inner_text(), shown.count(), tab.url.split("?")[1])
    tab.get_by_role("button", name="Failed").click()
    by_both = (found.inner_text(), tab.url.split("?")[1])
    tab.goto(tab.url.replace("find=LONG&", ""))
    by_address = (found.inner_text(), tab.get_by_role("button", name="Failed").get_attribute("aria-pressed"))
    field.press("Escape")

    assert (whole, by_name) == ("8 monitors", ("1 of 8 monitors", 1, "find=LONG"))
    assert by_both == ("0 of 8 monitors", "find=LONG&state=failed")
    assert by_address == ("1 of 8 monitors", "true")
    assert (found.inner_text(), tab.url) == ("8 monitors", address + "index.html")


def test_an_address_that_asks_for_markup_finds_nothing_and_does_nothing(tab, address):
    dialogs = []

    def listen(dialog):
        dialogs.append(dialog.message)
        dialog.dismiss()

    tab.on("dialog", listen)

    tab.goto(address + "index.html?find=<img src=y onerror=alert(1)>&state=healthy,x%22y&group=</script>")

    assert tab.locator(".found").inner_text() == "0 of 8 monitors"
    assert tab.get_by_label("Find a monitor").input_value() == "<img src=y onerror=alert(1)>"
    assert tab.locator("img").count() == 0 and dialogs == []
    tab.remove_listener("dialog", listen)


def test_the_finder_of_columns_finds_one_of_three_hundred_by_name_and_state(tab, address):
    tab.goto(address + "many/index.html")
    found = tab.locator(".found")

    tab.get_by_label("Find a column").fill("column_12")
    by_name = found.inner_text()
    tab.get_by_role("button", name="Drifted").click()

    assert by_name == "10 of 300 columns"
    assert found.inner_text() == "4 of 300 columns"
    assert tab.locator(".scores tbody tr:visible").count() == 4


# The focused element: its text, its place among all that can have the focus, and how it is marked.
FOCUSED = """() => {
  const at = document.activeElement, controls = "a[href], button, input, select, summary, [tabindex='0']";
  const all = [...document.querySelectorAll(controls)].filter(each => each.tabIndex >= 0 && each.checkVisibility());
  const shown = at.matches("[type=radio]") ? at.nextElementSibling : at, style = getComputedStyle(shown);
  const box = shown.getBoundingClientRect();
  return {place: all.indexOf(at), of: all.length, text: at.textContent.trim(),
          marked: parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none",
          seen: box.right > 0 && box.bottom > 0 && box.top < innerHeight && box.left < innerWidth};
}"""


@pytest.mark.parametrize("page", ["index.html", "long/index.html", "judged/index.html", "judged/backtest.html"])
def test_tab_goes_through_every_control_in_order_and_shows_where_it_is(tab, address, page):
    tab.set_viewport_size({"width": 1000, "height": 800})
    tab.emulate_media(reduced_motion="reduce")
    tab.goto(address + page)
    walked = []

    while not walked or walked[-1]["place"] + 1 < walked[-1]["of"]:
        tab.keyboard.press("Tab")
        walked.append(tab.evaluate(FOCUSED))
        assert len(walked) <= walked[0]["of"]

    assert walked[0]["text"] == "Skip to content"
    # A group of radio buttons is one stop: arrows go on from there.
    places = [each["place"] for each in walked]
    others = max(0, tab.locator("input[type=radio]").count() - 1)
    assert places == sorted(places) and len(set(places)) == walked[0]["of"] - others
    assert [each for each in walked if not (each["marked"] and each["seen"])] == []


def test_the_skip_link_goes_past_the_top(tab, address):
    tab.goto(address + "long/index.html")

    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")

    assert tab.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize(("wish", "behaviour"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_readers_who_want_less_motion_get_none(tab, address, wish, behaviour):
    tab.emulate_media(reduced_motion=wish)
    tab.goto(address + "long/index.html")

    moving = tab.evaluate("""[...document.querySelectorAll("*")].filter(each => {
      const style = getComputedStyle(each);
      return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none"; }).length""")

    assert tab.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == behaviour
    assert wish == "no-preference" or moving == 0


def test_a_table_is_sorted_with_the_keyboard(tab, address):
    tab.goto(address + "long/index.html")
    heading, names = tab.locator(".scores thead th").first, tab.locator(".scores tbody th")

    tab.get_by_role("button", name="Column", exact=True).focus()
    tab.keyboard.press("Enter")
    upward = (heading.get_attribute("aria-sort"), names.all_inner_texts())
    tab.keyboard.press("Space")

    assert upward == ("ascending", ["age", "clicks", "salary"])
    assert (heading.get_attribute("aria-sort"), names.all_inner_texts()) == ("descending", ["salary", "clicks", "age"])
    assert tab.evaluate("document.activeElement.textContent") == "Column"


def test_the_day_that_is_pointed_at_chosen_by_keys_or_named_in_the_address_is_shown(tab, address):
    page = f"{address}shop/columns/{column_id('Salary, gross')}/index.html"
    day, said = tab.locator("#day"), tab.locator(".day .said")
    tab.goto(page)
    heights = [tab.locator(each).bounding_box() for each in (".tall-heights:visible", ".tall-plot")]
    assert abs(heights[0]["height"] - heights[1]["height"]) < 2  # the axis belongs to the picture
    assert day.inner_text() == "On 24 Nov 2026"
    assert said.inner_text().startswith("Drifted, K-S distance 0.79, p")

    tab.locator("[role=slider]").press("Home")
    assert (day.inner_text(), said.inner_text()) == ("On 6 Oct 2026", "Stable, K-S distance 0.03")
    assert tab.locator(".day tbody tr").nth(4).inner_text().split() == ["Median", "50,000", "50,490"]
    assert tab.locator(".day .report").count() == 0  # its report is gone
    assert tab.url.endswith("?day=2026-10-06")

    tab.reload()
    assert day.inner_text() == "On 6 Oct 2026"
    tab.locator("[role=slider]").press("ArrowRight")
    assert day.inner_text() == "On 7 Oct 2026"
    tab.locator(".tall-plot").hover(position={"x": 2, "y": 20})
    assert day.inner_text() == "On 6 Oct 2026"
    tab.mouse.move(0, 0)
    assert day.inner_text() == "On 7 Oct 2026"
    tab.locator("[role=slider]").press("End")
    assert (day.inner_text(), tab.url) == ("On 24 Nov 2026", page)
    assert "Mean" in tab.locator(".day").inner_text()

    tab.locator("#range-30").check(force=True)
    tab.reload()
    assert tab.locator("#range-30").is_checked()
    tab.goto(f"{address}shop/columns/carrier/index.html?day=2026-11-01")
    assert tab.locator(".day .bars li").all_inner_texts()[1].split("\n")[0].startswith(HOSTILE[0])


@pytest.mark.parametrize("asked", ["day=x", "day=1999-01-01", "day=2026-11-24&day=2", "range=%3Cimg%3E", "range=9999"])
def test_a_day_or_range_that_is_not_there_is_ignored(tab, address, asked):
    tab.goto(f"{address}shop/columns/carrier/index.html?{asked}")
    assert tab.locator("#day").inner_text() == "On 24 Nov 2026"
    assert tab.locator("input[name=range]:checked").count() == 1
