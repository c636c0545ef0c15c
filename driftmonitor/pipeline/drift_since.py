"""Find in the history when the drift of a run's day began."""

import datetime as dt
from typing import TYPE_CHECKING

from driftmonitor.config.params import Monitor
from driftmonitor.facts.drift_since import date_drift
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.alerts.state import fold

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History


def find_drift_since(history: "History", monitor: Monitor, run_date: dt.date) -> dt.date | None:
    """Return the first day of a drift that lasted until the run, by the runs before it; None if there was none."""
    earlier = [run for run in history.runs(monitor.name) if run.run_date < run_date]
    return fold(earlier, monitor.settings.alert).drift_since


def date_by_history(history: "History", monitor: Monitor, record: RunRecord) -> RunRecord:
    """Return the record of a model's drift day with the first day of its drift; any other record as it is."""
    if record.model is None or record.status != "drift":
        return record
    return date_drift(record, find_drift_since(history, monitor, record.run_date))
