"""Take both sides of one day from an engine of the user's: cut, counted and sampled there, and read alike here."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from driftmonitor.analysis.sources import engines
from driftmonitor.analysis.sources.coverage import Coverage, check_days
from driftmonitor.analysis.sources.day_rows import cut_to_days
from driftmonitor.analysis.sources.engine_reading import read_alike
from driftmonitor.analysis.sources.request import LeftOut, Request, Side
from driftmonitor.analysis.sources.sampling import take_side
from driftmonitor.analysis.sources.tables import Table
from driftmonitor.analysis.sources.unreadable import say_timeless
from driftmonitor.analysis.sources.windows import count_timeless, cover
from driftmonitor.facts.record import Finding


def take_sides(request: Request) -> dict[str, Side]:
    """Return both sides of one day."""
    wanted, memory = request.sides, request.memory
    engine = memory.recall("engine", request.connection, lambda: engines.connect(request.connection))
    tables: dict[str, Table] = {}
    taken: dict[str, Side] = {}
    covered: dict[str, Coverage] = {}
    for side in wanted:
        with engines.explained(engine, side, wanted[side].location):
            opening = partial(engines.open_query, engine, side, wanted[side].location, request)
            whole = memory.recall(f"table of {side}", wanted[side].location, opening)
            taking = partial(_take_side, request, whole)
            tables[side], taken[side] = memory.recall(f"rows taken of {side}", wanted[side], taking)
            covered[side] = cover(request, tables[side], taken[side].days)
    with engines.explained(engine, "reference", wanted["reference"].location):
        days = check_days(covered, request.time_column)
        return _add(read_alike(request, tables, taken), days)


def names(request: Request) -> dict[str, tuple[str, ...]]:
    """Return the names of the columns of both sides, without reading rows."""
    engine, found = engines.connect(request.connection), dict[str, tuple[str, ...]]()
    for side, wanted in request.sides.items():
        with engines.explained(engine, side, wanted.location):
            found[side] = engines.open_query(engine, side, wanted.location, replace(request, sample_key="")).names
    return found


def _take_side(request: Request, whole: Table) -> tuple[Table, Side]:
    within = cut_to_days(request, whole)
    return within, _with_left_out(request, whole, take_side(request, within))


def _add(sides: Mapping[str, Side], findings: list[Finding]) -> dict[str, Side]:
    reference = sides["reference"]
    return {**sides, "reference": replace(reference, findings=(*findings, *reference.findings))}


def _with_left_out(request: Request, whole: Table, found: Side) -> Side:
    """Return a side with the number of its rows without a time; to count those outside of the window may cost much."""
    if not request.sides[whole.side].window:
        return found
    counting = partial(count_timeless, whole, request.time_column)
    timeless = request.memory.recall(f"rows of {whole.side} without a time", whole, counting)
    said = timeless and not (request.same_table and whole.side == "current")
    side = "reference and current" if request.same_table else whole.side
    findings = (say_timeless(request.time_column, timeless, side),) if said else ()
    return replace(found, left_out=LeftOut(timeless=timeless), findings=findings)
