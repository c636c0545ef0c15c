"""Simulated data: `rows` rows a side, which drift as `drift` says."""

from driftmonitor.analysis.simulate import simulate
from driftmonitor.analysis.sources.request import Request, Side


def read(request: Request) -> dict[str, Side]:
    """Return both sides of one day."""
    reference, current = simulate(request.run_date, request.rows, request.seed, request.drift)
    return {
        "reference": Side(reference.head(request.max_rows), request.rows),
        "current": Side(current.head(request.max_rows), request.rows),
    }
