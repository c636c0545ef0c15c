"""Text of any encoding is read, or the first line that is not in it is named; lines are counted as an editor does."""

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import Data, DataMissing, load_data

NAMES = "Größe,preis €"
TABLE = f"{NAMES}\nklein,1\n“groß”,2\n\nÜbermaß,x\n"
MANY = 40_000  # rows, so that the last one is not among the first bytes


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Stand in an empty folder with one reference in UTF-8."""
    monkeypatch.chdir(tmp_path)
    Path("r.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def load(reference="r.csv", current="c.csv", **read) -> Data:
    """Return both sides; options that begin with `of_` are those of one side."""
    read = {name.removeprefix("of_"): value for name, value in read.items()}
    return load_data(source="files", reference=reference, current=current, run_date="2026-11-24", read=read)


def refused(*places, **read) -> str:
    with pytest.raises(DriftMonitorError) as error:
        load(*places, **read)
    assert "\n" not in str(error.value)
    return str(error.value)


def table(data: Data, side: str = "current") -> list[list]:
    return sorted(getattr(data, side).values.tolist())


def said(data: Data) -> list[str]:
    return [finding.message for finding in data.snapshot().findings]


ENCODINGS = ["utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp858", "utf-7"]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_file_in_another_encoding_has_the_rows_of_one_in_utf_8(encoding, packed):
    written = TABLE.replace("“", "").replace("”", "").replace(" €", "").encode(encoding)
    name = "c.csv.gz" if packed else "c.csv"
    Path(name).write_bytes(gzip.compress(written) if packed else written)
    Path("r.csv").write_text(written.decode(encoding), encoding="utf-8")

    data = load("r.csv", name, of_current={"encoding": encoding})

    assert list(data.current) == list(data.reference) == ["Größe", "preis"]
    assert table(data) == table(data, "reference") == [["groß", "2"], ["klein", "1"], ["Übermaß", "x"]]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_mark_tells_the_encoding_and_wins_in_json_too(encoding):
    Path("c.csv").write_text(TABLE, encoding=encoding)
    Path("c.json").write_text(json.dumps([{"a": "ä"}], ensure_ascii=False), encoding=encoding)

    assert table(load()) == table(load("c.csv", encoding="cp1252"))
    assert table(load("c.json", "c.json")) == [["ä"]]


def test_json_in_another_encoding_is_read_as_named():
    Path("c.json").write_text('{"a": "Größe"}\n{"a": "x"}\n', encoding="latin-1")

    assert table(load("c.json", "c.json", encoding="latin-1")) == [["Größe"], ["x"]]
    assert refused("r.csv", "c.json") == (
        "current: c.json: line 1 is not UTF-8 text; set read.encoding, for example to cp1252."
    )


def test_the_first_line_that_is_not_in_the_encoding_is_named():
    Path("c.csv").write_bytes(TABLE.encode("cp1252"))
    assert refused() == "current: c.csv: line 1 is not UTF-8 text; set read.encoding, for example to cp1252."

    Path("c.csv").write_bytes(TABLE.encode("cp1252") + b"\x81,1\n")
    assert refused("c.csv", encoding="cp1252") == (
        "reference: c.csv: line 6 is not cp1252 text; set read.encoding to another, or save the file as UTF-8."
    )


@pytest.mark.parametrize(("encoding", "odd"), [("utf-8", b"\xe4"), ("cp1252", b"\x81"), ("ascii", b"\xe4")])
@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_late_line_that_is_not_in_the_encoding_is_named(encoding, odd, ending):
    line = b"x,1\n" if ending == "csv" else b'{"a": "x", "b": 1}\n'
    lines = [b"a,b\n"] * (ending == "csv") + [line] * MANY
    lines[MANY - 7] = line.replace(b"x", odd)
    Path(f"c.{ending}").write_bytes(b"".join(lines))

    error = refused(f"c.{ending}", f"c.{ending}", encoding=encoding)

    assert error.startswith(
        f"reference: c.{ending}: line {MANY - 6} is not {encoding.replace('utf', 'UTF')} text; set "
    )


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_refused_with_its_name(encoding):
    Path("c.csv").write_bytes("größe,b\n1,2\n".encode(encoding))

    assert refused() == f"current: c.csv has NUL characters, as UTF-16 has; set read.encoding to {encoding}."


def test_a_file_that_a_crash_filled_with_nothing_is_not_taken_for_utf_16():
    Path("c.csv").write_bytes(b"a,b\n" + b"1,2\n" * 40 + b"\0" * 100)

    assert refused() == "current: c.csv has NUL characters, as a damaged file has; write it again."


@pytest.mark.parametrize("name", ["cp125", "base64", ""])
def test_what_is_no_encoding_is_refused(name):
    assert refused(encoding=name) == (
        f"read.encoding is {name!r} (text); use one of Python's names, such as cp1252, latin-1 or utf-16."
    )


def test_an_error_in_a_file_that_was_written_again_names_the_file_and_its_line():
    Path("c1.csv").write_bytes("ä,b\n\n1,2\n3\n".encode("cp1252"))
    assert refused("r.csv", "c?.csv", of_current={"encoding": "cp1252"}) == (
        "current: c1.csv: line 4 has 1 field, and 2 were expected (1 of 2 rows are so, and 1% may be left out); "
        "write the file again."
    )

    Path("c1.csv").write_bytes('ä,b\n1,2\n"3,4\n'.encode("cp1252"))
    assert refused("r.csv", "c?.csv", of_current={"encoding": "cp1252"}) == (
        "current: c?.csv: c1.csv: line 3 has a quote that is never closed; write the file again, or name another."
    )


HUNDRED = [f"{i},{i % 40}" for i in range(500)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_blank_lines_comments_and_values_of_several_lines_count_as_lines(encoding):
    lines = ["", "# page 1", "", "i,v,w", *[f"{line},x" for line in HUNDRED]]
    lines[10] = '7,3,"two\n\nlines # of text"'
    lines.insert(20, "")
    lines.insert(30, "# page 2")
    lines[50] = "77,oops,x"
    lines[60] = "78,oops,x"
    Path("r.csv").write_text("\n".join(lines), encoding=encoding)

    data = load("r.csv", "r.csv", comment="#")

    text = Path("r.csv").read_text(encoding=encoding).splitlines()
    places = [i for i, line in enumerate(text, start=1) if "oops" in line]
    assert said(data)[0] == (
        f"v: 2 values of reference cannot be read as a number (r.csv line {places[0]}, {places[1]}); "
        "not counted as missing."
    )
    assert (data.current_total, data.current["w"].max()) == (500, "x")
    assert "two\n\nlines # of text" in set(data.current["w"])


def test_a_sign_for_comments_in_the_middle_of_a_line_is_text():
    Path("c.csv").write_text("# c\na,b\n1,#x\n# 2,y\n'#',\"\n# z\"\n")

    data = load("c.csv", "c.csv", comment="#")

    assert table(data) == [["'#'", "\n# z"], ["1", "#x"]]


def test_blank_lines_in_a_file_of_one_column_are_no_rows_as_in_pandas():
    Path("c.csv").write_text('a\n1\n\n""\n2\nNA\n\n')

    data = load("c.csv", "c.csv")

    assert data.current_total == len(pd.read_csv("c.csv")) == 4
    assert data.current["a"].dropna().sort_values().tolist() == [1, 2]


def test_records_of_json_are_counted_not_lines():
    records = [{"i": i, "v": str(i % 40) if i else "x"} for i in range(500)]
    records[300]["v"] = "y"
    for record in records[1:300] + records[301:]:
        record["v"] = int(record["v"])
    Path("c.json").write_text(json.dumps(records, indent=1))

    assert "(c.json record 1, 301)" in said(load("c.json", "c.json"))[0]


def test_a_json_file_may_have_one_key_called_json():
    Path("c.json").write_text('{"json": 1}\n{"json": 2}\n')
    Path("d.json").write_text('[{"json": {"a": 1}}]')

    assert table(load("c.json", "c.json")) == [[1], [2]]
    assert table(load("d.json", "d.json")) == [['{"a":1}']]
    for other in ("[]", "[1, 2]", "1\n2\n"):
        Path("e.json").write_text(other)
        with pytest.raises(DataMissing, match=r"^current: e.json has no records; write it again.$"):
            load("c.json", "e.json")


def test_a_cell_of_a_megabyte_and_separators_of_lines_in_a_name_are_read():
    Path("c.csv").write_text(f"a\u2028b,c\n1,{'x' * 1_000_000}\n", encoding="utf-8")

    data = load("c.csv", "c.csv")

    assert len(data.current["c"].iloc[0]) == 1_000_000
    assert list(data.current) == ["a\u2028b", "c"]
