"""An analyst's edit of the data counts, also where a sample is compared whose rows were counted in full."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmonitor import DriftMonitorError
from driftmonitor.analysis import drift
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import score
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sources import Data, load_data

ROWS, SAMPLED = 5000, 1000
COUNTED = ("missing_share", "p_value", "statistic", "distance", "effect", "distribution")


def make_side(seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame({
        "region": draw.choice(["north", "south", "west"], ROWS, p=[0.5, 0.3, 0.2]),
        "plan": draw.choice(["free", None, "pro"], ROWS, p=[0.6, 0.1, 0.3]),
        "age": draw.normal(40, 10, ROWS).round(2),
        "visits": draw.integers(0, 4, ROWS),
        "country": "DE",
    })  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edited")
    for seed, side in enumerate(("reference", "current")):
        make_side(seed).to_parquet(folder / f"{side}.parquet")
    return folder


@pytest.fixture
def data(folder):
    """Samples of 1,000 of 5,000 rows, counted in full."""
    places = {side: f"{folder}/{side}.parquet" for side in ("reference", "current")}
    return load_data(source="files", run_date="2026-11-24", max_rows=SAMPLED, **places)


def compare(data):
    comparison = score(data, infer_columns(data), Settings())
    edits = [finding.message for finding in comparison.quality if finding.kind == "edited"]
    return comparison, edits


def assert_as_computed_by_hand(comparison, name, reference, current):
    """Assert that a column's score is scipy's on what pandas has in these two columns."""
    found = comparison[name]
    if found.kind == "numerical":
        expected = stats.ks_2samp(reference.dropna(), current.dropna())
        distance, p = expected.statistic, expected.pvalue
    else:
        counts = pd.DataFrame({"reference": reference.value_counts(), "current": current.value_counts()}).fillna(0)
        distance = (counts / counts.sum()).diff(axis=1)["current"].abs().sum() / 2
        p = stats.chi2_contingency(counts, correction=False).pvalue
    assert found.distance == pytest.approx(distance, abs=1e-12)
    assert found.p_value == pytest.approx(p, rel=1e-9)


def assert_untouched(comparison, folder, *names):
    """Assert that these columns are still compared in all rows."""
    sides = [pd.read_parquet(folder / f"{side}.parquet") for side in ("reference", "current")]
    for name in names:
        assert comparison[name].from_all_rows == COUNTED
        assert_as_computed_by_hand(comparison, name, *(side[name] for side in sides))


def test_without_an_edit_nothing_is_dropped(data, folder):
    comparison, edits = compare(data)

    assert edits == []
    assert_untouched(comparison, folder, "region", "plan", "visits")


def test_replaced_values_count_and_cost_the_counts_of_their_column_alone(data, folder):
    before, _ = compare(data)
    data.current["region"] = data.current["region"].replace("west", "south")

    comparison, edits = compare(data)

    assert edits == [
        "current: region was edited after reading, so it is counted in the sample of 1,000 rows, not in all 5,000."
    ]
    assert comparison["region"].status == "drifted"
    assert comparison["region"].from_all_rows == ()
    reference = pd.read_parquet(folder / "reference.parquet")["region"]
    assert_as_computed_by_hand(comparison, "region", reference, data.current["region"])
    assert_untouched(comparison, folder, "plan", "visits")
    assert comparison.rows.current_total == ROWS
    fingerprints = [[column.reference for column in each.evidence.columns] for each in (comparison, before)]
    assert fingerprints[0] == fingerprints[1]  # so that earlier days can still be compared with this one


def test_an_edit_in_place_counts_and_both_sides_are_named(data):
    data.reference.loc[data.reference["plan"] == "pro", "plan"] = None
    data.current["plan"] = data.current["plan"].where(data.current["plan"] != "pro")
    data.current["visits"] += 1

    comparison, edits = compare(data)

    assert edits == [
        "reference: plan was edited after reading, so it is counted in the sample of 1,000 rows, not in all 5,000.",
        "current: plan, visits were edited after reading, so they are counted in the sample of 1,000 rows, not in all "
        "5,000.",
    ]
    shares = comparison["plan"].missing_share
    assert (shares.reference, shares.current) == (
        data.reference["plan"].isna().mean(),
        data.current["plan"].isna().mean(),
    )
    assert comparison["plan"].from_all_rows == ()


def test_numbers_that_were_edited_are_compared_as_they_are(data, folder):
    data.current["age"] *= 2

    comparison, edits = compare(data)

    assert_as_computed_by_hand(comparison, "age", data.reference["age"], data.current["age"])
    assert comparison["age"].status == "drifted"
    assert len(edits) == 1
    assert_untouched(comparison, folder, "region", "plan", "visits")


def test_filtered_rows_count_and_cost_that_side_s_counts(data, folder):
    data.current = data.current.query("age > 40")

    comparison, edits = compare(data)

    left = len(data.current)
    assert edits == [
        f"current: rows were edited after reading, so counts come from its {left} rows, not from all 5,000."
    ]
    assert comparison.rows.model_dump() == {
        "reference": SAMPLED, "current": left, "reference_total": ROWS, "current_total": left,
    }  # fmt: skip
    reference = pd.read_parquet(folder / "reference.parquet")
    for name in ("region", "plan", "visits"):
        assert_as_computed_by_hand(comparison, name, reference[name], data.current[name])
    assert comparison["plan"].missing_share.current == data.current["plan"].isna().mean()
    assert_as_computed_by_hand(comparison, "age", data.reference["age"], data.current["age"])


@pytest.mark.parametrize(
    "edit",
    [
        lambda frame: pd.concat([frame, frame.head(300)]),
        lambda frame: frame.drop(index=frame.index[:50]),
        lambda frame: frame.sample(frac=1, replace=True, random_state=0),  # as many rows, but others
        lambda frame: make_side(7).head(SAMPLED),
        lambda frame: frame.head(0),
    ],
)
def test_other_rows_are_compared_as_they_are(data, edit):
    data.reference, data.current = edit(data.reference), edit(data.current)

    if data.current.empty:
        with pytest.raises(DriftMonitorError, match="none can be tested"):
            infer_columns(data)
        return
    comparison, edits = compare(data)

    assert len(edits) == 2
    assert comparison.rows.current == comparison.rows.current_total == len(data.current)
    for name in ("region", "plan", "visits", "age"):
        assert comparison[name].from_all_rows == ()
        assert_as_computed_by_hand(comparison, name, data.reference[name], data.current[name])


def test_another_order_or_index_changes_nothing(data, folder):
    before, _ = compare(data)
    data.current = data.current.sort_values("age").set_index(pd.Index(range(7, SAMPLED + 7)))
    data.reference = data.reference.sample(frac=1, random_state=0)

    comparison, edits = compare(data)

    assert edits == []
    assert [(each.name, each.p_value, each.distance) for each in comparison.columns] == [
        (each.name, each.p_value, each.distance) for each in before.columns
    ]
    assert_untouched(comparison, folder, "region", "plan", "visits")


def test_derived_dropped_and_converted_columns(data, folder):
    for side in (data.reference, data.current):
        side["older"] = np.where(side["age"] > 50, "yes", "no")
        side[2026] = side["age"] > 40
        side["visits"] = side["visits"].astype("category")
        del side["plan"]

    comparison, edits = compare(data)

    assert {score.name for score in comparison.columns} == {"region", "age", "visits", "country", "older", "2026"}
    for name in ("older", "2026"):
        assert_as_computed_by_hand(comparison, name, data.reference[name], data.current[name])
        assert comparison[name].from_all_rows == ()
    assert comparison["visits"].from_all_rows == ()
    assert [edit.split(" was ")[0] for edit in edits] == ["reference: visits", "current: visits"]
    assert_untouched(comparison, folder, "region")


def test_an_edit_undone_is_none(data, folder):
    before = data.current["region"].copy()
    data.current["region"] = "south"
    assert len(compare(data)[1]) == 1

    data.current["region"] = before

    comparison, edits = compare(data)
    assert edits == []
    assert_untouched(comparison, folder, "region")


def test_whole_numbers_that_were_edited_are_no_sample_of_row_numbers():
    numbers = [np.random.default_rng(seed).choice(4500, SAMPLED, replace=False) for seed in (0, 1)]
    frame = pd.DataFrame({"x": numbers[0], "good": np.linspace(0, 1, SAMPLED)})
    data = Data(frame, frame, ROWS, ROWS)
    assert "looks like an identifier" in infer_columns(data)[0].reason

    data.reference["x"] = numbers[1]

    assert infer_columns(data)[0].kind == "numerical"


def test_a_simulated_sample_loses_its_total_with_its_rows():
    data = load_data(source="simulate", reference="", current="", run_date="2026-11-24", rows=500, max_rows=200)
    assert (data.reference_total, data.current_total) == (500, 500)

    data.current = data.current[data.current["age"] > 40]

    assert (data.reference_total, data.current_total) == (500, len(data.current))
    assert compare(data)[1] == []


def test_a_whole_table_is_compared_as_it_is_edited():
    data = load_data(source="simulate", reference="", current="", run_date="2026-11-24", rows=500)
    data.current = data.current[data.current["plan"] != "pro"].assign(age=lambda frame: frame["age"] + 20)
    data.reference.loc[:99, "clicks"] = np.nan

    comparison, edits = compare(data)

    assert edits == []
    assert comparison.rows.current == comparison.rows.current_total == len(data.current)
    for name in ("age", "salary", "clicks", "plan"):
        assert_as_computed_by_hand(comparison, name, data.reference[name], data.current[name])
    assert comparison["clicks"].missing_share.reference == 0.2


def test_assigned_frames_are_the_analyst_s_own():
    data = load_data(source="simulate", reference="", current="", run_date="2026-11-24", rows=100)
    mine = data.current.copy()
    data.current = mine
    mine["age"] += 20

    assert data.current is mine
    assert compare(data)[0]["age"].status == "drifted"


def test_names_stay_unique_text():
    data = load_data(source="simulate", reference="", current="", run_date="2026-11-24", rows=100)
    mine = data.current.set_axis([0, 1, 1, "plan"], axis=1)
    data.current = mine
    data.reference[7] = 1

    assert list(data.current) == ["0", "1", "1.1", "plan"]
    assert list(mine) == [0, 1, 1, "plan"]
    assert list(data.reference) == ["age", "salary", "clicks", "plan", "7"]
    data.reference["7"] += 1
    assert set(data.reference["7"]) == {2}


def test_what_is_no_frame_is_refused_in_one_line():
    data = load_data(source="simulate", reference="", current="", run_date="2026-11-24", rows=100)

    with pytest.raises(DriftMonitorError) as error:
        data.current = data.current["age"]

    assert str(error.value) == "data.current is a Series; assign a pandas DataFrame."


@pytest.mark.parametrize("value", [[1, 2], {"a": 1}, "\ud800", 1j, None])
def test_a_column_of_anything_can_be_assigned(data, value):
    data.current["region"] = pd.Series([value] * SAMPLED, dtype=object)

    comparison, edits = compare(data)

    assert len(edits) == 1
    assert comparison.rows.current_total == ROWS


@pytest.mark.parametrize(("edit", "told"), [
    (lambda frame: frame.assign(region="south"), "current: region was"),
    (lambda frame: frame.query("region != 'west'"), "current: its rows were"),
    (lambda frame: frame.sort_values("age").assign(ratio=1), None),
])  # fmt: skip
def test_an_edit_that_comes_after_the_comparison_is_told_in_the_record(data, edit, told):
    comparison = drift.compare(data, infer_columns(data))

    data.current = edit(data.current)
    record = comparison.record("shop", "2026-11-24")

    late = [finding.message for finding in record.quality if "after the comparison" in finding.message]
    expected = f"{told} edited after the comparison, so it does not count; move the edit before compare."
    assert late == ([expected] if told else [])
