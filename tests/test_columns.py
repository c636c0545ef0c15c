"""Each column gets a kind or a reason why it is not testable; no column's type or name stops the others."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import Column, clean_pair, columns_table, infer_columns
from driftmonitor.analysis.sources import Data

N = 200
GOOD = np.linspace(0, 1, N)  # a column that can be tested, so that the one in question may not be
NAN = float("nan")


def data_of(reference, current=None, name="x", total=None) -> Data:
    """Return data with a testable column and the one in question."""
    current = reference if current is None else current
    frames = [pd.DataFrame({"good": np.resize(GOOD, len(side))}) for side in (reference, current)]
    for frame, side in zip(frames, (reference, current), strict=True):
        frame[name] = pd.Series(side).reset_index(drop=True)
    return Data(*frames, total or len(reference), len(current))


def inferred(reference, current=None, name="x", named=None, total=None) -> Column:
    data = data_of(reference, current, name, total)
    return {column.name: column for column in infer_columns(data, named)}[name]


def arrow(values, kind) -> pd.Series:
    return pd.Series(values, dtype=pd.ArrowDtype(kind))


DECIMALS = [Decimal(i) / 8 for i in range(N)]
DAYS = [dt.date(2026, 1, 1) + dt.timedelta(days=i) for i in range(N)]
KINDS = [
    (np.random.default_rng(0).normal(size=N), "numerical", "numbers"),
    (pd.Series([1.5, None] * 100, dtype="Float64"), "numerical", "numbers"),
    (pd.Series(np.arange(N) % 50, dtype="UInt16"), "numerical", "whole numbers"),
    (arrow([i % 50 for i in range(N)], pa.uint64()), "numerical", "whole numbers"),
    (arrow(DECIMALS, pa.decimal128(38, 20)), "numerical", "numbers"),
    (pd.Series(DECIMALS), "numerical", "numbers"),
    (pd.Series([1, Decimal("2.5")] * 100, dtype=object), "numerical", "numbers"),
    (pd.to_timedelta(GOOD, unit="h").to_series(), "numerical", "numbers"),
    (np.arange(N) % 10, "categorical", "whole numbers, 10 different values"),
    (np.arange(N) % 11, "numerical", "whole numbers"),
    ([1.0, 2.0, NAN, 3.0] * 50, "categorical", "whole numbers, 3 different values"),
    ([0.5, 1.5] * 100, "numerical", "numbers"),
    ([True, False] * 100, "categorical", "true/false"),
    (pd.Series([True, None] * 100, dtype="boolean"), "categorical", "true/false"),
    (pd.Series([True, None] * 100, dtype=object), "categorical", "true/false"),
    (["a", "b"] * 100, "categorical", "text, 2 different values"),
    (pd.Series([1, 2] * 100, dtype="category"), "categorical", "text, 2 different values"),
    (arrow(["a", None] * 100, pa.string()), "categorical", "text, 1 different value"),
    ([[1], [2]] * 100, "categorical", "text, 2 different values"),
    ([b"x", b"y"] * 100, "categorical", "text, 2 different values"),
    ([7] * N, "categorical", "whole numbers, 1 different value"),
    ([0.5] * N, "numerical", "numbers"),
]


@pytest.mark.parametrize(("values", "kind", "reason"), KINDS)
def test_kind_follows_from_what_the_column_holds(values, kind, reason):
    column = inferred(values)

    assert (column.kind, column.reason, column.testable) == (kind, reason, True)


MIXED = [1, "a"] * 100
DATES = "dates always differ from the reference; name it numerical to test it"
NOT_TESTABLE = [
    ([f"u{i}" for i in range(N)], "looks like an identifier: 200 of 200 values are different"),
    ([{"k": i} for i in range(N)], "looks like an identifier: 200 of 200 values are different"),
    (np.arange(N)[::-1] + 10_000, "looks like an identifier: whole numbers, all different, that fill their range"),
    (pd.Series(DAYS), DATES),
    (pd.Series(pd.to_datetime(DAYS)), DATES),
    (arrow(DAYS, pa.date32()), DATES),
    (pd.Series(pd.period_range("2026-01-01", periods=N)), DATES),
    (pd.Series(MIXED, dtype=object), "numbers and text mixed; name it numerical or categorical to test it"),
    ([NAN] * N, "missing in the whole reference"),
    (pd.Series([None] * N, dtype=object), "missing in the whole reference"),
    ([0.1, 0.2, 0.3, 0.4] + [NAN] * 100, "4 usable values in the reference, fewer than 5"),
]


@pytest.mark.parametrize(("values", "reason"), NOT_TESTABLE)
def test_what_cannot_be_tested_says_why(values, reason):
    column = inferred(values)

    assert (column.testable, column.ignored, column.reason) == (False, False, reason)


def test_row_numbers_are_known_after_sampling():
    numbers = np.sort(np.random.default_rng(0).choice(1_000_000, N, replace=False))

    assert inferred(numbers, total=1_000_000).kind is None
    assert inferred(numbers, total=N).kind == "numerical"


@pytest.mark.parametrize("name", ["id", "ID", "user_id"])
def test_whole_numbers_called_id_are_text(name):
    spread = np.random.default_rng(0).choice(10**9, N, replace=False)

    assert inferred(spread, name=name).reason == "looks like an identifier: 200 of 200 values are different"
    assert inferred(np.arange(N) % 30, name=name).kind == "categorical"
    assert inferred(spread, name="paid").kind == "numerical"


def test_a_named_kind_wins():
    assert inferred(np.arange(N), named={"x": "numerical"}).reason == "as named"
    assert inferred(np.arange(N), named={"x": "categorical"}).kind == "categorical"
    assert inferred(pd.Series(DAYS), named={"x": "numerical"}).testable
    assert inferred(pd.Series(MIXED, dtype=object), named={"x": "categorical"}).testable
    assert inferred(np.arange(N), named={"x": "ignore"}).ignored


def test_a_column_missing_in_current_is_counted_but_not_tested():
    data = Data(pd.DataFrame({"good": GOOD, "gone": GOOD}), pd.DataFrame({"good": GOOD, "new": GOOD}), N, N)

    columns = {column.name: column for column in infer_columns(data)}

    gone, new = columns["gone"], columns["new"]
    assert (gone.kind, gone.testable, gone.ignored, gone.reason) == ("numerical", False, False, "missing in current")
    assert [finding.kind for finding in gone.findings] == ["missing_column"]
    assert (new.testable, new.ignored) == (False, True)
    assert [finding.message for finding in new.findings] == ["new: is in current, but not in the reference."]


def test_numbers_that_became_text_cannot_be_tested():
    column = inferred(GOOD, ["?"] * N)

    assert (column.kind, column.testable, column.reason) == ("numerical", False, "was numbers, is text in current")
    assert [finding.kind for finding in column.findings] == ["type_changed"]


def test_numbers_written_as_text_are_still_numbers():
    data = data_of(GOOD, [str(value) for value in GOOD])
    column = infer_columns(data)[1]

    assert column.testable
    assert [finding.kind for finding in column.findings] == ["type_changed"]
    assert clean_pair(data, column)[1].tolist() == GOOD.tolist()


def test_numbers_that_became_dates_cannot_be_tested():
    assert not inferred(GOOD, pd.Series(DAYS)).testable


def test_text_that_became_numbers_is_compared_as_text():
    data = data_of(["1", "2"] * 100, [1.0, 2.0] * 100)
    column = infer_columns(data)[1]

    assert column.kind == "categorical"
    assert [sorted(set(side)) for side in clean_pair(data, column)] == [["1", "2"], ["1", "2"]]


def test_true_and_false_written_as_one_and_zero_are_the_same():
    data = data_of([True, False] * 100, [1, 0] * 100)

    assert [sorted(set(side)) for side in clean_pair(data, infer_columns(data)[1])] == [["0", "1"], ["0", "1"]]


def test_a_constant_stays_testable_so_that_a_new_value_is_seen():
    data = data_of([7] * N, [8] * N)
    column = infer_columns(data)[1]

    assert (column.testable, column.findings) == (True, ())
    assert [set(side) for side in clean_pair(data, column)] == [{"7"}, {"8"}]


def test_a_column_that_freezes_is_reported():
    column = inferred(GOOD, [0.5] * N)

    assert column.testable
    assert [finding.message for finding in column.findings] == ["x: has one value only in current: 0.5."]


def test_infinite_numbers_count_as_missing_and_are_reported():
    data = data_of(GOOD, [float("inf"), -float("inf"), NAN, 1.5] * 50)
    column = infer_columns(data)[1]

    assert clean_pair(data, column)[1].tolist() == [1.5] * 50
    assert column.findings[0].message == "x: 100 infinite in current, counted as missing."


def test_single_precision_on_one_side_is_no_drift():
    data = data_of(GOOD.astype(np.float32), GOOD)

    reference, current = clean_pair(data, infer_columns(data)[1])

    assert reference.tolist() == current.tolist()


def test_dates_named_numerical_count_days_since_1970():
    for days in (pd.Series(DAYS), pd.Series(pd.to_datetime(DAYS)), pd.Series(pd.to_datetime(DAYS, utc=True))):
        data = data_of(days)

        assert clean_pair(data, infer_columns(data, {"x": "numerical"})[1])[0][:2].tolist() == [20454.0, 20455.0]


def test_the_time_column_is_left_out_unless_named():
    data = data_of(pd.Series(DAYS), name="day")

    assert infer_columns(data, time_column="day")[1].ignored
    assert not infer_columns(data, {"day": "numerical"}, time_column="day")[1].ignored


HOSTILE = ["</script><script>alert(1)</script>", "new\nline", "🐢", "../../x", "", "x" * 10_000, "@everyone", " "]


def test_hostile_names_come_through():
    frame = pd.DataFrame(dict.fromkeys(HOSTILE, GOOD))

    columns = infer_columns(Data(frame, frame, N, N))

    assert [column.name for column in columns] == HOSTILE
    assert all(column.testable for column in columns)


def test_whole_numbers_too_large_for_a_float_are_counted_exactly():
    numbers = pd.Series(10**17 + np.arange(N) % 15)

    column = infer_columns(data_of(numbers))[1]

    assert (column.kind, column.reason) == ("numerical", "whole numbers")


def test_decimal_commas_are_named_with_the_way_to_read_them():
    column = infer_columns(data_of([f"{number},5" for number in range(N)]))[1]

    assert not column.testable
    assert column.reason == "has decimal commas; set read.decimal to ','"


def test_first_look_shows_both_sides():
    current = pd.Series([75_000.0, 77_000.0, NAN, NAN] * 50)
    data = data_of([50_000.0, 52_000.5] * 100, current, name="new\nsalary")
    data = Data(data.reference.assign(plan="free"), data.current.assign(plan=["pro", "free"] * 100), N, N)

    table = columns_table(data, infer_columns(data, {"good": "ignore"}))

    assert table.loc["good", "kind"] == "not watched"
    assert table.loc["new salary"].tolist() == [
        "numerical", "numbers", "51,000 ± 1,003", "76,000 ± 1,005", "0% → 50%",
    ]  # fmt: skip
    assert table.loc["plan", ["reference", "current"]].tolist() == ["free 100%", "free 50%, pro 50%"]


BAD = [
    ({"y": "ignore"}, "columns.y: no such column; choose one of: good, x."),
    ({"goood": "ignore"}, "columns.goood: no such column; did you mean good?"),
    (["x"], "columns is ['x'] (a list); give a mapping ({name: value})."),
    ({"x": "number"}, "columns.x is 'number'; use numerical, categorical, ignore."),
    ({"x": "ignore", "good": "ignore"}, "columns: none is left to watch; ignore fewer."),
    ({"good": "ignore"}, "columns: none can be tested (x: looks like an identifier: whole numbers"),
]


@pytest.mark.parametrize(("named", "message"), BAD)
def test_bad_columns_are_refused_in_one_line(named, message):
    with pytest.raises(DriftMonitorError) as error:
        infer_columns(data_of(np.arange(N)), named)

    assert str(error.value).startswith(message)


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.decimals(allow_nan=False),
    st.dates(), st.datetimes(), st.times(), st.timedeltas(), st.complex_numbers(), st.lists(st.integers()),
    st.dictionaries(st.text(), st.integers()), st.fractions(), st.just(pd.NaT), st.just(pd.NA), st.just("\ud800"),
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    st.lists(VALUES, min_size=1, max_size=12),
    st.lists(VALUES, min_size=1, max_size=12),
    st.sampled_from([None, "numerical", "categorical"]),
)
def test_no_column_of_any_values_raises(reference, current, named):
    data = data_of(pd.Series(reference * 5, dtype=object), pd.Series(current * 5, dtype=object))

    columns = infer_columns(data, {"x": named} if named else {})
    columns_table(data, columns)

    if columns[1].testable:
        for side in clean_pair(data, columns[1]):
            assert len(side) >= 5
            assert (
                all(isinstance(value, str) for value in side)
                if columns[1].kind == "categorical"
                else np.isfinite(side).all()
            )


@pytest.mark.parametrize(("words", "testable", "said"), [
    (30, False, "as named, and 15% of its values in current are not numbers; cast them, or name it categorical"),
    (1, True, "price: 1 value of current cannot be read as a number; counted as missing."),
])  # fmt: skip
def test_text_that_is_named_numerical_is_tested_only_if_nearly_all_of_it_is_numbers(words, testable, said):
    reference = pd.DataFrame({"price": [f"{n}.5" for n in range(200)], "x": [1.5, 2.5] * 100})
    current = reference.assign(price=["1,234.50"] * words + reference["price"].tolist()[words:])

    column, _ = infer_columns(Data(reference, current, 200, 200), {"price": "numerical"})

    assert column.testable == testable
    assert said in (column.reason, *(finding.message for finding in column.findings))
