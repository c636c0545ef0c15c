"""The page of a run: the verdict, every column beside the reference, then the notebook with its texts folded."""

import datetime as dt
import re

import pytest
from page_samples import (
    TODAY,
    World,
    category,
    code,
    failed_record,
    good_record,
    markdown,
    notebook,
    raised,
    score,
    shown,
    stream,
    untestable,
    watched,
    with_distribution,
)

from driftmonitor.pipeline.pages.folding import fold


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.history.close()


def main_of(page):
    return page.partition("<main")[2]


def test_every_column_is_shown_before_the_notebook_the_drifted_ones_first(world):
    columns = [
        with_distribution(score("age", drifted=False, shift=0.02)),
        with_distribution(score(), 55_000),
        with_distribution(category(drifted=False)),
        untestable(),
    ]
    world.run(good_record("salary", columns=columns), cells=notebook(markdown("# My notebook"), code()))
    world.publish(watched("salary"))

    main = main_of(world.text("salary/2026-11-24/index.html"))

    before = main.partition("My notebook")[0]
    names = re.findall(r"<a href=\"\.\./\.\./salary/columns/(\w+)/index\.html\?day=2026-11-24\">", before)
    assert names == ["salary", "note", "age", "carrier"]
    assert "Mean rose from 50,000 to 75,000 (+2.5 SD of the reference)" in before
    assert "Median 50,000 → 55,000" in before
    assert "20% → 25%" in before
    assert before.count('class="boxes"') == 2


def test_the_cut_off_is_said_where_it_alone_makes_a_column_stable(world):
    near = score("near", drifted=False).model_copy(update={"p_value": 0.001, "distance": 0.03})
    far = score("far", drifted=False).model_copy(update={"p_value": 0.3, "distance": 0.03})
    world.run(good_record("salary", columns=[near, far]).model_copy(update={"min_distance": 0.05}))
    world.publish(watched("salary"))

    tests = re.findall(r'<p class="test">(.*?)</p>', world.text("salary/2026-11-24/index.html"))

    assert tests == ["K-S distance 0.03, p = 0.001; less than the cut-off of 0.05", "K-S distance 0.03, p = 0.3"]


def test_300_columns_are_all_there_and_12_are_open(world):
    columns = [with_distribution(score(f"column_{i:03}", drifted=i < 50)) for i in range(300)]
    world.run(good_record("many", columns=columns))
    world.publish(watched("many"))

    page = world.text("many/2026-11-24/index.html")

    open_ones, _, folded = page.partition("<details><summary>Show 288 more columns</summary>")
    assert (open_ones.count('class="boxes"'), folded.count('class="boxes"')) == (12, 288)
    assert len(page) < 450_000


def test_a_link_to_a_column_that_is_gone_goes_too(world):
    world.run(good_record("salary", TODAY - dt.timedelta(1), columns=[score(), score("age", False)]))
    world.publish(watched("salary"))
    assert "columns/age/" in world.text("salary/2026-11-23/index.html")

    world.run(good_record("salary", columns=[score()]))
    world.publish(watched("salary"))

    before = world.text("salary/2026-11-23/index.html")
    assert "columns/salary/" in before and "columns/age/" not in before and ">age</bdi>" in before


def test_a_failed_run_stops_at_its_error(world):
    cells = notebook(
        markdown("# Title"), code("ok()", stream("before the error")), code("load()", raised()),
        markdown("## A picture that was never drawn"), code("never()"),
    )  # fmt: skip
    world.run(failed_record(), cells=cells)
    world.publish(watched("salary"))

    page = world.text("salary/2026-11-24/index.html")

    assert "before the error" in page and "The cells after it did not run. The notebook has them." in page
    assert "never" not in page


def test_an_error_that_was_expected_does_not_end_the_page(world):
    failing = code("1/0", raised("ZeroDivisionError", "division by zero"))
    cells = notebook(failing, code("after()", stream("it went on")))
    world.run(good_record(), cells=cells)
    world.publish(watched("salary"))

    assert "it went on" in world.text("salary/2026-11-24/index.html")


def test_what_the_shipped_notebook_explains_is_folded_and_an_analysts_own_text_is_not(world):
    asked = "## The comparison\n\nCould both be samples? Evidently tests each column.\n\nIt takes seconds."
    reading = "A small *p* says much.\n\nWhich monitor is this?"
    cells = notebook(
        {**markdown(asked), "id": "comparison-text"}, code("compare()", shown({"text/plain": "the table"})),
        {**markdown(reading), "id": "comparison-reading"}, markdown("My own note about this day."),
        {**markdown("Set up: find the folder."), "id": "setup-text"}, code("import os", tags=["setup"]),
    )  # fmt: skip
    world.run(good_record(), cells=cells)
    world.publish(watched("salary"))

    article = main_of(world.text("salary/2026-11-24/index.html")).partition("<article")[2]
    folds = re.findall(r"<summary>(.*?)</summary>", article)
    seen = re.sub(r"<details.*?</details>", "", article, flags=re.DOTALL)

    assert folds == ["More about this", "Code", "How to read this"]
    for words in ("Evidently tests each column.", "the table", "Which monitor is this?", "My own note"):
        assert words in seen
    for words in ("It takes seconds.", "A small", "Set up", "import os"):
        assert words not in seen
    assert "It takes seconds." in article and "import os" not in article


def test_a_text_is_divided_into_what_it_asks_and_what_it_explains():
    assert fold("## A\n\nWhat is it?\n\nThis.\nAnd that.\n \n# B", "a-text") == (
        "## A\n\nWhat is it?\n\n# B",
        "This.\nAnd that.",
    )
    assert fold("All of it explains.", "a-reading") == ("", "All of it explains.")
    assert fold("## A\n\nThis.", "4f9d") == ("## A\n\nThis.", "")
