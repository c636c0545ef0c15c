"""Files are read as their owner means them: one reading for both sides, over all rows; what is unclear is said."""

import gzip
import io
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import score
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sources import Data, DataMissing, load_data

MANY = 21_000  # more rows than DuckDB guesses types from


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(reference="r.csv", current="c.csv", **changes) -> Data:
    return load_data(source="files", reference=reference, current=current, run_date="2026-11-24", **changes)


def write(name: str, values, column: str = "v") -> None:
    """Write one column and the numbers of its rows; the texts stand in the file as they are."""
    lines = [f"{value},{i}\n" for i, value in enumerate(values)]
    Path(name).write_text(f"{column},i\n" + "".join(lines), encoding="utf-8")


def write_both(reference, current=None) -> None:
    write("r.csv", reference)
    write("c.csv", reference if current is None else current)


def values(data: Data, side: str = "current", column: str = "v") -> list:
    frame = getattr(data, side)
    return frame.sort_values("i")[column].tolist()


def said(data: Data) -> list[str]:
    return [finding.message for finding in data.snapshot().findings]


@pytest.mark.parametrize("side", ["reference", "current"])
@pytest.mark.parametrize(("usual", "late", "read"), [
    ("1", "0.4", 0.4),
    ("7", "A12", "A12"),
    ("2026-01-31", "2026-01-31 05:00:00", pd.Timestamp("2026-01-31 05:00")),
    ("2026-01-31 05:00:00", "2026-01-31 05:00:00-05:00", pd.Timestamp("2026-01-31 10:00")),
    ("1", "12345678901234567890", 12345678901234567890),
    ("1", "123456789012345678901234", "123456789012345678901234"),
])  # fmt: skip
def test_a_late_row_on_either_side_decides_what_both_sides_are(side, usual, late, read):
    plain, odd = [usual] * MANY, [usual] * (MANY - 1) + [late]
    write_both(odd if side == "reference" else plain, odd if side == "current" else plain)

    data = load()

    assert values(data, side)[-1] == read
    assert data.reference["v"].dtype == data.current["v"].dtype


WORDS = [
    (["yes", "no"], [True, False]), (["T", "F"], [True, False]), (["1", "0"], [True, False]),
    (["TRUE", "false"], [True, False]), (["08:00", "09:30"], ["08:00", "09:30"]), (["1.00", "2.50"], ["1.00", "2.50"]),
    (["1.00", "2.50"], [1.0, 2.5]), (["007", "012"], [7, 12]), (["01-02-03", "04-05-06"], ["01-02-03", "04-05-06"]),
    (["true", "false"], ["true", "false"]), (["1.1", "1.10"], [1.1, 1.1]),
    (["2026-01-31", "2026-02-28"], pd.to_datetime(["2026-01-31", "2026-02-28"])),
]  # fmt: skip


@pytest.mark.parametrize("side", ["reference", "current"])
def test_text_is_read_as_the_parquet_file_beside_it(side):
    columns = {f"v{i}": list(typed) * 10 for i, (_, typed) in enumerate(WORDS)} | {"i": range(20)}
    pd.DataFrame(columns).to_parquet("x.parquet")
    pd.DataFrame({f"v{i}": words * 10 for i, (words, _) in enumerate(WORDS)} | {"i": range(20)}).to_csv(
        "x.csv", index=False
    )

    data = load(**{"reference": "x.parquet", "current": "x.parquet", side: "x.csv"})

    for name in columns:
        assert values(data, "reference", name) == values(data, column=name) == list(columns[name])


def test_a_word_that_is_no_flag_stays_and_the_others_are_named_alike():
    write("c.csv", ["yes", "no", "unknown"] * 10)
    pd.DataFrame({"v": [True, False] * 15, "i": range(30)}).to_parquet("r.parquet")

    assert set(values(load("r.parquet"))) == {"True", "False", "unknown"}


PANDAS = [
    "1|2|", "1.5|2|inf", "true|False|TRUE", "true||false", "a|NA|1", "1|x|2", "1e5|.5|-3.|+4", "1_000|2|3",
    "0x1A|1|2", "18446744073709551615|1|2", "None|null|", "yes|no|yes", " 7|8 |9", "-|1|2",
    "#a|#b|c", "nan|1|NaN", "'x'|y|z", "é|ü|ß", "1,5|2,5|3", "Infinity|-inf|1", "1-2|3-4|5-6", "1/2|3|4",
    "12:30|1:15|x",
]  # fmt: skip


@pytest.mark.parametrize("written", PANDAS)
def test_a_file_is_read_as_pandas_reads_it(written):
    texts = [f'"{text}"' if "," in text else text for text in written.split("|")] * 4
    write_both(texts)

    expected = pd.read_csv("r.csv")["v"]
    read = load().current.sort_values("i")["v"].reset_index(drop=True)

    assert read.isna().tolist() == expected.isna().tolist()
    assert read.dropna().tolist() == expected.dropna().tolist()


def test_long_numbers_stay_apart_if_some_are_missing():
    write_both(["12345678901234567", "12345678901234568", ""] * 5)

    assert len(set(values(load())) - {None}) == 2


def test_a_value_that_is_no_number_is_named_by_line_and_is_not_missing():
    numbers = [f"{i}.5" for i in range(400)]
    write_both(numbers, [*numbers[:100], "oops", *numbers[101:200], "", *numbers[201:]])

    data = load()
    record = score(data, infer_columns(data), Settings()).record("x", pd.Timestamp("2026-11-24").date())
    column = next(column for column in record.columns if column.name == "v")

    assert said(data) == ["v: 1 value of current cannot be read as a number (c.csv line 102); not counted as missing."]
    assert column.missing_share.current == 1 / 400
    assert "oops" not in record.model_dump_json()
    assert "unreadable" in {finding.kind for finding in record.quality}


def test_lines_are_counted_over_values_of_several_lines():
    Path("r.csv").write_text("v,note\n" + "".join(f'{i}.5,"two\nlines"\n' for i in range(200)))
    text = Path("r.csv").read_text().replace("\n150.5,", "\nbad,")
    Path("c.csv").write_text(text)

    line = text[: text.index("\nbad,")].count("\n") + 2

    assert f"c.csv line {line})" in said(load())[0]


def test_the_lines_that_are_named_are_those_of_the_window():
    days = [f"2026-11-{day:02}T12:00:00Z" for day in range(1, 25)] * 20
    bad = {5, 100, 239}  # on the 6th, 5th and 24th of November
    lines = [f"{day},{'?' if i in bad else i / 8}\n" for i, day in enumerate(days)]
    Path("t.csv").write_text("day,v\n" + "".join(lines))

    data = load("t.csv", "", time_column="day", reference_window="2026-11-01/2026-11-05", timezone="Asia/Tokyo")

    assert said(data) == [
        "v: 1 value of reference cannot be read as a number (t.csv line 102); not counted as missing.",
        "v: 1 value of current cannot be read as a number (t.csv line 241); not counted as missing.",
    ]


def test_many_words_among_numbers_make_a_column_text_and_it_is_said():
    write_both(range(100), ["unknown" if i % 4 == 0 else i for i in range(100)])

    data = load()

    assert values(data)[:2] == ["unknown", "1"]
    assert said(data) == ["v: 25% of the values in current are not numbers, so it is compared as text."]


def test_many_words_on_both_sides_are_said_unless_they_are_among_codes():
    write_both([*range(200), *["?"] * 10])
    assert said(load())[0].startswith("v: 4.8% of the values in reference and 4.8% of the values in current are not")

    write_both(["1", "2", "5+"] * 70)
    assert said(load()) == []


def test_a_number_column_that_is_mostly_words_is_refused():
    write_both(["a", "b", "3"] * 10)

    with pytest.raises(DriftMonitorError, match=r"^columns\.v is named numerical, and of its values 66\.7% in"):
        load(columns={"v": "numerical"})


def test_rows_whose_time_cannot_be_read_are_named():
    write_both([*[f"2026-11-{day:02} 05:00" for day in range(1, 25)] * 10, "2026-11-31 05:00"])

    data = load(current="", time_column="v", reference_window="2026-11-01/2026-11-05", current_days=2)

    assert (data.reference_total, data.current_total) == (50, 20)
    assert said(data) == [
        "v: 1 value of reference and current cannot be read as a time (r.csv line 242); its rows are left out."
    ]


US = [f"{month:02}/{day:02}/2026" for month in (10, 11) for day in range(1, 13)]
WINDOWS = {"time_column": "v", "reference_window": "2026-10-01/2026-10-31", "current_days": 24, "current": ""}


def test_dates_that_fit_two_orders_are_refused_with_the_option_that_says_which():
    write_both(US)

    with pytest.raises(DriftMonitorError) as caught:
        load(**WINDOWS)
    data = load(**WINDOWS, read={"date_format": "%m/%d/%Y"})

    assert str(caught.value) == (
        "reference and current: time_column 'v' has dates that fit %d/%m/%Y and %m/%d/%Y; "
        "set read.date_format to '%d/%m/%Y' or '%m/%d/%Y'."
    )
    assert (data.reference_total, data.current_total) == (12, 12)


@pytest.mark.parametrize(("last", "month"), [("10/31/2026", 10), ("31/10/2026", 10), ("11/13/2026", 11)])
def test_one_date_that_fits_one_order_alone_decides(last, month):
    write_both([*US, last])

    assert load().current.sort_values("i")["v"].iloc[-1].month == month


def test_other_dates_that_fit_two_orders_are_text_and_it_is_said():
    write_both(US)

    data = load()

    assert values(data)[0] == "10/01/2026"
    assert said(data) == ["v: dates that fit %d/%m/%Y and %m/%d/%Y are compared as text; set read.date_format."]


def test_years_of_two_digits_are_dates_if_their_format_is_named():
    write_both([f"{day:02}.11.26" for day in range(13, 25)])

    assert values(load())[0] == "13.11.26"
    with pytest.raises(DriftMonitorError, match=r"time_column 'v' has dates that fit %d/%m/%y and %y/%m/%d; set read"):
        load(time_column="v", current_days=2)
    assert load(time_column="v", current_days=2, read={"date_format": "%d.%m.%y"}).current_total == 2


JSON_LINES = '{"a": 1.5, "n": {"x": 1}, "i": 0, "w": "red", "code": "007"}\n'


def test_a_json_key_that_comes_late_is_read_and_the_others_stay_as_they_are():
    late = '{"a": 2, "n": {"x": 1, "y": 2}, "i": 1, "w": 5, "late": "2026-01-31", "code": "7"}\n'
    for name in ("r.jsonl", "c.jsonl"):
        Path(name).write_text(JSON_LINES * MANY + late)

    frame = load("r.jsonl", "c.jsonl").current.sort_values("i")

    assert frame.iloc[0][["a", "n", "w", "code"]].tolist() == [1.5, '{"x":1}', "red", "007"]
    assert frame.iloc[-1][["w", "late", "code"]].tolist() == ["5", pd.Timestamp("2026-01-31"), "7"]


def test_csv_and_json_are_read_alike():
    Path("r.jsonl").write_text('{"v": 1.0, "i": 0}\n{"v": 2, "i": 1}\n')
    write("c.csv", [1, 2])

    data = load("r.jsonl")

    assert values(data, "reference") == values(data) == [1.0, 2.0]


def test_a_name_in_two_unicode_forms_is_one_column():
    for name, form in (("r.csv", "NFC"), ("c.csv", "NFD")):
        write(name, [1, 2], unicodedata.normalize(form, "café"))

    assert list(load().current) == ["café", "i"]


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", "sep=; ", "sep=;;;", '"sep=;"'])
def test_excel_s_first_line_names_the_delimiter(line):
    Path("x.csv").write_text(f"{line}\nv;i\n1,5;0\n2,5;1\n")

    assert values(load("x.csv", "x.csv")) == [1.5, 2.5]


@pytest.mark.parametrize(("reference", "current", "read"), [
    (["1.1", "1.10", "2.0"], ["1.10", "1.1", "2.0"], ["1.10", "1.1", "2.0"]),
    (["1.0", "1.1"], ["1.0", "1.10"], ["1.0", "1.10"]),
    (["10%", "25%"], ["25%", "10%"], ["25%", "10%"]),
    (["1.5", "2.0"], ["1.50", "2.00"], [1.5, 2.0]),
    (["1", "2"], ["1.0", "2.0"], [1, 2]),
])  # fmt: skip
def test_numbers_that_are_named_categorical_stay_as_they_are_written_unless_each_side_has_its_own_way(
    reference, current, read
):
    write_both(reference, current)

    assert values(load(columns={"v": "categorical"})) == read


def test_an_odd_word_among_true_and_false_leaves_the_others_as_they_are_on_the_other_side():
    write_both(["TRUE", "FALSE"] * 100, ["True", "False"] * 99 + ["unknown"])

    assert set(values(load(), "reference")) == {"True", "False"}
    assert set(values(load())) == {"True", "False", "unknown"}


@pytest.mark.parametrize("kind", ["DECIMAL(38,0)", "HUGEINT"])
def test_account_numbers_of_21_digits_stay_apart_beside_any_type(kind):
    accounts = ["991234567890123456781", "991234567890123456782"]
    query = f"SELECT * FROM (VALUES (1, '{accounts[0]}'::{kind}), (2, '{accounts[1]}'::{kind})) AS t(i, v)"

    data = load_data(source="sql", reference=query, current=query, run_date="2026-11-24")

    assert values(data) == accounts


def test_long_numbers_that_came_as_floats_are_not_compared_as_categories():
    frame = pd.DataFrame({"account": [1234567890123456781.0, 1234567890123456782.0] * 10, "x": [1.5, 2.5] * 10})
    frame.to_parquet("r.parquet")

    account, _ = infer_columns(load("r.parquet", "r.parquet"), {"account": "categorical"})

    assert not account.testable
    assert account.reason == (
        "floating-point numbers of over 15 digits, of which different ones may have become one; read them as text"
    )


def test_a_column_whose_name_differs_in_what_does_not_show_is_called_by_both_names():
    for name, column in (("r.csv", "unit price"), ("c.csv", "unit\u00a0price")):
        pd.DataFrame({column: [1.5, 2.5] * 10, "i": [3.5, 4.5] * 10}).to_csv(name, index=False)

    missing, *_ = infer_columns(load())

    assert [finding.message for finding in missing.findings] == [
        'unit price: is missing in current, which calls it "unit␣price"; write both names alike.'
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_delimiter_is_found_in_the_header_and_the_first_rows(delimiter):
    rows = [["id", "a b", "c"], ["1", '"x,;|\ty"', "2"], ["2", "z", "3"]]
    Path("x.csv").write_text("".join(delimiter.join(row) + "\n" for row in rows))

    frame = load("x.csv", "x.csv").current.sort_values("id")

    assert frame.values.tolist() == [[1, "x,;|\ty", 2], [2, "z", 3]]


def test_lines_that_begin_with_a_hash_are_rows_unless_they_are_said_to_be_comments():
    Path("x.csv").write_text("tag,i\n#sale,0\n#new,1\n")
    Path("y.csv").write_text("# exported\ntag,i\nsale,0\n# page 2\nnew,1\n")

    assert values(load("x.csv", "x.csv"), column="tag") == ["#sale", "#new"]
    assert values(load("y.csv", "y.csv", read={"comment": "#"}), column="tag") == ["sale", "new"]
    with pytest.raises(DriftMonitorError, match=r"^reference: y\.csv: line 2 has 2 fields, and 1 were expected"):
        load("y.csv", "y.csv")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1"])
def test_other_encodings_are_read_by_their_mark_or_as_named(encoding):
    Path("x.csv").write_text("größe,i\nweiß,0\n", encoding=encoding)
    named = {"encoding": "latin-1"} if encoding == "latin-1" else {}

    assert load("x.csv", "x.csv", read=named).current.to_dict("list") == {"größe": ["weiß"], "i": [0]}


def test_an_archive_that_is_cut_off_is_refused_and_an_empty_one_is_no_data():
    write("r.csv", range(1000))
    packed = gzip.compress(Path("r.csv").read_bytes())
    for name, content in {
        "cut.csv.gz": packed[:-100],
        "empty.csv.gz": gzip.compress(b""),
        "whole.csv.gz": packed,
    }.items():
        Path(name).write_bytes(content)

    with pytest.raises(DriftMonitorError, match=r"^current: cut\.csv\.gz is cut off; write it again\.$"):
        load(current="cut.csv.gz")
    with pytest.raises(DataMissing, match=r"^current: empty\.csv\.gz is empty; write it again\.$"):
        load(current="empty.csv.gz")
    assert load(current="whole.csv.gz").current_total == 1000


def test_thousands_are_told_from_decimals_by_what_both_sides_show():
    for texts, read in (
        (["1,234.5", "12", "999.25"], [1234.5, 12.0, 999.25]),
        (["1.234,5", "12,25", "1"], None),
        (["1,234", "2,345", "12"], None),
    ):
        write_both([f'"{text}"' for text in texts * 10])
        data = load()
        assert values(data)[:3] == (read or texts)
        assert bool(said(data)) == (read is None)


def test_one_comma_among_numbers_with_points_does_not_make_thousands_of_them():
    points = [f"{i}.125" for i in range(1, 200)]
    write_both(points, [*points[:-1], '"1,5"'])

    data = load()

    assert values(data)[:2] == [1.125, 2.125]
    assert said(data) == ["v: 1 value of current cannot be read as a number (c.csv line 200); not counted as missing."]


@pytest.mark.parametrize("odd", ["inf", "0.5", "x"])
def test_long_codes_stay_apart_whatever_else_is_among_them(odd):
    codes = ["12345678901234567801", "12345678901234567802"]
    write_both(codes * 100, [*codes * 100, odd])

    assert len(set(values(load())[:200])) == 2


def test_signs_can_be_named_for_both_sides_one_side_or_one_column():
    write("r.csv", ['"1.234,5"', '"2,5"'])
    write("c.csv", ['"1,234.5"', "2.5"])
    european = {"decimal": ",", "thousands": "."}

    data = load(read={"thousands": ",", "reference": {"columns": {"v": european}}})

    assert values(data, "reference") == values(data) == [1234.5, 2.5]


def test_words_for_missing_values_can_be_added_and_replaced():
    write_both(["-200", "-200.0", "NA", "7"])
    pd.DataFrame({"v": [-200.0, 1.0, 5.0, 7.0], "i": range(4)}).to_parquet("x.parquet")

    added = load(read={"missing": [-200]})
    replaced = load(read={"columns": {"v": {"only_missing": ["-200", "-200.0"]}}})
    typed = load("x.parquet", "x.parquet", read={"missing": [-200]})

    assert pd.isna(values(added)).tolist() == [True, True, True, False]
    assert values(replaced)[2:] == ["NA", "7"]
    assert pd.isna(values(typed)).tolist() == [True, False, False, False]


def test_a_file_may_have_no_header_or_lines_before_it():
    Path("x.csv").write_text("1,0\n2,1\n")
    Path("y.csv").write_text("A report\n\nv,i\n1,0\n2,1\n")

    assert load("x.csv", "x.csv", read={"header": False}).current.columns.tolist() == ["column0", "column1"]
    assert values(load("y.csv", "y.csv", read={"skip_lines": 2})) == [1, 2]


def test_days_are_those_of_the_time_zone():
    write_both(["2026-11-23 23:30:00+00:00", "2026-11-24 22:30:00+00:00", "2026-11-24 23:30:00+00:00"])

    data = load(time_column="v", timezone="Europe/Berlin")

    assert values(data) == [pd.Timestamp("2026-11-24 00:30"), pd.Timestamp("2026-11-24 23:30")]


def test_nanoseconds_of_pandas_can_be_sampled():
    times = pd.Series(pd.date_range("2026-11-01", periods=1200, freq="30min").as_unit("ns"))
    pd.DataFrame({"v": times, "i": range(1200)}).to_parquet("x.parquet")

    data = load(
        "x.parquet", "", time_column="v", reference_window="2026-11-01/2026-11-20", current_days=5, max_rows=500
    )

    assert data.reference_total == 960


@pytest.mark.parametrize("kind", ["numerical", "categorical"])
@pytest.mark.parametrize("again", [
    lambda numbers: numbers.astype("float32").astype("float64"),
    lambda numbers: numbers + np.where(numbers == 0, 1e-17, np.spacing(numbers)),
])  # fmt: skip
def test_the_same_steps_with_other_last_digits_have_not_drifted(again, kind):
    numbers = np.tile(np.arange(20) / 10, 100)
    pd.DataFrame({"v": numbers, "i": range(2000)}).to_parquet("r.parquet")
    pd.DataFrame({"v": again(numbers), "i": range(2000)}).to_parquet("c.parquet")

    data = load("r.parquet", "c.parquet", columns={"v": kind})
    comparison = score(data, infer_columns(data, {"v": kind, "i": "ignore"}), Settings())

    assert comparison["v"].distance == 0


def test_the_same_rows_are_sampled_whatever_another_column_is_read_as(folder):
    write("r.csv", range(3000))
    write("c.csv", [*range(2999), "x"])

    assert sorted(load(max_rows=500, current="r.csv").reference["i"]) == sorted(load(max_rows=500).reference["i"])


def test_buffers_of_many_small_files_with_other_columns_are_put_together():
    for i in range(3):
        buffer = io.StringIO()
        pd.DataFrame({"i": [i], f"own{i}": [i]}).to_csv(buffer, index=False)
        Path(f"part{i}.csv").write_text(buffer.getvalue())

    frame = load("part*.csv", "part*.csv").current

    assert list(frame) == ["i", "own0", "own1", "own2"]
    assert frame.notna().sum().tolist() == [3, 1, 1, 1]


@pytest.mark.parametrize(("read", "message"), [
    ({"decimel": ","}, "read.decimel: no such key; did you mean decimal?"),
    ({"decimal": ";"}, "read.decimal is ';' (text); use '.' or ','."),
    ({"columns": {"v": {"mising": [1]}}}, "read.columns.v.mising: no such key; did you mean missing?"),
    ({"current": {"skip_lines": -1}}, "read.current.skip_lines is -1; use 0 or more."),
    ({"date_format": "%Q"}, "read.date_format is '%Q' (text); use directives of strptime, such as %d/%m/%Y."),
    ({"decimal": ",", "thousands": ","}, "read is {'decimal': ',', 'thousands': ','} (a mapping); use two signs for"),
    ({"missing": "NA"}, "read.missing is 'NA' (text); give a list."),
    ({"encoding": "cp125"}, "read.encoding is 'cp125' (text); use one of Python's names, such as cp1252, latin-1"),
])  # fmt: skip
def test_a_wrong_option_is_refused_with_the_nearest_key(read, message):
    write_both([1, 2])

    with pytest.raises(DriftMonitorError) as caught:
        load(read=read)

    assert str(caught.value).startswith(message)


def test_a_wrong_time_zone_is_refused():
    write_both([1, 2])

    with pytest.raises(DriftMonitorError, match=r"^timezone 'Europe/Berlni': no such time zone; use a name such as"):
        load(timezone="Europe/Berlni")


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_the_names_of_hive_s_folders_are_columns_if_both_sides_have_them(ending):
    for day, country in (("2026-11-23", "DE"), ("2026-11-24", "DE"), ("2026-11-24", "FR")):
        folder = Path(f"t/dt={day}/country={country}")
        folder.mkdir(parents=True)
        frame = pd.DataFrame({"i": [1, 2], "v": [1.5, 2.5]})
        if ending == "parquet":
            frame.to_parquet(folder / "x.parquet")
        elif ending == "csv":
            frame.to_csv(folder / "x.csv", index=False)
        else:
            frame.to_json(folder / "x.jsonl", orient="records", lines=True)
    window = {"time_column": "dt", "reference_window": "2026-11-23/2026-11-23"}

    data = load(f"t/*/*/*.{ending}", "", **window)

    assert set(data.current) == {"i", "v", "dt", "country"}
    assert sorted(data.current["country"]) == ["DE", "DE", "FR", "FR"]
    assert sorted(data.reference["i"]) == [1, 2]


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_folders_that_only_say_where_the_day_s_files_are_give_no_columns(ending):
    for day in ("2026-11-22", "2026-11-23", "2026-11-24"):
        for country in ("DE", "FR"):
            folder = Path(f"dt={day}/country={country}")
            folder.mkdir(parents=True)
            frame = pd.DataFrame({"i": [1, 2]})
            frame.to_csv(folder / "x.csv", index=False)
            frame.to_parquet(folder / "x.parquet")

    data = load(f"dt=2026-11-2[23]/*/x.{ending}", f"dt={{date}}/*/x.{ending}")
    alone = load(f"dt=2026-11-22/*/x.{ending}", f"dt={{date}}/country=DE/x.{ending}")

    assert list(data.current) == ["i", "country"]
    assert sorted(data.reference["country"]) == ["DE"] * 4 + ["FR"] * 4
    assert list(alone.current) == ["i"]


def test_a_setting_for_a_column_that_neither_side_has_is_said_with_the_nearest_name():
    write_both([1, 2, 3])

    assert said(load(read={"columns": {"w": {"decimal": ","}, "v": {"missing": ["3"]}}})) == [
        "read.columns.w: neither side has this column; choose one of: i, v."
    ]
    assert said(load(read={"current": {"columns": {"vv": {"missing": ["3"]}}}})) == [
        "read.current.columns.vv: neither side has this column; did you mean v?"
    ]
