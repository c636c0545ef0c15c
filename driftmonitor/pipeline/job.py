"""What the command line asks for: the options that all commands share, and the `Job` they make."""

import datetime as dt
import functools
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from driftmonitor import DriftMonitorError
from driftmonitor.params import Monitor, load_monitors, parse_date, read_yaml


@dataclass(frozen=True)
class Job:
    """What the command line asks for."""

    only: tuple[str, ...]
    run_date: dt.date
    parameters: dict[str, Any]
    jobs: int
    fail_on_drift: bool
    params_dir: Path
    state_dir: Path
    site_dir: Path
    now: dt.datetime

    @property
    def reports_dir(self) -> Path:
        return self.state_dir / "reports"

    def check_folders(self) -> None:
        """Refuse folders that can't be written before anything runs."""
        from driftmonitor.pipeline.pages import check_site

        try:
            self.reports_dir.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.reports_dir).close()
        except OSError as error:
            raise DriftMonitorError(
                f"{self.state_dir}: cannot be written: {error.strerror}; choose another --state."
            ) from None
        check_site(self.site_dir, self.reports_dir)

    def monitors(self) -> list[Monitor]:
        """Return the monitors asked for, checked against their notebooks."""
        from driftmonitor.pipeline.execute import notebook_parameters

        read = functools.cache(notebook_parameters)
        return load_monitors(self.params_dir, read, self.only, self.parameters)

    def all_monitors(self) -> list[Monitor]:
        """Return every monitor there is, as the site shows them, without what is set for this run alone."""
        from driftmonitor.pipeline.execute import notebook_parameters

        return load_monitors(self.params_dir, functools.cache(notebook_parameters))

    def open_history(self):
        """Open the history: PostgreSQL where DRIFT_DATABASE_URL says so, else a file in the state folder."""
        from driftmonitor.pipeline.history import open_history

        return open_history(os.environ.get("DRIFT_DATABASE_URL") or self.state_dir / "history.db")


OPTIONS = [
    click.option("--monitor", multiple=True, metavar="NAME", help="Only this monitor; may be repeated."),
    click.option("--date", metavar="YYYY-MM-DD", help="The day the data describes; today (UTC) by default."),
    click.option("-p", nargs=2, multiple=True, metavar="NAME VALUE", help="Set a notebook parameter for this run."),
    click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, help="Notebooks run side by side."),
    click.option("--fail-on-drift", is_flag=True, help="Exit 3 when a monitor drifts."),
    click.option("--params", default="params", metavar="DIR", help="Where the params files are."),
    click.option("--state", default="state", metavar="DIR", help="Where history and reports are kept."),
    click.option("--site", default="site", metavar="DIR", help="Where the site is built."),
]


def common_options(command: Callable) -> Callable:
    """Add the options that every command shares."""
    return functools.reduce(lambda command, option: option(command), reversed(OPTIONS), command)


def takes_job(clock: Callable[[], dt.datetime]) -> Callable:
    """Give a command the common options as one `Job`."""

    def decorate(command: Callable) -> Callable:
        @common_options
        @functools.wraps(command)
        def with_job(monitor, date, p, jobs, fail_on_drift, params, state, site, **rest):
            now = clock()
            run_date = parse_date(date, "--date") if date else now.date()
            parameters = {name: read_yaml(value, f"-p {name}") for name, value in p}
            folders = (Path(folder) for folder in (params, state, site))
            return command(Job(monitor, run_date, parameters, jobs, fail_on_drift, *folders, now), **rest)

        return with_job

    return decorate
