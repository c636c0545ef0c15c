"""Excel workbooks are read as their owner sees them, beside workbooks and beside text; anything else is one line."""

import datetime as dt
import io
import re
import sys
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import Data, DataMissing, load_data
from driftmonitor.config.yaml_text import read_yaml
from tests.jobs import main

HEADER = ["amount", "rate", "paid", "day", "moment", "plan", "code"]
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


at = dt.datetime.fromisoformat


def rows(count: int = 300) -> list[list]:
    """Return rows of all types that a cell can have; the code is a number that is kept as text."""
    day, moment = at("2026-01-01"), at("2026-01-01 08:30")
    return [
        [i, i / 8, i % 3 == 0, day + dt.timedelta(i), moment + dt.timedelta(hours=i), "abc"[i % 3], f"{i:05}"]
        for i in range(count)
    ]


def book(name: str, *lines, sheets=(), epoch=None, hidden=()) -> None:
    """Write a workbook of one sheet, or of several by their titles."""
    workbook = openpyxl.Workbook()
    workbook.epoch = epoch or workbook.epoch
    workbook.remove(workbook.active)
    for title, own in sheets or [("Sheet", lines)]:
        sheet = workbook.create_sheet(title)
        sheet.sheet_state = "hidden" if title in hidden else "visible"
        for line in own:
            sheet.append(line)
    workbook.save(name)


def changed(name: str, part: str, old: str, new: str) -> None:
    """Replace text in a part of a workbook."""
    with zipfile.ZipFile(name) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode())
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in parts.items():
            archive.writestr(each, content)


def load(reference="r.xlsx", current=None, **changes) -> Data:
    asked = {"source": "files", "reference": reference, "current": current or reference, "run_date": "2026-11-24"}
    return load_data(**{**asked, **changes})


def values(data: Data, column: str, side: str = "current") -> list:
    frame = getattr(data, side)
    return frame.sort_values(frame.columns[0])[column].tolist()


def said(data: Data) -> list[str]:
    return [finding.message for finding in data.snapshot().findings]


def refused(**options) -> str:
    with pytest.raises(DriftMonitorError) as error:
        load(**options)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_workbook_is_read_as_pandas_reads_it():
    book("r.xlsx", HEADER, *rows())

    data = load()

    expected = pd.read_excel("r.xlsx", dtype={"code": str})
    read = data.current.sort_values("amount").reset_index(drop=True)
    pd.testing.assert_frame_equal(read, expected, check_dtype=False)
    assert (data.reference_total, data.current_total, said(data)) == (300, 300, [])


@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize("side", ["reference", "current"])
def test_a_csv_beside_a_workbook_is_read_as_the_same_types(side, decimal):
    table = pd.DataFrame(rows(), columns=HEADER).assign(mixed=["n", *[i / 4 for i in range(299)]])
    book("x.xlsx", list(table), *table.itertuples(index=False))
    written = table["mixed"].astype(str).str.replace(".", decimal), table["paid"].astype(str).str.upper()
    table = table.assign(mixed=written[0], paid=written[1])
    table.to_csv("x.csv", index=False, sep=";", decimal=decimal)
    text = {"decimal": decimal, "delimiter": ";"}

    data = load(**{"reference": "x.xlsx", "current": "x.xlsx", side: "x.csv"}, read=text)

    reference, current = (frame.sort_values("amount", ignore_index=True) for frame in (data.reference, data.current))
    pd.testing.assert_frame_equal(reference, current)
    assert current.dtypes.astype(str).tolist()[:3] == ["int64", "float64", "bool"]
    assert current["mixed"].isna().tolist() == [True, *[False] * 299]


def test_each_cell_of_a_mixed_column_stays_as_it_is_written():
    book("r.xlsx", ["i", "v"], *[[i, value] for i, value in enumerate([1, 0.1, True, "x", at("2026-01-31")])])

    assert values(load(), "v") == ["1", "0.1", "TRUE", "x", "2026-01-31"]


def test_a_late_fraction_or_word_decides_for_all_rows():
    book("r.xlsx", ["i", "v", "w"], *[[i, 1, 1] for i in range(50)], [50, 0.4, "x"])

    assert values(load(), "v") == [1.0] * 50 + [0.4]
    assert values(load(), "w") == ["1"] * 50 + ["x"]


def test_errors_of_formulas_are_counted_by_row_and_are_not_missing():
    lines = [[i, i / 2, at(f"2026-01-0{1 + i % 9}"), "ab"[i % 2]] for i in range(50)]
    lines[3][1], lines[7][1], lines[8][1], lines[5][3], lines[6][2] = "#DIV/0!", "#N/A", None, "#REF!", "#VALUE!"
    book("r.xlsx", ["i", "v", "d", "w"], [], *lines)
    book("c.xlsx", ["i", "v", "d", "w"], *[line for i, line in enumerate(lines) if i not in (3, 5, 6)])

    data = load("c.xlsx", "r.xlsx")

    assert said(data) == [
        "v: 1 value of current cannot be read as a number (r.xlsx row 6); not counted as missing.",
        "d: 1 value of current cannot be read as a date (r.xlsx row 9); not counted as missing.",
        "w: 1 value of current cannot be read as text (r.xlsx row 8); not counted as missing.",
    ]
    assert data.snapshot().unreadable["current"] == {"v": 1, "d": 1, "w": 1}
    assert data.current["v"].isna().sum() == 3
    assert data.current["v"].dtype == "float64"


def test_the_rows_that_are_named_are_those_of_the_window():
    lines = [[at(f"2026-11-{20 + i // 10}"), i] for i in range(50)]
    lines[2][1] = lines[44][1] = "#DIV/0!"
    book("r.xlsx", ["day", "v"], *lines)

    data = load(time_column="day", reference_window="2026-11-20/2026-11-21", current="")

    assert said(data) == [
        "v: 1 value of reference cannot be read as a number (r.xlsx row 4); not counted as missing.",
        "v: 1 value of current cannot be read as a number (r.xlsx row 46); not counted as missing.",
    ]


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_dates_are_read_in_both_of_excel_s_calendars(epoch):
    days = [at("1904-01-02"), at("2026-01-31"), at("2026-02-01")]
    book("r.xlsx", ["i", "d"], *enumerate(days), epoch=epoch)

    assert values(load(), "d") == days


def test_times_of_day_and_durations_are_read():
    book("r.xlsx", ["i", "t", "s"], [0, dt.time(8, 0), dt.timedelta(hours=30)], [1, dt.time(9, 30), dt.timedelta(0)])

    assert values(load(), "t") == ["08:00:00", "09:30:00"]
    assert values(load(), "s") == [108_000, 0]


def test_leading_rows_and_columns_that_are_empty_and_an_index_of_pandas_are_no_obstacle():
    book("r.xlsx", [], [], [None, None, "a", None, "b"], [None, None, 1, None, 2], [], [None, None, 3, None, 4])
    pd.DataFrame({"a": [1, 3], "b": [2, 4]}).to_excel("c.xlsx")

    data = load("r.xlsx", "c.xlsx")

    assert data.reference.sort_values("a").to_dict("list") == {"a": [1, 3], "b": [2, 4]}
    assert set(data.current) == {"column0", "a", "b"}


@pytest.mark.parametrize(("lines", "message"), [
    ([["Sales of 2026"], [], ["id", "n"], [1, 2]], "column B has a value in row 3 and no name in row 1"),
    ([["id", "sold", None], [None, "north", "south"], [1, 2, 3]], "column C has a value in row 2 and no name in row 1"),
    ([["a", None, "b"], [1, None, 2], [1, 5, 2]], "column B has a value in row 3 and no name in row 1"),
])  # fmt: skip
def test_titles_merged_headers_and_notes_are_refused(lines, message):
    book("r.xlsx", *lines)

    assert refused() == f"reference: r.xlsx: {message}; name it, or set read.skip_lines."


def test_lines_before_the_header_can_be_skipped_and_a_header_can_be_absent():
    book("r.xlsx", ["Sales of 2026"], ["id", "n"], [1, 2], [3, 4])

    assert values(load(read={"skip_lines": 1}), "n") == [2, 4]
    assert load(read={"skip_lines": 2, "header": False}).current.shape == (2, 2)
    assert list(load(read={"skip_lines": 2, "header": False}).current) == ["column0", "column1"]


SHEETS = [("Orders", [["a"], [1]]), ("Old", [["a"], [2]]), ("Notes", []), ("Secret", [["a"], [3]])]


def test_of_several_sheets_one_has_to_be_named():
    book("r.xlsx", sheets=SHEETS, hidden=["Secret"])

    assert refused() == "reference: r.xlsx has 2 sheets: Orders, Old; set read.sheet to the one to read."
    assert refused(read={"sheet": "Ordres"}) == "reference: r.xlsx has no sheet 'Ordres'; did you mean Orders?"
    assert refused(read={"sheet": 9}) == "reference: r.xlsx has 4 sheets; set read.sheet to one of them."
    assert refused(read={"sheet": 0}).endswith("read.sheet is 0; give the name of a sheet, or its position from 1.")
    assert refused(read={"sheet": True}).startswith("read.sheet is true; give the name")
    data = load(read={"sheet": "Old", "current": {"sheet": 4}})
    assert (values(data, "a", "reference"), values(data, "a")) == ([2], [3])


def test_empty_and_hidden_sheets_are_no_choice():
    book("r.xlsx", sheets=[SHEETS[0], SHEETS[2], SHEETS[3]], hidden=["Secret"])

    assert values(load(), "a") == [1]


def test_a_workbook_without_rows_is_no_data():
    book("r.xlsx", ["a"], [1])
    book("c.xlsx", [])

    with pytest.raises(DataMissing, match=r"^current: c.xlsx has no rows; check read.sheet, or write it again.$"):
        load(current="c.xlsx")
    book("c.xlsx", ["a"])
    with pytest.raises(DataMissing, match=r"^current: c.xlsx has no rows"):
        load(current="c.xlsx")


def test_a_glob_of_workbooks_is_one_table_and_folders_are_columns():
    for i, land in enumerate(["DE", "FR"]):
        Path(f"land={land}").mkdir()
        book(f"land={land}/{i}.xlsx", *([["a", "b"], [i, 5]] if i else [["b", "a"], [5, i]]))

    data = load("**/*.xlsx")

    assert data.current.sort_values("a").to_dict("list") == {"b": [5, 5], "a": [0, 1], "land": ["DE", "FR"]}


def test_words_for_missing_values_hold_in_workbooks_too():
    book("r.xlsx", ["i", "v", "w"], [0, 5, "NA"], [1, -200, "x"], [2, "NA", "-"])

    data = load(read={"missing": [-200], "columns": {"w": {"only_missing": ["-"]}}})

    assert values(data, "w")[:2] == ["NA", "x"]
    assert data.current["v"].isna().sum() == 2
    assert data.current["w"].isna().sum() == 1


def zipped(**parts: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return content.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)
REMEDY = "save it as an Excel workbook (.xlsx)."


@pytest.mark.parametrize(("content", "message"), [
    (b"a,b\n1,2\n", f"is text, no Excel workbook; call it .csv, or {REMEDY}"),
    (b"\xef\xbb\xbf<html><table><tr><td>1", f"is HTML or XML, no Excel workbook; open it in Excel and {REMEDY}"),
    (OLE, f"is an old workbook (.xls); {REMEDY}"),
    (OLE + "EncryptedPackage".encode("utf-16-le"), "is encrypted; save it without a password."),
    (b"PAR1\0\0\0", f"is no Excel workbook; {REMEDY}"),
    (zipped(a="b"), f"is no Excel workbook, or is damaged; {REMEDY}"),
    (zipped(a="b")[:40], f"is no Excel workbook, or is damaged; {REMEDY}"),
], ids=["csv", "html", "xls", "encrypted", "parquet", "zip", "cut zip"])  # fmt: skip
def test_a_file_that_is_no_workbook_is_one_line(content, message):
    Path("r.xlsx").write_bytes(content)

    assert refused() == f"reference: r.xlsx {message}"


def test_a_workbook_that_is_cut_off_or_damaged_is_one_line():
    book("r.xlsx", HEADER, *rows(50))
    whole = Path("r.xlsx").read_bytes()
    for size in range(100, len(whole), len(whole) // 7):
        Path("r.xlsx").write_bytes(whole[:size])
        assert refused() == f"reference: r.xlsx is no Excel workbook, or is damaged; {REMEDY}"


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_at_once():
    book("r.xlsx", ["a"], [1])
    content = bytearray(Path("r.xlsx").read_bytes())
    entry = content.index(b"PK\1\2")  # of the archive's directory; a part's unpacked size follows 24 bytes later
    content[entry + 24 : entry + 28] = (4 * 10**9).to_bytes(4, "little")
    Path("r.xlsx").write_bytes(content)

    assert refused() == "reference: r.xlsx is 4.0 GB unpacked, and 1 GB is allowed; save the table as CSV or Parquet."


@pytest.mark.parametrize(("old", "new"), [
    ('<row r="2"', '<row r="99999999999"'), ('r="A2"', 'r="ZZZZZZZ2"'),
])  # fmt: skip
def test_a_cell_far_outside_of_any_sheet_is_refused(old, new):
    book("r.xlsx", ["a"], [1])
    changed("r.xlsx", SHEET, old, new)

    assert "row below 1,048,576" in refused() or "or is damaged" in refused()


def test_a_cell_in_the_last_corner_takes_no_memory():
    book("r.xlsx", ["a"], [1])
    changed("r.xlsx", SHEET, "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData>')

    assert "column XFD has a value in row 1048576 and no name in row 1" in refused()


ENTITIES = '<!DOCTYPE x [<!ENTITY a "1000000"><!ENTITY b SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("entity", ["a", "b"])
def test_entities_of_xml_do_nothing(entity):
    book("r.xlsx", ["a"], [1])
    changed("r.xlsx", SHEET, "<worksheet ", f"{ENTITIES}<worksheet ")
    changed("r.xlsx", SHEET, "<v>1</v>", f"<v>&{entity};</v>")

    assert refused() == f"reference: r.xlsx declares XML entities, as no workbook does; {REMEDY}"


def test_a_strict_workbook_without_sheets_that_can_be_read_is_said():
    book("r.xlsx", ["a"], [1])
    changed(
        "r.xlsx", "xl/workbook.xml", "schemas.openxmlformats.org/officeDocument/2006/relationships",
        "purl.oclc.org/ooxml/officeDocument/relationships",
    )  # fmt: skip

    assert refused() == f"reference: r.xlsx has no sheets that can be read; {REMEDY}"


def test_without_openpyxl_the_error_says_what_to_install(monkeypatch):
    book("r.xlsx", ["a"], [1])
    monkeypatch.setitem(sys.modules, "openpyxl", None)

    assert refused() == "reference: r.xlsx needs openpyxl; pip install '.[excel]'."


def test_no_error_names_a_temporary_file_and_none_is_left(monkeypatch, tmp_path):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    book("r.xlsx", ["a"], [1])

    load()

    left = [path for path in (tmp_path / "temporary").iterdir() if not re.match("drift-monitor-duckdb", path.name)]
    assert left == []


def test_init_looks_at_a_workbook_and_its_proposal_runs(monkeypatch, tmp_path, capsys):
    lines = [[at("2026-01-01") + dt.timedelta(hours=i), i * 7 % 31 / 4, "abc"[i % 3]] for i in range(2400)]
    book("t.xlsx", ["at", "amount", "plan"], *lines)

    code, out, _ = main(capsys, "init", "t.xlsx", "--params", "params")
    monkeypatch.chdir(tmp_path)
    proposed = read_yaml(Path("params/t.yaml").read_text(encoding="utf-8"), "t")

    assert code == 0
    assert "2,400 rows" in out
    assert proposed["time_column"] == "at"
    assert proposed["reference"].endswith("t.xlsx")
