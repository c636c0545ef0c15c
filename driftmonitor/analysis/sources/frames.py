"""Take sides that a source has as whole pandas frames: cut to their windows, sampled and counted, as files are."""

from collections.abc import Mapping

import pandas as pd

from driftmonitor.analysis.sources import with_duckdb
from driftmonitor.analysis.sources.reading import Sides, take_sides
from driftmonitor.analysis.sources.request import Request, Side
from driftmonitor.formats import one_line


def take_frames(request: Request, frames: Mapping[str, pd.DataFrame]) -> dict[str, Side]:
    """Return both sides of a day; `frames` holds all their rows under "reference" and "current"."""
    backend = with_duckdb.connect()
    rows = {side: with_duckdb.open_frame(backend, side, frame, request.source) for side, frame in frames.items()}
    where = {side: one_line(wanted.location, 200) for side, wanted in request.sides.items()}
    return take_sides(Sides(backend, request, rows, lambda side: with_duckdb.explained(side, "check the frame")), where)
