"""Choose which of the days that were recorded by numbers get a page: alerts and the newest one."""

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING

from driftmonitor import reports
from driftmonitor.config.params import Monitor
from driftmonitor.pipeline import retention
from driftmonitor.pipeline.alerts.incidents import DRIFT_OPENERS
from driftmonitor.pipeline.alerts.state import fold
from driftmonitor.pipeline.job import Job

if TYPE_CHECKING:
    from driftmonitor.pipeline.history import History


def days_worth_a_page(history: "History", job: Job, monitor: Monitor, recorded: Collection[dt.date]) -> list[dt.date]:
    """Return the days among `recorded` whose drift is worth a message, and the newest one that did not fail.

    Not those that have a page already, nor those whose page would be too old to keep.
    """
    runs = history.runs(monitor.name)
    alerts = {event.run_date for event in fold(runs, monitor.settings.alert).events if event.kind in DRIFT_OPENERS}
    newest = [run.run_date for run in runs if run.status != "failed"][-1:]
    wanted = ({*alerts, *newest} & {*recorded}) - {*reports.days(job.reports_dir, monitor.name)}
    return [day for day in sorted(wanted) if retention.keeps(runs, day, monitor.settings.keep_reports_days)]
