"""Find files in buckets (s3://, gs://, az://) with pyarrow, and let DuckDB read the parts that it needs in place.

Keys and endpoints come from the environment, under the names that the stores' own tools use.
"""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from fsspec.implementations.arrow import ArrowFSWrapper
from fsspec.utils import glob_translate
from pyarrow import ArrowException, fs

from driftmonitor import DriftMonitorError
from driftmonitor.formats import first_line

CREDENTIALS = {
    "s3": "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT and AZURE_STORAGE_KEY",
}
CONNECT_SECONDS, ANSWER_SECONDS, ATTEMPTS, RETRY_SECONDS = 10, 60, 3, 20


def open_store(scheme: str) -> fs.FileSystem:
    """Return the filesystem with the buckets of a scheme."""
    opened: fs.FileSystem = {"s3": _open_s3, "gs": _open_gcs, "az": _open_azure}[scheme]()
    return opened


def _open_s3() -> fs.FileSystem:
    return fs.S3FileSystem(
        region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        endpoint_override=os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"),
        connect_timeout=CONNECT_SECONDS,
        request_timeout=ANSWER_SECONDS,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
    )


def _open_gcs() -> fs.FileSystem:
    return fs.GcsFileSystem(retry_time_limit=timedelta(seconds=RETRY_SECONDS))


def _open_azure() -> fs.FileSystem:
    text = os.environ.get("AZURE_STORAGE_CONNECTION_STRING", "")
    settings = dict(part.strip().split("=", 1) for part in text.split(";") if "=" in part)
    account = settings.get("AccountName") or os.environ.get("AZURE_STORAGE_ACCOUNT")
    if not account:
        names = "AZURE_STORAGE_ACCOUNT or AZURE_STORAGE_CONNECTION_STRING"
        raise DriftMonitorError(f"az:// needs {names}; set it and name it in monitor.pass_env.")
    key = settings.get("AccountKey") or os.environ.get("AZURE_STORAGE_KEY")
    token = settings.get("SharedAccessSignature") or os.environ.get("AZURE_STORAGE_SAS_TOKEN")
    token = f"?{token.removeprefix('?')}" if token else None  # pyarrow appends it to the address as it is
    return fs.AzureFileSystem(account, account_key=key, sas_token=token, **_azure_address(account, settings))


def _azure_address(account: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the address of the account as pyarrow's arguments, if a connection string has another than the usual."""
    if suffix := settings.get("EndpointSuffix"):
        return {"blob_storage_authority": f".blob.{suffix}", "dfs_storage_authority": f".dfs.{suffix}"}
    if not settings.get("BlobEndpoint"):
        return {}
    parts = urlsplit(settings["BlobEndpoint"])
    authority = parts.netloc.removeprefix(account)  # pyarrow puts it before what begins with a dot
    return {
        "blob_storage_authority": authority, "dfs_storage_authority": authority.replace(".blob.", ".dfs."),
        "blob_storage_scheme": parts.scheme, "dfs_storage_scheme": parts.scheme,
    }  # fmt: skip


def for_duckdb(scheme: str) -> Any:
    """Return the store as an fsspec filesystem, from which DuckDB reads the bytes of single column chunks."""
    wrapper = type(f"{scheme}Store", (_Store,), {"protocol": (scheme,)})
    return wrapper(open_store(scheme), skip_instance_cache=True)


class _Store(ArrowFSWrapper):
    """A store whose paths begin with the bucket; fsspec alone would take a container of Azure for a host."""

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path.partition("://")[2] or path


def find_files(where: str, location: str) -> dict[str, int]:
    """Return the size in bytes of each file that an address or a glob matches, sorted."""
    scheme, _, path = location.partition("://")
    try:
        store = open_store(scheme)
        infos = [store.get_file_info(path)]
        if infos[0].type == fs.FileType.NotFound and re.search(r"[*?[]", path):
            folder = re.split(r"[*?[]", path)[0].rpartition("/")[0]
            deep = "/" in path[len(folder) + 1 :]
            infos = store.get_file_info(fs.FileSelector(folder, recursive=deep, allow_not_found=True))
            pattern = re.compile(glob_translate(path))
            infos = [info for info in infos if pattern.match(info.path)]
    except (OSError, ValueError, ArrowException) as error:
        remedy = f"check the address, and {CREDENTIALS[scheme]} (in the environment and in monitor.pass_env)"
        raise DriftMonitorError(f"{where}: {first_line(error)}; {remedy}.") from None
    files = {f"{scheme}://{info.path}": info.size for info in infos if info.type == fs.FileType.File}
    return dict(sorted(files.items()))
