"""A table of many columns: Evidently draws those that changed most, and its table lists all of them."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.drift import compare, save_report
from driftmonitor.analysis.drift.with_evidently import listed
from driftmonitor.analysis.sources import Data

COLUMNS = {f"sensor {number}": "numerical" for number in range(5)} | {"plan": "categorical", "broken": "numerical"}


def day(shift=0.0):
    """Return 200 rows, the same but for the shift: it moves sensor 3 most, then the plan, and sensor 4 a little."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: rng.normal(size=200) for name in COLUMNS})
    frame["sensor 3"] += shift
    frame["sensor 4"] += shift / 20
    frame["plan"] = np.where(rng.random(200) < 0.3 + shift / 10, "pro", "free")
    return frame


@pytest.fixture(scope="module")
def comparison():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listed, "MAX_PICTURES", 3)
        data = Data(day(), day(shift=3.0), 200, 200)
        columns = [Column(name, kind, "named", testable=name != "broken") for name, kind in COLUMNS.items()]
        return compare(data, columns)


@pytest.fixture(scope="module")
def page(comparison, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "m" / "2026-01-31"
    return save_report(comparison, folder).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rows(page):
    """Return the rows of the page's table by column, each with what opens below it."""
    data = json.loads(re.search(r'id="report-data">(.*?)</script>', page, re.DOTALL)[1])
    found = {}
    for row in find_rows(data["dashboard"]):
        found[row["column_name"]] = row, [data["graphs"][part["id"]] for part in row["details"]["parts"]]
    return found


def find_rows(value):
    if isinstance(value, dict) and "stattest_name" in value:
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [row for item in items for row in find_rows(item)]


def test_only_the_columns_that_changed_most_have_pictures(rows):
    drawn = [name for name, (_, below) in rows.items() if "text" not in below[0]["params"]]

    assert drawn == ["sensor 3", "plan", "sensor 4"]


def test_the_table_lists_every_column_the_most_severe_first(rows, comparison):
    assert len(rows) == 7
    assert list(rows)[:4] == ["sensor 3", "plan", "broken", "sensor 4"]
    assert {name: row["drift_score"] for name, (row, _) in rows.items() if name != "broken"} == {
        score.name: round(score.p_value, 6) for score in comparison.columns if score.name != "broken"
    }


def test_a_column_without_a_picture_has_its_small_histograms_and_says_why(rows):
    row, below = rows["sensor 0"]

    assert (row["column_type"], row["data_drift"]) == ("num", "Not Detected")
    assert [len(row[side]["y"]) for side in ("reference_distribution", "current_distribution")] == [10, 10]
    assert [part["params"]["text"] for part in below] == ["No picture: only the columns that changed most have one."]


def test_a_column_that_cannot_be_tested_takes_no_picture_from_another(rows):
    row, _ = rows["broken"]

    assert (row["data_drift"], row["stattest_name"]) == ("Not testable", "not testable: named")
    assert row["reference_distribution"] == {"x": ["not testable"], "y": [1]}


def test_counts_and_verdict_are_those_of_all_columns(page, comparison):
    assert comparison.drift_share == 2 / 7
    assert "Drift is detected for 28.571% of columns (2 out of 7)." in page
    assert re.findall(r'"counters":\[(.*?)\]', page)[1] == (
        '{"value":"7","label":"Columns"},{"value":"2","label":"Drifted Columns"},'
        '{"value":"0.286","label":"Share of Drifted Columns"}'
    )


def test_page_and_notebook_say_which_columns_are_drawn(page, comparison):
    drawn = "Evidently's pictures show the 3 of 7 columns that changed most, drifted ones first"
    note = f"{drawn}; its table lists all columns."

    assert note in comparison.issues()
    assert f"<p>{note.replace(chr(39), '&#x27;')}</p>" in page
