"""Give a test its own params, state and site folders, and the command line that uses them."""

import datetime as dt
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import runner
from driftmonitor.facts.record import RunRecord, read_report
from driftmonitor.pipeline.clock import Clock
from driftmonitor.pipeline.notebooks import forks
from driftmonitor.pipeline.notebooks.environment import clean_environment
from driftmonitor.regular_files import Folder

ROOT = Path(__file__).parents[1]
DAY = "2026-11-24"
BEGUN = time.monotonic()


def now() -> dt.datetime:
    """Return the time of the tests' clock: it is the afternoon of DAY, whatever the day is."""
    return dt.datetime.fromisoformat(f"{DAY}T14:00+00:00") + dt.timedelta(seconds=time.monotonic() - BEGUN)


class Job:
    """A params, state and site folder of its own, and the command line on them."""

    def __init__(self, folder: Path, **params: str):
        self.folder, self.state, self.site = folder, folder / "state", folder / "site"
        (folder / "params").mkdir(parents=True)
        for name, text in params.items():
            (folder / "params" / f"{name}.yaml").write_text(text.format(folder=folder))

    def command(self, *arguments: str) -> list[str]:
        folders = ["--params", self.folder / "params", "--state", self.state, "--site", self.site, "--date", DAY]
        return [sys.executable, "-m", "tests.jobs", *arguments, *map(str, folders)]

    def run(self, *arguments: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess:
        environment = clean_environment() | {"COLUMNS": "200"} | (environ or {})
        return subprocess.run(
            self.command(*arguments), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600
        )

    def record(self, monitor: str) -> RunRecord:
        return read_report(Folder(self.state / "reports" / monitor / DAY))


def daily_files(rule: str) -> str:
    """Return the params of a monitor with a CSV file for each day in the job's folder, and one for the reference."""
    where = "source: files\nreference: {folder}/reference.csv\ncurrent: {folder}/{{date}}.csv\n"
    return f"{where}monitor: {{{{alert: {{{{rule: {rule}}}}}}}}}\n"


TINY = """
from driftmonitor.facts.record import RunRecord, Rows, emit
import time; time.sleep(pause)
drifted = share > 0.1
emit(RunRecord(monitor=monitor_name, run_date=run_date, status="drift" if drifted else "healthy", drift_share=share,
               threshold=0.1, drifted=drifted,
               rows=Rows(reference=10, current=10, reference_total=10, current_total=10)))
"""


@pytest.fixture(scope="module")
def quick_kernels():
    """Fork the kernels of a file's tests, where the system can: importing ipykernel for each takes most of its time."""
    with forks.forking(["ipykernel.kernelapp", "ipykernel.debugger"]):
        yield


@pytest.fixture
def tiny(tmp_path):
    """A job whose notebook is quick: it emits the share that its params file names."""
    import nbformat

    cell = nbformat.v4.new_code_cell
    parameters = cell(
        'run_date: str = ""\nmonitor_name: str = ""\noutput_dir: str = ""\nshare: float = 0.0\npause: float = 0.0'
    )
    parameters.metadata["tags"] = ["parameters"]
    notebook = nbformat.v4.new_notebook(cells=[parameters, cell(TINY)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["title"] = "may be forked, because it names driftmonitor.analysis"
    nbformat.write(notebook, tmp_path / "tiny.ipynb")
    settings = "monitor: {{notebook: '{folder}/tiny.ipynb'}}\n"
    return Job(tmp_path / "job", calm=settings.replace("{folder}", str(tmp_path)))


def main(capsys, *arguments: str) -> tuple[int, str, str]:
    """Run the command line in this process; return its exit code, stdout and stderr."""
    with pytest.raises(SystemExit) as stop:
        runner.main(list(map(str, arguments)), Clock(now))
    out = capsys.readouterr()
    return stop.value.code or 0, out.out, out.err


def folders(job: Job, *more: str) -> list[str]:
    return job.command(*more)[3:]


if __name__ == "__main__":  # the command line in a process of its own, with the tests' clock
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has it ignored in what it runs in the background
    runner.main(clock=Clock(now))
