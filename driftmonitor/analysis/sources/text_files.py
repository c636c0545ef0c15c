"""Open CSV, TSV and JSON files as rows of text, exactly as it is written there; types are decided later.

DuckDB's own guesses rest on the first 20,480 rows of one side, so none of them is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ibis.backends.duckdb import Backend

from driftmonitor.analysis.sources.dialect import Dialect, find_dialect, lines_of_rows
from driftmonitor.analysis.sources.locations import absent, no_glob
from driftmonitor.analysis.sources.names import unique_names
from driftmonitor.analysis.sources.no_rows import NoRows
from driftmonitor.analysis.sources.original_names import check_keys, is_key
from driftmonitor.analysis.sources.partitions import NONE, Partitions
from driftmonitor.analysis.sources.refused import LEFT_OUT, Source, check_trace, find_refused
from driftmonitor.analysis.sources.rows import MISSING_WORDS, Part, Rows, quoted, text, texts, without_missing
from driftmonitor.analysis.sources.streams import check_whole
from driftmonitor.analysis.sources.utf8 import Utf8, as_utf8
from driftmonitor.config.data_settings import file_format, scheme_of
from driftmonitor.config.read_settings import ReadSettings, SideSettings
from driftmonitor.formats import composed, some_names

CSV = (
    "read_csv({files}, auto_detect=false, header={header}, skip={skipped}, delim={delimiter}, quote='\"', escape='\"', "
    "comment='', nullstr={missing}, allow_quoted_nulls={quoted}, {hive}, columns={columns}{more})"
)
JSON = "read_json({files}, maximum_depth=1, sample_size=-1, union_by_name=true, hive_partitioning=false)"
SMALL = 50_000_000  # bytes of text that are read into memory once, instead of each time they are asked for
PACKED_TIMES = 8  # how much larger a file may be unpacked


Readable = Mapping[str, Utf8]  # by file, what DuckDB reads in its place
Parts = tuple[tuple[str, ...], tuple[Part, ...]]  # the names of all columns, and the files that are read alike


def open_text(
    backend: Backend,
    side: str,
    files: Sequence[str],
    settings: ReadSettings,
    partitions: Partitions = NONE,
    keep: bool = False,
) -> Rows:
    """Return the rows of text files of one format; a column that a file lacks is missing in its rows.

    Rows are kept in DuckDB if the files are small, and in any case with `keep`.
    """
    for file in files:
        check_whole(side, file)
    kind, own = file_format(files[0]) or "csv", settings.of_side(side)
    comment = own.comment if kind != "json" else None
    readable = {file: as_utf8(backend, side, file, own, comment or "") for file in files}
    if kind == "json":
        names, parts = _json_parts(backend, side, readable, settings, partitions)
    else:
        names, parts = _csv_parts(backend, kind, side, readable, settings, partitions)
        check_trace(side, parts)
    query = " UNION ALL ".join(part.select(part.files) for part in parts)
    kept = keep or _are_small([each.path for each in readable.values()])
    backend.raw_sql(f"CREATE OR REPLACE TEMP {'TABLE' if kept else 'VIEW'} {side}_rows AS {query}")
    return Rows(
        side, f"{side}_rows", names, ("VARCHAR",) * len(names), written=True, quoted=kind == "json", parts=parts,
        in_memory=kept, commas_in_fields=all(part.commas_in_fields for part in parts), settings=settings,
        source=some_names(sorted({part.source for part in parts}), 3, 120),
    )  # fmt: skip


def names_in_headers(
    backend: Backend, side: str, files: Sequence[str], settings: SideSettings, partitions: Partitions = NONE
) -> tuple[str, ...]:
    """Return the names of all columns of CSV files, from their first lines."""
    found: dict[str, None] = {}
    for file in files:
        utf8, kind = as_utf8(backend, side, file, settings, settings.comment or ""), file_format(file) or "csv"
        found |= dict.fromkeys(unique_names(map(composed, find_dialect(side, file, kind, utf8, settings).names)))
    return (*found, *(name for name in partitions.names if name not in found))


def _are_small(files: Sequence[str]) -> bool:
    """Return whether files on disk fit into memory with ease."""
    if any(map(scheme_of, files)):
        return False
    packed = {file: PACKED_TIMES if file.lower().endswith((".gz", ".zst")) else 1 for file in files}
    return sum(Path(file).stat().st_size * times for file, times in packed.items()) <= SMALL


def _csv_parts(
    backend: Backend, kind: str, side: str, readable: Readable, settings: ReadSettings, partitions: Partitions
) -> Parts:
    """Return all columns' names, and the files in parts with the same header."""
    written: dict[Dialect, list[str]] = {}
    no_rows: dict[Dialect, NoRows] = {}
    for file, utf8 in readable.items():
        dialect = find_dialect(side, file, kind, utf8, settings.of_side(side))
        written.setdefault(dialect, []).append(file)
        no_rows[dialect] = no_rows.get(dialect, NoRows()) | dialect.no_rows
    own_names = {dialect: unique_names(map(composed, dialect.names)) for dialect in written}
    names = tuple(dict.fromkeys([*(name for own in own_names.values() for name in own), *partitions.names]))
    usual = settings.are_usual_missing(side) and not any(len(dialect.names) == 1 for dialect in written)
    words = dict.fromkeys(names, "{v}")  # DuckDB is faster at it as it reads
    if not usual:
        words = {name: without_missing(settings.of_column(side, name), MISSING_WORDS) for name in names}
    parts = []
    for dialect, same in written.items():
        dialect = replace(dialect, no_rows=no_rows[dialect])
        own = {name: f"c{i}" for i, name in enumerate(own_names[dialect])}
        values = {name: quoted(name) for name in partitions.names} | own
        columns = [words[n].replace("{v}", values.get(n, "NULL::VARCHAR")) + f" AS c{i}" for i, n in enumerate(names)]
        source = partial(_csv_source, dialect, partitions.options, usual)
        refused = find_refused(backend, side, source, {file: readable[file].path for file in same})
        kept = "c0 IS NOT NULL" if len(own) == 1 else _say_rows(dialect)  # of one column, a blank line is no row
        select = partial(_csv_select, source, columns, LEFT_OUT if refused.lines else "", kept, readable)
        locate = partial(_find_lines, dialect, readable)
        commas, left_out = dialect.delimiter != ",", dialect.no_rows.words
        parts.append(Part(tuple(same), select, commas, refused, dialect.words, left_out, locate=locate))
    return names, tuple(parts)


def _csv_select(
    source: Source, columns: Sequence[str], more: str, kept: str, readable: Readable, files: Sequence[str]
) -> str:
    """Return the SQL that reads the rows of some files that are `kept`, all of them if that is empty."""
    rows = f" WHERE {kept}" if kept else ""
    return f"SELECT {', '.join(columns)} FROM {source([readable[file].path for file in files], more)}{rows}"  # noqa: S608


def _say_rows(dialect: Dialect) -> str:
    """Return SQL for whether a line is a row, "" if all are: the cells of others are known."""
    others = []
    for cells in dialect.no_rows.cells:
        same = [f"c{i} IS NULL" if not cell else f"trim(c{i}) = {text(cell)}" for i, cell in enumerate(cells)
                if cell not in MISSING_WORDS[1:]]  # fmt: skip
        others.append(f"({' AND '.join(same)}) IS NOT TRUE")
    return " AND ".join(others)


def _csv_source(dialect: Dialect, hive: str, usual: bool, paths: Sequence[str], more: str) -> str:
    own = "{" + ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(dialect.names))) + "}"
    return CSV.format(
        files=texts([no_glob(path) for path in paths]), header=str(dialect.header).lower(), skipped=dialect.skipped,
        delimiter=text(dialect.delimiter), columns=own, quoted=str(len(dialect.names) > 1).lower(),
        missing=texts([word for word in MISSING_WORDS if usual and dialect.delimiter not in word] or [""]),
        hive=hive, more=more,
    )  # fmt: skip


def _find_lines(dialect: Dialect, readable: Readable, file: str, rows: Sequence[int]) -> list[int]:
    return lines_of_rows(dialect, readable[file].path, rows)


def _json_parts(
    backend: Backend, side: str, readable: Readable, settings: ReadSettings, partitions: Partitions
) -> Parts:
    paths, first = [each.path for each in readable.values()], next(iter(readable))
    source = JSON.format(files=texts([no_glob(path) for path in paths]))
    given = [name for name, *_ in backend.con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]  # noqa: S608
    if given == ["json"] and not is_key(backend, paths, "json"):  # what DuckDB calls values that are no records
        raise absent(side)(f"{side}: {first} has no records; write it again.")
    own = check_keys(backend, side, paths, given)
    names = unique_names(map(composed, own))
    values = {name: (f"(k{i} ->> '$')", f"json_type(k{i}) = 'VARCHAR'") for i, name in enumerate(names)}
    values |= {name: (quoted(name), "false") for name in partitions.names if name not in names}
    columns = []
    for i, (name, (value, is_text)) in enumerate(values.items()):
        value = without_missing(settings.of_column(side, name), ()).replace("{v}", value)
        columns.append(f"{value} AS c{i}, {is_text} AS q{i}")
    select = partial(_json_select, given, partitions.options, columns, readable)
    return tuple(values), (Part(tuple(readable), select, source="JSON", unit="record"),)


def _json_select(
    given: Sequence[str], hive: str, columns: Sequence[str], readable: Readable, files: Sequence[str]
) -> str:
    types = "{" + ", ".join(f"{text(name)}: 'JSON'" for name in given) + "}"
    source = f"read_json({texts([no_glob(readable[file].path) for file in files])}, columns={types}, {hive})"
    keys = ", ".join(f"k{i}" for i in range(len(given)))
    return f"SELECT {', '.join(columns)} FROM {source} AS data({keys})"  # noqa: S608  quoted by text()
