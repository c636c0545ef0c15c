"""Make run records for the tests of history, alerts and outbox."""

import datetime as dt

from driftmonitor.facts.checks import Check
from driftmonitor.facts.record import ColumnScore, Finding, Rows, RunRecord, SidePair, failed

DAY = dt.date(2026, 3, 1)
NOW = dt.datetime(2026, 3, 1, 9, 0, tzinfo=dt.UTC)


def day(number: int) -> dt.date:
    """Return the date `number` days after the first."""
    return DAY + dt.timedelta(days=number)


def make_record(number: int, status: str, columns: tuple[str, ...] = ("salary",), monitor: str = "pay") -> RunRecord:
    """Return a record of day `number`: healthy, drift (in `columns`), failed or data_missing.

    A check of AUC fails on a day that is "check" (healthy but for that) or "drift+check".
    """
    if status in ("failed", "data_missing"):
        kind = "data_missing" if status == "data_missing" else "crashed"
        return failed(monitor, day(number), "no such file", error_kind=kind)
    drifted, fails = status.startswith("drift"), status.endswith("check")
    share = len(columns) / (len(columns) + 1) if drifted else 0.0
    scores = [make_score(name, "drifted" if drifted else "stable") for name in columns]
    return RunRecord(
        monitor=monitor,
        run_date=day(number),
        status="drift" if drifted else "healthy",
        drift_share=share,
        threshold=0.1,
        drifted=drifted,
        rows=Rows(reference=1000, current=1000, reference_total=1000, current_total=1000),
        columns=(*scores, make_score("age", "stable")),
        quality=(Finding(kind="new_category", column="city", message="a new category: Paris"),),
        checks=(Check(name="AUC", value=0.84, must="> 0.9", holds=False),) if fails else (),
    )


def make_score(name: str, status: str) -> ColumnScore:
    return ColumnScore(
        name=name,
        kind="numerical",
        status=status,
        method="ks",
        p_value=0.001 if status == "drifted" else 0.4,
        statistic=0.3,
        distance=0.3 if status == "drifted" else 0.02,
        effect={"mean_shift_sd": 2.5},
        missing_share=SidePair(reference=0.0, current=0.01),
    )
