"""Find the files that a path, an address or a glob matches, and say so if there are none."""

import datetime as dt
import glob
from collections.abc import Callable
from pathlib import Path

from driftmonitor import DriftMonitorError
from driftmonitor.config.data_settings import FORMATS, check_scheme, file_format, scheme_of
from driftmonitor.formats import one_line
from driftmonitor.regular_files import Unreadable, check_file, read_file

FEW_BYTES = 1000


class DataMissing(DriftMonitorError):  # noqa: N818  it says what is wrong
    """There is no data for the run date (yet): no file, or no rows. `newest`: the last day before it that has some."""

    is_absence = True
    newest: dt.date | None = None


def absent(side: str) -> Callable[[str], DriftMonitorError]:
    """Return what makes the error for a side without data."""
    return DataMissing if side == "current" else _absent


def _absent(message: str) -> DriftMonitorError:
    error = DriftMonitorError(message)
    error.is_absence = True
    return error


def find_files(side: str, location: str) -> list[str]:
    """Return the files that a path, an address or a glob matches, sorted; all have one format and none is empty."""
    where = f"{side}: {one_line(location, 200)}"
    sizes = _find_in_bucket(where, location) if scheme_of(location) else _find_on_disk(where, location)
    if not sizes:
        is_whole = bool(scheme_of(location)) or Path(location).is_absolute()
        relative = "" if is_whole else f", which is relative to the folder {Path.cwd().name}"
        raise absent(side)(f"{where}: no such file; check the path{relative}.")
    for file, size in sizes.items():
        if file_format(file) is None:
            raise DriftMonitorError(f"{side}: {file}: unknown kind of file; use {', '.join(FORMATS)}, or source: sql.")
        if size == 0 or _is_blank(file, size):
            raise absent(side)(f"{side}: {file} is empty ({size} bytes); write it again.")
    if len(set(map(file_format, sizes))) > 1:
        raise DriftMonitorError(f"{where}: the files are of different formats; name files of one.")
    return list(sizes)


def _find_on_disk(where: str, location: str) -> dict[str, int]:
    """Return each file's size in bytes."""
    path = Path(location)
    if path.is_dir():
        raise DriftMonitorError(f"{where} is a folder; name its files, such as {path}/*.parquet.")
    files = [path] if path.exists() else sorted(map(Path, glob.glob(location, recursive=True)))  # noqa: PTH207
    try:
        return {str(file): check_file(file) for file in files if not file.is_dir()}
    except Unreadable as error:
        raise DriftMonitorError(f"{where}: {Path(error.filename).name} {error.strerror}; name a file.") from None


def _find_in_bucket(where: str, location: str) -> dict[str, int]:
    check_scheme(where, location)
    from driftmonitor.analysis.sources import buckets

    return buckets.find_files(where, location)


def _is_blank(file: str, size: int) -> bool:
    """Return whether a file on disk is empty but for a few line ends."""
    return not scheme_of(file) and size <= FEW_BYTES and not read_file(file).strip()


def no_glob(file: str) -> str:
    """Return the path of a file on disk as DuckDB wants it: escaped, or data[1].csv would also match data1.csv."""
    return file if scheme_of(file) else glob.escape(file)
