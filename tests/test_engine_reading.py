"""Every type of PostgreSQL comes through as the right numbers, and both sides are read alike, as files are."""

import re

import numpy as np
import pandas as pd
import psycopg
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import Data, load_data
from driftmonitor.analysis.sources.engine_errors import explain_errors

TYPES = """
    CREATE EXTENSION IF NOT EXISTS citext; CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b text);
    CREATE DOMAIN age AS int CHECK (value > 0); CREATE DOMAIN email AS citext;
"""


@pytest.fixture
def server(postgres_url, monkeypatch) -> str:
    """Give the address of a PostgreSQL with types of its own."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(TYPES)
    monkeypatch.setenv("ORDERS_URL", postgres_url)
    return "${ORDERS_URL}"


def load(server: str, reference: str, current: str | None = None, **changes) -> Data:
    current = reference if current is None else current
    return load_data(source="sql", connection=server, reference=reference, current=current,
                     **{"run_date": "2026-01-31", **changes})  # fmt: skip


def said(data: Data) -> list[str]:
    return [finding.message for finding in data.snapshot().findings]


# ---- types

VALUES = {
    "(i * -1.5)::money": [-1.5, -3.0],
    "make_interval(hours => i)": [3600.0, 7200.0],
    "CASE i WHEN 1 THEN 'infinity'::timestamptz ELSE '2026-01-31' END": [pd.NaT, pd.Timestamp("2026-01-31")],
    "CASE i WHEN 1 THEN '-infinity'::timestamp ELSE '2026-01-31' END": [pd.NaT, pd.Timestamp("2026-01-31")],
    "CASE i WHEN 1 THEN 'infinity'::date ELSE '2026-01-31' END": [pd.NaT, pd.Timestamp("2026-01-31")],
    "CASE i WHEN 1 THEN '0044-03-15 BC'::date ELSE '2026-01-31' END": [pd.NaT, pd.Timestamp("2026-01-31")],
    "CASE i WHEN 1 THEN '20000-01-01'::timestamp ELSE '2026-01-31' END": [pd.NaT, pd.Timestamp("2026-01-31")],
    "CASE i WHEN 1 THEN 'NaN'::numeric ELSE 0.1 END": [np.nan, 0.1],
    "CASE i WHEN 1 THEN 'Infinity'::numeric ELSE 0.1 END": [np.inf, 0.1],
    "i::age": [1, 2],
    "('Ann' || i)::email": ["Ann1", "Ann2"],
    "('Ann' || i)::citext": ["Ann1", "Ann2"],
    "'ok'::mood": ["ok", "ok"],
    "ROW(i, 'x')::pair": ["(1,x)", "(2,x)"],
    "ARRAY[i, NULL]": ["{1,NULL}", "{2,NULL}"],
    "jsonb_build_object('a', i)": ['{"a": 1}', '{"a": 2}'],
    "int4range(i, 5)": ["[1,5)", "[2,5)"],
    "decode('00ff', 'hex')": ["\\000\\377"] * 2,
    "i::bit(3)": ["001", "010"],
    "i::oid": [1, 2],
    "TIME '05:00'": ["05:00:00"] * 2,
    "9007199254740993 + i": [9007199254740994, 9007199254740995],
}


def test_every_type_gives_its_values(server):
    columns = ", ".join(f"{value} AS v{n}" for n, value in enumerate(VALUES))

    frame = load(server, f"SELECT {columns} FROM generate_series(1, 2) t(i) ORDER BY i").current

    frame = frame.sort_values("v9")  # which is i
    for n, (value, expected) in enumerate(VALUES.items()):
        read = frame[f"v{n}"]
        assert read.isna().tolist() == pd.isna(expected).tolist(), value
        assert read.dropna().tolist() == [each for each in expected if not pd.isna(each)], value


def test_two_columns_of_one_name_are_both_read(server):
    data = load(server, 'SELECT 1 AS a, 2 AS a, 3 AS "A", 4, 5')

    assert data.current.to_dict("records") == [{"a": 1, "a.1": 2, "A": 3, "?column?": 4, "?column?.1": 5}]


TIMES = """
    SELECT i, CASE WHEN i % 9 = 0 THEN '-infinity' ELSE {kind} '2026-01-01' END AS born,
        CASE WHEN i % 100 = 0 THEN NULL WHEN i % 50 = 0 THEN 'infinity'
        ELSE {kind} '2026-01-01' + i * INTERVAL '1 hour' END AS at
    FROM generate_series(1, 1000) t(i)
"""
WINDOW = {
    "time_column": "at",
    "reference_window": "2026-01-01/2026-01-20",
    "current_days": 10,
    "run_date": "2026-02-05",
}


@pytest.mark.parametrize("kind", ["timestamptz", "timestamp", "date"])
@pytest.mark.parametrize("max_rows", [100, 10_000])
def test_infinite_and_empty_times_are_in_no_window_and_the_empty_ones_are_said(server, kind, max_rows):
    data = load(server, TIMES.format(kind=kind), "", **WINDOW, max_rows=max_rows)

    assert said(data)[0] == "at: 10 rows of reference and current have no time and are in no window."
    hours = [i for i in range(1, 1000) if i % 50 and i < 20 * 24]
    assert data.reference_total == len(hours)
    missing = data.full_counts["reference"].missing["born"] if max_rows == 100 else data.reference["born"].isna().sum()
    assert missing == len([i for i in hours if i % 9 == 0])


def test_a_window_with_few_days_is_said_of_an_engine_too(server):
    query = "SELECT i, DATE '2026-01-25' + i % 20 AS at FROM generate_series(1, 400) t(i)"

    data = load(server, query, "", **WINDOW | {"reference_window": "2025-12-01/2026-01-31"})

    assert said(data)[0] == "reference_window spans 62 days, but only 7 have rows (2026-01-25 to 2026-01-31)."


def test_days_are_those_of_the_time_zone_on_an_engine_too(server):
    moments = "TIMESTAMPTZ '2026-01-25 23:30+00' + i % 20 * INTERVAL '1 day'"
    query = f"SELECT i, {moments} AS at FROM generate_series(1, 400) t(i)"

    data = load(server, query, "", **WINDOW | {"reference_window": "2025-12-01/2026-01-31"}, timezone="Asia/Tokyo")

    assert "(2026-01-26 to 2026-01-31)" in said(data)[0]


def test_a_time_column_of_text_is_refused_with_what_to_do(server):
    with pytest.raises(DriftMonitorError) as caught:
        load(server, "SELECT '2026-01-31' AS at", "", **WINDOW)

    assert str(caught.value) == "reference: time_column 'at' has text that is not a time; cast it in the query."


def test_words_for_missing_values_hold_on_an_engine_too(server):
    day = "CASE i WHEN 1 THEN DATE '1900-01-01' ELSE '2026-01-01' END AS d"
    columns = f"CASE WHEN i % 2 = 0 THEN -200 ELSE i END AS n, CASE i WHEN 1 THEN '?' ELSE 'x' END AS t, {day}"
    query = f"SELECT i, {columns} FROM generate_series(1, 10) t(i)"

    data = load(server, query, read={"missing": [-200, "1900-01-01"], "columns": {"t": {"missing": ["?"]}}})

    assert data.current.isna().sum().to_dict() == {"i": 0, "n": 5, "t": 1, "d": 1}


def test_a_value_that_the_driver_cannot_read_is_one_line():
    with pytest.raises(DriftMonitorError) as caught, explain_errors("current", "PostgreSQL", "", "fix the query"):
        raise psycopg.DataError("date too large: 'Zoe'")

    assert str(caught.value) == (
        "current: PostgreSQL: a value is outside of what its driver can read; cast the column to text in the query."
    )


def test_a_query_that_cannot_be_parsed_is_shown_without_marks_for_a_terminal(server):
    with pytest.raises(DriftMonitorError, match=r"^reference: PostgreSQL: [\w ,/:'.]+ \(line 1, column \d+\); fix"):
        load(server, "SELECT pg_lsn '0/16' FROM (")


# ---- both sides alike

PAIRS = {  # on one side text, on the other side a type; {n} is the number of a row
    "numbers": ("to_char({n}, 'FM9990.00')", "{n}::float8"),
    "whole numbers": ("{n}::text", "{n}"),
    "money": ("{n}::text", "{n}::numeric::money"),
    "flags": ("CASE WHEN {n} % 3 = 0 THEN 'yes' ELSE 'no' END", "{n} % 3 = 0"),
    "flags and a word": ("CASE WHEN {n} % 3 = 0 THEN 'yes' WHEN {n} % 5 = 0 THEN 'new' ELSE 'no' END", "{n} % 3 = 0"),
    "days": ("(DATE '2026-01-01' + {n} % 50)::text", "DATE '2026-01-01' + {n} % 50"),
    "times": ("to_char(TIMESTAMP '2026-01-01' + {n} * INTERVAL '1 hour', 'YYYY-MM-DD HH24:MI')",
              "TIMESTAMP '2026-01-01' + {n} * INTERVAL '1 hour'"),
    "words": ("CASE WHEN {n} % 3 = 0 THEN 'n/k' ELSE {n}::text END", "{n}"),
    "a trace of words": ("CASE WHEN {n} = 7 THEN 'n/k' ELSE {n}::text END", "{n}"),
    "text": ("'w' || {n} % 4", "'w' || {n} % 4"),
}  # fmt: skip


def query_of(side: int, words: str) -> str:
    columns = ", ".join(f'{pair[side].format(n="i")} AS "{name}"' for name, pair in PAIRS.items())
    return f"SELECT i, {columns} FROM {words}"


@pytest.fixture
def parquet(postgres_url, tmp_path) -> list[str]:
    """Give two Parquet files with what the queries of both sides give, written from PostgreSQL's own values."""
    files = []
    for side in (0, 1):
        with psycopg.connect(postgres_url) as connection:
            cursor = connection.execute(query_of(side, "generate_series(1, 300) t(i)").replace("::money", ""))
            frame = pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])
        frame["money"] = pd.to_numeric(frame["money"]) if side else frame["money"]
        files.append(str(tmp_path / f"{side}.parquet"))
        frame.to_parquet(files[-1])
    return files


@pytest.mark.parametrize("sides", [(0, 1), (1, 0)])
def test_text_beside_a_type_is_read_as_two_files_are(server, parquet, sides):
    queries = [query_of(side, "generate_series(1, 300) t(i)") for side in sides]

    there = load(server, *queries)
    here = load_data(source="files", reference=parquet[sides[0]], current=parquet[sides[1]], run_date="2026-01-31")

    for side in ("reference", "current"):
        own, other = (getattr(data, side).sort_values("i", ignore_index=True) for data in (there, here))
        pd.testing.assert_frame_equal(own, other[list(own)], check_dtype=False)
    assert sorted(said(there)) == sorted(re.sub(r" \(\S+ row [^)]*\)", "", message) for message in said(here))
    assert len(said(there)) > 1
    assert {s: dict(each) for s, each in there.snapshot().unreadable.items()} == here.snapshot().unreadable


def test_counts_of_all_rows_are_converted_with_the_sample(server):
    yes = "CASE WHEN i % 3 = 0 THEN 'yes' WHEN i % 7 = 0 THEN NULL ELSE 'no' END AS v"
    there = f"SELECT i, {yes} FROM generate_series(1, 9000) t(i)"

    data = load(server, "SELECT i, i % 3 = 0 AS v FROM generate_series(1, 9000) t(i)", there, max_rows=500)

    assert data.full_counts["current"].levels["v"].to_dict() == {True: 3000, False: 6000 - 857}
    assert data.full_counts["current"].missing["v"] == 857
    assert set(data.current["v"].dropna()) == {True, False}
