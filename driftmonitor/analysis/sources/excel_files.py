"""Open Excel workbooks as rows: a column keeps the type that all its cells have, and is text as in a CSV otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from ibis.backends.duckdb import Backend

from driftmonitor.analysis.sources.column_types import Marks, number
from driftmonitor.analysis.sources.partitions import NONE, Partitions
from driftmonitor.analysis.sources.rows import DURATION, MISSING_WORDS, Part, Rows, quoted, text, without_missing
from driftmonitor.analysis.sources.sheets import FAULTS, NUMBER, Sheet, write_again
from driftmonitor.analysis.sources.workbooks import FAULT
from driftmonitor.config.read_settings import ReadSettings

# The type of a column by the sorts of its cells; with any others in one column it is text.
KINDS = {
    frozenset({"whole"}): "BIGINT", frozenset({"number"}): "DOUBLE", frozenset({"whole", "number"}): "DOUBLE",
    frozenset({"boolean"}): "BOOLEAN", frozenset({"clock"}): "TIME", frozenset({"date"}): "DATE",
    frozenset({"duration"}): "DURATION 1", frozenset({"time"}): "TIMESTAMP", frozenset({"date", "time"}): "TIMESTAMP",
}  # fmt: skip
SOURCE = (
    "read_csv({file}, auto_detect=false, header=false, delim=',', quote='\"', escape='\"', nullstr='', {hive}, "
    "columns={columns})"
)


def open_workbooks(
    backend: Backend, side: str, files: Sequence[str], settings: ReadSettings, partitions: Partitions = NONE
) -> Rows:
    """Return the rows of one sheet of each workbook; a column that a sheet lacks is missing in its rows."""
    sheets = {file: write_again(backend, side, file, settings) for file in files}
    names = tuple(dict.fromkeys([*(name for sheet in sheets.values() for name in sheet.columns), *partitions.names]))
    sorts = {name: frozenset[str]().union(*(sheet.sorts.get(name, ()) for sheet in sheets.values())) for name in names}
    kinds = tuple(KINDS.get(sorts[name] - {FAULT[1]}, "VARCHAR") for name in names)
    rows = Rows(
        side, f"{side}_rows", names, kinds, settings=settings, commas_in_fields=True, source="Excel",
        texts=tuple(name for name, kind in zip(names, kinds, strict=True) if kind == "VARCHAR"),
        partitions=partitions.names,
        faulty=tuple(name for name in names if FAULT[1] in sorts[name]),
    )  # fmt: skip
    selects = {file: _select(rows, sheet, partitions) for file, sheet in sheets.items()}
    backend.raw_sql(f"CREATE OR REPLACE TEMP TABLE {rows.sql} AS {' UNION ALL '.join(selects.values())}")
    return replace(
        rows,
        parts=tuple(
            Part((file,), partial(_always, query), unit="row", number="line") for file, query in selects.items()
        ),
    )


def _select(rows: Rows, sheet: Sheet, partitions: Partitions) -> str:
    """Return SQL for a sheet's rows: c0, c1, ..., then f0, f1, ... where a formula has an error, and their numbers."""
    own = "{" + ", ".join(f"'{each}': 'VARCHAR'" for each in (NUMBER, FAULTS, *sheet.every_column)) + "}"
    source = SOURCE.format(file=text(sheet.path), hive=partitions.options, columns=own)
    shown = []
    for i, (name, kind) in enumerate(zip(rows.names, rows.kinds, strict=True)):
        column = sheet.columns.get(name) or (quoted(name) if name in partitions.names else "NULL::VARCHAR")
        shown.append(f"{_convert(rows, name, kind).replace('{v}', column)} AS c{i}")
    for name in rows.faulty:
        fault = text(f"|{sheet.columns.get(name)}|")
        shown.append(f"contains(coalesce({FAULTS}, ''), {fault}) AS f{rows.column(name)[1:]}")
    return f"SELECT {', '.join(shown)}, CAST({NUMBER} AS BIGINT) AS line FROM {source}"  # noqa: S608


def _convert(rows: Rows, name: str, kind: str) -> str:
    settings = rows.settings.of_column(rows.side, name)
    value = without_missing(settings, MISSING_WORDS if kind == "VARCHAR" else ())
    if kind in ("BIGINT", "DOUBLE"):
        return number(kind, Marks(settings.decimal_sign)).sql.replace("{v}", value)
    if DURATION.fullmatch(kind):
        return f"CAST({value} AS DOUBLE)"
    return value if kind == "VARCHAR" else f"CAST({value} AS {kind})"


def _always(query: str, files: Sequence[str]) -> str:
    return query
