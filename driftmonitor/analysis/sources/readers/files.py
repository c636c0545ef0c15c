"""Files, on disk or in a bucket: CSV, TSV, JSON and Parquet, each a path or a glob."""

from ibis.backends.duckdb import Backend

from driftmonitor.analysis.sources import with_duckdb
from driftmonitor.analysis.sources.locations import find_files, scheme_of
from driftmonitor.analysis.sources.request import Request, Side
from driftmonitor.analysis.sources.sampling import take_side
from driftmonitor.formats import one_line


def read(request: Request) -> dict[str, Side]:
    """Return both sides of one day."""
    backend = with_duckdb.connect(wanted.location for wanted in request.sides.values())
    return {side: _read(backend, request, side) for side in request.sides}


def _read(backend: Backend, request: Request, side: str) -> Side:
    location = request.sides[side].location
    files, where = find_files(side, location), one_line(location, 200)
    remedy = "write the file again, or name another"
    if scheme_of(location):
        remedy = f"check the store's environment variables, or {remedy}"

    def take(sniff_all: bool) -> Side:
        table = with_duckdb.open_files(backend, side, files, request.seed, request.sample_key, sniff_all)
        return take_side(request, table, where)

    with with_duckdb.explained(f"{side}: {where}", remedy):
        try:
            return take(sniff_all=False)
        except with_duckdb.ConversionError:  # a later row does not fit the types that the first rows suggest
            return take(sniff_all=True)
