"""Read the bytes of a file, on disk or in a bucket, unpacked: its beginning, and whether it is whole.

DuckDB reads a cut-off archive as far as it goes and says nothing, so an archive is read once to its end.
"""

from functools import cache
from typing import Any

import pyarrow as pa

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.locations import absent, scheme_of

CODECS = {".gz": "gzip", ".zst": "zstd"}
CHUNK = 1 << 20


def first_bytes(file: str, size: int) -> bytes:
    """Return at most the first `size` bytes of a file, unpacked."""
    with _open(file) as stream:
        return bytes(stream.read(size))


def check_whole(side: str, file: str) -> None:
    """Refuse an archive that is cut off, or that has nothing in it."""
    if _codec(file) is None:
        return
    blank = True
    try:
        with _open(file) as stream:
            while chunk := stream.read(CHUNK):
                blank = blank and not chunk.strip()
    except OSError as error:
        what = "is cut off" if "runcated" in str(error) else f"is no {_codec(file)} archive, or is damaged"
        raise DriftMonitorError(f"{side}: {file} {what}; write it again.") from None
    if blank:
        raise absent(side)(f"{side}: {file} is empty; write it again.")


def _codec(file: str) -> str | None:
    return next((codec for ending, codec in CODECS.items() if file.lower().endswith(ending)), None)


def _open(file: str) -> Any:
    codec = _codec(file)
    if scheme := scheme_of(file):
        return _store(scheme).open_input_stream(file.partition("://")[2], compression=codec)
    return pa.input_stream(file, compression=codec)


@cache
def _store(scheme: str) -> Any:
    from driftmonitor.analysis.sources import buckets

    return buckets.open_store(scheme)
