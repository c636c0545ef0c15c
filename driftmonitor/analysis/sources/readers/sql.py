"""Queries, one SELECT a side: in DuckDB's SQL, or in that of the engine that `connection` names."""

from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

from driftmonitor.analysis.sources.locations import DataMissing, absent
from driftmonitor.analysis.sources.request import Request, Side
from driftmonitor.analysis.sources.rows import Rows

TAKES_CONNECTION = True


def read(request: Request) -> dict[str, Side]:
    """Return both sides of one day."""
    if not request.connection:
        return _read_from_duckdb(request)
    from driftmonitor.analysis.sources import engine_sides

    return engine_sides.take_sides(request)


def names(request: Request) -> dict[str, tuple[str, ...]]:
    """Return the names of the columns of the sides that are there, from what their queries are described as."""
    if request.connection:
        from driftmonitor.analysis.sources import engine_sides

        return engine_sides.names(request)
    from driftmonitor.analysis.sources import with_duckdb

    backend, found = with_duckdb.connect_once(request), dict[str, tuple[str, ...]]()
    for side, wanted in request.sides.items():
        try:
            with with_duckdb.explained(side, "fix the query", absent=absent(side)):
                found[side] = with_duckdb.names_of_query(backend, side, wanted.location)
        except DataMissing:
            continue
    return found


def _read_from_duckdb(request: Request) -> dict[str, Side]:
    from driftmonitor.analysis.sources import reading, with_duckdb

    def explain(side: str) -> AbstractContextManager[None]:
        return with_duckdb.explained(side, "fix the query", absent=absent(side))

    backend = with_duckdb.connect_once(request)
    rows: dict[str, Rows] = {}
    for side, wanted in request.sides.items():
        with explain(side):
            same = [other for other in rows if request.sides[other].location == wanted.location]
            if same and request.read.reference == request.read.current:
                rows[side] = replace(rows[same[0]], side=side)
            else:
                opening = partial(with_duckdb.open_query, backend, side, wanted.location, request.read)
                rows[side] = request.memory.recall(f"rows of {side}", wanted.location, opening)
    sides = reading.Sides(backend, request, rows, explain)
    return reading.take_sides(sides, dict.fromkeys(rows, "the query"))
