"""Forked kernels behave like new ones, a crash costs only one, and systems without fork do without them."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest

from driftmonitor.config.params import Monitor
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.pipeline.notebooks import forks, kernels, preload
from driftmonitor.pipeline.notebooks.run_notebook import execute
from tests.processes import wait_for
from tests.test_execute import DAY, RECORD
from tests.test_interrupted import alive, children

pytestmark = pytest.mark.skipif(not forks.POSSIBLE, reason="forks kernels on Linux alone")

ROOT = Path(__file__).parents[1]
OURS = "# driftmonitor.analysis is what it would use"
MODULES = ["ipykernel.kernelapp", "numpy"]
FORKED = "import sys; forked = 'numpy' in sys.modules\n"


def write_monitor(folder: Path, name: str, *cells: str, timeout_seconds: int = 60, pass_env: tuple[str, ...] = ()):
    parameters = nbformat.v4.new_code_cell('run_date: str = ""\nmonitor_name: str = ""\noutput_dir: str = ""')
    parameters.metadata["tags"] = ["parameters"]
    notebook = nbformat.v4.new_notebook(cells=[parameters, *map(nbformat.v4.new_code_cell, [OURS, *cells])])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook, path)
    settings = MonitorSettings(notebook=str(path), timeout_seconds=timeout_seconds, pass_env=pass_env)
    return Monitor(name, folder / f"{name}.yaml", {}, settings)


@pytest.fixture
def run(tmp_path):
    """Run cells as a monitor's notebook; return its record."""

    def run_cells(name: str, *cells: str, **settings):
        return execute(write_monitor(tmp_path, name, *cells, **settings), DAY, tmp_path / "reports")

    return run_cells


@pytest.fixture
def zygote():
    with forks.forking(MODULES):
        yield forks._zygotes[0].process.pid


def test_a_forked_kernel_has_its_own_session_and_environment_and_a_keeper(run, zygote, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_TOKEN", "named")
    monkeypatch.setenv("DISCORD_WEBHOOK", "hush")
    look = (
        "from driftmonitor import DriftMonitorError\n"
        "import os, numpy as np; secrets = sorted(k for k, v in os.environ.items() if v in ('hush', 'named'))\n"
        "runner = int(open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1])\n"
        "raise DriftMonitorError(forked, runner, os.getsid(0) == os.getpid(), os.getcwd(), secrets, np.random.rand())"
    )

    first = run("first", FORKED + look, pass_env=("WAREHOUSE_TOKEN",))
    second = run("second", FORKED + look)

    assert f": (True, {os.getpid()}, True, '{ROOT}', ['WAREHOUSE_TOKEN'], " in first.error
    assert f": (True, {os.getpid()}, True, '{ROOT}', [], " in second.error
    assert first.error.split()[-1] != second.error.split()[-1]  # each throws its own dice
    assert b"hush" not in Path(f"/proc/{zygote}/environ").read_bytes()


def test_kernels_go_through_a_set_in_one_order_forked_or_not(run):
    tell = "from driftmonitor import DriftMonitorError\nraise DriftMonitorError(forked, hash('a category'))"

    plain = run("plain", FORKED + tell)
    with forks.forking(MODULES):
        forked = run("forked", FORKED + tell)

    assert forked.error.split(": ")[1] == plain.error.split(": ")[1].replace("False", "True")


def test_what_is_imported_to_read_files_leaves_duckdb_s_thread_to_the_kernel(run):
    with forks.forking([*preload.ALWAYS, *preload.TO_READ, preload.FIRST_COMPARISON]):
        run("first", RECORD)
        tasks = Path(f"/proc/{forks._zygotes[0].process.pid}/task")
        names = [task.joinpath("comm").read_text().strip() for task in tasks.iterdir()]

    assert [name for name in names if name != "jemalloc_bg_thd"] == ["python"]


def test_a_killed_kernel_loses_its_own_run_alone_and_a_hanging_one_is_stopped(run, zygote):
    killed = run("killed", FORKED + "assert forked; import os; os.kill(os.getpid(), 9)")
    hanging = run("hanging", FORKED + "assert forked; import time; time.sleep(600)", timeout_seconds=3)
    after = run("after", FORKED + "assert forked", RECORD)

    assert (killed.status, killed.error_kind) == ("failed", "killed")
    assert (hanging.status, hanging.error_kind) == ("failed", "timeout")
    assert after.status == "healthy"


def test_a_killed_zygote_loses_no_run_and_the_next_kernels_start_plainly(run, zygote, tmp_path):
    started = tmp_path / "started"
    wait = f"assert forked; open({str(started)!r}, 'w'); import time; time.sleep(2)"
    records = []
    thread = threading.Thread(target=lambda: records.append(run("running", FORKED + wait, RECORD)))
    thread.start()
    wait_for(started.exists)

    os.kill(zygote, signal.SIGKILL)
    plain = run("plain", FORKED + "assert not forked", RECORD)
    thread.join()

    assert plain.status == "healthy"
    assert records[0].status == "healthy"


def test_imports_that_fail_cost_nothing_but_the_forks(run):
    with forks.forking(["no_such_module"]):
        assert run("plain", FORKED + "assert not forked", RECORD).status == "healthy"


def test_a_stopped_run_waits_for_no_imports_and_a_later_one_goes_on(run):
    with forks.forking(["tests.endless"]):
        with pytest.raises(KeyboardInterrupt), kernels.stoppable_threads(1) as threads:
            waiting = threads.submit(run, "calm", RECORD)
            wait_for(forks._zygotes[0].lock.locked)
            raise KeyboardInterrupt

        assert forks._zygotes[0].process.wait(timeout=10) == -signal.SIGKILL
        with pytest.raises(kernels.Stopped):
            waiting.result()
        assert run("calm", RECORD).status == "healthy"


def test_a_killed_runner_takes_its_zygote_and_kernels_along(tmp_path):
    monitor = write_monitor(tmp_path, "x", "import re; re.match('(a+)+$', 'a' * 60 + 'b')")
    code = f"""
import datetime
from pathlib import Path
from driftmonitor.config.params import Monitor
from driftmonitor.pipeline.notebooks import preload, forks
from driftmonitor.pipeline.notebooks.run_notebook import execute
from driftmonitor.config.settings import MonitorSettings
with forks.forking({MODULES!r}):
    monitor = Monitor("x", Path("x.yaml"), {{}}, MonitorSettings(notebook={monitor.settings.notebook!r}))
    execute(monitor, datetime.date(2026, 11, 24), Path({str(tmp_path / "reports")!r}))
"""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    wait_for(lambda: len(children(process.pid)) == 2, seconds=60)  # the zygote and the kernel
    both = children(process.pid)

    process.kill()
    process.wait()

    wait_for(lambda: not any(map(alive, both)))
