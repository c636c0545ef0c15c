import base64
import datetime as dt
import re
import shutil
from types import SimpleNamespace

import pytest
from page_samples import (
    NOW,
    SCRIPT,
    TODAY,
    add_days,
    category,
    contents,
    failed_record,
    good_record,
    healthy_record,
    png,
    remember,
    score,
    watched,
    with_distribution,
    write_report,
)

from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.pages import render
from driftmonitor.pipeline.status import status_rows

YESTERDAY = TODAY - dt.timedelta(1)


def test_a_drift_day_is_described_in_words_on_the_index(world):
    world.run(healthy_record(run_date=YESTERDAY), good_record())

    published = world.publish(watched("salary", "Salary spike"))

    index = world.text("index.html")
    assert published == ([], [])
    assert "The data is drifting" in index
    assert "Drifting since 24 Nov 2026" in index
    assert "<b>33.3%</b> <span>1 of 3 columns drifted</span>" in index
    assert "above the threshold of 10%" in index
    assert "mean rose from 50,000 to 75,000 (+2.5 SD of the reference)" in index
    assert "K-S distance 0.79, p &lt; 0.0001" in index
    assert 'href="salary/2026-11-24/index.html"' in index
    assert "2 days: 1 with drift, 1 healthy" in index


def test_a_percentage_and_a_p_value_stay_on_one_line(world):
    world.run(good_record("salary"))

    world.publish(watched("salary"))

    index = (world.site / "index.html").read_text(encoding="utf-8")
    assert "<b>33.3%</b>" in index
    assert "K-S distance 0.79, p\u00a0&lt;\u00a00.0001" in index


def test_the_banner_links_drifting_and_failing_monitors_and_the_card_says_what_changed(world):
    world.run(healthy_record(run_date=YESTERDAY), good_record(), healthy_record("fine"), failed_record("broken"))

    world.publish(watched("salary", "Salary spike"), watched("fine"), watched("broken"))

    banner, cards = world.text("index.html").split("</header>")
    assert re.findall(r'<a href="(\w+)/index.html"><bdi>(.+?)</bdi></a> <span>(.+?)</span>', banner) == [
        ("salary", "Salary spike", "since 24 Nov 2026"),
        ("broken", "broken", "since 24 Nov 2026"),
    ]
    assert "Compared with 23 Nov 2026: salary now drifts; the drift share rose from 0% to 33.3%." in cards


def test_days_before_the_first_run_are_no_gaps(world):
    world.run(healthy_record(run_date=TODAY - dt.timedelta(2)), healthy_record())

    world.publish(watched("salary"))

    index = world.text("index.html")
    assert index.count('<i class="is-before"></i>') == 87 and index.count(": no run") == 1


def test_the_caption_of_the_days_counts_those_that_a_phone_shows(world):
    old, new = (TODAY - dt.timedelta(days) for days in (60, 40))
    world.run(healthy_record(run_date=old), healthy_record(run_date=new), healthy_record())

    world.publish(watched("salary"))

    wide, narrow = "61 days: 3 healthy, 58 without a run", "45 days: 2 healthy, 43 without a run"
    caption = f'<span class="wide">{wide}</span><span class="narrow">{narrow}</span>'
    assert caption in world.text("index.html") and caption in world.text("salary/index.html")


def test_a_runs_files_are_in_the_folder_of_its_page(world):
    world.run(good_record())

    world.publish(watched("salary"))

    folder = world.site / "salary" / "2026-11-24"
    assert sorted(path.name for path in folder.iterdir()) == [
        "evidently.html",
        "index.html",
        "notebook.ipynb",
        "picture-1.png",
        "record.json",
    ]
    assert '<img src="picture-1.png" alt="' in (folder / "index.html").read_text()
    assert (folder / "picture-1.png").read_bytes().startswith(b"\x89PNG")
    assert "iVBORw0KGgo" not in (folder / "notebook.ipynb").read_text()
    assert (world.site / "assets" / SCRIPT).is_file()
    assert (world.site / ".nojekyll").is_file()


def test_without_runs_the_index_says_how_to_start(world):
    world.publish()

    assert "Getting started" in world.text("index.html")
    assert "python runner.py" in world.text("index.html")


def test_a_monitor_that_never_ran_has_a_card(world):
    world.publish(watched("salary", "Salary spike"))

    assert "Has not run yet" in world.text("index.html")
    assert "Salary spike" in world.text("salary/index.html")


def test_a_day_without_a_run_is_a_gap(world):
    world.run(healthy_record(run_date=TODAY - dt.timedelta(2)), healthy_record())

    world.publish(watched("salary"))

    assert '<i title="23 Nov 2026: no run"></i>' in world.text("index.html")
    assert "3 days: 2 healthy, 1 without a run" in world.text("index.html")


def test_a_failed_run_links_the_last_successful_report(world):
    world.run(good_record(run_date=YESTERDAY), failed_record())

    world.publish(watched("salary"))

    page, index = world.text("salary/2026-11-24/index.html"), world.text("index.html")
    assert "ValueError: salary: no rows" in page
    assert 'href="../2026-11-23/index.html">The report of 23 Nov 2026</a>, the last successful run' in page
    assert "Failing since 24 Nov 2026; drifting before that, since 23 Nov 2026" in index
    assert "Open the last successful report, 23 Nov 2026" in index
    assert "1 of 3 columns drifted" in index


def test_a_successful_run_that_failed_later_the_same_day_stays_published(world):
    world.run(failed_record())
    kept = write_report(world.root / "elsewhere", good_record())
    shutil.copytree(kept, world.reports / "salary" / "2026-11-24" / "last_good")

    world.publish(watched("salary"))

    good = world.text("salary/2026-11-24/last-good/index.html")
    assert 'href="last-good/index.html"' in world.text("salary/2026-11-24/index.html")
    assert 'href="../../../index.html"' in good
    evidently = world.text("salary/2026-11-24/last-good/evidently.html")
    links = ["index.html", "../../index.html", "../../../index.html", f"../../../assets/{SCRIPT}"]
    assert re.findall(r'(?:href|src)="([^"]+)"', evidently) == links


def test_a_removed_monitor_stays_listed(world):
    world.run(healthy_record("gone"), healthy_record())

    world.publish(watched("salary"))

    index = world.text("index.html")
    assert index.index("Retired monitors") < index.index('href="gone/index.html"')
    assert "No drift" in index
    assert (world.site / "gone" / "2026-11-24" / "index.html").is_file()


def test_a_deleted_report_leaves_its_day_in_the_lists(world):
    world.run(healthy_record(run_date=YESTERDAY), healthy_record())
    shutil.rmtree(world.reports / "salary" / "2026-11-23")

    world.publish(watched("salary"))

    assert '<i class="is-healthy" title="23 Nov 2026: healthy, 0%"></i>' in world.text("index.html")
    assert "2026-11-23/" not in world.text("salary/index.html")
    assert 'rel="prev"' not in world.text("salary/2026-11-24/index.html")


def test_a_report_without_its_files_still_has_a_page(world):
    world.run(good_record())
    for path in (world.reports / "salary" / "2026-11-24").iterdir():
        path.unlink()

    world.publish(watched("salary"))

    assert "The run ended before its notebook was saved" in world.text("salary/2026-11-24/index.html")


def test_a_monitor_that_ended_long_ago_shows_its_own_last_90_days(world):
    world.run(healthy_record("old", dt.date(2013, 4, 1)), healthy_record())

    world.publish(watched("old"), watched("salary"))

    assert "1 Apr 2013: healthy, 0%" in world.text("index.html")


def test_incidents_and_months_are_on_the_monitors_page(world):
    add_days(world.history, "salary", lambda i: "drift" if 10 <= i < 15 else "healthy", days=100)

    world.publish(watched("salary"))

    page = world.text("salary/index.html")
    assert "27 Aug 2026 until 1 Sep 2026" in page
    assert "<b>September 2026</b>: 30 healthy" in page
    assert "100 runs" in page


def test_the_monitors_page_says_what_changed_since_the_day_before(world):
    world.run(healthy_record(run_date=YESTERDAY), good_record())

    world.publish(watched("salary"))

    words = "Compared with 23 Nov 2026: salary now drifts; the drift share rose from 0% to 33.3%."
    assert words in world.text("salary/index.html")
    assert words in world.text("salary/2026-11-24/index.html")


def test_the_page_for_a_wrong_address_works_at_any_depth(world):
    world.run(healthy_record())

    world.publish(watched("salary"), site_url="https://owner.github.io/drift")
    known = world.text("404.html")
    world.publish(watched("salary"))
    unknown = world.text("404.html")

    links = re.findall(r'(?:href|src)="([^"]+)"', known)
    assert [link for link in links if not link.startswith(("/drift/", "#"))] == []
    assert "/drift/index.html" in links and any(
        re.fullmatch(r"/drift/assets/style-\w{12}\.css", link) for link in links
    )
    assert all((world.site / link.removeprefix("/drift/")).is_file() for link in links if not link.startswith("#"))
    assert re.findall(r'(?:href|src)="([^#"]+)"', unknown) == []
    assert "remove the end of the address" in unknown and "Page not found" in unknown


def test_the_address_of_an_incident_leads_on_after_its_first_day_moved(world):
    def record(day, made):
        world.history.record(made.model_copy(update={"run_date": day}), planner(), NOW)

    for back, made in ((3, healthy_record()), (2, good_record()), (1, good_record()), (0, good_record())):
        record(TODAY - dt.timedelta(back), made)
    record(TODAY - dt.timedelta(2), healthy_record())  # the first drift day is run again

    world.publish(watched("salary"))

    address = "salary/incidents/drift-2026-11-22/index.html"
    assert "Since 23 Nov 2026" in world.text("salary/incidents/drift-2026-11-23/index.html")
    assert "No incident includes this day any more. The next one began on 23 Nov 2026." in world.text(address)
    assert '<a href="../drift-2026-11-23/index.html">Open the incident since 23 Nov 2026</a>' in world.text(address)
    world.publish(watched("salary"))  # unchanged
    assert (world.site / address).exists()


def test_a_runs_page_links_its_incident(world):
    world.run(healthy_record(run_date=TODAY - dt.timedelta(2)), good_record(run_date=YESTERDAY), good_record())

    world.publish(watched("salary"))

    page = world.text("salary/2026-11-24/index.html")
    assert '<a href="../incidents/drift-2026-11-23/index.html">Open the incident (run 2, since 23 Nov 2026)</a>' in page
    assert "Since 23 Nov 2026" in world.text("salary/incidents/drift-2026-11-23/index.html")
    assert "Open the incident" not in world.text("salary/2026-11-22/index.html")


def test_a_failed_runs_page_links_the_incident_of_failures(world):
    world.run(good_record(run_date=YESTERDAY), failed_record())

    world.publish(watched("salary"))

    link = '<a href="../incidents/failure-2026-11-24/index.html">Open the incident (run 1, since 24 Nov 2026)</a>'
    assert link in world.text("salary/2026-11-24/index.html")


def test_a_monitor_without_its_daily_run_is_overdue(world):
    world.run(healthy_record())

    world.publish(watched("salary"), now=NOW + dt.timedelta(hours=35))
    in_time = world.text("index.html")
    world.publish(watched("salary"), now=NOW + dt.timedelta(hours=72))
    late = world.text("index.html")

    assert "No drift" in in_time and "is-overdue" not in in_time
    assert "A run is overdue" in late and "<span>last run for 24 Nov 2026</span>" in late
    assert "Unknown: last checked 3 days ago; before that, healthy since 24 Nov 2026" in late


@pytest.mark.parametrize(("hours", "is_overdue"), [(35, False), (36, True)])
def test_pages_and_status_find_the_same_runs_overdue(world, hours, is_overdue):
    world.run(healthy_record())
    now = dt.datetime(2026, 11, 24, 9, 4, tzinfo=dt.UTC) + dt.timedelta(hours=hours)
    job = SimpleNamespace(monitors=lambda: [watched("salary")], now=now, run_date=now.date())

    world.publish(watched("salary"), now=now)

    ((_, state, *_),) = status_rows(world.history, job)
    assert ("Unknown: last checked 1 day ago" in world.text("index.html")) == is_overdue
    assert ('"state": "overdue"' in world.text("api/salary.json")) == is_overdue
    assert state == ("overdue, healthy" if is_overdue else "healthy")


def test_a_drifting_monitor_stays_drifting_when_its_run_is_overdue(world):
    world.run(good_record())

    world.publish(watched("salary"), now=NOW + dt.timedelta(days=3))

    assert "The data is drifting" in world.text("index.html")
    assert "Unknown: last checked 3 days ago; before that, drifting since 24 Nov 2026" in world.text("index.html")


def test_a_site_name_in_the_history_is_left_out_with_a_warning(world):
    world.run(healthy_record("assets"))

    assert world.publish().warnings == ["history: 'assets' is not a valid monitor name; its runs are not published."]


def test_the_same_inputs_give_the_same_bytes(world):
    world.run(good_record(), failed_record("other"))

    world.publish(watched("salary"), watched("other"))
    world.publish(watched("salary"), watched("other"), site_dir=world.root / "again")

    assert contents(world.site) == contents(world.root / "again")


def test_what_did_not_change_is_not_rendered_again(world, monkeypatch):
    world.run(*(healthy_record(run_date=TODAY - dt.timedelta(back)) for back in (3, 2, 1)))
    world.publish(watched("salary"))
    before = contents(world.site)
    rendered = []
    original = render.render_notebook
    monkeypatch.setattr(render, "render_notebook", lambda path, page: rendered.append(page) or original(path, page))

    world.publish(watched("salary"))
    assert rendered == [] and contents(world.site) == before
    world.run(healthy_record())
    world.publish(watched("salary"))

    assert [page.run_date for page in rendered] == [TODAY]
    assert 'rel="next" href="../2026-11-24/index.html"' in world.text("salary/2026-11-23/index.html")
    world.publish(watched("salary"), site_dir=world.root / "again")
    assert contents(world.root / "again") == contents(world.site)


def test_a_monitor_about_which_nothing_changed_is_not_read_again(world, monkeypatch):
    world.run(healthy_record(), healthy_record("other"))
    world.publish(watched("salary"), watched("other"))
    asked = []
    original = world.history.scores
    monkeypatch.setattr(world.history, "scores", lambda since, name: asked.append(name) or original(since, name))

    world.publish(watched("salary"), watched("other"))
    assert asked == []
    remember(world.history, good_record("other"))
    world.publish(watched("salary"), watched("other"))

    assert asked == ["other"]


def test_a_report_run_again_is_rendered_again(world):
    world.run(healthy_record())
    world.publish(watched("salary"))
    before = contents(world.site)

    world.run(good_record())
    world.publish(watched("salary"))

    after = contents(world.site)
    changed = {path for path in after if before.get(path) != after[path]}
    assert {"salary/2026-11-24/index.html", "salary/2026-11-24/record.json", "index.html"} <= changed


def test_the_monitors_page_shows_the_values_of_the_drifted_columns_over_90_days(world):
    picture = base64.b64decode(png())
    for back in (1, 0):
        drifted = [with_distribution(score(), 55_000), with_distribution(category(), levels=("UA", "DL"))]
        world.run(good_record("salary", TODAY - dt.timedelta(back), [*drifted, with_distribution(score("age", False))]))
        world.run(healthy_record("calm", TODAY - dt.timedelta(back)))
    for name in ("calm", "salary"):
        (world.reports / name / f"{TODAY}" / "shift.png").write_bytes(picture)

    world.publish(watched("calm"), watched("salary"))

    panel = world.text("salary/index.html").partition("Drifted columns over 90 days")[2].partition("</section>")[0]
    assert re.findall(r'<a href="(columns/.*?)">', panel) == ["columns/salary/index.html", "columns/carrier/index.html"]
    assert 'aria-label="Median 50,000 → 55,000; half of the rows 49,000 to 51,000 → 54,000 to 56,000"' in panel
    assert 'aria-label="UA 20% → 25%"' in panel and "share of <bdi>UA</bdi>" in panel
    assert "over 90 days" not in world.text("calm/index.html").partition("<main")[2].partition("Trend")[0]
    assert (world.site / "salary/2026-11-24/shift.png").read_bytes() == picture  # for messages
