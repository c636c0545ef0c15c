"""Which files and which days: `{date}` filled in, windows of days, and the files that a name or a glob means."""

import datetime as dt
import glob
from pathlib import Path, PurePath

from driftmonitor import DriftMonitorError
from driftmonitor.complaints import parse_date
from driftmonitor.formats import one_line

FORMATS = {
    ".parquet": "parquet", ".pq": "parquet", ".csv": "csv", ".tsv": "tsv",
    ".json": "json", ".ndjson": "json", ".jsonl": "json",
}  # fmt: skip
PACKED = (".gz", ".zst")
LONGEST_DAYS = 36_500
FEW_BYTES = 1000


class DataMissing(DriftMonitorError):  # noqa: N818  it says what is the matter
    """The data of the run date isn't there (yet): no file, no file for the date, or no rows."""


def absent(side: str) -> type[DriftMonitorError]:
    """Return the error for data of `side` that isn't there."""
    return DataMissing if side == "current" else DriftMonitorError


def fill_places(reference: str, current: str, time_column: str, day: dt.date) -> dict[str, str]:
    """Return side -> file, glob or query, with {date} filled in."""
    if not reference.strip():
        raise DriftMonitorError("reference is empty; name a file or a query.")
    if not current.strip() and not time_column:
        raise DriftMonitorError("current is empty; name a file or a query, or set time_column to use the reference's.")
    places = {"reference": reference, "current": current if current.strip() else reference}
    # A date is digits and dashes: it can end no quote. Other braces are SQL's own.
    return {side: place.replace("{date}", day.isoformat()) for side, place in places.items()}


def choose_windows(text: str, time_column: str, current_days: int, day: dt.date, same_table: bool) -> dict[str, tuple]:
    """Return side -> first and last day, both included, for the sides that are cut to a window."""
    if text and not time_column:
        raise DriftMonitorError("reference_window needs time_column; name the column of times, or remove the window.")
    if not time_column:
        return {}
    if same_table and not text:
        raise DriftMonitorError("reference_window is empty and current is the same table; give 2013-01-01/2013-02-28.")
    if not 1 <= current_days <= LONGEST_DAYS:
        raise DriftMonitorError(f"current_days is {current_days}; use 1 to {LONGEST_DAYS}.")
    if day.toordinal() < current_days:
        raise DriftMonitorError(f"run_date {day}: {current_days} days before it there is no calendar; use a later day.")
    current = {"current": (day - dt.timedelta(days=current_days - 1), day)}
    return current | ({"reference": parse_window(text)} if text else {})


def parse_window(text: str) -> tuple[dt.date, dt.date]:
    """Return the first and last day of a window such as 2013-01-01/2013-02-28."""
    parts = [part.strip() for part in text.split("/")]
    if len(parts) != 2:
        raise DriftMonitorError(f"reference_window {text!r} is not two days; write it as 2013-01-01/2013-02-28.")
    first, last = (parse_date(part, "reference_window:") for part in parts)
    if last < first:
        raise DriftMonitorError(f"reference_window {text!r} ends before it begins; write the earlier day first.")
    return first, last


def scheme_of(place: str) -> str:
    """Return the scheme of an address such as s3://bucket/file, or nothing for a path."""
    return place.partition("://")[0] if "://" in place else ""


def find_files(side: str, place: str) -> list[str]:
    """Return the files that `place`, a file or a glob, names, sorted; all are of one format and none is empty."""
    where = f"{side}: {one_line(place, 200)}"
    sizes = _find_in_bucket(where, place) if scheme_of(place) else _find_here(where, place)
    if not sizes:
        starts = "" if scheme_of(place) else f", which starts at {Path.cwd().name}/"
        raise absent(side)(f"{where}: no such file; check the path{starts}.")
    for file, size in sizes.items():
        if file_format(file) is None:
            raise DriftMonitorError(f"{side}: {file}: unknown kind of file; use {', '.join(FORMATS)}, or source: sql.")
        if size == 0 or _is_blank(file, size):
            raise absent(side)(f"{side}: {file} is empty ({size} bytes); write it again.")
    if len(set(map(file_format, sizes))) > 1:
        raise DriftMonitorError(f"{where}: the files are of different formats; name files of one.")
    return list(sizes)


def _find_here(where: str, place: str) -> dict[str, int]:
    """Return each file's size in bytes."""
    path = Path(place)
    if path.is_dir():
        raise DriftMonitorError(f"{where} is a folder; name its files, such as {path}/*.parquet.")
    files = [path] if path.is_file() else sorted(map(Path, glob.glob(place, recursive=True)))  # noqa: PTH207
    return {str(file): file.stat().st_size for file in files if file.is_file()}


def _find_in_bucket(where: str, place: str) -> dict[str, int]:
    from driftmonitor.analysis.sources import buckets

    if scheme_of(place) not in buckets.SCHEMES:
        raise DriftMonitorError(f"{where} is on the network; copy it here, or to a bucket (s3://, gs://, az://).")
    return buckets.find_files(where, place)


def _is_blank(file: str, size: int) -> bool:
    """Return whether there is nothing in a file here, or nothing but a few empty lines."""
    return not scheme_of(file) and size <= FEW_BYTES and not Path(file).read_bytes().strip()


def no_glob(file: str) -> str:
    """Return the path of a file here as DuckDB takes it: data[1].csv is that file to it only where no data1.csv is."""
    return file if scheme_of(file) else glob.escape(file)


def file_format(file: str) -> str | None:
    """Return parquet, csv, tsv or json by the ending, which .gz or .zst may follow; None for any other."""
    endings = [ending.lower() for ending in PurePath(file).suffixes]
    if len(endings) > 1 and endings[-1] in PACKED:
        endings.pop()
    return FORMATS.get(endings[-1]) if endings else None
