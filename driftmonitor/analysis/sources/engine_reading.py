"""Read text of an engine as the type that its column has on the other side, by the rules that hold for files.

The engine counts the different texts of such a column. What they are is decided and converted here, by DuckDB.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace

import ibis.expr.datatypes as dt
import pandas as pd
import pyarrow as pa
from ibis.backends.duckdb import Backend

from driftmonitor.analysis.sources import with_duckdb
from driftmonitor.analysis.sources.column_types import TEXT, ColumnType
from driftmonitor.analysis.sources.full_counts import FullCounts
from driftmonitor.analysis.sources.reading import Sides, decide_columns, say_remarks
from driftmonitor.analysis.sources.request import Request, Side
from driftmonitor.analysis.sources.rows import Rows
from driftmonitor.analysis.sources.tables import Table, may_be_category, to_series
from driftmonitor.analysis.sources.unreadable import say_unreadable

COUNTED = "(SELECT v FROM (SELECT v, unnest(range(n)) FROM counted)) AS data(c0)"  # each text as often as it occurs


def read_alike(request: Request, tables: Mapping[str, Table], sides: Mapping[str, Side]) -> dict[str, Side]:
    """Return both sides; text beside another type is read as that type, if all of it can be but for a trace."""
    read = dict(sides)
    for name in tables["reference"].names:
        kinds = {side: _kind(table, name) for side, table in tables.items() if name not in request.unread}
        texts = [side for side, kind in kinds.items() if kind == "VARCHAR"]
        if len(texts) == 1 and all(kinds.values()):
            read[texts[0]] = _read(request, tables[texts[0]], name, kinds, read[texts[0]])
    return read


def _kind(table: Table, name: str) -> str:
    """Return a column's type as DuckDB calls it; "" if there is no such column."""
    kind = table.column(name).type() if name in table.names else dt.null
    if kind.is_timestamp():
        return "TIMESTAMP WITH TIME ZONE" if kind.timezone else "TIMESTAMP"
    words = {"VARCHAR": kind.is_string(), "BOOLEAN": kind.is_boolean(), "DATE": kind.is_date(),
             "BIGINT": kind.is_integer(), "DOUBLE": kind.is_floating()}  # fmt: skip
    return next((word for word, is_so in words.items() if is_so), "")


def _read(request: Request, table: Table, name: str, kinds: Mapping[str, str], side: Side) -> Side:
    """Return a side with one column of text read as the other side shows."""
    backend, column = with_duckdb.connect(), f"c{table.names.index(name)}"
    counted = table.rows.group_by(column).aggregate(n=table.rows.count()).to_pyarrow().rename_columns(["v", "n"])
    backend.con.register("counted", counted)
    rows = {each: Rows(each, COUNTED, (name,), (kind,), settings=request.read) for each, kind in kinds.items()}
    verdict = decide_columns(Sides(backend, request, rows, lambda _: nullcontext()))[name]
    side = replace(side, findings=(*side.findings, *say_remarks({name: verdict})))
    kind = verdict.types[table.side]
    return side if kind == TEXT else _Text(backend, name, kind, request).convert_in(side, table.side)


@dataclass(frozen=True)
class _Text:
    """A column of text whose type is decided; its texts are counted in DuckDB."""

    backend: Backend
    name: str
    kind: ColumnType
    request: Request

    def convert_in(self, side: Side, label: str) -> Side:
        """Return a side with this column converted, in its rows and in the counts of all rows."""
        frame = side.frame.assign(**{self.name: self._convert(side.frame[self.name])})
        counts = side.full_counts and self._recount(side.full_counts, frame[self.name])
        reading = side.reading and side.reading.with_column(self.name, self.kind.read_as)
        side = replace(side, frame=frame, full_counts=counts, reading=reading, read=object())
        if not (odd := self._count_unreadable()):
            return side
        findings = (*side.findings, say_unreadable(self.name, odd, label, self.kind))
        return replace(side, unreadable={**side.unreadable, self.name: odd}, findings=findings)

    def _convert(self, texts: pd.Series) -> pd.Series:
        self.backend.con.register("texts", pa.table({"v": pa.array(texts, pa.string(), from_pandas=True)}))
        converted = self.backend.con.execute(f"SELECT {self.kind.convert('v')} AS v FROM texts").to_arrow_table()  # noqa: S608
        return to_series(converted["v"], self.request.timezone)

    def _count_unreadable(self) -> int:
        query = f"SELECT coalesce(sum(n), 0) FROM counted WHERE v IS NOT NULL AND ({self.kind.convert('v')}) IS NULL"  # noqa: S608
        return int(self.backend.con.execute(query).fetchall()[0][0])

    def _recount(self, counts: FullCounts, sample: pd.Series) -> FullCounts:
        levels = {name: each for name, each in counts.levels.items() if name != self.name}
        if self.name in counts.levels and may_be_category(sample, self.request.kinds.get(self.name)):
            own = counts.levels[self.name]
            levels[self.name] = own.groupby(self._convert(own.index.to_series()).to_numpy()).sum()
        return replace(counts, levels=levels)
