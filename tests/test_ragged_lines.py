"""Lines with more or fewer fields than the header: a trace is left out and named, more fails the run, none is lost."""

import csv
import gzip
import random
from pathlib import Path

import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import Data, DataMissing, load_data
from driftmonitor.analysis.starting.propose import propose
from tests.jobs import Job

HEADER = "v,i,note"
ROWS = [f"{i}.5,{i},plain" for i in range(400)]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Stand in an empty folder that holds one whole file."""
    monkeypatch.chdir(tmp_path)
    write("r.csv", ROWS)


def write(name: str, rows: list[str], end: str = "\n", encoding: str = "utf-8", before: str = "") -> None:
    content = (before + "\n".join([HEADER, *rows]) + end).encode(encoding)
    Path(name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)


def load(reference: str = "r.csv", current: str = "c.csv", **changes) -> Data:
    return load_data(source="files", reference=reference, current=current, run_date="2026-11-24", **changes)


def said(data: Data) -> list[str]:
    return [finding.message for finding in data.snapshot().findings]


def with_odd(lines: dict[int, str]) -> list[str]:
    """Return the rows, some of them replaced; row 0 is in line 2."""
    return [lines.get(i, row) for i, row in enumerate(ROWS)]


def test_a_trace_of_ragged_lines_is_left_out_and_named():
    write("c.csv", with_odd({10: "1,2", 20: "1,2,3,4,5,6,7,8,9,10,11,12", 399: "399 rows"}))

    data = load()

    assert (len(data.current), data.reading.current.rows_refused) == (397, 3)
    assert said(data) == [
        "current: 3 lines have more or fewer fields than the header and are left out (c.csv line 12, 22, 401)."
    ]
    assert data.summary().splitlines()[1] == "current: 397 rows, 3 columns; 3 rows refused"
    assert data.snapshot().findings[0].kind == "refused"


def test_more_than_a_trace_is_missing_data_on_one_side_and_an_error_on_the_other():
    write("c.csv", with_odd(dict.fromkeys(range(100, 105), "1,2")))

    problem = "c.csv: line 102 has 2 fields, and 3 were expected (5 of 400 rows are so, and 1% may be left out)"
    with pytest.raises(DataMissing) as missing:
        load()
    with pytest.raises(DriftMonitorError) as wrong:
        load("c.csv", "r.csv")

    assert str(missing.value) == f"current: {problem}; write the file again."
    assert str(wrong.value) == f"reference: {problem}; write the file again."
    assert not isinstance(wrong.value, DataMissing)


def test_the_trace_is_that_of_each_file_and_of_all_but_one_line_of_a_small_file_is_one():
    for i in range(10):
        write(f"part{i}.csv", ROWS[:99])
    write("part3.csv", [*ROWS[:50], "1,2"])
    assert said(load(current="part*.csv"))[0].endswith("(part3.csv line 52).")

    write("part3.csv", [*ROWS[:50], "1,2", "1,2"])
    with pytest.raises(DataMissing, match=r"^current: part3\.csv: line 52 has 2 fields, and 3 were expected \(2 of 52"):
        load(current="part*.csv")

    write("c.csv", [*ROWS[:50], "1,2"])
    with pytest.raises(DataMissing, match=r"^current: c\.csv: line 52 has 2 fields, and 3 were expected \(1 of 51"):
        load()


@pytest.mark.parametrize("name", ["c.csv", "c.csv.gz"])
def test_a_file_that_is_cut_off_is_refused_although_one_line_is_a_trace(name):
    write(name, [*ROWS, "400.5,40"], end="")

    with pytest.raises(DriftMonitorError, match=rf"^current: {name} is cut off in line 402; write it again\.$"):
        load(current=name)
    write(name, [*ROWS, "400.5,400,plain"], end="")
    assert len(load(current=name).current) == 401


KINDS = {
    "utf-8": {},
    "utf-8-sig": {},
    "utf-16": {},
    "latin-1": {"read": {"encoding": "latin-1"}},
    "windows": {},
    "comments": {"read": {"comment": "#"}},
    "lines before": {"read": {"skip_lines": 2}},
    "packed": {"current": "c.csv.gz"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_lines_are_named_as_an_editor_counts_them_whatever_is_around_them(kind):
    odd = {3: '3.5,3,"two\nlines, é"', 50: "1,2", 60: '6.5,6,"x\ny",7', 70: "oops,70,plain", 80: "1", 10: "10.5,10,é\n"}
    rows = with_odd(odd)
    before = "# one\n" if kind == "comments" else "a\nb\n" if kind == "lines before" else ""
    encoding = kind if kind in ("utf-8-sig", "utf-16", "latin-1") else "utf-8"
    for name in ("c.csv", "c.csv.gz"):
        write(name, rows, before=before, encoding=encoding)
    write("r.csv", ROWS, before=before, encoding=encoding)
    if kind == "windows":
        Path("c.csv").write_bytes(Path("c.csv").read_bytes().replace(b"\n", b"\r\n"))
    text = before + "\n".join([HEADER, *rows])
    lines = [text[: text.index(f"\n{odd[i]}\n")].count("\n") + 2 for i in (50, 60, 80)]

    data = load(**KINDS[kind])

    file = KINDS[kind].get("current", "c.csv")
    assert f"({file} line {lines[0]}, {lines[1]}, {lines[2]})." in said(data)[-2] + said(data)[-1]


def test_a_value_after_a_line_that_is_left_out_is_named_by_its_own_line():
    write("c.csv", with_odd({50: "1,2", 60: '1,2,"x\ny",4', 70: "oops,70,plain"}))

    assert "v: 1 value of current cannot be read as a number (c.csv line 73); not counted as missing." in said(load())


@pytest.mark.parametrize(("row", "problem"), [
    ('1.5,1,"open', r"current: c\.csv: line 202 (has a quote that is never closed|is longer than a line)"),
    (b"1.5,1,\xff\xfe", r"current: c\.csv: line 203 is not UTF-8 text"),
])  # fmt: skip
def test_what_is_more_than_a_ragged_line_is_refused_even_beside_one(row, problem):
    lines = [line.encode() for line in with_odd({10: "1,2"})]
    lines.insert(200, row if isinstance(row, bytes) else row.encode())
    Path("c.csv").write_bytes(b"\n".join([HEADER.encode(), *lines]) + b"\n")

    with pytest.raises(DriftMonitorError, match=problem.split(" line")[0]):
        load()


def test_lines_of_one_table_for_both_sides_are_named_once():
    rows = [f"2026-11-{day:02},{i}" for i in range(20) for day in range(1, 25)]
    Path("t.csv").write_text("\n".join(["at,i", *rows[:7], "2026-11-08", *rows[7:]]) + "\n")

    data = load("t.csv", "", time_column="at", reference_window="2026-11-01/2026-11-14", current_days=10)

    assert said(data) == [
        "reference and current: 1 line has more or fewer fields than the header and is left out (t.csv line 9)."
    ]


def test_init_says_which_lines_it_left_out(capsys):
    import datetime as dt

    rows = [f"2026-11-{day:02},{i}.5" for i in range(60) for day in range(1, 25)]
    Path("t.csv").write_text("\n".join(["at,v", *rows[:7], "1,2,3", *rows[7:]]) + "\n")

    proposal = propose(["t.csv"], {}, dt.date(2026, 11, 24), lambda *_: 0)

    assert any("1 line has more or fewer fields than the header" in said for said in proposal.unsure)


@pytest.mark.parametrize("seed", range(6))
def test_rows_of_a_file_are_those_that_are_read_and_those_that_are_refused(seed):
    pick = random.Random(seed)
    rows, quoted = [], ['"a,b"', '"x\ny"', '"say ""hi"""', "", "plain", "#tag"]
    for i in range(3000):
        fields = [f"{i}", pick.choice(quoted), pick.choice(quoted)]
        width = pick.choice([1, 2, 4, 7]) if pick.random() < 0.005 else 3
        rows.append(",".join((fields * 3)[:width]))
    write("c.csv", rows)
    with Path("c.csv").open(newline="") as file:
        records = [record for record in csv.reader(file) if record][1:]
    whole = sorted(int(record[0]) for record in records if len(record) == 3)

    data = load("c.csv")

    assert sorted(data.current["v"]) == whole
    assert data.current_total + data.reading.current.rows_refused == len(records)


def test_a_run_goes_on_without_a_trace_and_fails_for_want_of_data_with_more(tmp_path):
    write("c.csv", with_odd({10: "1,2", 11: "1,2"}))
    write("d.csv", with_odd(dict.fromkeys(range(100), "1,2")))
    text = "source: files\nreference: {here}/r.csv\ncurrent: {here}/%s.csv\ncolumns: {{{{i: ignore}}}}\n"
    job = Job(tmp_path / "job", few=text.format(here=tmp_path) % "c", many=text.format(here=tmp_path) % "d")

    job.run("execute")

    assert "current: 2 lines have more or fewer fields" in job.record("few").quality[0].message
    assert job.record("many").error_kind == "data_missing"
