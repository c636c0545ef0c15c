"""Notebooks on a Dask cluster with real workers give the same reports; a killed worker loses no run."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from driftmonitor.pipeline.notebooks.environment import clean_environment
from driftmonitor.regular_files import Folder
from driftmonitor.reports import is_failed
from tests.jobs import DAY, folders, main
from tests.processes import wait_for
from tests.test_interrupted import alive

pytest.importorskip("distributed")
ROOT = Path(__file__).parents[1]


@contextmanager
def dask(command: str, *arguments: str):
    """A scheduler or worker in the repository's root, as someone would start it there."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{command}", *arguments, "--no-dashboard"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=ROOT, env=environ, **quiet)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The address of a scheduler with two workers of one notebook each."""
    folder = tmp_path_factory.mktemp("cluster")
    found = folder / "scheduler.json"
    options = ["--no-nanny", "--nthreads", "1", "--local-directory", str(folder), "--scheduler-file", str(found)]
    place = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(found)]
    with dask("scheduler", *place):
        wait_for(lambda: found.exists() and found.read_text().rstrip().endswith("}"), 60)  # written in pieces
        with dask("worker", *options), dask("worker", *options):
            yield json.loads(found.read_text())["address"]


@pytest.fixture
def several(tiny):
    text = (tiny.folder / "params/calm.yaml").read_text()
    for name in ("one", "two"):
        (tiny.folder / f"params/{name}.yaml").write_text(f"share: 0.5\n{text}")
    return tiny


def reported(job) -> dict[str, set[str]]:
    homes = {name: job.state / "reports" / name / DAY for name in ("calm", "one", "two")}
    return {name: {path.name for path in home.iterdir()} for name, home in homes.items()}


def test_a_cluster_leaves_the_same_records_and_folders(several, capsys, cluster):
    code, out, err = main(capsys, *folders(several, "--scheduler", cluster))
    there = [several.record(name).model_copy(update={"duration_seconds": None}) for name in ("calm", "one", "two")]
    files = reported(several)
    main(capsys, *folders(several))

    assert (code, err) == (0, "")
    assert "DRIFT    one: " in out
    assert "healthy  calm: " in out
    here = [several.record(name).model_copy(update={"duration_seconds": None}) for name in ("calm", "one", "two")]
    assert there == here
    assert files == reported(several)
    assert (several.site / "one" / DAY / "index.html").is_file()


@pytest.mark.slow
def test_what_goes_wrong_on_a_worker_is_that_monitor_s_failed_run(several, capsys, cluster):
    path = several.folder / "params/one.yaml"
    path.write_text("pause: -1\n" + path.read_text())

    code, out, _ = main(capsys, *folders(several, "execute", "--scheduler", cluster))

    assert code == 1
    assert "FAILED   one: ValueError: sleep length must be non-negative" in out
    assert is_failed(Folder(several.state / "reports/one" / DAY))
    assert "DRIFT    two: " in out


@pytest.mark.slow
def test_a_killed_worker_loses_no_run(several, capsys, tmp_path, cluster):
    notebook = several.folder.parent / "tiny.ipynb"
    seen = tmp_path / "worker"
    # The first try tells which worker runs it, and waits to be killed with it.
    worker = "open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1]"  # its keeper's parent
    tell = f"open(p, 'w').write({worker}); pause = 600"
    once = f"import os; p = {str(seen)!r}\\nif not os.path.exists(p): {tell}\\n"
    notebook.write_text(notebook.read_text().replace("import time; time", f"import time\\n{once}time", 1))
    (several.folder / "params/calm.yaml").unlink()
    (several.folder / "params/two.yaml").unlink()
    runner = subprocess.Popen(
        several.command("execute", "--scheduler", cluster), cwd=ROOT, env=clean_environment(), stdout=subprocess.PIPE
    )
    wait_for(lambda: seen.exists() and seen.read_text(), 60)

    os.kill(int(seen.read_text()), signal.SIGKILL)
    out, _ = runner.communicate(timeout=120)

    assert runner.returncode == 0
    assert b"DRIFT    one: " in out
    assert several.record("one").status == "drift"
    wait_for(lambda: not alive(int(seen.read_text())))


@pytest.mark.slow
def test_a_scheduler_out_of_reach_is_one_line(several, capsys):
    code, _, err = main(capsys, *folders(several, "--scheduler", "tcp://127.0.0.1:9"))

    assert code == 1
    assert err == ("error: --scheduler tcp://127.0.0.1:9: no Dask scheduler answers; start it, or check the address.\n")
