"""A query's own files of text are read with all their rows in view, and what the query says itself is kept."""

import gzip
from pathlib import Path

import pandas as pd
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import Data, DataMissing, load_data, with_duckdb
from driftmonitor.analysis.sources.query_files import see_all_rows

MANY = 21_000  # more rows than DuckDB guesses types from


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def backend():
    return with_duckdb.connect()


def load(reference: str, current: str | None = None, **changes) -> Data:
    current = reference if current is None else current
    return load_data(source="sql", reference=reference, current=current, run_date="2026-11-24", **changes)


def write(name: str, usual: str, late: str) -> None:
    rows = [f"{usual},{i}" for i in range(MANY)] + [f"{late},{MANY}"]
    content = "\n".join(["v,i", *rows]) + "\n"
    Path(name).write_bytes(gzip.compress(content.encode()) if name.endswith(".gz") else content.encode())


LATE = [
    ("1", "0.4", 0.4),
    ("7", "A12", "A12"),
    ("2026-01-31", "2026-01-31 05:00:00", pd.Timestamp("2026-01-31 05:00")),
    ("2026-01-31 05:00:00", "2026-01-31 05:00:00-05:00", pd.Timestamp("2026-01-31 10:00")),
]
READERS = [
    "FROM 'x.csv'",
    'SELECT * FROM "x.csv" WHERE i >= 0',
    "TABLE 'x.csv'",
    "SELECT x.v, x.i FROM 'x.csv'",
    "SELECT b.v, b.i FROM 'x.csv' b",
    "SELECT * FROM read_csv('x.csv')",
    "SELECT 'é' AS e, * FROM read_csv_auto(['x.csv'], header = true) -- of all days",
    "WITH a AS (FROM 'x.csv'), b AS (SELECT * FROM a /* read_csv( */) SELECT * FROM b ORDER BY (i)",
    "(FROM 'x.csv' LIMIT 10) UNION ALL BY NAME (FROM main.read_csv('x.csv') OFFSET 10)",
    "SELECT * FROM 'x.csv' WHERE i IN (SELECT i FROM read_csv('x.csv', delim = ','))",
]


@pytest.mark.parametrize("query", READERS)
def test_a_late_row_decides_what_a_column_is_however_a_query_names_its_file(query):
    write("x.csv", "1", "0.4")

    data = load(query)

    assert data.current.set_index("i")["v"][MANY] == 0.4
    assert data.current_total == MANY + 1


@pytest.mark.parametrize(("usual", "late", "read"), LATE)
def test_late_values_of_every_sort_are_read(usual, late, read):
    write("x.csv.gz", usual, late)

    assert load("SELECT x.* FROM 'x.csv.gz'").current.set_index("i")["v"][MANY] == read


def test_late_keys_and_files_of_json_and_csv_are_read():
    for i in range(40):
        late = ', "late": 2.5' if i == 39 else ""
        Path(f"j{i:02}.jsonl").write_text(f'{{"v": {i}{late}}}\n')
        Path(f"c{i:02}.csv").write_text(f"v\n{i}{'.5' if i == 39 else ''}\n")

    for query in (
        "FROM 'j*.jsonl'",
        "FROM read_json('j*.jsonl')",
        "FROM read_ndjson_auto('j*.jsonl', format='newline_delimited')",
    ):
        assert load(query).current["late"].max() == 2.5
    assert load("FROM 'c*.csv'").current["v"].max() == 39.5


def test_rows_that_begin_with_a_hash_do_not_vanish():
    rows = [f"{'#' if i % 3 == 0 else ''}t{i},{i}" for i in range(30)]
    Path("x.csv").write_text("\n".join(["tag,i", *rows, ""]))
    Path("y.csv").write_text("\n".join(["tag,i", *rows, "#end of file", ""]))

    assert load("FROM 'x.csv'").current_total == 30
    assert load("FROM read_csv('y.csv', comment='#', header=true)").current_total == 20
    with pytest.raises(DriftMonitorError):
        load("SELECT tag, i FROM read_csv('y.csv', delim=',', header=true)")


SAME = [
    "SELECT * FROM read_csv('x.csv', sample_size = 100, files_to_sniff = 1, comment = '#')",
    "SELECT * FROM read_csv('x.csv', COLUMNS = {'v': 'INT', 'i': 'INT'})",
    "SELECT * FROM read_csv('x.csv', auto_detect := false, columns := {'v': 'INT'})",
    "SELECT * FROM read_json('x.json', columns = {v: 'INT'})",
    "SELECT * FROM read_parquet('x.parquet') JOIN 'y.parquet' USING (i)",
    'WITH "x.csv" AS (SELECT 1 AS a) FROM "x.csv"',
    "SELECT 'FROM ''x.csv''' AS v, 'read_csv(' AS w",
    "SELECT * FROM range(3)",
    "VALUES (1)",
]


@pytest.mark.parametrize("query", SAME)
def test_what_a_query_says_itself_is_kept(backend, query):
    Path("x.csv").write_text("v,i\n1,2\n")

    assert see_all_rows(backend, "current", query) == query


EDITED = {
    "FROM 'a.b.tsv' JOIN \"d/e*.json\" y USING (i)": (
        "FROM read_csv('a.b.tsv', sample_size=-1, files_to_sniff=-1, comment='') AS \"a\" "
        "JOIN read_json('d/e*.json', sample_size=-1, maximum_sample_files=-1) y USING (i)"
    ),
    "FROM 'd/e*.csv'": "FROM read_csv('d/e*.csv', sample_size=-1, files_to_sniff=-1, comment='') AS \"d/e*.csv\"",
    "SELECT 'ü', a FROM read_csv((SELECT ')'), comment = '%') b": (
        "SELECT 'ü', a FROM read_csv((SELECT ')'), comment = '%', sample_size=-1, files_to_sniff=-1) b"
    ),
    "FROM READ_CSV('x', types := {'a': 'INT'})": (
        "FROM READ_CSV('x', types := {'a': 'INT'}, sample_size=-1, files_to_sniff=-1, comment='')"
    ),
}


@pytest.mark.parametrize("query", EDITED)
def test_only_the_files_of_a_query_are_edited(backend, query):
    for name in ("a.b.tsv", "d/ef.csv", "d/eg.json", "x"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text('{"i": 1}' if name.endswith("json") else "a,i\n1,2\n")

    assert see_all_rows(backend, "current", query) == EDITED[query]


@pytest.mark.parametrize("written", ["{:02}/{:02}/2026", "{:02}-{:02}-2026", "{}.{}.26"])
@pytest.mark.parametrize("query", ["FROM 'x.csv'", "SELECT i FROM read_csv(['x.csv'])"])
def test_dates_that_fit_two_orders_are_refused_in_a_query_too(written, query):
    days = [written.format(month, day) for month in (10, 11) for day in range(1, 13)]
    Path("x.csv").write_text("\n".join(["v,i", *(f"{day},{i}" for i, day in enumerate(days)), ""]))

    with pytest.raises(DriftMonitorError) as caught:
        load(query)
    assert str(caught.value).startswith("reference: column v of a file has dates that fit %d/%m/%")
    assert str(caught.value).endswith("; set dateformat in read_csv.")


def test_dates_of_one_order_or_of_a_format_that_is_named_are_read():
    days = [f"{month:02}/{day:02}/2026" for month in (10, 11) for day in range(1, 13)]
    Path("x.csv").write_text("\n".join(["v,i", *(f"{day},{i}" for i, day in enumerate(days)), ""]))
    Path("y.csv").write_text(Path("x.csv").read_text() + "10/31/2026,99\n")

    named = load("FROM read_csv('x.csv', dateformat='%m/%d/%Y')").current
    clear = load("FROM 'y.csv'").current

    assert named["v"].max() == pd.Timestamp("2026-11-12")
    assert clear["v"].min() == pd.Timestamp("2026-10-01")


def test_one_query_for_both_sides_is_read_once_and_as_a_file_is():
    days = [f"2026-11-{day:02} 09:00" for day in range(1, 25)] * 20
    Path("x.csv").write_text("\n".join(["at,i", *(f"{day},{i}" for i, day in enumerate(days)), ""]))
    window = {"time_column": "at", "reference_window": "2026-11-01/2026-11-14", "current_days": 7}

    query = load("FROM 'x.csv'", "", **window)
    file = load_data(source="files", reference="x.csv", current="", run_date="2026-11-24", **window)

    for side in ("reference", "current"):
        own, other = (getattr(data, side).sort_values("i", ignore_index=True) for data in (query, file))
        pd.testing.assert_frame_equal(own, other)


def test_a_file_of_a_query_that_is_not_there_is_missing_data():
    with pytest.raises(DataMissing, match=r"^current: .*no-such\.csv"):
        load("SELECT 1 AS a", "SELECT 1 AS a FROM 'no-such.csv'")


def test_names_that_differ_only_by_case_are_kept():
    assert load("SELECT 1 AS A, 2 AS a, 3 AS a").current.columns.tolist() == ["A", "a", "a.1"]


@pytest.mark.parametrize(
    "query", ["FROM 'x.csv.gz'", "FROM read_csv(['x*.gz'], columns = {'v': 'VARCHAR', 'i': 'INT'})"]
)
def test_an_archive_that_was_cut_off_is_no_whole_day_for_a_query(query):
    write("x.csv.gz", "1", "2")
    Path("x.csv.gz").write_bytes(Path("x.csv.gz").read_bytes()[:-200])

    with pytest.raises(DriftMonitorError, match=r"^reference: (\./)?x\.csv\.gz is cut off; write it again\.$"):
        load(query)


@pytest.mark.parametrize(("content", "encoding", "error"), [
    ("v,i\ngrößer,1\n", "utf-16", "is UTF-16 text; set encoding = 'utf-16' in read_csv."),
    ("sep=;\nv;i\nx;1\n", "utf-8", "begins with Excel's line sep=; set skip = 1 in read_csv."),
])  # fmt: skip
def test_what_a_query_would_misread_is_refused_with_the_option_to_set(content, encoding, error):
    Path("x.csv").write_text(content, encoding=encoding)

    with pytest.raises(DriftMonitorError) as raised:
        load("FROM 'x.csv'")

    assert str(raised.value) == f"reference: x.csv {error}"


def test_a_row_with_a_field_too_few_does_not_make_a_query_s_file_one_column():
    Path("x.csv").write_text("a,b\n" + "1,2\n" * 20 + "3\n" + "1,2\n" * 20)

    with pytest.raises(DriftMonitorError, match="reads a file as one column, as a line of it has other fields"):
        load("FROM 'x.csv'")
