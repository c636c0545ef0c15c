"""What the command line asks for: the options that all commands share, and the `Job` they make."""

import datetime as dt
import functools
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from driftmonitor import ROOT, DriftMonitorError
from driftmonitor.complaints import parse_date
from driftmonitor.config.params import Monitor, load_monitors
from driftmonitor.config.yaml_text import read_yaml
from driftmonitor.pipeline.clock import Clock


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
    clock: Clock
    now: dt.datetime  # when the command began
    keep_going: bool = False
    scheduler: str | None = None
    _loaded: dict[str, list[Monitor]] = field(default_factory=dict, init=False, repr=False, compare=False)

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
        return self._load(self.only, tuple(self.parameters.items()))

    def all_monitors(self) -> list[Monitor]:
        """Return every monitor there is, as the site shows them, without what is set for this run alone."""
        return self._load((), ())

    def _load(self, only: tuple[str, ...], parameters: tuple[tuple[str, Any], ...]) -> list[Monitor]:
        """Return monitors, read once in this job: with a hundred of them reading takes a second."""
        from driftmonitor.pipeline.notebooks.run_notebook import notebook_parameters

        key = repr((only, parameters))
        if key not in self._loaded:
            read = functools.cache(notebook_parameters)
            self._loaded[key] = load_monitors(self.params_dir, read, only, dict(parameters), self.keep_going)
        return list(self._loaded[key])

    def has_history(self) -> bool:
        """Return whether there is a history to read: opening one makes it."""
        return bool(os.environ.get("DRIFT_DATABASE_URL")) or (self.state_dir / "history.db").exists()

    def open_history(self):
        """Open the history: PostgreSQL where DRIFT_DATABASE_URL says so, else a file in the state folder."""
        from driftmonitor.pipeline.history import open_history

        return open_history(os.environ.get("DRIFT_DATABASE_URL") or self.state_dir / "history.db")


OPTIONS = [
    click.option("--monitor", multiple=True, metavar="NAME", help="Only this monitor; may be repeated."),
    click.option("--date", metavar="YYYY-MM-DD", help="The day the data describes; today (UTC) by default."),
    click.option("-p", nargs=2, multiple=True, metavar="NAME VALUE", help="Set a notebook parameter for this run."),
    click.option(
        "--jobs",
        type=click.IntRange(1),
        default=os.cpu_count() or 1,
        metavar="N",
        help="Run N notebooks at once; one for each CPU by default.",
    ),
    click.option("--scheduler", metavar="ADDRESS", help="Run the notebooks on this Dask cluster: tcp://host:8786."),
    click.option("--fail-on-drift", is_flag=True, help="Exit 3 when a monitor drifts."),
    click.option("--keep-going", is_flag=True, help="Let a wrong params file fail its own monitor alone."),
    click.option("--params", metavar="DIR", help="Where the params files are; the repository's params/."),
    click.option("--state", metavar="DIR", help="Where history and reports are kept; the repository's state/."),
    click.option("--site", metavar="DIR", help="Where the site is built; the repository's site/."),
]


COMMON_NAMES = ("monitor", "date", "p", "jobs", "scheduler", "fail_on_drift", "keep_going", "params", "state", "site")


def common_options(command: Callable) -> Callable:
    """Add the options that every command shares."""
    return functools.reduce(lambda command, option: option(command), reversed(OPTIONS), command)


def takes_job(command: Callable) -> Callable:
    """Give a command the common options as one `Job`, and the repository's root to work in."""

    @common_options
    @functools.wraps(command)
    def with_job(**options):
        context = click.get_current_context()
        own = {name: options.pop(name) for name in COMMON_NAMES}
        job = _make_job(context.ensure_object(Clock), **_merge(context, own))
        os.chdir(ROOT)  # paths in params files are relative to it
        return command(job, **options)

    return with_job


def _merge(context: click.Context, own: dict[str, Any]) -> dict[str, Any]:
    """Return the options before the command and after it: the later one counts; what may be repeated adds up."""
    before = context.parent.params if context.parent else {}
    if not set(own) <= set(before):
        return own
    merged = {}
    for name, value in own.items():
        given = context.get_parameter_source(name) not in (None, ParameterSource.DEFAULT)
        added = (*before[name], *value) if isinstance(value, tuple) else value
        merged[name] = added if given else before[name]
    return merged


def _make_job(
    clock: Clock,
    monitor: tuple[str, ...],
    date: str | None,
    p: tuple[tuple[str, str], ...],
    jobs: int,
    scheduler: str | None,
    fail_on_drift: bool,
    keep_going: bool,
    params: str | None,
    state: str | None,
    site: str | None,
) -> Job:
    now = clock.now()
    run_date = parse_date(date, "--date") if date else now.date()
    parameters = {name: read_yaml(value, f"-p {name}") for name, value in p}
    folders = (_place(params, "params"), _place(state, "state"), _place(site, "site"))
    return Job(monitor, run_date, parameters, jobs, fail_on_drift, *folders, clock, now, keep_going, scheduler)


def _place(given: str | None, default: str) -> Path:
    """Return a folder: one that is given belongs to the caller's directory, a default to the repository's root."""
    here = Path.cwd()
    if here == ROOT:
        return Path(given or default)
    return here / given if given else ROOT / default
