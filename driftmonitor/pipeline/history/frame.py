"""The history as one pandas frame: a row for each run and column."""

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa

from driftmonitor.pipeline.history.rows import REMEMBERED
from driftmonitor.pipeline.history.tables import runs, scores

if TYPE_CHECKING:
    import pandas as pd

ROWS_AT_A_TIME = 50_000  # a whole year of fifty monitors at once takes a gigabyte


def read_frame(connection: sa.Connection, monitor: str | None, since: dt.date) -> "pd.DataFrame":
    """Return the frame that `History.frame` describes."""
    import pandas as pd

    query = _select(monitor, since)
    names = [column.name for column in query.selected_columns]
    numbers = [column.name for column in query.selected_columns if isinstance(column.type, sa.Double)]
    types = {"run_date": "datetime64[s]", **dict.fromkeys(numbers, "float64")}
    parts = connection.execute(query, execution_options={"yield_per": ROWS_AT_A_TIME}).partitions()
    frames = [pd.DataFrame(rows, columns=names).astype(types) for rows in parts]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=names).astype(types)


def _select(monitor: str | None, since: dt.date) -> sa.Select:
    of_run = [
        runs.c.monitor, runs.c.run_date, runs.c.status.label("run_status"), runs.c.drift_share,
        runs.c.threshold.label("run_threshold"), runs.c.error,
    ]  # fmt: skip
    of_column = [column for column in scores.c if column.name not in ("monitor", "run_date", "position")]
    query = (
        sa.select(*of_run, *of_column).select_from(runs.outerjoin(scores)).where(runs.c.run_date >= since, REMEMBERED)
    )
    query = query if monitor is None else query.where(runs.c.monitor == monitor)
    return query.order_by(runs.c.monitor, runs.c.run_date, scores.c.position)
