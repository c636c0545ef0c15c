"""Files in a bucket give the same rows as on disk and are read in parts; errors are one line."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import boto3
import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from moto.server import ThreadedMotoServer
from pyarrow import fs

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import DataMissing, buckets, load_data
from tests.servers import Answer, Recorder

ROWS = 50_000
WINDOWS = {"time_column": "at", "reference_window": "2026-01-01/2026-01-07", "current_days": 7, "max_rows": 1000}
KEYS = {"aws_access_key_id": "reader", "aws_secret_access_key": "s3cret"}


@pytest.fixture(scope="module")
def orders(tmp_path_factory) -> Path:
    """Give a folder of Parquet and CSV files: some hours in each row group."""
    folder = tmp_path_factory.mktemp("orders")
    query = "SELECT i AS id, TIMESTAMP '2026-01-01' + i * INTERVAL '50 seconds' AS at, i % 7 AS k, hash(i) AS noise"
    with duckdb.connect() as connection:
        for part in range(2):
            rows = f"{query} FROM range({part * ROWS // 2}, {(part + 1) * ROWS // 2}) t(i)"
            connection.execute(f"COPY ({rows}) TO '{folder}/part-{part}.parquet' (ROW_GROUP_SIZE 2048)")
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


@pytest.fixture(scope="module")
def lake(address, orders):
    """Give a client of the S3 that holds the files in a bucket."""
    client = boto3.client("s3", endpoint_url=address, region_name="us-east-1", **KEYS)
    client.create_bucket(Bucket="lake")
    for path in orders.iterdir():
        client.upload_file(str(path), "lake", f"orders/{path.name}")
    return client


@pytest.fixture
def bucket(address, lake, monkeypatch):
    """Give that client, with credentials in the environment."""
    names = {name.upper(): value for name, value in KEYS.items()}
    for name, value in {**names, "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": address}.items():
        monkeypatch.setenv(name, value)
    return lake


def load(place: str, **changes):
    return load_data(**{"source": "files", "reference": place, "current": "", "run_date": "2026-01-28", **changes})


def test_a_bucket_gives_the_rows_that_a_folder_gives(bucket, orders):
    here = load(f"{orders}/*.parquet", **WINDOWS)

    there = load("s3://lake/orders/*.parquet", **WINDOWS)

    assert there.reference_total == here.reference_total == 7 * 24 * 72
    assert there.reference.equals(here.reference)
    assert there.current.equals(here.current)


def test_queries_and_csv_files_come_from_a_bucket_too(bucket, orders):
    query = "SELECT k, count(*) AS n FROM read_parquet('s3://lake/orders/*.parquet') GROUP BY k"

    counted = load_data(source="sql", reference=query, current=query, run_date="2026-01-28").reference
    listed = load("s3://lake/orders/part-?.csv", current="s3://lake/**/part-1.csv", **{"time_column": ""})

    assert counted["n"].sum() == ROWS
    assert (listed.reference_total, listed.current_total) == (1000, 500)


def test_workbooks_come_from_a_bucket_too(bucket, tmp_path):
    for i in (1, 2):
        pd.DataFrame({"a": [i, 5], "b": ["x", "y"]}).to_excel(tmp_path / f"{i}.xlsx", index=False)
        bucket.upload_file(str(tmp_path / f"{i}.xlsx"), "lake", f"books/{i}.xlsx")

    data = load("s3://lake/books/*.xlsx", current="s3://lake/books/1.xlsx", time_column="")

    assert (sorted(data.reference["a"]), sorted(data.current["a"])) == ([1, 2, 5, 5], [1, 5])


def test_names_that_differ_only_by_case_come_from_a_bucket_as_they_are(bucket, tmp_path):
    pq.write_table(pa.table({"A": [1], "a": [2], "b": [{"a": 1, "A": [2]}], "a_1": [4]}), tmp_path / "x.parquet")
    (tmp_path / "x.csv").write_text("A,a,NA\n1,2,3\n")
    for ending in ("parquet", "csv"):
        bucket.upload_file(str(tmp_path / f"x.{ending}"), "lake", f"alike/x.{ending}")

    data = load("s3://lake/alike/x.parquet", current="s3://lake/alike/x.csv")

    assert list(data.reference) == ["A", "a", "b", "a_1"]
    assert list(data.current) == ["A", "a", "NA"]


class Counting:
    """A file that notes which parts of it are read, and how long they are.

    DuckDB reads the end of a file several times if the file is newer than ten seconds.
    """

    def __init__(self, file, noted: dict[tuple[str, int], int]):
        self.file, self.noted = file, noted

    def __getattr__(self, name):
        return getattr(self.file, name)

    def read(self, *length):
        place = self.file.path, self.file.tell()
        found = self.file.read(*length)
        self.noted[place] = max(len(found), self.noted.get(place, 0))
        return found


def test_only_the_parts_that_a_window_needs_are_read(bucket, orders, monkeypatch):
    noted, store = {}, buckets.for_duckdb("s3")
    opened = store._open
    monkeypatch.setattr(store, "_open", lambda *given, **named: Counting(opened(*given, **named), noted))
    monkeypatch.setattr(buckets, "for_duckdb", lambda scheme: store)

    data = load(
        "s3://lake/orders/*.parquet", **WINDOWS | {"reference_window": "2026-01-27/2026-01-27", "current_days": 1}
    )

    assert data.reference_total == data.current_total == 24 * 72
    assert 0 < sum(noted.values()) < sum(path.stat().st_size for path in orders.glob("*.parquet")) / 3


BAD = [
    ("s3://lake/orders/*.avro", DataMissing, "current: s3://lake/orders/*.avro: no such file; check the path."),
    ("s3://lake/none.csv", DataMissing, "current: s3://lake/none.csv: no such file; check the path."),
    ("s3://lake/orders/nothing.csv", DataMissing, "current: s3://lake/orders/nothing.csv is empty (0 bytes)"),
    ("s3://no-such-lake/x.csv", DataMissing, "current: s3://no-such-lake/x.csv: no such file; check the path."),
    ("s3://lake/orders/part-0.*", DriftMonitorError, "current: s3://lake/orders/part-0.*: the files are of different"),
    ("az://lake/x.csv", DriftMonitorError, "az:// needs AZURE_STORAGE_ACCOUNT or AZURE_STORAGE_CONNEC"),
    ("hdfs://lake/x.csv", DriftMonitorError, "current: hdfs://lake/x.csv is on the network; copy it here, or to a bu"),
]


@pytest.mark.parametrize(("place", "error", "message"), BAD)
def test_a_file_missing_from_the_bucket_is_reported_in_one_line(bucket, orders, place, error, message):
    with pytest.raises(DriftMonitorError) as caught:
        load(f"{orders}/part-0.csv", current=place)

    assert type(caught.value) is error
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_an_unreachable_store_is_reported_with_what_to_check(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    with pytest.raises(
        DriftMonitorError, match=r"^reference: s3://lake/x.csv: .*connect.*; check the address, and AWS_"
    ):
        load("s3://lake/x.csv", current="s3://lake/y.csv")


AZURITE = shutil.which("azurite-blob")
AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # everybody's


# In a process of its own: Google's client closes its files while nothing else in this one may run. It leaves downloads
# half-read, which hold up a server of one thread.
GOOGLE = """
from http.server import ThreadingHTTPServer
from gcp_storage_emulator import server as emulator
emulator.server.HTTPServer = ThreadingHTTPServer
server = emulator.create_server("127.0.0.1", 0, in_memory=True, default_bucket="lake")
server.start()
print(server._api._httpd.server_port, flush=True)
"""


@pytest.fixture(scope="module")
def google(orders, tmp_path_factory):
    """Give the environment for a Google Cloud Storage on loopback that holds the files."""
    command = [sys.executable, "-c", GOOGLE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        address = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        for path in orders.glob("part-*"):
            place = f"{address}/upload/storage/v1/b/lake/o?uploadType=media&name=orders/{path.name}"
            kind = {"Content-Type": "application/octet-stream"}
            requests.post(place, data=path.read_bytes(), headers=kind, timeout=60).raise_for_status()
        key_file = tmp_path_factory.mktemp("google") / "key.json"
        key_file.write_text(json.dumps(service_account()))
        yield {"CLOUD_STORAGE_EMULATOR_ENDPOINT": address, "GOOGLE_APPLICATION_CREDENTIALS": str(key_file)}
        server.kill()


def service_account() -> dict[str, str]:
    """Return what stands in the key file of an account that there isn't."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    account = {"type": "service_account", "client_email": "reader@shop.iam.gserviceaccount.com", "private_key_id": "1"}
    return account | {"private_key": key.private_bytes(*form).decode(), "token_uri": "http://127.0.0.1:1/token"}


@pytest.fixture(scope="module")
def azure(orders):
    """Give the environment for an Azure Blob Storage on loopback that holds the files."""
    if AZURITE is None:
        pytest.skip("azurite is not installed (npm install --global azurite)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck"]
    command = [AZURITE, *options, "--blobHost", "127.0.0.1", "--blobPort", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    account = f"AccountName=devstoreaccount1;AccountKey={AZURITE_KEY}"
    address = f"BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1"
    environment = {"AZURE_STORAGE_CONNECTION_STRING": f"DefaultEndpointsProtocol=http;{account};{address}"}
    try:
        fill_azure(environment, orders)
        yield environment
    finally:
        server.kill()
        server.wait()


def fill_azure(environment: dict[str, str], orders: Path) -> None:
    """Put the files into the container `lake`, once the server answers."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        store, deadline = buckets.open_store("az"), time.monotonic() + 60
        while True:
            try:
                store.create_dir("lake")
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
        for path in orders.iterdir():
            with store.open_output_stream(f"lake/orders/{path.name}") as out:
                out.write(path.read_bytes())


@pytest.fixture(params=["gs", "az"])
def scheme(request, monkeypatch) -> str:
    """Stand before Google's store or Azure's, with credentials in the environment."""
    for name, value in request.getfixturevalue({"gs": "google", "az": "azure"}[request.param]).items():
        monkeypatch.setenv(name, value)
    return request.param


def test_google_s_and_azure_s_stores_give_the_rows_that_a_folder_gives(scheme, orders):
    here = load(f"{orders}/*.parquet", **WINDOWS)
    query = f"SELECT k, count(*) AS n FROM read_parquet('{scheme}://lake/orders/*.parquet') GROUP BY k"

    there = load(f"{scheme}://lake/orders/*.parquet", **WINDOWS)
    listed = load(f"{scheme}://lake/orders/part-?.csv", current=f"{scheme}://lake/**/part-1.csv")
    counted = load_data(source="sql", reference=query, current=query, run_date="2026-01-28").reference

    assert there.reference_total == here.reference_total == 7 * 24 * 72
    assert there.reference.equals(here.reference)
    assert there.current.equals(here.current)
    assert (listed.reference_total, listed.current_total) == (1000, 500)
    assert counted["n"].sum() == ROWS


@pytest.mark.parametrize("place", ["lake/none.csv", "lake/orders/*.avro", "no-such-lake/x.csv", "no-such-lake/*.csv"])
def test_a_file_missing_from_google_or_azure_is_reported_in_one_line(scheme, orders, place):
    with pytest.raises(DataMissing, match=r"^current: (gs|az)://.*: no such file; check the path\.$"):
        load(f"{orders}/part-0.csv", current=f"{scheme}://{place}")


def test_invalid_credentials_are_reported_with_what_to_check(scheme, orders, monkeypatch):
    reasons = [{"domain": "global", "reason": "forbidden", "message": "no"}]
    told = {"error": {"code": 403, "message": "reader@shop may not list the bucket.", "errors": reasons}}
    with Recorder(Answer(403, told)) as denying:
        monkeypatch.setenv("CLOUD_STORAGE_EMULATOR_ENDPOINT", denying.url)
        monkeypatch.setenv(
            "AZURE_STORAGE_CONNECTION_STRING",
            os.environ.get("AZURE_STORAGE_CONNECTION_STRING", "").replace("AccountKey=E", "AccountKey=F"),
        )
        with pytest.raises(DriftMonitorError) as caught:
            load(f"{orders}/part-0.csv", current=f"{scheme}://lake/orders/part-0.csv")

    said = {
        "gs": "reader@shop may not list the bucket; check the address, and GOOGLE_APPLICATION_CREDENTIALS (in the",
        "az": "[AuthorizationFailure] 403 Server failed to authenticate the request.",
    }
    assert str(caught.value).startswith(f"current: {scheme}://lake/orders/part-0.csv: {said[scheme]}")
    assert "\n" not in str(caught.value)


def test_a_missing_key_file_is_reported_in_one_line(google, orders, monkeypatch):
    monkeypatch.setenv("CLOUD_STORAGE_EMULATOR_ENDPOINT", google["CLOUD_STORAGE_EMULATOR_ENDPOINT"])
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/no/key.json")

    with pytest.raises(
        DriftMonitorError, match=r"^current: gs://lake/x\.csv: Cannot open credentials file /no/key\.json; check the"
    ):
        load(f"{orders}/part-0.csv", current="gs://lake/x.csv")


AZURE = [
    ({"AZURE_STORAGE_ACCOUNT": "shop", "AZURE_STORAGE_KEY": "a2V5"}, {"account_key": "a2V5"}),
    ({"AZURE_STORAGE_ACCOUNT": "shop", "AZURE_STORAGE_SAS_TOKEN": "sv=1&sig=x%3D"}, {"sas_token": "?sv=1&sig=x%3D"}),
    (
        {"AZURE_STORAGE_CONNECTION_STRING": "AccountName=shop;AccountKey=a2V5;EndpointSuffix=core.chinacloudapi.cn"},
        {
            "account_key": "a2V5",
            "blob_storage_authority": ".blob.core.chinacloudapi.cn",
            "dfs_storage_authority": ".dfs.core.chinacloudapi.cn",
        },
    ),
    (
        {
            "AZURE_STORAGE_CONNECTION_STRING": "BlobEndpoint=https://shop.blob.core.windows.net/;"
            "AccountName=shop;SharedAccessSignature=sv=1&sig=x%3D"
        },
        {"sas_token": "?sv=1&sig=x%3D"},
    ),
]


@pytest.mark.parametrize(("environment", "options"), AZURE)
def test_azure_s_account_is_found_as_its_own_tools_find_it(monkeypatch, environment, options):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert buckets.open_store("az") == fs.AzureFileSystem("shop", **options)
    assert buckets.for_duckdb("az")._strip_protocol("az://lake/x y#1.csv") == "lake/x y#1.csv"
