"""Give a test a fork on the local GitHub, and read its state branch and its services afterwards."""

import datetime as dt
import os
import subprocess

import nbformat
import pytest

from driftmonitor.facts.record import failed, read_notebook
from driftmonitor.pipeline.github.git import Clone
from driftmonitor.pipeline.github.state import StateBranch
from driftmonitor.pipeline.history import open_history
from tests.servers import Answer, Recorder
from tests.workflow_repository import commit, make_repository, read_clock, set_clock
from tests.workflow_runner import GitHub

ALL_WELL = dict.fromkeys(["plan", "execute", "publish", "deploy", "alert"], "success") | {"preview": "skipped"}
DAY = dt.date(2026, 11, 24)
DAILY, CATCH_UP = "0 9 * * *", "41 13 * * *"


class Fork(GitHub):
    """A repository as a user's, whose clock stands and whose files can be changed."""

    def __init__(self, folder, source):
        super().__init__(folder, source)
        self.source = source
        self.created_at = None

    def now(self):
        """Return the moment at which GitHub creates a run: the runner's, unless the run waited."""
        return self.created_at or f"{read_clock(self.source):%Y-%m-%dT%H:%M:%SZ}"

    def at(self, moment):
        """Let its runner believe that it is then."""
        set_clock(self.source, moment)

    def write(self, **files):
        """Write params files, remove those that are None, and push."""
        for name, text in files.items():
            path = self.source / f"params/{name}.yaml"
            path.unlink() if text is None else path.write_text(text)
        commit(self.source, "Edit")
        self.git("fetch", "-q", self.source, "main:main")

    def branch(self, name):
        """Begin another branch where the main one is."""
        self.git("branch", name, "main")

    def begin(self, monitor, day):
        """Give it a state of one run, as an earlier day would have left it."""
        clone = self.folder / "earlier"
        subprocess.run(["git", "clone", "-q", self.origin, clone], check=True)
        branch = StateBranch(clone / "state", Clone(clone, os.environ))
        report = branch.state_dir / f"reports/{monitor}/{day}/record.json"
        report.parent.mkdir(parents=True)
        report.write_text(failed(monitor, day, "it was another day").to_json())
        with open_history(branch.state_dir / "history.db") as history:
            history.record(failed(monitor, day, "it was another day"), None, dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
        branch.save(lambda: {monitor: {day}})

    def git(self, *arguments):
        """Run git in the origin and return what it prints."""
        command = ["git", "-C", self.origin, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    @property
    def tip(self):
        return self.git("rev-parse", "drift-state")


@pytest.fixture
def service():
    """Give a server that takes messages as Discord does, and heartbeats."""
    with Recorder(Answer(200, {"id": "1"})) as server:
        yield server


@pytest.fixture
def github(tmp_path, service):
    """Give what makes a fork with monitors that are healthy, drift or crash."""

    forks = []

    def make(monitors_per_job=1, **modes):
        made = Fork(tmp_path, make_repository(tmp_path / "source", modes, monitors_per_job))
        forks.append(made)
        made.secrets["DISCORD_WEBHOOK"] = f"{service.url}/api/webhooks/1/discord-token"
        made.secrets["HEARTBEAT_URL"] = f"{service.url}/heartbeat-token"
        return made

    yield make
    for fork in forks:
        fork.api.close()


def saved(github):
    """Return the state branch's days of each monitor with their status, and the days with a report."""
    folder = github.folder / f"saved-{len(list(github.folder.glob('saved-*')))}"
    clone = ["git", "clone", "-q", "--branch", "drift-state", f"file://{github.origin}", folder]
    subprocess.run(clone, check=True, capture_output=True)
    with open_history(folder / "history.db") as history:
        runs = {(name, run.run_date): run.status for name in history.monitors() for run in history.runs(name)}
    commits = subprocess.run(["git", "-C", folder, "rev-list", "--count", "HEAD"], capture_output=True, text=True)
    assert commits.stdout == "1\n"
    reports = {
        (p.parent.parent.name, dt.date.fromisoformat(p.parent.name)) for p in folder.glob("reports/*/*/record.json")
    }
    return runs, reports


def emitted(github, run, monitor):
    """Return the record that a monitor's notebook emitted in a run, before anything was recorded."""
    (path,) = github.artifacts(run).glob(f"reports-*/reports/{monitor}/*/notebook.ipynb")
    return read_notebook(nbformat.read(path, as_version=4))


def messages(service):
    return [request.path for request in service.requests if "webhooks" in request.path]


def heartbeats(service):
    return [request.path for request in service.requests if "heartbeat" in request.path]
