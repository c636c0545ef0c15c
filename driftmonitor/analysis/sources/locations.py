"""Which files are read and which days: `{date}` filled in, windows of days, and the files that a glob matches."""

import datetime as dt
import glob
import re
from pathlib import Path, PurePath

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import parse_date
from driftmonitor.formats import one_line
from driftmonitor.regular_files import Unreadable, check_file, read_file

FORMATS = {
    ".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".tsv": "tsv",
    ".json": "json", ".ndjson": "json", ".jsonl": "json", ".xlsx": "excel", ".xlsm": "excel",
}  # fmt: skip
PACKED = (".gz", ".zst")
ISO = "%Y-%m-%d"
PLACE = re.compile(r"\{date(?::([^{}]*))?\}")
OF_RUN = re.compile(r"\{run_date(?::([^{}]*))?\}")
DATE_FORMAT = re.compile(r"(%[YymdjbB]|[\w ./=-])+")
LONGEST_DAYS = 36_500
FEW_BYTES = 1000

Window = tuple[dt.date, dt.date]  # the first and the last day, both included


class DataMissing(DriftMonitorError):  # noqa: N818  it says what is wrong
    """There is no data for the run date (yet): no file, or no rows."""


def absent(side: str) -> type[DriftMonitorError]:
    """Return the class of error for a side without data."""
    return DataMissing if side == "current" else DriftMonitorError


def fill_locations(reference: str, current: str, time_column: str, day: dt.date) -> dict[str, str]:
    """Return the file, glob or query of each side, with {date} filled in."""
    if not reference.strip():
        raise DriftMonitorError("reference is empty; name a file or a query.")
    if not current.strip() and not time_column:
        raise DriftMonitorError("current is empty; name a file or a query, or set time_column to use the reference's.")
    locations = {"reference": reference, "current": current if current.strip() else reference}
    return {side: fill_date(location, day) for side, location in locations.items()}


def fill_date(location: str, day: dt.date, place: re.Pattern[str] = PLACE) -> str:
    """Return a location with the day for {date}, and in a format of strftime for {date:%Y%m%d}.

    What a format may have cannot end a quoted text. Other braces are part of the SQL.
    """

    def write(found: re.Match[str]) -> str:
        form = ISO if found[1] is None else found[1]
        if not DATE_FORMAT.fullmatch(form):
            problem = f"{one_line(found[0])} is no format of a day"
            raise DriftMonitorError(f"{problem}; use %Y, %m and %d, as in {{date:%Y%m%d}}.")
        return day.strftime(form)

    return place.sub(write, location)


def has_date(location: str) -> bool:
    """Return whether a location differs from day to day."""
    return PLACE.search(location) is not None


def choose_windows(text: str, time_column: str, current_days: int, day: dt.date, same_table: bool) -> dict[str, Window]:
    """Return the window of each side that is cut to one."""
    if text and not time_column:
        raise DriftMonitorError("reference_window needs time_column; name the column of times, or remove the window.")
    if not time_column:
        return {}
    if same_table and not text:
        raise DriftMonitorError("reference_window is empty and current is the same table; give 2013-01-01/2013-02-28.")
    if not 1 <= current_days <= LONGEST_DAYS:
        raise DriftMonitorError(f"current_days is {current_days}; use 1 to {LONGEST_DAYS}.")
    if day.toordinal() < current_days:
        raise DriftMonitorError(
            f"current_days is {current_days}, which reaches back before year 1; use fewer days or a later run_date."
        )
    windows = {"current": (day - dt.timedelta(days=current_days - 1), day)}
    return windows | ({"reference": parse_window(text)} if text else {})


def parse_window(text: str) -> Window:
    """Return the window that text such as 2013-01-01/2013-02-28 describes."""
    parts = [part.strip() for part in text.split("/")]
    if len(parts) != 2:
        raise DriftMonitorError(f"reference_window {text!r} is not two days; write it as 2013-01-01/2013-02-28.")
    first, last = (parse_date(part, "reference_window:") for part in parts)
    if last < first:
        raise DriftMonitorError(f"reference_window {text!r} ends before it begins; write the earlier day first.")
    return first, last


def scheme_of(location: str) -> str:
    """Return the scheme of an address such as s3://bucket/file, or "" for a path."""
    return location.partition("://")[0] if "://" in location else ""


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
    from driftmonitor.analysis.sources import buckets

    if scheme_of(location) not in buckets.SCHEMES:
        raise DriftMonitorError(f"{where} is on the network; copy it here, or to a bucket (s3://, gs://, az://).")
    return buckets.find_files(where, location)


def _is_blank(file: str, size: int) -> bool:
    """Return whether a file on disk is empty but for a few line ends."""
    return not scheme_of(file) and size <= FEW_BYTES and not read_file(file).strip()


def no_glob(file: str) -> str:
    """Return the path of a file on disk as DuckDB wants it: escaped, or data[1].csv would also match data1.csv."""
    return file if scheme_of(file) else glob.escape(file)


def file_format(file: str) -> str | None:
    """Return parquet, csv, tsv, json or excel by a file's extension, before .gz or .zst; None for any other."""
    endings = [ending.lower() for ending in PurePath(file).suffixes]
    packed = len(endings) > 1 and endings[-1] in PACKED
    kind = FORMATS.get(endings[-2 if packed else -1]) if endings else None
    return None if packed and kind == "excel" else kind
