"""A notebook that takes too long to format costs a few seconds, and its page shows the text."""

import contextlib
import json
import threading
import time

import pytest
from page_samples import code, good_record, healthy_record, markdown, notebook, shown, stream, usual_notebook, watched

from driftmonitor.pipeline.pages import as_text
from driftmonitor.pipeline.pages import render as rendering
from driftmonitor.pipeline.pages.cpu_limits import TooLong, limited
from tests.test_render import render

PART, WHOLE = "This part takes too long to format", "This notebook takes too long to format"
WORDS = "the last words"


def html(text):
    return notebook(code("x", shown({"text/html": text})))


BOMBS = {
    "nested elements": html(f"{WORDS}{'<div>' * 20_000}"),
    "formatting": html(f"{WORDS}{'<b><i><u><s>' * 8000}{'<p>' * 8000}"),
    "a huge table": html(f"<table>{f'<tr><td>{WORDS}</td></tr>' * 8000}</table>"),
    "ampersands": html(WORDS + "&" * 290_000),
    "comments": html(WORDS + "<!--" * 70_000),
    "attributes": html(f"<a {' '.join(f'a{i}=b' for i in range(20_000))}>{WORDS}"),
    "mathematics": notebook(markdown(WORDS + "\\begin{a}" * 20_000)),
    "quotes": notebook(markdown(f"{WORDS}\n\n{'>' * 50_000}a")),
    "lists": notebook(markdown(WORDS + "\n\n" + "\n".join("  " * depth + "- a" for depth in range(2000)))),
    "brackets": notebook(markdown(WORDS + "[" * 50_000)),
    "emphasis": notebook(markdown(WORDS + "*a_" * 30_000)),
    "links": notebook(markdown(WORDS + "[a](<b" * 20_000)),
    "backticks": notebook(markdown(WORDS + " " + "``".join("a" for _ in range(30_000)))),
    "headings": notebook(markdown(f"{WORDS}\n\n" + "# a\n" * 20_000)),
    "a picture's address": notebook(markdown(f"{WORDS} ![a](data:image/png;base64,{'A' * 3_000_000})")),
    "colours": notebook(code("x", stream(WORDS + "\x1b[31ma\x1b[0m" * 20_000))),
    "carriage returns": notebook(code("x", stream("\r" * 3_000_000 + WORDS))),
    "source": notebook(code(WORDS + "(" * 100_000)),
    "JSON": notebook(code("x", shown({"application/json": {"a": "b" * 3_000_000}, "text/plain": WORDS}))),
    "an SVG": notebook(code(f"'{WORDS}'", shown({"image/svg+xml": "<svg>" + "<g>" * 1_000_000}))),
    "tiny cells": notebook(code(WORDS), *[code("x")] * 50_000),
    "tiny outputs": notebook(code(WORDS, *[stream("a", name) for name in ("stdout", "stderr")] * 25_000)),
    "many such parts": notebook(*[markdown(WORDS + "\\begin{a}" * 5000)] * 40),
}


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(as_text, "OUTPUT_SECONDS", 0.3)
    monkeypatch.setattr(rendering, "PAGE_SECONDS", 1.0)


@pytest.mark.parametrize("bomb", BOMBS)
def test_whatever_is_in_a_notebook_its_page_comes_in_time_and_has_its_text(tmp_path, short, bomb):
    rendering.warm()
    begun = time.process_time()

    page = render(tmp_path, BOMBS[bomb])

    assert time.process_time() - begun < 4
    assert WORDS.split()[-1] in page
    assert len(page) < 8_000_000


def test_the_part_that_takes_too_long_is_shown_as_text_and_the_others_as_ever(tmp_path, short):
    cells = [markdown("# Before"), *BOMBS["mathematics"]["cells"], *BOMBS["formatting"]["cells"], markdown("# After")]

    page = render(tmp_path, notebook(*cells))

    assert page.count(PART) == 2 and WHOLE not in page
    assert "\\begin{a}\\begin{a}" in page and "<b><i>" not in page and "&lt;b" not in page
    assert ">Before</h2>" in page and ">After</h2>" in page


def test_a_notebook_that_takes_too_long_as_a_whole_is_shown_as_text_that_does_nothing(tmp_path, short, monkeypatch):
    monkeypatch.setattr(rendering, "MOST_PARTS", 2)
    cells = [markdown("<script>alert(1)</script>"), code("x = 1", shown({"text/html": "<img src=x onerror=y()>seen"}))]

    page = render(tmp_path, notebook(*cells))

    assert WHOLE in page
    assert "&lt;script&gt;alert(1)" in page and "x = 1" in page and "seen" in page
    assert "<script" not in page and "onerror" not in page


def test_a_site_with_such_a_notebook_is_built_and_the_next_page_is_formatted(world, short):
    world.run(good_record(), healthy_record("other"))
    path = next(world.reports.glob("salary/*/notebook.ipynb"))
    path.write_text(json.dumps(BOMBS["nested elements"]))

    assert world.publish(watched("salary"), watched("other")).failures == []
    assert PART in world.text("salary/2026-11-24/index.html")
    assert PART not in world.text("other/2026-11-24/index.html")
    assert "<h2" in world.text("other/2026-11-24/index.html")


def test_a_usual_notebook_uses_a_small_part_of_its_time(tmp_path):
    record = good_record()
    render(tmp_path, usual_notebook(record))
    begun = time.process_time()

    render(tmp_path, usual_notebook(record))

    assert time.process_time() - begun < rendering.PAGE_SECONDS / 5


def burn(seconds):
    begun = time.process_time()
    while time.process_time() < begun + seconds:
        try:
            sum(range(1000))
        except Exception:  # as libraries do
            continue


def test_work_is_ended_after_its_time_on_the_processor():
    begun = time.process_time()

    with pytest.raises(TooLong), limited(0.2):
        time.sleep(0.3)  # no time on the processor
        burn(5)

    assert 0.2 <= time.process_time() - begun < 1


def test_what_swallows_the_end_of_its_time_is_ended_again():
    with pytest.raises(TooLong), limited(0.1):
        with contextlib.suppress(BaseException):
            burn(5)
        burn(5)


def test_a_limit_inside_another_leaves_that_as_it_is():
    with pytest.raises(TooLong), limited(0.6):
        with pytest.raises(TooLong), limited(0.1):
            burn(5)
        with limited(9):
            burn(0.1)
        with limited(9):
            burn(5)
    burn(0.2)  # nothing is left of either


def test_in_another_thread_there_is_no_limit_and_no_error():
    done = []

    def work():
        with limited(0.01):
            burn(0.1)
        done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert done == [True]
