"""Queries, one SELECT a side: in DuckDB's SQL, or in that of the engine that `connection` names."""

from contextlib import AbstractContextManager
from dataclasses import replace

from driftmonitor.analysis.sources.coverage import Coverage, check_days
from driftmonitor.analysis.sources.locations import absent
from driftmonitor.analysis.sources.request import LeftOut, Request, Side
from driftmonitor.analysis.sources.sampling import take_side
from driftmonitor.analysis.sources.tables import Table
from driftmonitor.analysis.sources.unreadable import say_timeless
from driftmonitor.analysis.sources.windows import count_timeless, cover, cut_to_window

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
    taken: dict[str, Side] = {}
    covered: dict[str, Coverage] = {}
    for side, wanted in wanted_sides.items():
        with engines.explained(engine, side, wanted.location):
            choice = request.seed, request.sample_key, request.unread
            table = engines.open_query(engine, side, wanted.location, *choice)
            taken[side], covered[side] = _take_side(request, table)
    with engines.explained(engine, "reference", wanted_sides["reference"].location):
        days = check_days(covered, request.time_column)
    taken["reference"] = replace(taken["reference"], findings=(*days, *taken["reference"].findings))
    return taken


def _take_side(request: Request, whole: Table) -> tuple[Side, Coverage]:
    """Return one side, and the days on which it has rows. Rows outside of its window are not counted: that may cost."""
    table = cut_to_window(request, whole)
    found = take_side(request, table)
    days = cover(request, table, found.days)
    if not request.sides[whole.side].window:
        return found, days
    timeless, side = count_timeless(whole, request.time_column), whole.side
    said = timeless and not (request.same_table and side == "current")
    sides = "reference and current" if request.same_table else side
    findings = (say_timeless(request.time_column, timeless, sides),) if said else ()
    return replace(found, left_out=LeftOut(timeless=timeless), findings=findings), days
