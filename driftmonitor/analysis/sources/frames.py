"""Take sides that a source has as whole pandas frames: cut to their windows, sampled and counted, as files are."""

from collections.abc import Mapping

import pandas as pd

from driftmonitor.analysis.sources import with_duckdb
from driftmonitor.analysis.sources.request import Request, Side
from driftmonitor.analysis.sources.sampling import take_side
from driftmonitor.formats import one_line


def take_frames(request: Request, frames: Mapping[str, pd.DataFrame]) -> dict[str, Side]:
    """Return both sides of a day; `frames` holds all their rows under "reference" and "current"."""
    backend, sides = with_duckdb.connect(), {}
    for side, frame in frames.items():
        table = with_duckdb.open_frame(backend, side, frame, request.seed, request.sample_key)
        sides[side] = take_side(request, table, one_line(request.sides[side].location, 200))
    return sides
