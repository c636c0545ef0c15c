"""Queries, one SELECT a side: in DuckDB's SQL, or in that of the engine that `connection` names."""

from contextlib import AbstractContextManager

from driftmonitor.analysis.sources.locations import absent
from driftmonitor.analysis.sources.request import Request, Side
from driftmonitor.analysis.sources.sampling import cut_to_window, take_side

TAKES_CONNECTION = True


def read(request: Request) -> dict[str, Side]:
    """Return both sides of one day."""
    return _read_from_engine(request) if request.connection else _read_from_duckdb(request)


def _read_from_duckdb(request: Request) -> dict[str, Side]:
    from driftmonitor.analysis.sources import reading, with_duckdb

    def explain(side: str) -> AbstractContextManager[None]:
        return with_duckdb.explained(side, "fix the query", absent=absent(side))

    backend, rows = with_duckdb.connect(wanted.location for wanted in request.sides.values()), {}
    for side, wanted in request.sides.items():
        with explain(side):
            rows[side] = with_duckdb.open_query(backend, side, wanted.location, request.read)
    sides = reading.Sides(backend, request, rows, explain)
    return reading.take_sides(sides, dict.fromkeys(rows, "the query"))


def _read_from_engine(request: Request) -> dict[str, Side]:
    from driftmonitor.analysis.sources import engines

    wanted_sides, engine = request.sides, engines.connect(request.connection)
    sides = {}
    for side, wanted in wanted_sides.items():
        with engines.explained(engine, side, wanted.location):
            choice = request.seed, request.sample_key, request.unread
            table = engines.open_query(engine, side, wanted.location, *choice)
            sides[side] = take_side(request, cut_to_window(request, table))
    return sides
