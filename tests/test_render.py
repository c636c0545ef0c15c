import dataclasses
import datetime as dt
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from page_samples import (
    HOSTILE,
    broken_notebook,
    code,
    good_record,
    markdown,
    notebook,
    png,
    raised,
    shown,
    stream,
    table_html,
    usual_notebook,
)

from driftmonitor.facts.record import MEDIA_TYPE
from driftmonitor.pipeline.pages.render import render_notebook, warm
from driftmonitor.pipeline.pages.run_page import DayLink, RunPage
from driftmonitor.pipeline.pages.sanitize import clean_html
from driftmonitor.pipeline.pages.table_alignment import align_numbers
from driftmonitor.regular_files import Folder

PAGE = RunPage(
    title="Salary spike",
    monitor="salary",
    run_date=dt.date(2026, 11, 24),
    status="drift",
    status_words="Drift",
    headline="1 of 3 columns changed.",
    index="../../index.html",
    monitor_page="../../salary/index.html",
    stylesheet="../../assets/style.css",
    favicon="../../assets/favicon.svg",
)


def render(tmp_path: Path, cells, **page) -> str:
    path = tmp_path / "notebook.ipynb"
    path.write_text(json.dumps(cells), encoding="utf-8")
    return render_notebook(Folder(tmp_path), dataclasses.replace(PAGE, **page))


def test_a_run_page_holds_title_verdict_and_links(tmp_path):
    days = {"previous": DayLink(dt.date(2026, 11, 23), "../2026-11-23/index.html")}

    html = render(tmp_path, usual_notebook(good_record()), evidently="evidently.html", record="record.json", **days)

    assert "<title>Salary spike, 24 Nov 2026</title>" in html
    assert "1 of 3 columns changed." in html
    assert 'href="evidently.html"' in html and 'href="record.json"' in html
    assert 'href="../2026-11-23/index.html"' in html and 'rel="next"' not in html
    assert 'href="notebook.ipynb"' not in html


def test_a_page_has_no_script_and_a_policy_that_allows_none(tmp_path):
    html = render(tmp_path, usual_notebook(good_record()))

    assert "<script" not in html
    assert "default-src 'none'; img-src 'self' data:; style-src 'self'" in html
    assert "http://" not in html and "https://" not in html


def test_code_is_folded_and_there(tmp_path):
    html = render(tmp_path, notebook(code("answer = 42")))

    assert '<details class="code"><summary>Code</summary>' in html
    assert "answer</span>" in html and "<details open" not in html


def test_papermills_parameters_have_a_heading_of_their_own(tmp_path):
    html = render(tmp_path, notebook(code('run_date = "2026-11-24"', tags=["injected-parameters"])))

    assert "<summary>Parameters of this run</summary>" in html


def test_a_figure_carries_the_alt_text_of_its_metadata(tmp_path):
    about = {"image/png": {"alt": 'salary lies "right" of <it>'}}

    html = render(tmp_path, notebook(code("show()", shown({"image/png": png(640, 240)}, about))))

    assert 'alt="salary lies &#34;right&#34; of &lt;it&gt;" width="640" height="240"' in html


def test_a_picture_pasted_into_markdown_is_shown_and_one_that_is_gone_costs_nothing(tmp_path):
    pasted = {
        **markdown("Our shop:\n\n![shop](attachment:shop.png)"),
        "attachments": {"shop.png": {"image/png": png()}},
    }
    gone = markdown("See ![plan][p].\n\n[p]: attachment:gone.png")

    html = render(tmp_path, notebook(pasted, gone, markdown("# After")))

    assert f"data:image/png;base64,{png()[:40]}" in html
    assert 'alt="plan"' in html
    assert "After" in html


def test_a_cell_that_cannot_be_rendered_costs_its_own_notebook_alone(tmp_path):
    broken = {**markdown("![x](attachment:x.png)"), "attachments": {"x.png": {}}}

    html = render(tmp_path, notebook(broken), notebook="notebook.ipynb")

    assert "A cell of this notebook cannot be shown (" in html
    assert 'href="notebook.ipynb"' in html


def test_a_figure_without_alt_text_says_that(tmp_path):
    html = render(tmp_path, notebook(code("show()", shown({"image/png": png()}))))

    assert 'alt="Figure without a description"' in html


def test_scraps_are_not_shown(tmp_path):
    scrap = {"name": "drift_share", "data": 0.3333, "encoder": "json", "version": 1}

    html = render(tmp_path, notebook(code("emit()", shown({MEDIA_TYPE: scrap, "text/plain": "drift_share recorded"}))))

    assert "drift_share recorded" not in html and "0.3333" not in html


def test_headings_make_a_table_of_contents(tmp_path):
    html = render(tmp_path, notebook(*(markdown(f"## Part *{i}*") for i in (1, 2, 3))))

    assert '<li><a href="#part-2">Part 2</a></li>' in html
    assert '<h2 id="part-2">Part <em>2</em></h2>' in html


def test_headings_are_below_the_pages_own_level(tmp_path):
    html = render(tmp_path, notebook(markdown("# Question"), markdown("## Data\n\n### Rows")))

    assert re.findall(r"<h[1-6][^>]*>(?:<bdi>)?(\w+)", html) == ["Salary", "Question", "Data", "Rows"]
    assert "<h2>Question</h2>" in html and '<h3 id="part-1">Data</h3>' in html and "<h4>Rows</h4>" in html


def test_a_printed_progress_bar_appears_once(tmp_path):
    html = render(tmp_path, notebook(code("run()", stream("10 %\r50 %\r100 %\ndone\n"))))

    assert "100 %\ndone" in html and "50 %" not in html


def test_colours_of_a_terminal_become_classes(tmp_path):
    html = render(tmp_path, notebook(code("run()", stream("\x1b[31mred <b>\x1b[0m \x1b[38;5;28mif\x1b[0m", "stderr"))))

    assert '<span class="ansi-red-fg">red &lt;b&gt;</span> <span>if</span>' in html
    assert " style=" not in html
    assert '<details class="warnings"><summary>Warnings</summary>' in html


def test_a_failed_run_shows_its_error_first_and_the_traceback_folded(tmp_path):
    html = render(tmp_path, broken_notebook(), status="failed", headline="ValueError: salary: no rows")

    top = html[: html.index('<main id="main"')]
    assert "ValueError: salary: no rows" in top
    assert "<details><summary>Traceback</summary>" in top
    assert "\x1b" not in html and "Traceback &lt;b&gt;" in top
    assert "An Exception was encountered" not in html


def test_a_missing_notebook_gives_a_page_with_the_error(tmp_path):
    failed = dataclasses.replace(PAGE, status="failed", headline="stopped after 1800 s")

    html = render_notebook(Folder(tmp_path), failed)

    assert "stopped after 1800 s" in html
    assert "The run ended before its notebook was saved." in html


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"cells": [{"cell_ty',
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
        b'{"cells": [], "metadata": {}, "nbformat": 3, "nbformat_minor": 0}',
        b'{"cells": [{"cell_type": "code"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        b"[" * 100_000,
    ],
)
def test_a_notebook_that_is_none_gives_a_page_all_the_same(tmp_path, content):
    path = tmp_path / "notebook.ipynb"
    path.write_bytes(content)

    html = render_notebook(Folder(path.parent), PAGE)

    assert "Salary spike" in html and "notebook of this run" in html


def test_a_widget_and_a_script_are_named_and_left_out(tmp_path):
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}

    html = render(tmp_path, notebook(code("w", shown(widget), shown({"application/javascript": "alert(1)"}))))

    assert html.count("An interactive output is not shown here") == 2
    assert "alert(1)" not in html


def test_a_widget_with_plain_text_shows_that(tmp_path):
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "IntSlider(value=3)"}

    assert "IntSlider(value=3)" in render(tmp_path, notebook(code("w", shown(widget))))


def test_an_endless_output_is_cut(tmp_path):
    html = render(tmp_path, notebook(code("print()", stream("y" * 3_000_000))))

    assert len(html) < 150_000
    assert "shortened here; the notebook has the full text" in html


def test_clean_html_keeps_a_frames_table_and_drops_its_style():
    cleaned = clean_html(table_html(["a<b"]))

    assert '<table class="dataframe">' in cleaned
    assert "a&lt;b" in cleaned
    assert "style" not in cleaned and "vertical-align" not in cleaned


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<script>alert(1)</script>", ""),
        ("<SCRIPT\n>alert(1)</script >", ""),
        ("<p onclick=alert(1)>text</p>", "<p>text</p>"),
        ("<a href='javascript:alert(1)'>x</a>", "<a>x</a>"),
        ("<a href='  java\tscript:alert(1)'>x</a>", "<a>x</a>"),
        ("<a href='data:text/html,<b>'>x</a>", "<a>x</a>"),
        ("<meta http-equiv=refresh content='0;url=https://example.org'>", ""),
        ("<form action=https://example.org><b>x</b></form>", "<b>x</b>"),
        ("<iframe srcdoc='<b>x</b>'></iframe>", ""),
        ("<img src=https://example.org/pixel.png alt=p>", '<img alt="p">'),
        ("<b style='position:fixed;inset:0'>x</b>", "<b>x</b>"),
        ("<div class='banner is-healthy'>x</div>", "<div>x</div>"),
        ("<svg><script>alert(1)</script></svg><i>x</i>", "<i>x</i>"),
        ("<b id=failure>x</b>", "<b>x</b>"),
    ],
)
def test_clean_html_takes_out_what_acts_loads_or_restyles(html, kept):
    assert clean_html(html) == kept


def test_clean_html_takes_no_longer_for_elements_never_closed():
    assert clean_html("<script>" * 2_000 + "end").endswith("end")


def test_numbers_are_aligned_right_and_words_left():
    rows = "<tr><td>ks</td><td>1.5e-05</td></tr><tr><td>-</td><td>NaN</td></tr>"
    table = f"<table><tr><th>kind</th><th>p</th></tr>{rows}</table>"

    aligned = align_numbers(table)

    assert '<th>kind</th><th class="number">p</th>' in aligned
    assert '<td>ks</td><td class="number">1.5e-05</td>' in aligned


def test_an_indexs_name_is_in_the_row_of_headings():
    frame = pd.DataFrame({"p": ["< 0.0001", "0.86"]}, index=pd.Index(["amount", "items"], name="column"))

    aligned = align_numbers(clean_html(frame.to_html()))

    assert "<tr><th>column</th>" in aligned
    assert '<th class="number">p</th>' in aligned
    assert aligned.count("<tr>") == 3


def test_nothing_hostile_runs_or_loads_in_a_browser(tmp_path, browser):
    attack = "<script>window.ran = 1</script><img src=https://example.org/x onerror='window.ran = 2'>"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" onload="window.ran = 3">{attack}</svg>'
    cells = notebook(
        markdown(
            f"# {attack}\n\n[x](javascript:window.ran=4) ![p](https://example.org/p.png)\n\n```mermaid\n{attack}\n```"
        ),
        code("</pre>" + attack, stream(attack), stream(attack, "stderr")),
        code("x", shown({"text/html": attack + table_html(HOSTILE)}), shown({"text/markdown": attack})),
        code("x", shown({"image/svg+xml": svg}), shown({"application/javascript": "window.ran = 5"})),
        code("x", shown({"image/png": f'"{attack}'}, {"image/png": {"alt": attack}}), shown({"text/plain": attack})),
        code("x", raised(attack, attack, [attack])),
    )
    (tmp_path / "page.html").write_text(
        render(tmp_path, cells, status="failed", title=attack, headline=attack), encoding="utf-8", errors="replace"
    )
    asked = []

    tab = browser.new_page(viewport={"width": 390, "height": 844})
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((tmp_path / "page.html").as_uri(), wait_until="networkidle")

    assert tab.evaluate("window.ran") is None
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    tab.close()


def test_warm_prepares_without_a_notebook():
    warm()
