"""Evidently's published report: complete, small, without scripts from the data or requests to other hosts."""

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import axe_playwright_python
import numpy as np
import pandas as pd
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift import compare, save_report
from driftmonitor.analysis.drift.with_evidently import page, slim
from driftmonitor.analysis.drift.with_evidently.drawn import restore_labels, safe_labels
from driftmonitor.analysis.sources import Data
from tests.browsers import serve

pytestmark = pytest.mark.xdist_group("Evidently's report")  # one set of reports and one browser, made once

ATTACK = "</script><script>window.pwned=1;alert(1)</script>"
HANDLER = "<img src=x onerror=window.pwned=2>"
LINK = '<a href="https://example.com/">here</a>'


def laid_out_anew(comparison):
    """Return a comparison whose report has another layout than that of Evidently 0.7.23."""
    return replace(comparison, evidently_html=comparison.evidently_html.replace("additional_graphs_", "more_graphs_"))


def compare_frames(reference, current):
    data = Data(reference, current, len(reference), len(current))
    kinds = {name: "numerical" if reference[name].dtype.kind == "f" else "categorical" for name in reference}
    return compare(data, [Column(name, kind, "") for name, kind in kinds.items()])


def frame(seed, columns, rows=1000):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({f"c{i}": rng.normal(i * 1000.0, 7, rows) for i in range(columns)})


@pytest.fixture(scope="module")
def hostile():
    rng = np.random.default_rng(0)
    names = [ATTACK, HANDLER, LINK, "a\nb\u2028c", "n" * 10_000]
    reference = pd.DataFrame({name: rng.normal(size=100) for name in names})
    reference["levels"] = rng.choice([ATTACK, HANDLER, LINK, "\u2029-->"], 100)
    return compare_frames(reference, reference.iloc[::-1])


@pytest.fixture(scope="module")
def site(hostile, tmp_path_factory):
    root = tmp_path_factory.mktemp("site")
    save_report(hostile, root / "hostile" / "2026-01-31")
    save_report(laid_out_anew(hostile), root / "anew" / "2026-01-31")
    save_report(compare_frames(frame(1, 3), frame(2, 3)), root / "plain" / "2026-01-31")
    return root


@pytest.fixture(scope="module")
def address(site):
    with serve(site) as address:
        yield address


@pytest.fixture(scope="module")
def reader(browser):
    return Reader(browser.new_context(viewport={"width": 1280, "height": 900}))


class Reader:
    """Somebody with one tab, whose network is cut off, and who notes what goes wrong: requests, errors, dialogs."""

    def __init__(self, context):
        self.tab, self.wrong, self.home = context.new_page(), [], ""
        self.tab.on("console", lambda message: message.type == "error" and self.wrong.append(message.text))
        self.tab.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.tab.on("dialog", lambda dialog: (self.wrong.append(dialog.message), dialog.dismiss()))
        context.route("**/*", self._route)

    def _route(self, route):
        here = route.request.url.startswith((self.home, "data:", "blob:"))
        if not here:
            self.wrong.append(route.request.url)
        (route.continue_ if here else route.abort)()

    def visit(self, url, scheme="light"):
        """Open a page; return the tab and what went wrong since."""
        self.tab.goto("about:blank")
        self.home, self.wrong = url.split("2026")[0].rsplit("/", 2)[0], []
        self.tab.emulate_media(color_scheme=scheme)
        self.tab.goto(url, wait_until="networkidle")
        self.tab.wait_for_selector("tbody tr")
        return self.tab, self.wrong


def open_first_rows(tab):
    for button in tab.query_selector_all("tbody button")[:6]:
        button.click()
    tab.wait_for_selector(".js-plotly-plot .main-svg")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_report_is_drawn_with_the_network_cut_off_and_leads_back_to_run_monitor_and_index(reader, address, scheme):
    tab, wrong = reader.visit(address + "plain/2026-01-31/evidently.html", scheme)
    open_first_rows(tab)

    text = tab.inner_text("body")
    assert "Dataset drift detection threshold is 0.1" in text
    assert "K-S p_value < 0.05 and distance >= 0.04" in text
    assert tab.evaluate("document.fonts.size") == 1
    assert wrong == []
    assert tab.eval_on_selector_all("nav a", "links => links.map(link => link.href)") == [
        f"{address}plain/2026-01-31/index.html",
        f"{address}plain/index.html",
        f"{address}index.html",
    ]


def test_a_screen_reader_gets_the_report_s_table_and_buttons(reader, address):
    tab, wrong = reader.visit(f"{address}plain/2026-01-31/evidently.html")
    tab.locator("th .MuiTableSortLabel-root").first.click()  # sorts the table, which draws it anew
    tab.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text())

    found = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]

    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("critical", "serious")] == []
    assert tab.locator("button[aria-label='Switch between light and dark']").count() == 1
    assert tab.locator("th[aria-sort]").count() > 0
    assert wrong == []


def test_report_is_drawn_when_opened_as_a_file(reader, site):
    tab, wrong = reader.visit(f"file://{site}/plain/2026-01-31/evidently.html")

    assert "Drift is detected for" in tab.inner_text("#report")
    assert wrong == []


@pytest.mark.parametrize("name", ["hostile", "anew"])
def test_nothing_of_the_data_runs_or_asks_for_more(reader, address, name):
    tab, wrong = reader.visit(f"{address}{name}/2026-01-31/evidently.html")
    open_first_rows(tab)

    assert tab.evaluate("window.pwned") is None
    assert wrong == []
    assert tab.locator("a[href^='https://example.com']").count() == 0
    assert "‹/script›‹script›window.pwned=1;alert(1)‹/script›" in tab.inner_text("body")


def test_a_report_laid_out_anew_runs_its_own_scripts_and_no_other(reader, address, site):
    html = (site / "anew" / "2026-01-31" / "evidently.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1]
    tab, _ = reader.visit(f"{address}anew/2026-01-31/evidently.html")
    tab.evaluate("""() => document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.pwned=3'>")""")
    tab.evaluate("""() => document.head.append(
        Object.assign(document.createElement("script"), {textContent: "window.pwned=4"}))""")

    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy.replace("style-src 'unsafe-inline'", "")
    assert tab.evaluate("window.pwned") is None
    assert "This page has a script of its own, because Evidently's HTML is laid out" in tab.inner_text("body")


def test_page_says_what_it_is_and_what_it_may_do(site):
    html = (site / "plain" / "2026-01-31" / "evidently.html").read_text(encoding="utf-8")

    assert '<html lang="en">' in html
    assert "<title>Evidently drift report</title>" in html
    assert 'name="viewport"' in html
    assert "default-src 'none'; script-src 'self';" in html
    assert "Healthy: 0 of 3 columns drifted (0%, threshold 10%)." in html
    assert re.findall(r'(?:src|href)="([^"]+)"', html) == [
        "index.html", "../index.html", "../../index.html", "index.html",
        f"../../assets/{next((site / 'assets').iterdir()).name}",
    ]  # fmt: skip


def test_every_report_shares_one_script(site):
    (script,) = (site / "assets").iterdir()
    before = script.stat().st_mtime_ns

    save_report(compare_frames(frame(5, 1), frame(6, 1)), site / "other" / "2026-02-01")

    assert re.fullmatch(r"evidently-[0-9a-f]{16}\.js", script.name)
    assert [path.stat().st_mtime_ns for path in (site / "assets").iterdir()] == [before]
    assert script.name in (site / "other" / "2026-02-01" / "evidently.html").read_text(encoding="utf-8")
    assert sorted(path.name for path in (site / "other" / "2026-02-01").iterdir()) == ["evidently.html"]


def test_report_weighs_little_beside_the_shared_script(site, tmp_path):
    page = save_report(compare_frames(frame(1, 30), frame(2, 30)), tmp_path / "m" / "d")

    assert page.stat().st_size < 500_000
    assert (site / "plain" / "2026-01-31" / "evidently.html").stat().st_size < 100_000


def test_saving_again_changes_nothing(hostile, tmp_path):
    first = save_report(hostile, tmp_path / "m" / "d").read_bytes()

    assert save_report(hostile, tmp_path / "m" / "d").read_bytes() == first


def test_notebooks_that_begin_at_once_in_a_new_folder_share_one_script(tmp_path):
    together = threading.Barrier(6)

    def save(assets):
        together.wait()
        return page.save_shared("a script", assets)

    with ThreadPoolExecutor(6) as threads:
        names = [set(threads.map(save, [tmp_path / f"{number}/assets"] * 6)) for number in range(40)]

    assert names == [{"evidently-82d91bef0a42b0a0.js"}] * 40


def test_embedded_json_cannot_leave_its_element():
    data = {"a": f"{ATTACK}<!-- --> & \u2028\u2029", "b": [1.5, None]}

    text = slim.embed(data)

    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == data


def test_pictures_keep_their_shape_and_lose_digits():
    slimmed = slim._slim({"y": [0.123456789, 0.987654321, float("nan")], "x": [1700000000.5, 1700000001.5, "a", 3]})

    assert slimmed == {"y": [0.12346, 0.98765, None], "x": [1700000000.5, 1700000001.5, "a", 3]}


def test_html_without_head_and_body_costs_the_picture_only(tmp_path):
    unknown = page.Page("<html>something new</html>", None, {}, "Healthy.")

    html = page.save_page(unknown, tmp_path / "m" / "d").read_text(encoding="utf-8")

    assert "Evidently could not draw its report (Evidently&#x27;s HTML is laid out differently" in html
    assert "<p>Healthy.</p>" in html
    assert "<script" not in html


def test_folder_that_cannot_be_written_is_named(hostile, tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(DriftMonitorError, match=r"evidently\.html: cannot be written \(Not a directory\)"):
        save_report(hostile, tmp_path / "file" / "m" / "d")


def test_labels_stay_plain_and_different():
    names = ["salary", "net pay (EUR)", "a\nb", "a b", "<b>", "", "x" * 100, "x" * 99, "dmcol0001z"]

    assert safe_labels(names) == [
        "salary", "net pay (EUR)", "a b", "a b (2)", "‹b›", "(no name)", "x" * 59 + "…", "x" * 59 + "… (2)", "column",
    ]  # fmt: skip


def test_tokens_give_way_to_names_in_keys_and_texts():
    data = {"dmcol0001z": ["Drift in column 'dmcol0000z'", 1, None]}

    assert restore_labels(data, {"dmcol0000z": "age", "dmcol0001z": "dmcol0000z"}) == {
        "dmcol0000z": ["Drift in column 'age'", 1, None]
    }
