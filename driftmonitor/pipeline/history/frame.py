"""The history as one pandas frame: a row for each run and column."""

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa

from driftmonitor.pipeline.history.rows import REMEMBERED
from driftmonitor.pipeline.history.tables import checks, runs, scores

if TYPE_CHECKING:
    import pandas as pd

AFTER_COLUMNS = 1_000_000  # the position of a run's first check
STATUS = sa.case(
    (checks.c.holds.is_(True), "holds"),
    (checks.c.holds.is_(False), "fails"),
    (checks.c.value.is_(None), "not_known"),
    else_="watched",
)
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
    wanted = [runs.c.run_date >= since, REMEMBERED, *([] if monitor is None else [runs.c.monitor == monitor])]
    columns = sa.select(*of_run, *of_column, scores.c.position).select_from(runs.outerjoin(scores)).where(*wanted)
    known = {"column": checks.c.name, "kind": sa.literal("check"), "status": STATUS, "method": checks.c.must}
    known["statistic"] = checks.c.value
    of_check = [known.get(each.name, sa.cast(sa.null(), each.type)).label(each.name) for each in of_column]
    place = (checks.c.position + AFTER_COLUMNS).label("position")
    every = columns.union_all(sa.select(*of_run, *of_check, place).select_from(runs.join(checks)).where(*wanted))
    found = every.subquery()
    chosen = [column for column in found.c if column.name != "position"]
    return sa.select(*chosen).order_by(found.c.monitor, found.c.run_date, found.c.position)
