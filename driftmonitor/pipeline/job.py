"""The options that all commands share, and the `Job` that is made of them."""

import datetime as dt
import functools
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from driftmonitor import ROOT, DriftMonitorError
from driftmonitor.complaints import parse_date
from driftmonitor.pipeline import console
from driftmonitor.pipeline.clock import Clock, latest_day
from driftmonitor.pipeline.run_dates import parse_run_date

if TYPE_CHECKING:
    from driftmonitor.config.params import Monitor
    from driftmonitor.pipeline.history import History


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
    force: bool = False
    is_dated: bool = False  # whether --date was given
    days_ago: int = 0  # how many days before the day of a run its date is, without --date
    _loaded: dict[str, list["Monitor"]] = field(default_factory=dict, repr=False, compare=False)  # shared by copies

    @property
    def reports_dir(self) -> Path:
        return self.state_dir / "reports"

    @property
    def has_usual_params(self) -> bool:
        """Whether the params files are where they are looked for without --params."""
        return (ROOT / self.params_dir) == ROOT / "params"

    @property
    def is_ahead(self) -> bool:
        """Whether the run date is a day that has not come yet anywhere on earth."""
        return self.run_date > latest_day(self.now)

    def parse_run_date(self, text: str, where: str) -> dt.date:
        """Return the run date that an option names; DriftMonitorError for a future one without --force."""
        return parse_run_date(text, where, self.now, self.force)

    def check_folders(self) -> None:
        """Refuse folders that cannot be written, before anything runs."""
        from driftmonitor.pipeline.pages import check_site

        try:
            self.reports_dir.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=self.reports_dir).close()
        except OSError as error:
            raise DriftMonitorError(
                f"{self.state_dir}: cannot be written: {error.strerror}; choose another --state."
            ) from None
        check_site(self.site_dir, self.reports_dir)

    def monitors(self) -> "list[Monitor]":
        """Return the monitors that the command names, or all, checked against their notebooks."""
        return self._load(self.only, tuple(self.parameters.items()))

    def all_monitors(self) -> "list[Monitor]":
        """Return every monitor, as the site shows them, without the parameters that `-p` sets for this run.

        If the command names monitors, an invalid file of another costs them nothing; it is printed once.
        """
        return self._load((), ())

    @property
    def found_invalid(self) -> bool:
        """Whether an invalid params file was passed over that the command did not ask for."""
        if self.keep_going or not self.only:
            return False
        return any(monitor.problem for monitor in self.all_monitors())

    def _load(self, only: tuple[str, ...], parameters: tuple[tuple[str, Any], ...]) -> "list[Monitor]":
        """Return monitors, read once in this job and its copies, because reading a hundred takes a second."""
        from driftmonitor.config.params import load_monitors
        from driftmonitor.pipeline.notebooks.notebook_file import computes_as_shipped, notebook_parameters

        key = repr((self.params_dir, self.keep_going, only, parameters))
        if key not in self._loaded:
            read, is_shipped = functools.cache(notebook_parameters), functools.cache(computes_as_shipped)
            passes_over = bool(self.only) and not only and not self.keep_going
            keep_going = self.keep_going or passes_over
            self._loaded[key] = load_monitors(self.params_dir, read, only, dict(parameters), keep_going, is_shipped)
            for monitor in self._loaded[key] if passes_over else ():
                if monitor.problem and monitor.name not in self.only:
                    console.complain(monitor.problem)
        return list(self._loaded[key])

    def has_history(self) -> bool:
        """Return whether there is a history to read; opening one would create it."""
        return bool(os.environ.get("DRIFT_DATABASE_URL")) or (self.state_dir / "history.db").exists()

    def open_history(self) -> "History":
        """Open the history at DRIFT_DATABASE_URL if that is set, otherwise the file in the state folder."""
        from driftmonitor.pipeline.history import open_history

        where = os.environ.get("DRIFT_DATABASE_URL") or self.state_dir / "history.db"
        return open_history(where, until=latest_day(self.now))


OPTIONS = [
    click.option("--monitor", multiple=True, metavar="NAME", help="Only this monitor; repeatable."),
    click.option("--date", metavar="YYYY-MM-DD", help="The day the data describes; today (UTC) by default."),
    click.option(
        "--days-ago",
        type=click.IntRange(0, 366),
        default=0,
        metavar="N",
        help="Without --date, so many days before today: 1 if data comes when its day is over.",
    ),
    click.option("-p", nargs=2, multiple=True, metavar="NAME VALUE", help="Set a notebook parameter for this run."),
    click.option(
        "--jobs",
        type=click.IntRange(1),
        default=os.cpu_count() or 1,
        metavar="N",
        help="Run N notebooks at a time; by default one for each CPU.",
    ),
    click.option("--scheduler", metavar="ADDRESS", help="Run the notebooks on this Dask cluster: tcp://host:8786."),
    click.option("--fail-on-drift", is_flag=True, help="Exit with code 3 if a monitor drifts or a check fails."),
    click.option(
        "--keep-going", is_flag=True, help="If a params file is invalid, fail that monitor and run the others."
    ),
    click.option(
        "--force",
        is_flag=True,
        help="Accept a run date in the future, shown from that day on. With init: replace the file.",
    ),
    click.option("--params", metavar="DIR", help="Folder of the params files; the repository's params/ by default."),
    click.option("--state", metavar="DIR", help="Folder of history and reports; the repository's state/ by default."),
    click.option("--site", metavar="DIR", help="Folder of the site; the repository's site/ by default."),
]


COMMON_NAMES = (
    "monitor", "date", "days_ago", "p", "jobs", "scheduler", "fail_on_drift", "keep_going", "force", "params", "state",
    "site",
)  # fmt: skip


def common_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every command has."""
    return functools.reduce(lambda command, option: option(command), reversed(OPTIONS), command)


def takes_job(command: Callable[..., None], any_day: bool = False) -> Callable[..., None]:
    """Give a command the common options as one `Job`, and run it in the repository's root.

    With `any_day` its --date may be one that no run can have.
    """

    @common_options
    @functools.wraps(command)
    def with_job(**options: Any) -> None:
        context = click.get_current_context()
        common = {name: options.pop(name) for name in COMMON_NAMES}
        job = _make_job(context.ensure_object(Clock), any_day, **_merge(context, common))
        os.chdir(ROOT)  # paths in params files are relative to it
        command(job, **options)

    return with_job


def _merge(context: click.Context, after: dict[str, Any]) -> dict[str, Any]:
    """Merge the options before and after the command: the later one counts, and repeatable ones add up."""
    before = context.parent.params if context.parent else {}
    if not set(after) <= set(before):
        return after
    merged = {}
    for name, value in after.items():
        given = context.get_parameter_source(name) not in (None, ParameterSource.DEFAULT)
        added = (*before[name], *value) if isinstance(value, tuple) else value
        merged[name] = added if given else before[name]
    return merged


def _make_job(
    clock: Clock,
    any_day: bool,
    monitor: tuple[str, ...],
    date: str | None,
    days_ago: int,
    p: tuple[tuple[str, str], ...],
    jobs: int,
    scheduler: str | None,
    fail_on_drift: bool,
    keep_going: bool,
    force: bool,
    params: str | None,
    state: str | None,
    site: str | None,
) -> Job:
    now = clock.now()
    run_date = now.date() - dt.timedelta(days_ago)
    if date:
        run_date = parse_date(date, "--date") if any_day else parse_run_date(date, "--date", now, force)
    parameters = _read_parameters(p)
    folders = (_folder(params, "params"), _folder(state, "state"), _folder(site, "site"))
    return Job(
        monitor,
        run_date,
        parameters,
        jobs,
        fail_on_drift,
        *folders,
        clock,
        now,
        keep_going,
        scheduler,
        force,
        bool(date),
        days_ago,
    )


def _read_parameters(given: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    if not given:
        return {}
    from driftmonitor.config.yaml_text import read_yaml

    return {name: read_yaml(value, f"-p {name}") for name, value in given}


def _folder(given: str | None, default: str) -> Path:
    """Return a folder: a given one is relative to the caller's directory, a default to the repository's root."""
    here = Path.cwd()
    if here == ROOT:
        return Path(given or default)
    return here / given if given else ROOT / default
