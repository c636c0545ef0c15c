"""Collect the day's reports that the jobs of a run uploaded: each monitor's only from its own job."""

import datetime as dt
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from driftmonitor import DriftMonitorError, reports
from driftmonitor.facts.record import failed, read_report
from driftmonitor.pipeline.github.state_files import copy_assets
from driftmonitor.regular_files import Folder, Unreadable

NO_REPORT = "its job left no report for this day; see the run's log"


def collect(artifacts_dir: Path, reports_dir: Path, shards: Sequence[Sequence[str]], run_date: dt.date) -> None:
    """Collect the day's reports that a run's jobs uploaded; a monitor without one gets a failed record.

    `shards` are the monitors of each job: a report counts only if that monitor's own job left it. If a job ran again,
    its last attempt counts. Other files in an artifact are ignored.
    """
    artifacts = _artifacts(artifacts_dir, shards, run_date)
    for shard, names in enumerate(shards):
        own = [reports_of_job for number, reports_of_job in artifacts if number == shard]
        for name in names:
            attempts = [folder / name / f"{run_date}" for folder in own if _has_report(folder, name, run_date)]
            with reports.staged(reports_dir, name, run_date) as report:
                if problem := _copy(attempts[-1], report, name, run_date) if attempts else NO_REPORT:
                    reports.write(report / "record.json", failed(name, run_date, problem).to_json())
    for _, folder in artifacts:
        copy_assets(folder, reports_dir)


def _has_report(folder: Folder, name: str, run_date: dt.date) -> bool:
    with suppress(Unreadable):
        return f"{run_date}" in (folder / name).folders()
    return False


def _copy(source: Folder, target: Path, name: str, run_date: dt.date) -> str:
    """Copy a job's report, and return why it cannot be used, or "": a broken one must not stop the others."""
    try:
        record = read_report(source)
        if (record.monitor, record.run_date) != (name, run_date):
            return f"its report is for {record.monitor} on {record.run_date}; see the run's log"
        source.copy_to(target)
    except Unreadable as error:
        for path in target.iterdir():
            reports.remove(path)
        return f"its report cannot be read ({Path(error.filename).name} {error.strerror}); see the run's log"
    except DriftMonitorError:
        return "its report cannot be read; see the run's log"
    return ""


def _artifacts(folder: Path, shards: Sequence[Sequence[str]], run_date: dt.date) -> list[tuple[int, Folder]]:
    """Return each job's number with its folder of reports, those of the last attempt last.

    download-artifact unpacks each artifact into a folder of its name, reports-<attempt>-<job>, but a single artifact
    into `folder` itself: it is the job's that has most of its reports there.
    """
    inside = Folder(folder)
    if "reports" in inside.folders():
        found = [sum(_has_report(inside / "reports", name, run_date) for name in names) for names in shards]
        return [(found.index(max(found)), inside / "reports")] if found else []
    named = [match for name in inside.folders() if (match := re.fullmatch(r"reports-(\d+)-(\d+)", name))]
    in_order = sorted(named, key=lambda match: int(match[1]))
    return [(int(match[2]), inside / match[0] / "reports") for match in in_order]
