"""Other engines give the same rows and the same record as DuckDB, and show no password."""

import datetime as dt
import re
from pathlib import Path

import duckdb
import ibis
import numpy as np
import pandas as pd
import psycopg
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.checks.of_params import measure_checks
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import compare
from driftmonitor.analysis.sources import DataMissing, engines, load_data, windows
from driftmonitor.analysis.sources.request import Request
from driftmonitor.config.connections import check_connection
from tests.jobs import Job
from tests.postgres import PASSWORD

DAY = "2026-01-31"
WINDOWS = {"time_column": "at", "reference_window": "2026-01-01/2026-01-10", "current_days": 10}
# id is the key; rows a day: 200
COLUMNS = """
    CAST(i AS BIGINT) AS id,
    TIMESTAMP '2026-01-01 00:00:00' + i * INTERVAL '432 seconds' AS at,
    CASE WHEN i % 20 = 0 THEN NULL ELSE CAST((i * 7919 % 10007) / 100.0 AS DOUBLE PRECISION) END AS amount,
    CASE WHEN i % 3 = 0 THEN 'free' WHEN i % 7 = 0 THEN NULL ELSE 'paid' END AS plan,
    CAST(i % 5 AS INTEGER) AS stars,
    i % 2 = 0 AS returning
"""
ROWS = 31 * 200


@pytest.fixture(scope="module")
def orders(tmp_path_factory) -> Path:
    """Give a Parquet file of the table that the engines hold too."""
    path = tmp_path_factory.mktemp("orders") / "orders.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {COLUMNS} FROM range({ROWS}) t(i)) TO '{path}'")
    return path


@pytest.fixture
def server(postgres_url, monkeypatch) -> str:
    """Give the address of a PostgreSQL that holds the table, with the password left to the environment."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE orders AS SELECT {COLUMNS} FROM generate_series(0, {ROWS - 1}) AS t(i)")
    found = re.fullmatch(r"postgresql://(?P<user>[^:]+):(?P<password>[^@]+)@(?P<rest>.+)", postgres_url)
    monkeypatch.setenv("READER_PASSWORD", PASSWORD)
    return f"postgres://{found['user']}:${{READER_PASSWORD}}@{found['rest']}"


def record_of(data) -> dict:
    comparison = compare(data, infer_columns(data, None, "at"))
    record = comparison.record("orders", DAY).to_dict() | {"versions": {}}
    sides = [record["reading"][side] for side in ("reference", "current")]
    sources = {side.pop("source") for side in sides}
    assert {side.pop("rows", 6200) for side in sides} == {6200}  # an engine doesn't count those outside of the window
    assert sources <= {"a query", "a query on PostgreSQL", "a query on Spark"}
    return record


def load(query: str = "SELECT * FROM orders", **changes):
    return load_data(**{"source": "sql", "reference": query, "current": "", "run_date": DAY, **WINDOWS, **changes})


@pytest.mark.parametrize("max_rows", [100_000, 500])
def test_postgres_gives_the_record_that_duckdb_gives(orders, server, max_rows):
    choice = {"sample_key": "id", "max_rows": max_rows}
    here = load(f"SELECT * FROM '{orders}'", **choice)

    there = load(connection=server, **choice)

    assert there.reference_total == here.reference_total == 2000
    assert there.current["id"].tolist() == here.current["id"].tolist()
    assert record_of(there) == record_of(here)


def test_without_a_key_a_sample_is_the_same_every_time(server):
    samples = [load(connection=server, max_rows=500) for _ in range(2)]

    assert len(samples[0].current) == 500
    assert samples[0].current.equals(samples[1].current)
    assert samples[0].full_counts["current"].missing["amount"] == 100


def test_equal_rows_are_sampled_as_often_as_they_occur(server):
    query = "SELECT CASE WHEN i % 10 < 7 THEN 'often' ELSE 'rare' END AS word FROM generate_series(1, 20000) t(i)"

    data = load_data(source="sql", connection=server, reference=query, current=query, run_date=DAY, max_rows=2000)

    assert len(data.current) == 2000
    assert (data.current["word"] == "often").mean() == pytest.approx(0.7, abs=0.04)


AWKWARD = """
SELECT 1.25::numeric AS decimal, 7::smallint AS small, 0.1::real AS single, true AS flag, 'x'::char(3) AS padded,
    '{"a": 1}'::jsonb AS json, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS uuid, DATE '2026-01-01' AS day,
    TIMESTAMPTZ '2026-01-01 05:00:00-05' AS zoned, NULL AS nothing, 'x' AS "Odd ""name"" €", 'NaN'::float8 AS nan,
    INTERVAL '2 hours' AS span, TIME '05:00' AS clock, ARRAY[1, 2] AS list, '\\x00'::bytea AS bytes,
    '10.0.0.1'::inet AS address
"""


def test_awkward_types_come_through(server):
    query = f"{AWKWARD} -- a remark\n;"

    data = load_data(source="sql", connection=server, reference=query, current=query, run_date=DAY)

    row = data.current.iloc[0]
    assert row[["decimal", "small", "flag", 'Odd "name" €']].tolist() == [1.25, 7, True, "x"]
    assert row["zoned"] == pd.Timestamp("2026-01-01 10:00:00")
    assert row["uuid"] == "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    assert np.isnan(row["nan"])


def test_windows_are_utc_days(server):
    query = "SELECT 1 AS a, TIMESTAMPTZ '2026-01-30 20:00:00-05' AS at UNION ALL SELECT 2, '2026-01-31 20:00:00-05'"

    data = load(query, connection=server, reference_window="2026-01-01/2026-02-28", current_days=1)

    assert data.current["a"].tolist() == [1]


def test_rows_that_are_not_there_yet_are_missing_data(server):
    with pytest.raises(DataMissing, match=r"^current: no rows from 2027-01-22 to 2027-01-31 \(at, UTC\)"):
        load(connection=server, run_date="2027-01-31")


BAD_QUERIES = [
    ("SELECT * FROM nowhere", 'reference: PostgreSQL: relation "nowhere" does not exist'),
    ("SELECT * FROM orders; SELECT 1", "reference: the query is not one SELECT; give one SELECT statement."),
    ("DROP TABLE orders", "reference: the query is not one SELECT"),
    ("WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone", "reference: the query is not one SELECT"),
    ("SELECT * INTO other FROM orders", "reference: the query is not one SELECT"),
    ("SELECT setval('s', 1) AS a, * FROM orders", "reference: PostgreSQL: "),
    ("SELEC 1", "reference: "),
    ("SELECT 1 / (id - id) AS a, at FROM orders", "reference: PostgreSQL: division by zero"),
    (
        "SELECT ('Zoe ' || id)::int AS a, at FROM orders",
        "reference: PostgreSQL: invalid text representation (22P",
    ),
    (
        "SELECT to_date('Zoe ' || id, 'DD') AS a, at FROM orders",
        "reference: PostgreSQL: invalid datetime format (22",
    ),
    (
        "SELECT (id::text || ' Zoe')::json, at FROM orders",
        "reference: PostgreSQL: invalid input syntax for type json",
    ),
    ("SELECT emial FROM orders", 'reference: PostgreSQL: column "emial" does not exist; fix the query.'),
    ("SELECT pg_sleep(60) AS a, at FROM orders", "reference: PostgreSQL: the server ended a query at its time"),
]
OPTIONS = {
    "colour=red": "an option in the address is not known to the driver; check what follows the ?.",
    "sslmode=Zoe": "an option in the address has an invalid value; check what follows the ?.",
    "options=-c%20statement_timeout%3DZoe": "an option in the address has an invalid value; check what follows the ?.",
}


@pytest.mark.parametrize(("query", "message"), BAD_QUERIES)
def test_an_invalid_query_is_reported_in_one_line(server, query, message):
    with pytest.raises(DriftMonitorError) as caught:
        load(query, connection=f"{server}?options=-c%20statement_timeout%3D3000")

    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value) and "Zoe" not in str(caught.value)
    assert load(connection=server).reference_total == 2000


@pytest.mark.parametrize("option", OPTIONS)
def test_an_invalid_option_of_the_address_is_reported_in_one_line(server, option):
    with pytest.raises(DriftMonitorError) as caught:
        load(connection=f"{server}?{option}")

    assert str(caught.value) == f"connection: PostgreSQL: {OPTIONS[option]}"


def test_session_is_read_only(server):
    engine = engines.connect(server)

    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        engine.backend.raw_sql("CREATE TABLE mine (a int)")


def test_a_server_that_refuses_or_does_not_exist_is_reported_in_one_line(server, monkeypatch):
    gone = re.sub(r":\d+/", ":1/", server)

    with pytest.raises(DriftMonitorError, match=r"^connection: PostgreSQL: no server answers at this address;"):
        load(connection=gone)
    monkeypatch.setenv("READER_PASSWORD", "not-this-one")
    with pytest.raises(
        DriftMonitorError, match=r"^connection: PostgreSQL: the server refuses this user or pass"
    ) as caught:
        load(connection=server)
    assert "not-this-one" not in str(caught.value)
    monkeypatch.delenv("READER_PASSWORD")
    with pytest.raises(DriftMonitorError, match=r"^connection: \$\{READER_PASSWORD\} is not set; set READER_PASSWORD"):
        load(connection=server)


def test_address_may_come_whole_from_the_environment(server, postgres_url, monkeypatch):
    monkeypatch.setenv("ORDERS_URL", postgres_url)

    assert load(connection="${ORDERS_URL}").reference_total == 2000


ADDRESSES = [
    ("postgres://reader:hunter2@host/db", "connection contains a password, which would be published; write ${NAME}"),
    ("postgres://reader@host/db?password=hunter2", "connection contains a password"),
    ("snowflake://u@account/db?private_key=hunter2", "connection contains a private_key"),
    ("postgres://reader:hunter2${X}@host/db", "connection contains a password"),
    ("mysql://reader@host/db", "connection mysql://: no such engine; choose one of: bigquery"),
    ("postgre://reader@host/db", "connection postgre://: no such engine; did you mean postgres?"),
    ("host=x password=hunter2", "connection is not an address; write it as postgres://reader:${PGPASSWORD}@host"),
    ("postgres:///db", "connection names no host"),
    ("postgres://host:many/db", "connection cannot be read"),
]


@pytest.mark.parametrize(("address", "message"), ADDRESSES)
def test_address_with_a_password_or_of_no_engine_is_refused(address, message):
    with pytest.raises(DriftMonitorError) as caught:
        check_connection(address)

    assert str(caught.value).startswith(message)
    assert "hunter2" not in str(caught.value)


NO_ADDRESS = "connection: ${ORDERS_URL} is not an address of an engine; set it like postgres://"
FROM_ENVIRONMENT = {
    "hunter2": NO_ADDRESS,
    "hunter2://host/db": NO_ADDRESS,
    "postgres://": NO_ADDRESS,
    "postgres://reader:hunter2@127.0.0.1:99999/db": NO_ADDRESS,
    "postgres://reader:hunter2@127.0.0.1:many/db": NO_ADDRESS,
    "postgres://reader:hunter2@h..x/db": "connection: PostgreSQL: ",
    "postgres://reader:hunt%zzer2@127.0.0.1:1/db": "connection: PostgreSQL: no server answers at this address; start",
    "postgres://reader@127.0.0.1:1/db?colour=hunter2": "connection: PostgreSQL: an option in the address is not known",
}


@pytest.mark.parametrize("value", FROM_ENVIRONMENT)
def test_an_invalid_address_from_the_environment_is_one_line_without_it(monkeypatch, value):
    monkeypatch.setenv("ORDERS_URL", value)

    with pytest.raises(DriftMonitorError) as caught:
        load(connection="${ORDERS_URL}")

    assert str(caught.value).startswith(FROM_ENVIRONMENT[value])
    assert "\n" not in str(caught.value)
    assert "hunt" not in str(caught.value)


def test_connection_is_for_queries():
    with pytest.raises(DriftMonitorError, match=r"^connection is for source: sql, and source is files; change one"):
        load(source="files", connection="trino://user@host/catalog")


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("trino://user@127.0.0.1:1/catalog", "connection: Trino needs a driver"),
        ("clickhouse://user@127.0.0.1:1/db", "connection: ClickHouse needs a driver"),
        ("snowflake://user@account/db", "connection: Snowflake needs a driver"),
        ("bigquery://project/dataset", "connection: BigQuery needs a driver"),
    ],
)
def test_a_missing_driver_is_reported_with_the_command_that_installs_it(address, message):
    with pytest.raises(DriftMonitorError) as caught:
        load(connection=address)

    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith(f"pip install '.[{address.partition(':')[0]}]'.")


DIGESTS = {
    "trino": """LOWER(TO_HEX(MD5(TO_UTF8(CONCAT('0:', COALESCE(CAST("t1"."c0" AS VARCHAR), ''))))))""",
    "bigquery": "TO_HEX(MD5(CONCAT('0:', COALESCE(CAST(`t1`.`c0` AS STRING), ''))))",
    "snowflake": """MD5(CONCAT('0:', COALESCE(CAST("t1"."c0" AS VARCHAR), '')))""",
    "clickhouse": """LOWER(HEX(MD5(CONCAT('0:', COALESCE(CAST("t1"."c0" AS Nullable(String)), '')))))""",
}


@pytest.mark.parametrize("engine", DIGESTS)
def test_sql_for_engines_that_are_not_here(engine):
    orders = ibis.table({"id": "int64", "at": "timestamp", "plan": "string", "amount": "decimal(10, 2)"}, name="orders")
    request = Request(run_date=dt.date(2026, 1, 31), sample_key="id", reference="orders", current="orders")
    table = engines.make_table(orders, orders.columns, "current", request, engine)
    days = dt.date(2026, 1, 1), dt.date(2026, 1, 31)

    rows = windows.take_window(table, "at", *days).rows
    text = " ".join(str(ibis.to_sql(rows.filter(rows.row_hash < "03").order_by("row_hash"), dialect=engine)).split())

    assert DIGESTS[engine].upper() in text.upper()
    assert "'2026-01-01'" in text
    assert "'2026-02-01'" in text
    assert "03" in text


def test_a_password_is_in_nothing_that_a_run_leaves(server, tmp_path):
    text = f"source: sql\nconnection: {server}\nsample_key: id\nmax_rows: 500\n".replace("{", "{{").replace("}", "}}")
    text += "reference: SELECT * FROM orders\ncurrent: SELECT * FROM orders WHERE id > 3000\ncolumns: {{at: ignore}}\n"
    job = Job(tmp_path, orders=text + "monitor: {{pass_env: [READER_PASSWORD]}}\n")

    done = job.run("execute", environ={"READER_PASSWORD": PASSWORD})

    assert done.returncode == 0, done.stderr
    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"${READER_PASSWORD}" in left
    assert PASSWORD.encode() not in left
    assert PASSWORD not in done.stdout + done.stderr
    assert "a sample of 500 of 6,200 rows was compared" in job.record("orders").quality[0].message


CHECKS = {
    "rows": "> 1000", "missing(plan)": {"budget": True}, "mean(amount)": {"budget": True}, "mean(returning)": "== 50%",
    "distinct(stars)": "== 5", "sql: select count(*) from current where plan = 'free'": {"budget": True},
}  # fmt: skip


@pytest.mark.parametrize("max_rows", [300, 100_000])
def test_checks_are_computed_by_postgresql_from_all_rows_of_the_window(server, orders, max_rows):
    given = {**WINDOWS, "current": "", "run_date": DAY, "max_rows": max_rows, "checks": CHECKS}

    there = load_data(source="sql", reference="SELECT * FROM orders;", connection=server, **given)
    here = load_data(source="files", reference=str(orders), **given)
    numbers = [[each.value for each in measure_checks(CHECKS, data)] for data in (there, here)]

    assert numbers[0] == pytest.approx(numbers[1])
    assert numbers[0][0] == 2000
    with pytest.raises(DriftMonitorError, match=r"checks\.sql: select nothing from current: PostgreSQL"):
        load_data(
            source="sql",
            reference="SELECT * FROM orders",
            connection=server,
            **given | {"max_rows": 300, "checks": {"sql: select nothing from current": "> 0"}},
        )
