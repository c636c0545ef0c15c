"""Files, queries and windows become two frames; errors are one line; a sample is the same every time."""

import glob
import gzip
import subprocess
import sys
from contextlib import nullcontext
from datetime import date
from pathlib import Path

import duckdb
import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import Data, DataMissing, load_data, reading, tables, windows, with_duckdb
from driftmonitor.analysis.sources.readers.files import open_files
from driftmonitor.analysis.sources.request import Request
from driftmonitor.config.read_settings import ReadSettings

ROOT = Path(__file__).parents[1]
REFERENCE_CSV = "a,b\n1,x\n2,y\n3,z\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Stand in an empty folder that holds one reference."""
    monkeypatch.chdir(tmp_path)
    Path("reference.csv").write_text(REFERENCE_CSV)
    return tmp_path


def load(**changes) -> Data:
    asked = {"source": "files", "reference": "reference.csv", "current": "reference.csv", "run_date": "2013-01-10"}
    return load_data(**{**asked, **changes})


def opened(connection, files: list[str], seed: int = 0) -> tables.Table:
    """Return the rows of the current side, as they are read without a reference."""
    rows = {"current": open_files(connection, "current", files, ReadSettings())}
    sides = reading.Sides(connection, Request(run_date=date(2013, 1, 10), seed=seed), rows, lambda _: nullcontext())
    return reading.open_table(sides, "current", reading.decide_columns(sides))


def write_days(path: str, kind: str = "TIMESTAMP") -> None:
    """Write an hourly table from 2013-01-01 00:00 to 2013-02-28 23:00, UTC."""
    hours = "SELECT i AS hour, TIMESTAMP '2013-01-01' + INTERVAL (i) HOUR AS moment FROM range(59 * 24) t(i)"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"COPY (SELECT hour, CAST(moment AS {kind}) AS moment FROM ({hours})) TO '{path}'")


@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.csv.gz", "x.json", "x.ndjson", "x.parquet", "x[1] (2).csv"])
def test_every_kind_of_file_gives_the_same_rows(name):
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    writers = {
        ".csv": lambda: frame.to_csv(name, index=False),
        ".tsv": lambda: frame.to_csv(name, index=False, sep="\t"),
        ".gz": lambda: Path(name).write_bytes(gzip.compress(REFERENCE_CSV.encode())),
        ".json": lambda: frame.to_json(name, orient="records"),
        ".ndjson": lambda: frame.to_json(name, orient="records", lines=True),
        ".parquet": lambda: frame.to_parquet(name),
    }
    writers[Path(name).suffix]()

    data = load(current=name)

    assert data.current.sort_values("a").values.tolist() == [[1, "x"], [2, "y"], [3, "z"]]
    assert (data.reference_total, data.current_total) == (3, 3)


def test_the_run_date_chooses_the_files():
    Path("2013-01-10").mkdir()
    Path("2013-01-10/one.csv").write_text("a,b\n7,x\n")
    Path("2013-01-10/two.csv").write_text("a,b\n8,x\n")

    assert sorted(load(current="{date}/*.csv").current["a"]) == [7, 8]
    with pytest.raises(DataMissing, match=r"^current: 2013-01-11/\*.csv: no such file; check the path"):
        load(current="{date}/*.csv", run_date="2013-01-11")


def test_pandas_index_is_no_column():
    pd.DataFrame({"a": [5, 6]}, index=[9, 4]).to_parquet("x.parquet")

    assert list(load(current="x.parquet").current) == ["a"]


def test_words_for_missing_are_missing_in_csv():
    Path("x.csv").write_text("a,b\n1,NA\nNA,x\nnull,\n")

    current = load(current="x.csv").current

    assert current["a"].isna().sum() == 2
    assert current["b"].isna().sum() == 2


def test_a_late_row_of_another_type_makes_the_column_text():
    Path("x.csv").write_text("a,b\n" + "1,x\n" * 30_000 + "oops,x\n")

    assert "oops" in set(load(current="x.csv").current["a"])


def test_files_that_lack_a_column_have_it_missing():
    Path("1.csv").write_text("a,b\n1,x\n")
    Path("2.csv").write_text("b\ny\n")

    assert load(current="[12].csv").current["a"].isna().sum() == 1


KINDS = ["TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP_NS", "TIMESTAMP_S", "VARCHAR"]


@pytest.mark.parametrize("kind", KINDS)
def test_windows_include_both_days_and_nothing_else(kind):
    write_days("t.parquet", kind)

    data = load(
        reference="t.parquet",
        current="",
        time_column="moment",
        reference_window="2013-01-01/2013-01-02",
        current_days=2,
        run_date="2013-02-28",
    )

    assert sorted(data.reference["hour"]) == list(range(48))
    assert sorted(data.current["hour"]) == list(range(57 * 24, 59 * 24))


def test_windows_of_dates():
    write_days("t.parquet", "DATE")

    data = load(reference="t.parquet", current="", time_column="moment", reference_window="2013-01-01/2013-01-01")

    assert sorted(data.reference["hour"]) == list(range(24))
    assert sorted(data.current["hour"]) == list(range(9 * 24, 10 * 24))


def test_days_are_utc():
    moments = ["2013-01-10 23:30:00-05:00", "2013-01-10 01:00:00+02:00", "2013-01-10 12:00:00+00:00"]
    Path("t.csv").write_text("a,t\n" + "".join(f"{i},{moment}\n" for i, moment in enumerate(moments)))

    assert load(reference="t.csv", current="t.csv", time_column="t").current["a"].tolist() == [2]


def test_window_is_read_by_the_files_own_statistics():
    write_days("t.parquet")
    connection = with_duckdb.connect()
    table = opened(connection, ["t.parquet"])
    first, last = pd.Timestamp("2013-01-05").date(), pd.Timestamp("2013-01-06").date()

    plan = connection.raw_sql(
        f"EXPLAIN {ibis.to_sql(windows.take_window(table, 'moment', first, last).rows)}"
    ).fetchall()

    assert "Filters" in plan[0][1].split("READ_PARQUET")[-1]


def test_query_reads_files_and_knows_the_date():
    write_days("t.parquet")
    query = "SELECT hour, {'a': 1} AS s FROM read_parquet('t.parquet') WHERE moment::DATE = DATE '{date}'; -- a remark"

    data = load(source="sql", reference="SELECT * FROM 't.parquet'", current=query)

    assert sorted(data.current["hour"]) == list(range(9 * 24, 10 * 24))
    assert data.current["s"].tolist() == ['{"a":1}'] * 24


def write_many(rows: int = 20_000) -> None:
    """Write many rows in two Parquet files, the same in two CSV files, and again in one CSV in another order."""
    frame = pd.DataFrame(
        {"a": range(rows), "few": np.arange(rows) % 3, "text": [f"t{i}" if i % 7 else None for i in range(rows)]}
    )
    for number, part in enumerate((frame.iloc[: rows // 3], frame.iloc[rows // 3 :])):
        part.to_parquet(f"many{number}.parquet", row_group_size=1000)
        part.to_csv(f"many{number}.csv", index=False)
    frame.sample(frac=1, random_state=1).to_csv("shuffled.csv", index=False)


def sample(connection, files: list[str], seed: int = 0) -> pd.DataFrame:
    table = opened(connection, files, seed)
    return tables.take_sample(table, tables.count_rows(table), 1000)[0]


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_sample_is_the_same_whatever_threads_and_file_order(ending):
    write_many()
    files = [f"many0.{ending}", f"many1.{ending}"]
    connection = with_duckdb.connect()
    samples = []
    for threads in (1, 2, 7):
        connection.raw_sql(f"SET threads = {threads}")
        samples += [sample(connection, files), sample(connection, files[::-1])]

    assert len(samples[0]) == 1000
    assert all(other.equals(samples[0]) for other in samples[1:])
    assert not sample(connection, files, seed=1).equals(samples[0])


def test_sample_of_values_is_the_same_whatever_the_order_of_rows():
    write_many()
    connection = with_duckdb.connect()

    assert sample(connection, ["shuffled.csv"]).equals(sample(connection, ["many0.csv", "many1.csv"]))


def test_sample_of_parquet_is_the_same_in_another_folder():
    write_many()
    Path("else/where").mkdir(parents=True)
    files = ["many0.parquet", "many1.parquet"]
    for file in files:
        Path("else/where", file).write_bytes(Path(file).read_bytes())
    connection = with_duckdb.connect()

    assert sample(connection, [f"else/where/{file}" for file in files]).equals(sample(connection, files))


def test_sample_keeps_proportions_when_rows_repeat():
    query = "SELECT CASE WHEN i % 10 < 7 THEN 'often' ELSE 'rare' END AS word FROM range(100000) t(i)"

    data = load(source="sql", reference=query, current=query, max_rows=5000)

    assert (len(data.current), data.current_total) == (5000, 100_000)
    assert (data.current["word"] == "often").mean() == pytest.approx(0.7, abs=0.02)
    assert data.summary().splitlines()[1] == "current: 5,000 rows of 100,000, the same ones every time, 1 columns"


PARTS = ("many*.parquet", "many*.csv", "shuffled.csv")


@pytest.mark.parametrize("place", PARTS)
def test_missing_values_and_categories_are_counted_in_all_rows(place):
    write_many()

    data = load(reference=place, current="reference.csv", max_rows=1000)

    assert list(data.full_counts) == ["reference"]
    assert data.full_counts["reference"].rows == 20_000
    assert data.full_counts["reference"].missing == {"a": 0, "few": 0, "text": 2858}
    assert data.full_counts["reference"].levels["few"].to_dict() == {0: 6667, 1: 6667, 2: 6666}
    assert "text" not in data.full_counts["reference"].levels  # 17,143 different values are no category


def test_key_chooses_the_same_rows_in_files_of_any_kind_and_after_a_join():
    write_many()
    query = "SELECT m.*, m.a % 5 AS more FROM 'many*.parquet' m JOIN range(5) r(i) ON m.a % 5 = r.i"

    samples = [load(reference=place, max_rows=1000, sample_key="a").reference for place in PARTS]
    joined = load(source="sql", reference=query, current=query, max_rows=1000, sample_key="a").reference

    assert len(samples[0]) == 1000
    assert samples[0]["a"].mean() == pytest.approx(10_000, abs=750)  # four standard errors
    assert all(sample.equals(samples[0]) for sample in samples[1:])
    assert joined[["a", "few", "text"]].equals(samples[0])


def test_sample_is_spread_over_the_whole_file():
    write_many()

    data = load(current="many*.parquet", reference="many*.parquet", max_rows=2000)

    assert len(data.current) == 2000
    assert data.current["a"].is_unique
    assert data.current["a"].mean() == pytest.approx(10_000, abs=500)  # four standard errors


AWKWARD = """
SELECT true AS bool, 1::UTINYINT AS tiny, 18446744073709551615::UBIGINT AS big, 1::HUGEINT AS huge,
    1.25::DECIMAL(10, 2) AS decimal, 0.1::FLOAT AS single, DATE '2013-01-01' AS day, 'infinity'::DATE AS never,
    TIMESTAMP_NS '2013-01-01 05:00:00' AS ns, TIMESTAMPTZ '2013-01-01 05:00:00-05' AS zoned, TIME '05:00' AS clock,
    INTERVAL 2 HOUR AS span, [1, 2] AS list, {'k': 1} AS struct, MAP {'k': 1} AS map, 'x'::BLOB AS blob,
    'a'::ENUM ('a', 'b') AS enum, uuid() AS id, union_value(k := 1) AS either, NULL AS nothing
"""


@pytest.mark.parametrize("source", ["files", "sql"])
def test_awkward_types_come_through(source):
    nulls = f"{AWKWARD} UNION ALL SELECT {', '.join(['NULL'] * 20)}"
    if source == "files":
        nulls = nulls.replace("union_value(k := 1)", "1")
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({nulls}) TO 'x.parquet'")
    place = "x.parquet" if source == "files" else nulls

    data = load(source=source, reference=place, current=place)

    row = data.current[data.current["tiny"].notna()].iloc[0]
    assert row[["bool", "decimal", "span", "clock", "list", "struct", "enum"]].tolist() == [
        True, 1.25, 7200.0, "05:00:00", "[1,2]", '{"k":1}', "a",
    ]  # fmt: skip
    assert row["zoned"] == pd.Timestamp("2013-01-01 10:00:00")
    assert pd.isna(row["never"])
    assert data.current["nothing"].isna().all()


def test_hostile_names_come_through():
    names = [
        "</script><script>alert(1)</script>",
        'a"b',
        "new\nline",
        "../../x",
        "'; DROP TABLE x; --",
        "filename",
        "🐢",
    ]
    names += ["x" * 10_000, "row_hash", "c1", " "]
    pq.write_table(pa.table([pa.array([n, n]) for n in range(len(names))], names=names), "x.parquet")

    data = load(reference="x.parquet", current="x.parquet")

    assert list(data.reference) == names
    assert data.current.iloc[0].tolist() == list(range(len(names)))


ALIKE = "A,a,a_1,b,b,NA\n1,x,2.5,3,4,5\n2,y,3.5,3,4,5\n"


def write_alike(name: str, text: str = ALIKE) -> None:
    """Write a file whose columns' names differ only by case, or not at all."""
    if name.endswith(".csv"):
        Path(name).write_text(text)
    elif name.endswith(".gz"):
        Path(name).write_bytes(gzip.compress(text.replace(",", "\t").encode()))
    else:
        names, *rows = (line.split(",") for line in text.splitlines())
        pq.write_table(pa.table([pa.array(values) for values in zip(*rows, strict=True)], names=names), name)


@pytest.mark.parametrize("name", ["x.csv", "x.tsv.gz", "x.parquet", "x[1].parquet"])
def test_names_that_differ_only_by_case_come_as_they_are(name):
    write_alike(name)
    write_alike(f"more-{name}")
    write_alike(f"x1{Path(name).suffix}", "q\n1\n")  # the name of another file, if brackets are taken for a pattern

    data = load(reference=f"*{glob.escape(name)}", current=name, columns={"a": "ignore"})

    assert list(data.reference) == list(data.current) == ["A", "a", "a_1", "b", "b.1", "NA"]
    assert data.reference_total == 4
    assert sorted(data.current["a"]) == ["x", "y"]
    rows = data.current.astype(str)[["A", "a_1", "b", "b.1", "NA"]].to_numpy().tolist()
    assert sorted(rows) == [["1", "2.5", "3", "4", "5"], ["2", "3.5", "3", "4", "5"]]


def test_a_query_s_names_that_differ_only_by_case_come_as_they_are():
    query = "WITH x AS (SELECT 1 AS id) SELECT id AS A, 2 AS a, 3 AS a_1, 4 AS b, 5 AS b FROM x; -- a remark"

    assert list(load(source="sql", reference=query, current=query).current) == ["A", "a", "a_1", "b", "b.1"]


@pytest.mark.parametrize("name", ["csv", "parquet"])
def test_numbered_names_are_no_renamed_ones(name):
    write_alike(f"1.{name}", "a,a_1,B,b_2\n1,2,3,4\n")
    write_alike(f"2.{name}", "a,c\n1,2\n")

    assert list(load(current=f"[12].{name}").current) == ["a", "a_1", "B", "b_2", "c"]


def test_names_that_differ_only_by_case_may_come_in_any_order_in_csv():
    write_alike("1.csv", "A,a\n1,x\n")
    write_alike("2.csv", "a,A\nx,1\n")

    assert load(current="[12].csv").current.to_dict("list") == {"A": [1, 1], "a": ["x", "x"]}


def test_columns_that_would_be_mixed_up_are_refused_in_one_line():
    write_alike("1.parquet", "A,a\n1,x\n")
    write_alike("2.parquet", "a,A\nx,1\n")
    Path("alike.json").write_text('{"a": 1, "A": "x", "b": {"B": 1}}\n')
    Path("numbered.json").write_text('{"a": 1, "a_1": "x"}\n')

    with pytest.raises(DriftMonitorError, match=r"^current: columns A, a: such names cannot be told apart; rename one"):
        load(current="[12].parquet")
    with pytest.raises(
        DriftMonitorError, match=r"^current: columns A, a: such names of JSON cannot be told apart; rename"
    ):
        load(current="alike.json")
    assert list(load(current="numbered.json").current) == ["a", "a_1"]


def test_names_of_hand_made_frames_become_unique_text():
    reference = pd.DataFrame([[1, 2, 3]], columns=["a", "a", 7])
    current = pd.DataFrame([[3, 4, 1]], columns=[7, "new", "a"])

    data = Data(reference, current, 1, 1)

    assert list(data.reference) == ["a", "a.1", "7"]
    assert list(data.current) == ["a", "7", "new"]


def test_ignored_columns_keep_their_values_unless_the_side_is_sampled():
    whole, sampled = (load(columns={"b": "ignore"}, max_rows=rows) for rows in (100, 2))

    assert sorted(whole.current["b"]) == sorted(load().current["b"])
    assert whole.unread == set()
    assert "b" not in sampled.current
    assert sampled.unread == {"b"}
    assert "not read: b (ignored, and a side is sampled; raise max_rows" in sampled.summary()


def test_simulation_needs_no_file_and_no_ibis():
    code = (
        "import sys; from driftmonitor.analysis.sources import load_data; "
        "data = load_data(source='simulate', reference='', current='', run_date='2026-01-31', rows=50, max_rows=20); "
        "print(len(data.current), data.current_total, 'ibis' in sys.modules, 'duckdb' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "20 50 False False\n"


def test_infinite_numbers_are_read_as_pandas_reads_them():
    Path("t.csv").write_text("a,b\n" + "1.5,1\ninf,2\n-inf,3\n" * 10)

    frame = load(reference="t.csv", current="t.csv").current

    assert frame["a"].dtype == "float64"
    assert np.isinf(frame["a"]).sum() == 20


FILES = {
    "zero.csv": b"",
    "void.csv": b"\n\r\n",
    "header.csv": b"a,b\n",
    "noise.csv": bytes(range(256)) * 20,
    "ragged.csv": b"a,b\n1,2\n3,4,5\n",
    "latin.csv": b"a,b\n\xe9,2\n",
    "other.csv": b"q,r\n1,2\n",
    "times.csv": b"a,b\n1,2013-01-10\n2,hello\n",
    "corrupt.parquet": b"PAR1 and little more",
    "broken.json": b'{"a": 1',
    "broken.csv.gz": b"\x1f\x8bis how it begins",
    "x.avro": b"1",
    "x.csv.bak": b"1",
}
WINDOW = {"time_column": "b", "current": ""}
BAD = [
    ({"source": "file"}, DriftMonitorError, "source 'file': no such source; did you mean files?"),
    ({"run_date": "today"}, DriftMonitorError, "run_date 'today' is not a date"),
    ({"reference": ""}, DriftMonitorError, "reference is empty; name a file or a query."),
    ({"current": " "}, DriftMonitorError, "current is empty; name a file or a query"),
    ({"run_date": 20130131}, DriftMonitorError, "run_date is 20130131; give text."),
    ({"max_rows": "ten"}, DriftMonitorError, "max_rows is 'ten' (text); give a whole number."),
    ({"rows": 10.5}, DriftMonitorError, "rows is 10.5; give a whole number."),
    ({"seed": -1}, DriftMonitorError, "seed is -1; use 0 or more."),
    ({"current_days": "7"}, DriftMonitorError, "current_days is '7' (text); give a whole number."),
    ({"columns": ["a"]}, DriftMonitorError, "columns is ['a'] (a list); give a mapping"),
    ({"max_rows": 0}, DriftMonitorError, "max_rows is 0; use 10 or more."),
    ({"reference": "nope.csv"}, DriftMonitorError, "reference: nope.csv: no such file"),
    ({"current": "nope.csv"}, DataMissing, "current: nope.csv: no such file"),
    ({"current": "."}, DriftMonitorError, "current: . is a folder; name its files"),
    ({"current": "https://example.org/x.csv"}, DriftMonitorError, "current: https://example.org/x.csv is on the net"),
    ({"current": "zero.csv"}, DataMissing, "current: zero.csv is empty (0 bytes)"),
    ({"reference": "zero.csv"}, DriftMonitorError, "reference: zero.csv is empty (0 bytes)"),
    ({"current": "header.csv"}, DataMissing, "current: header.csv has no rows"),
    ({"current": "ragged.csv"}, DataMissing, "current: ragged.csv: line 3 has 3 fields, and 2 were expected (1 of 2 "),
    ({"current": "void.csv"}, DataMissing, "current: void.csv is empty (3 bytes)"),
    (
        {"current": "latin.csv"},
        DriftMonitorError,
        "current: latin.csv: line 2 is not UTF-8 text; set read.encoding, for example to cp1252.",
    ),
    ({"current": "noise.csv"}, DriftMonitorError, "current: noise.csv: line 2 is not UTF-8 text; set"),
    ({"current": "corrupt.parquet"}, DriftMonitorError, "current: corrupt.parquet is not a Parquet file, or is cut"),
    ({"current": "broken.json"}, DriftMonitorError, "current: broken.json: value 1 is not valid JSON; write"),
    ({"current": "broken.csv.gz"}, DriftMonitorError, "current: broken.csv.gz is no gzip archive, or is"),
    ({"current": "x.avro"}, DriftMonitorError, "current: x.avro: unknown kind of file; use .parquet"),
    ({"current": "x.csv.bak"}, DriftMonitorError, "current: x.csv.bak: unknown kind of file"),
    ({"current": "[ob]*[rn]*.[jc]s*"}, DriftMonitorError, "current: [ob]*[rn]*.[jc]s*: the files are of different"),
    ({"current": "other.csv"}, DriftMonitorError, "reference and current have no column in common; check"),
    ({"reference_window": "2013-01-01/2013-01-02"}, DriftMonitorError, "reference_window needs time_column"),
    (WINDOW, DriftMonitorError, "reference_window is empty and current is the same table"),
    ({**WINDOW, "reference_window": "2013-01-01"}, DriftMonitorError, "reference_window '2013-01-01' is not two days"),
    ({**WINDOW, "reference_window": "2013-01-01/x"}, DriftMonitorError, "reference_window: 'x' is not a date"),
    (
        {**WINDOW, "reference_window": "2013-01-02/2013-01-01"},
        DriftMonitorError,
        "reference_window '2013-01-02/2013-01-01' ends before it begins",
    ),
    ({"time_column": "b", "current_days": 0}, DriftMonitorError, "current_days is 0; use 1 to 36500."),
    (
        {"time_column": "b", "run_date": "0001-01-01", "current_days": 2},
        DriftMonitorError,
        "current_days is 2, which reaches back before year 1; use fewer days or a later run_date.",
    ),
    ({"time_column": "bb"}, DriftMonitorError, "current: time_column 'bb': no such column; did you mean b?"),
    ({"time_column": "a"}, DriftMonitorError, "current: time_column 'a' is a number, not a time"),
    ({"time_column": "b"}, DriftMonitorError, "current: time_column 'b' has text that is not a time; "),
    (
        {"time_column": "b", "current": "times.csv"},
        DriftMonitorError,
        "current: time_column 'b' has text that is not a",
    ),
    ({"sample_key": "B"}, DriftMonitorError, "reference: sample_key 'B': no such column; choose one of: a, b."),
    ({"sample_key": 5}, DriftMonitorError, "sample_key is 5; give text."),
    (
        {"sample_key": "x", **dict.fromkeys(("reference", "current"), "SELECT 1.5 AS x"), "source": "sql"},
        DriftMonitorError,
        "reference: sample_key 'x' is float64, which engines write differently; name a column of whole numbers",
    ),
    (
        {"sample_key": "x", "max_rows": 10, "source": "sql"}
        | dict.fromkeys(("reference", "current"), "SELECT 7 AS x FROM range(100)"),
        DriftMonitorError,
        "reference: sample_key 'x' chose 0 rows where 10 were asked for, because its values repeat; name a column",
    ),
    (
        {"sample_key": "x", "max_rows": 1000, "seed": 5, "source": "sql"}
        | dict.fromkeys(("reference", "current"), "SELECT nullif(greatest(i, 3000), 3000) AS x FROM range(9000) t(i)"),
        DriftMonitorError,
        "reference: sample_key 'x' chose 968 rows of one value among 1,000, because its values repeat; name a column",
    ),
    (
        {"source": "sql", "reference": "selec 1"},
        DriftMonitorError,
        "reference: not valid SQL near selec",
    ),
    ({"source": "sql", "reference": "SELECT 1; SELECT 2"}, DriftMonitorError, "reference: the query is not one SELECT"),
    (
        {"source": "sql", "reference": "SELECT * FROM st_read('x')"},
        DriftMonitorError,
        "reference: needs DuckDB's extension spatial, which is not installed; copy the data to a file first.",
    ),
    ({"source": "sql", "reference": "DROP TABLE x"}, DriftMonitorError, "reference: the query is not one SELECT"),
    (
        {"source": "sql", "reference": "SELECT x FROM y"},
        DriftMonitorError,
        "reference: no such table: y;",
    ),
    (
        {"source": "sql", **dict.fromkeys(("reference", "current"), "SELECT 'x'::INT")},
        DriftMonitorError,
        "reference has a value that is not a whole",
    ),
]


@pytest.mark.parametrize(("changes", "error", "message"), BAD)
def test_bad_input_is_one_line(changes, error, message):
    for name, content in FILES.items():
        Path(name).write_bytes(content)

    with pytest.raises(DriftMonitorError) as caught:
        load(**changes)

    assert type(caught.value) is error
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


SQL = {"source": "sql", "reference": "SELECT 1 AS a"}
NOT_THERE = [
    ({**SQL, "current": "SELECT 1 AS a WHERE false"}, "current: the query has no rows"),
    ({**SQL, "current": "SELECT * FROM read_csv('{date}.csv')"}, "current: no file matches 2014-01-01.csv"),
    ({"reference": "t.parquet", "current": "t.parquet", "time_column": "moment"}, "current: no rows on 2014-01-01"),
]


@pytest.mark.parametrize(("changes", "message"), NOT_THERE)
def test_rows_of_the_day_that_are_not_there_are_missing_data(changes, message):
    write_days("t.parquet")

    with pytest.raises(DataMissing, match=message):
        load(run_date="2014-01-01", **changes)


def test_a_reference_window_without_rows_is_an_error_to_fix():
    write_days("t.parquet")

    with pytest.raises(DriftMonitorError, match=r"^reference: no rows from 2012-01-01 to 2012-01-31 \(moment, UTC\)"):
        load(reference="t.parquet", current="", time_column="moment", reference_window="2012-01-01/2012-01-31")


@pytest.mark.parametrize("run_date", ["2026-01-01", "2026-07-15", "2024-02-29", "2024-12-31"])
def test_the_weather_monitor_has_four_weeks_on_any_run_date(monkeypatch, run_date):
    monkeypatch.chdir(ROOT)
    params = yaml.safe_load(Path("params/weather.yaml").read_text())
    data = load_data(
        source=params["source"], reference=params["reference"], current=params["current"], run_date=run_date
    )

    assert data.reference_total == 4005
    assert 1900 < data.current_total <= 28 * 24 * 3


def test_a_sample_of_a_few_rows_has_them_all():
    many = "SELECT i FROM range(1000) t(i)"

    data = load(source="sql", reference=many, current=many, max_rows=1, seed=151)  # no hash is in the lowest 0.6%

    assert (len(data.reference), len(data.current)) == (1, 1)


@pytest.mark.parametrize("name", ["data[1].csv", "data*.csv", "data?.csv"])
def test_a_file_is_itself_whatever_else_its_name_would_fit(folder, name):
    (folder / name).write_text("a,b\n" + "1,2\n" * 20)
    (folder / "data1.csv").write_text("a,b\n" + "3,4\n" * 7)

    data = load(reference=name, current=name)

    assert data.reference_total == 20
