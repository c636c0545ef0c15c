"""Files, on disk or in a bucket: CSV, TSV, JSON, Parquet and Excel workbooks, each a path or a glob."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

from ibis.backends.duckdb import Backend

from driftmonitor.analysis.sources import with_duckdb
from driftmonitor.analysis.sources.excel_files import open_workbooks
from driftmonitor.analysis.sources.file_kinds import check_kind
from driftmonitor.analysis.sources.locations import DataMissing, find_files
from driftmonitor.analysis.sources.overlap import of_files
from driftmonitor.analysis.sources.partitions import NONE, Partitions, find_common, has_folders, partitions_of
from driftmonitor.analysis.sources.reading import Explain, Sides, take_sides
from driftmonitor.analysis.sources.request import Request, Side
from driftmonitor.analysis.sources.rows import Rows
from driftmonitor.analysis.sources.text_files import names_in_headers, open_text
from driftmonitor.config.data_settings import file_format, scheme_of
from driftmonitor.config.read_settings import ReadSettings
from driftmonitor.formats import one_line


def read(request: Request) -> dict[str, Side]:
    """Return both sides of one day."""
    where = {side: one_line(wanted.location, 200) for side, wanted in request.sides.items()}

    def explain(side: str) -> AbstractContextManager[None]:
        remedy = "write the file again, or name another"
        if scheme_of(request.sides[side].location):
            remedy = f"check the store's environment variables, or {remedy}"
        return with_duckdb.explained(f"{side}: {where[side]}", remedy)

    memory, files = request.memory, dict[str, list[str]]()
    backend = with_duckdb.connect_once(request)
    for side, wanted in request.sides.items():
        with explain(side):
            files[side] = memory.recall(f"files of {side}", wanted.location, partial(find_files, side, wanted.location))
    rows = _open_sides(backend, files, request, explain)
    sides = take_sides(Sides(backend, request, rows, explain), where)
    found = () if request.time_column else of_files(files.get("reference", ()), files.get("current", ()))
    if not found:
        return sides
    return {**sides, "current": replace(sides["current"], findings=(*sides["current"].findings, *found))}


def names(request: Request) -> dict[str, tuple[str, ...]]:
    """Return the names of the columns of the sides that are there, from schemas and headers."""
    backend, files = with_duckdb.connect_once(request), dict[str, list[str]]()
    for side, wanted in request.sides.items():
        try:
            files[side] = find_files(side, wanted.location)
        except DataMissing:
            continue
    common, found = find_common(files, request.time_column), dict[str, tuple[str, ...]]()
    for side in sorted(files, key=lambda side: has_folders(files[side])):
        partitions = partitions_of(files[side], common, [name for own in found.values() for name in own])
        with with_duckdb.explained(side, "write the file again, or name another"):
            found[side] = _names_of(backend, side, files[side], request.read, partitions)
    return found


def _names_of(
    backend: Backend, side: str, files: Sequence[str], settings: ReadSettings, partitions: Partitions
) -> tuple[str, ...]:
    if file_format(files[0]) in ("csv", "tsv"):
        return names_in_headers(backend, side, files, settings.of_side(side), partitions)
    return open_files(backend, side, files, settings, partitions).names


def _open_sides(
    backend: Backend, files: Mapping[str, Sequence[str]], request: Request, explain: Explain
) -> dict[str, Rows]:
    """Return the rows of both sides; the names in one side's files say which names of the other's folders count."""
    common, rows = find_common(files, request.time_column), dict[str, Rows]()
    for side in sorted(files, key=lambda side: has_folders(files[side])):
        partitions = partitions_of(files[side], common, [name for own in rows.values() for name in own.names])
        with explain(side):
            same = next((rows[other] for other in rows if files[other] == files[side]), None)
            if same and request.read.reference == request.read.current:
                rows[side] = replace(same, side=side)
            else:
                opening = partial(open_files, backend, side, files[side], request.read, partitions, request.keeps(side))
                rows[side] = request.memory.recall(f"rows of {side}", (files[side], partitions), opening)
    return {side: rows[side] for side in files}


def open_files(
    backend: Backend,
    side: str,
    files: Sequence[str],
    settings: ReadSettings,
    partitions: Partitions = NONE,
    keep: bool = False,
) -> Rows:
    """Return the rows of files of one format, with the names of their folders that are columns.

    `keep`: text is not read again, even if it is long.
    """
    for file in files:
        check_kind(side, file)
    kind = file_format(files[0])
    if kind == "parquet":
        return with_duckdb.open_parquet(backend, side, files, settings, partitions)
    if kind == "excel":
        return open_workbooks(backend, side, files, settings, partitions)
    return open_text(backend, side, files, settings, partitions, keep)
