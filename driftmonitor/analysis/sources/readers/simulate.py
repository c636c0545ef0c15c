"""Simulated data: `rows` rows a side, which drift as `drift` says."""

from driftmonitor.analysis.simulate import simulate
from driftmonitor.analysis.sources.request import Request, Side
from driftmonitor.analysis.sources.side_reading import read_frame
from driftmonitor.config.simulation import check_nothing_is_read


def read(request: Request) -> dict[str, Side]:
    """Return both sides of one day."""
    check_nothing_is_read(vars(request))
    reference, current = simulate(request.run_date, request.rows, request.seed, request.drift)
    frames = {"reference": reference.head(request.max_rows), "current": current.head(request.max_rows)}
    return {side: Side(frame, request.rows, reading=read_frame("simulation", frame)) for side, frame in frames.items()}
