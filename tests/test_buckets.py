"""Files in a bucket: the same rows as on disk, read in parts, and what goes wrong in one line."""

from pathlib import Path

import boto3
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto.server import ThreadedMotoServer

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import DataMissing, load_data, remote

ROWS = 500_000
WINDOWS = {"time_column": "at", "reference_window": "2026-01-01/2026-01-07", "current_days": 7, "max_rows": 1000}


@pytest.fixture(scope="module")
def orders(tmp_path_factory) -> Path:
    """Give a folder of Parquet and CSV files: some hours in each row group."""
    folder = tmp_path_factory.mktemp("orders")
    query = "SELECT i AS id, TIMESTAMP '2026-01-01' + i * INTERVAL '5 seconds' AS at, i % 7 AS k, hash(i) AS noise"
    with duckdb.connect() as connection:
        for part in range(2):
            rows = f"{query} FROM range({part * ROWS // 2}, {(part + 1) * ROWS // 2}) t(i)"
            connection.execute(f"COPY ({rows}) TO '{folder}/part-{part}.parquet' (ROW_GROUP_SIZE 10240)")
            connection.execute(f"COPY ({rows} LIMIT 500) TO '{folder}/part-{part}.csv'")
    (folder / "nothing.csv").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def address():
    """Give the address of an S3 on loopback."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def bucket(address, orders, monkeypatch):
    """Give a client of the S3 that holds the files in a bucket, with credentials in the environment."""
    names = {"AWS_ACCESS_KEY_ID": "reader", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_REGION": "us-east-1"}
    for name, value in {**names, "AWS_ENDPOINT_URL": address}.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=address, region_name="us-east-1")
    client.create_bucket(Bucket="lake")
    for path in orders.iterdir():
        client.upload_file(str(path), "lake", f"orders/{path.name}")
    return client


def load(place: str, **changes):
    return load_data(**{"source": "files", "reference": place, "current": "", "run_date": "2026-01-28", **changes})


def test_a_bucket_gives_the_rows_that_a_folder_gives(bucket, orders):
    here = load(f"{orders}/*.parquet", **WINDOWS)

    there = load("s3://lake/orders/*.parquet", **WINDOWS)

    assert there.reference_total == here.reference_total == 7 * 24 * 720
    assert there.reference.equals(here.reference)
    assert there.current.equals(here.current)


def test_queries_and_csv_files_come_from_a_bucket_too(bucket, orders):
    query = "SELECT k, count(*) AS n FROM read_parquet('s3://lake/orders/*.parquet') GROUP BY k"

    counted = load_data(source="sql", reference=query, current=query, run_date="2026-01-28").reference
    listed = load("s3://lake/orders/part-?.csv", current="s3://lake/**/part-1.csv", **{"time_column": ""})

    assert counted["n"].sum() == ROWS
    assert (listed.reference_total, listed.current_total) == (1000, 500)


def test_names_that_differ_only_by_case_come_from_a_bucket_as_they_are(bucket, tmp_path):
    pq.write_table(pa.table({"A": [1], "a": [2], "b": [{"a": 1, "A": [2]}], "a_1": [4]}), tmp_path / "x.parquet")
    (tmp_path / "x.csv").write_text("A,a,NA\n1,2,3\n")
    for ending in ("parquet", "csv"):
        bucket.upload_file(str(tmp_path / f"x.{ending}"), "lake", f"alike/x.{ending}")

    data = load("s3://lake/alike/x.parquet", current="s3://lake/alike/x.csv")

    assert list(data.reference) == ["A", "a", "b", "a_1"]
    assert list(data.current) == ["A", "a", "NA"]


class Counting:
    """A file that notes how many bytes are read of it."""

    def __init__(self, file, noted: list[int]):
        self.file, self.noted = file, noted

    def __getattr__(self, name):
        return getattr(self.file, name)

    def read(self, *length):
        found = self.file.read(*length)
        self.noted.append(len(found))
        return found


def test_only_the_parts_that_a_window_needs_are_read(bucket, orders, monkeypatch):
    noted, store = [], remote.for_duckdb("s3")
    opened = store._open
    monkeypatch.setattr(store, "_open", lambda *given, **named: Counting(opened(*given, **named), noted))
    monkeypatch.setattr(remote, "for_duckdb", lambda scheme: store)

    data = load(
        "s3://lake/orders/*.parquet", **WINDOWS | {"reference_window": "2026-01-27/2026-01-27", "current_days": 1}
    )

    assert data.reference_total == data.current_total == 24 * 720
    assert 0 < sum(noted) < sum(path.stat().st_size for path in orders.glob("*.parquet")) / 3


BAD = [
    ("s3://lake/orders/*.avro", DataMissing, "current: s3://lake/orders/*.avro: no such file; check the path."),
    ("s3://lake/none.csv", DataMissing, "current: s3://lake/none.csv: no such file; check the path."),
    ("s3://lake/orders/nothing.csv", DataMissing, "current: s3://lake/orders/nothing.csv is empty (0 bytes)"),
    ("s3://no-such-lake/x.csv", DataMissing, "current: s3://no-such-lake/x.csv: no such file; check the path."),
    ("s3://lake/orders/part-0.*", DriftMonitorError, "current: s3://lake/orders/part-0.*: the files are of different"),
    ("az://lake/x.csv", DriftMonitorError, "az:// needs AZURE_STORAGE_ACCOUNT; set it, and name it in"),
    ("hdfs://lake/x.csv", DriftMonitorError, "current: hdfs://lake/x.csv is on the network; copy it here, or to a bu"),
]


@pytest.mark.parametrize(("place", "error", "message"), BAD)
def test_what_is_not_in_the_bucket_is_told_in_one_line(bucket, orders, place, error, message):
    with pytest.raises(DriftMonitorError) as caught:
        load(f"{orders}/part-0.csv", current=place)

    assert type(caught.value) is error
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_store_that_is_not_there_is_told_with_what_to_check(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    with pytest.raises(
        DriftMonitorError, match=r"^reference: s3://lake/x.csv: .*connect.*; check the address, and AWS_"
    ):
        load("s3://lake/x.csv", current="s3://lake/y.csv")
