"""A CSV file that does not begin with its header is not guessed at: the error names a setting, which `init` writes."""

import os
from pathlib import Path

import pandas as pd
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import Data, load_data
from driftmonitor.analysis.sources.dialect import find_dialect
from driftmonitor.analysis.sources.utf8 import Utf8
from driftmonitor.config.read_settings import SideSettings
from driftmonitor.config.yaml_text import read_yaml
from tests.jobs import main

HEADER = "at,amount,items,country\n"
DAYS = [f"2026-{8 + i // 28:02}-{i % 28 + 1:02}" for i in range(84)]
ROWS = [f"{day},{i % 17 + 0.5},{i % 5 + 1},{('DE', 'FR', 'IT')[i % 3]}\n" for i, day in enumerate(DAYS)]
TABLE = HEADER + "".join(ROWS)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("plain.csv").write_text(TABLE)


def load(text: str, **read) -> Data:
    Path("t.csv").write_text(text)
    return load_data(source="files", reference="plain.csv", current="t.csv", run_date="2026-11-24", read=read)


def refused(text: str, **settings) -> str:
    """Return the error of a file as the reference, without its beginning, "" if there is none."""
    Path("t.csv").write_text(text)
    try:
        find_dialect("reference", "t.csv", "csv", Utf8("t.csv", "utf-8"), SideSettings(**settings))
    except DriftMonitorError as error:
        return str(error).removeprefix("reference: t.csv")
    return ""


ABOVE = {
    "Report of 2026-11-24\n": ": line 2 seems to be the header, below a title; set read.skip_lines to 1.",
    "Orders\nExported by: shop\n\n": ": line 4 seems to be the header, below a title; set read.skip_lines to 3.",
    '"Data Source","Indicators",\n\n"Last Updated","2026-10-07",\n\n':
        ": line 5 seems to be the header, below a title; set read.skip_lines to 4.",
    '"Report, of 2026-11-24",,,\n,,,\n': ": line 3 seems to be the header, below a title; set read.skip_lines to 2.",
    "when,money,,place\n": ": line 2 seems to be the header, below a title; set read.skip_lines to 1.",
    "# by x\n# at 2026-11-24\n": ": line 3 seems to be the header, below comments; set read.comment to '#'.",
}  # fmt: skip


@pytest.mark.parametrize("above", ABOVE)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_lines_above_the_header_are_refused_with_the_setting_that_skips_them(above, delimiter):
    above, problem = (above if delimiter == "," else above.replace(",", delimiter)), ABOVE[above]

    assert refused(above + TABLE.replace(",", delimiter)) == problem


def test_the_setting_of_one_side_is_named_with_its_side_and_reads_the_file_right():
    with pytest.raises(DriftMonitorError, match=r"^current: t.csv: line 2 .* set read.current.skip_lines to 1.$"):
        load("A report\n" + TABLE)

    assert load("A report\n" + TABLE, current={"skip_lines": 1}).current.shape == (84, 4)


WRONG = {
    "".join(ROWS): ": line 1 seems to be a row, not names; set read.header to false, or to true if it has names.",
    "5.1,3.5,a\n4.9,3.0,a\n5.2,3.6,b\n4.0,3.1,b\n5.3,3.7,a\n":
        ": line 1 seems to be a row, not names; set read.header to false, or to true if it has names.",
    TABLE.replace(",", "~"): " seems to have 4 columns with '~' between them; set read.delimiter to '~'.",
    TABLE.replace(",", ":"): " seems to have 4 columns with ':' between them; set read.delimiter to ':'.",
    TABLE.replace(",", " "): " seems to have 4 columns with a space between them; set read.delimiter to ' '.",
    TABLE.replace(",", "\x01"):
        ' seems to have 4 columns with the sign \\x01 between them; set read.delimiter to "\\x01".',
    TABLE.replace(",", "    "): " seems to have columns of fixed width; save it as CSV or Parquet.",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG, ids=lambda text: repr(text[:20]))
def test_a_file_without_header_or_with_another_delimiter_is_refused_with_the_setting(text):
    assert refused(text) == WRONG[text]


def test_two_lines_of_names_are_refused_until_it_is_said_which_they_are():
    both = HEADER + "when,in euros,number,ISO code\n" + "".join(ROWS)
    problem = ": lines 1 and 2 both seem to have names; set read.skip_lines to 0, or to 1 to take those of line 2."

    assert refused(both) == problem
    assert load(both, current={"skip_lines": 0}).current.shape == (84, 4)
    assert refused(both, skip_lines=1) == ""


def test_a_delimiter_that_was_named_and_separates_nothing_is_refused():
    assert refused(TABLE.replace(",", ";"), delimiter=",").endswith("with ';' between them; set read.delimiter to ';'.")


@pytest.mark.parametrize(
    "header_and_rows",
    [
        "country,1990,1995,2015\n" + "".join(f"C{i},{900 + i * 300},{i * 400},{i * 500}\n" for i in range(9)),  # years
        "name,0,1,2\n" + "a,0,5,1\nb,1,0,2\nc,4,2,0\nd,0,1,9\n",  # as pandas numbers columns
        ",0\n" + "0,5\n1,0\n2,7\n3,1\n",
        "place,1/22/20,1/23/20\n" + "a,1,2\nb,3,4\nc,5,6\n",
        "x\n1 2\n3 4\n5 6\n7 8\n",
        "full name\nJane Doe\nJohn Roe\nAnn Poe\nBob Low\n",
        "at\n" + "".join(f"2026-01-01 09:00:0{i}\n" for i in range(9)),
        "a,b\n,\n1,x\n2,y\n3,z\n",
        "status,amount\nopen,n/a\nopen,3\nshut,4\nopen,5\nshut,6\nopen,7\nopen,8\n",
        "a,b,c\n1,2\nx,y,z,4\n1,2,3\n4,5,6\n7,8,9\n1,1,1\n3,2,1\n2,2,2\n",
        "a,b,c\n1,2,3,\n4,5,6,\n7,8,9,\n1,1,1,\n",
        "name,city\n1,Ann,Rome\n2,Bob,Oslo\n3,Eve,Bonn\n4,Tom,Bern\n",  # as R writes the names of rows
    ],
)
def test_a_header_that_only_looks_odd_is_one(header_and_rows):
    assert refused(header_and_rows) == ""


@pytest.mark.parametrize(
    ("above", "below", "said"),
    [
        (",EUR,pieces,\n", "", "the second line of the header"),
        ("", "Total,747,252,\n", "totals at the end"),
        ("", "\nTotal:,747,252,\nAverage,8.9,3,\n", "totals at the end"),
        (",EUR,pieces,\n", ",747,252,Grand total\n", "the second line of the header"),
    ],
)
def test_units_and_totals_are_no_rows_and_the_reading_says_so(above, below, said):
    data = load(HEADER + above + "".join(ROWS) + below)

    assert len(data.current) == 84 + (below[:1] == ",")
    assert data.reading.current.source == f"CSV with commas, without {said}"
    assert data.snapshot().findings == ()


def test_lines_are_counted_below_a_line_that_is_no_row():
    rows = ROWS * 4
    rows[257] = rows[257].replace(",", ",many", 1)

    data = load(HEADER + ",EUR,pieces,\n" + "".join(rows))

    assert "t.csv line 260" in data.snapshot().findings[0].message


def test_years_are_names_below_a_title_and_a_delimiter_may_end_each_line():
    years = "".join(f"C{i},{i * 1e6},{i * 2e6},{i * 3e6},\n" for i in range(9))

    assert refused("Source,Indicators,\n\ncountry,2019,2020,2021,\n" + years).endswith("set read.skip_lines to 2.")


def test_a_title_above_the_table_of_a_sheet_is_refused_with_its_row(tmp_path):
    pytest.importorskip("openpyxl")
    table = pd.read_csv("plain.csv")
    with pd.ExcelWriter("t.xlsx") as workbook:
        table.to_excel(workbook, index=False, startrow=3)
        workbook.sheets["Sheet1"].cell(1, 1).value = "Report of November"

    with pytest.raises(DriftMonitorError, match=r"row 4 .* below a title; set read.current.skip_lines to 3\.$"):
        load_data(source="files", reference="plain.csv", current="t.xlsx", run_date="2026-11-24")


def test_init_says_how_a_setting_is_given_to_it(capsys):
    Path("t.csv").write_text(TABLE.replace("IT", "ÖS"), encoding="cp1252")

    code, _, err = main(capsys, "init", str(Path("t.csv").resolve()), "--params", "params")

    assert code == 2
    assert err.endswith("set read.encoding, for example to cp1252. With init: -p read '{encoding: ...}'.\n")


@pytest.mark.parametrize("above", ["Report of 2026-11-24\n", "# by x\n", ""])
def test_init_writes_the_setting_and_says_it(capsys, tmp_path, above):
    Path("t.csv").write_text(above + (TABLE if above else "".join(ROWS)))
    setting = {"R": ("skip_lines", 1, "1"), "#": ("comment", "#", "'#'")}.get(above[:1], ("header", False, "false"))

    code, out, err = main(capsys, "init", "t.csv", "--params", "params")
    os.chdir(tmp_path)

    assert (code, err) == (0, "")
    assert f"so read.{setting[0]} is set to {setting[2]}" in out
    assert read_yaml(Path("params/t.yaml").read_text(), "t")["read"] == {setting[0]: setting[1]}
    assert "84 rows from 2026-08-01" in out
