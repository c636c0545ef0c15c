"""Read the bytes of a file, on disk or in a bucket, unpacked: its beginning, all of it, and whether it is whole.

DuckDB reads a cut-off archive as far as it goes and says nothing, so an archive is read once to its end.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.locations import absent
from driftmonitor.config.data_settings import scheme_of

CODECS = {".gz": "gzip", ".zst": "zstd"}
CHUNK = 1 << 20


def first_bytes(file: str, size: int) -> bytes:
    """Return at most the first `size` bytes of a file, unpacked."""
    with open_stream(file) as stream:
        return bytes(stream.read(size))


def first_packed_bytes(file: str, size: int) -> bytes:
    """Return at most the first `size` bytes of a file as they are stored."""
    with _open_stream(file, None) as stream:
        return bytes(stream.read(size))


def last_lines(file: str, size: int) -> list[str]:
    """Return the lines among at most the last `size` bytes of a text file on disk; none of one that is packed."""
    if scheme_of(file) or _codec(file):
        return []
    with Path(file).open("rb") as opened:
        start = max(0, opened.seek(0, 2) - size)
        opened.seek(start)
        return opened.read().decode(errors="replace").splitlines()[start > 0 :]


@contextmanager
def open_whole(file: str) -> Iterator[IO[bytes]]:
    """Yield a file that is not packed, to be read in any order; one in a bucket is copied first."""
    if not scheme_of(file):
        with Path(file).open("rb") as opened:
            yield opened
        return
    with tempfile.TemporaryFile() as copy:
        with open_stream(file) as stream:
            shutil.copyfileobj(stream, copy, CHUNK)
        copy.seek(0)
        yield copy


def check_whole(side: str, file: str) -> None:
    """Refuse an archive that is cut off, or that has nothing in it."""
    if _codec(file) is None:
        return
    blank = True
    try:
        with open_stream(file) as stream:
            while chunk := stream.read(CHUNK):
                blank = blank and not chunk.strip()
    except OSError as error:
        what = "is cut off" if "runcated" in str(error) else f"is no {_codec(file)} archive, or is damaged"
        raise DriftMonitorError(f"{side}: {file} {what}; write it again.") from None
    if blank:
        raise absent(side)(f"{side}: {file} is empty; write it again.")


def find_lines(file: str, starts: Sequence[int]) -> tuple[list[int], int]:
    """Return the numbers of the lines that begin at these bytes of a file, and that of a last line.

    The latter is 0 if the file ends as it should, with a line end.
    """
    numbers: list[int] = []
    before, seen, ending, last = 0, 0, b"\n", b""
    with open_stream(file) as stream:
        while chunk := bytes(stream.read(CHUNK)):
            ending = b"\r" if not before and b"\n" not in chunk else ending
            while len(numbers) < len(starts) and starts[len(numbers)] <= before + len(chunk):
                numbers.append(seen + chunk.count(ending, 0, starts[len(numbers)] - before) + 1)
            before, seen, last = before + len(chunk), seen + chunk.count(ending), chunk
    return numbers, 0 if last.endswith(ending) else seen + 1


def _codec(file: str) -> str | None:
    return next((codec for ending, codec in CODECS.items() if file.lower().endswith(ending)), None)


def open_stream(file: str) -> Any:
    """Return the bytes of a file, unpacked, as a stream."""
    return _open_stream(file, _codec(file))


def _open_stream(file: str, codec: str | None) -> Any:
    if scheme := scheme_of(file):
        return _store(scheme).open_input_stream(file.partition("://")[2], compression=codec)
    return pa.input_stream(file, compression=codec)


@cache
def _store(scheme: str) -> Any:
    from driftmonitor.analysis.sources import buckets

    return buckets.open_store(scheme)
