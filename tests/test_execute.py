"""A notebook that fails in any way leaves a failed run and loses no earlier result."""

import datetime as dt
import json
import os
import threading
from dataclasses import astuple, replace

import nbformat
import psutil
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.config.params import Monitor
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.facts.record import read_report
from driftmonitor.pipeline.notebooks.environment import clean_environment
from driftmonitor.pipeline.notebooks.notebook_file import notebook_parameters
from driftmonitor.pipeline.notebooks.run_notebook import execute
from driftmonitor.regular_files import Folder

DAY = dt.date(2026, 11, 24)
RECORD = """
from driftmonitor.facts.record import RunRecord, Rows, emit
emit(RunRecord(monitor=monitor_name, run_date=run_date, status="healthy", drift_share=0.0, threshold=0.1, drifted=False,
               rows=Rows(reference=10, current=10, reference_total=10, current_total=10)))
"""


pytestmark = [pytest.mark.xdist_group("kernels of test_execute"), pytest.mark.usefixtures("quick_kernels")]


@pytest.fixture
def monitor(tmp_path):
    def write(*cells, timeout_seconds=60, pass_env=()):
        parameters = nbformat.v4.new_code_cell('run_date: str = ""\nmonitor_name: str = ""\noutput_dir: str = ""')
        parameters.metadata["tags"] = ["parameters"]
        notebook = nbformat.v4.new_notebook(
            cells=[parameters, *map(nbformat.v4.new_code_cell, cells)],
            metadata={
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
                "title": "forked, because it names driftmonitor.analysis",
            },
        )
        nbformat.write(notebook, tmp_path / "x.ipynb")
        settings = MonitorSettings(
            notebook=str(tmp_path / "x.ipynb"), timeout_seconds=timeout_seconds, pass_env=pass_env
        )
        return Monitor("x", tmp_path / "x.yaml", {}, settings)

    return write


def test_a_notebook_that_emits_a_record_leaves_it_beside_the_executed_notebook(monitor, tmp_path):
    record = execute(monitor(RECORD), DAY, tmp_path / "reports")

    folder = tmp_path / "reports" / "x" / "2026-11-24"
    assert record.status == "healthy"
    assert read_report(Folder(folder)) == record
    assert "2026-11-24" in (folder / "notebook.ipynb").read_text()
    assert [path.name for path in folder.parent.iterdir() if not path.name.endswith(".lock")] == ["2026-11-24"]


@pytest.mark.parametrize(
    ("cell", "kind", "message"),
    [
        ("1 / 0", "crashed", "ZeroDivisionError: division by zero"),
        ("raise MemoryError", "crashed", "MemoryError"),
        ("raise SystemExit(0)", "crashed", "the notebook ended without emitting a record"),
        ("import os; os.kill(os.getpid(), 9)", "killed", "the notebook's kernel died"),
        ("x = 1", "crashed", "the notebook ended without emitting a record"),
        ("from driftmonitor import DriftMonitorError\nraise DriftMonitorError('a.csv: no such file.')", "crashed",
         "a.csv: no such file."),
        (RECORD.replace("monitor=monitor_name", "monitor='other'"), "crashed", "the record is for other"),
        (RECORD.replace('status="healthy"', 'status="drift"'), "crashed", "ValidationError: cell [3], line 2"),
        (RECORD + "\nraise ValueError('late')", "crashed", "ValueError: late"),
    ],
)  # fmt: skip
def test_a_run_that_goes_wrong_is_failed_and_says_why(monitor, tmp_path, cell, kind, message):
    record = execute(monitor(cell), DAY, tmp_path / "reports")

    assert (record.status, record.error_kind) == ("failed", kind)
    assert message in record.error
    assert "\n" not in record.error
    assert read_report(Folder(tmp_path / "reports/x/2026-11-24")) == record


def test_a_hanging_notebook_is_stopped_when_its_time_is_up(monitor, tmp_path):
    hanging = monitor("import time; time.sleep(600)", timeout_seconds=5)
    checks = {"orders": {"sql": "select count(*) from current", "must": "> 0"}, "rows": "> 5"}

    record = execute(replace(hanging, parameters={"checks": checks}), DAY, tmp_path / "reports")

    assert (record.status, record.error_kind) == ("failed", "timeout")
    assert record.error == (
        "stopped after 5 s; raise monitor.timeout_seconds or lower max_rows, or make checks.orders faster"
    )


def test_a_kernel_sees_no_secret_but_what_the_monitor_names(monitor, tmp_path, monkeypatch):
    monkeypatch.setenv("DISCORD_WEBHOOK", "https://discord.com/api/webhooks/1/hush")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    monkeypatch.setenv("WAREHOUSE_TOKEN", "named")
    look = "import os\nfrom driftmonitor import DriftMonitorError\n"
    look += "raise DriftMonitorError(sorted(k for k, v in os.environ.items() if 'hush' in v or v == 'named'))"

    record = execute(monitor(look, pass_env=("WAREHOUSE_TOKEN",)), DAY, tmp_path / "reports")

    assert record.error.endswith("x.yaml: ['WAREHOUSE_TOKEN']")
    assert "GITHUB_TOKEN" not in clean_environment((), {**os.environ, "GITHUB_TOKEN": "hush"})


def test_a_secret_that_a_monitor_names_is_struck_out_of_all_that_is_kept(monitor, tmp_path, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_TOKEN", 'hush-"5521"')
    tell = "import os\nfrom driftmonitor import DriftMonitorError\ntoken = os.environ['WAREHOUSE_TOKEN']\nprint(token)"

    record = execute(
        monitor(f"{tell}\nraise DriftMonitorError(f'no login with {{token}}.')", pass_env=("WAREHOUSE_TOKEN",)),
        DAY, tmp_path / "reports",
    )  # fmt: skip

    assert record.error.endswith("x.yaml: no login with ***.")
    kept = "".join(path.read_text() for path in (tmp_path / "reports/x/2026-11-24").iterdir() if path.is_file())
    assert "5521" not in kept
    assert '"***\\n"' in kept


def test_a_failed_second_run_keeps_the_good_first_one_and_no_run_leaves_a_thread_or_an_open_file(monitor, tmp_path):
    good = execute(monitor(RECORD), DAY, tmp_path / "reports")
    threads, open_files = threading.active_count(), psutil.Process().num_fds()

    for cell in ("1 / 0", "raise SystemExit"):
        assert execute(monitor(cell), DAY, tmp_path / "reports").status == "failed"

    day = tmp_path / "reports/x/2026-11-24"
    assert read_report(Folder(day / "last_good")) == good
    assert not (day / "last_good/last_good").exists()
    assert execute(monitor(RECORD), DAY, tmp_path / "reports").status == "healthy"
    assert not (day / "last_good").exists()
    assert threading.active_count() <= threads
    assert psutil.Process().num_fds() <= open_files


@pytest.mark.parametrize(
    "metadata", [{}, {"kernelspec": {"name": "conda-env-ours", "display_name": "ours", "language": "python"}}]
)
def test_a_notebook_needs_no_kernelspec_that_exists_here(monitor, tmp_path, metadata):
    wanted = monitor(RECORD)
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"metadata": metadata}))

    assert list(notebook_parameters(str(path))) == ["run_date", "monitor_name", "output_dir"]
    assert execute(wanted, DAY, tmp_path / "reports {x}").status == "healthy"


def test_a_notebook_in_another_language_is_refused(monitor, tmp_path):
    monitor(RECORD)
    path = tmp_path / "x.ipynb"
    kernel = {"name": "julia-1.9", "display_name": "Julia", "language": "julia"}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"metadata": {"kernelspec": kernel}}))

    with pytest.raises(DriftMonitorError, match=r"x\.ipynb: is in julia; use a notebook in Python\."):
        notebook_parameters(str(path))


@pytest.mark.parametrize(
    "cell",
    [
        "import shutil; shutil.rmtree(output_dir)",
        "import shutil; shutil.rmtree(output_dir); open(output_dir, 'w')",
        "import os, shutil; shutil.rmtree(output_dir); os.symlink('/tmp', output_dir)",
    ],
)
def test_a_notebook_that_removes_its_output_folder_is_failed_and_says_so(monitor, tmp_path, cell):
    record = execute(monitor(RECORD, cell), DAY, tmp_path / "reports")

    assert record.error == "the notebook removed its output_dir; change the cell that does so"
    assert read_report(Folder(tmp_path / "reports/x/2026-11-24")) == record


def test_a_notebook_that_prints_without_end_is_stopped_before_memory_runs_out(monitor, tmp_path, monkeypatch):
    monkeypatch.setattr("driftmonitor.pipeline.notebooks.with_papermill.MOST_PRINTED", 5_000_000)

    record = execute(monitor("while True: print('x' * 1000)", RECORD), DAY, tmp_path / "reports")

    assert (record.status, record.error_kind) == ("failed", "killed")
    assert record.error == "stopped after printing 5 MB; print less"
    assert (tmp_path / "reports/x/2026-11-24/notebook.ipynb").stat().st_size < 6_000_000


def test_outputs_too_long_to_keep_are_cut(monitor, tmp_path):
    cell = "print('begin' + 'x' * 3_000_000 + 'end')"

    assert execute(monitor(cell, RECORD), DAY, tmp_path / "reports").status == "healthy"

    path = tmp_path / "reports/x/2026-11-24/notebook.ipynb"
    assert path.stat().st_size < 200_000
    assert "characters left out" in path.read_text()


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path):
    path = tmp_path / "x.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("a = 1")]), path)

    with pytest.raises(DriftMonitorError, match="no parameters cell; tag one cell with `parameters`"):
        notebook_parameters(str(path))


PARAMETERS = """
%matplotlib inline
where: str = "country=DE#1"  # which rows; a=b is one
limit = 3  # type: int how many
columns: dict[str, str] = {
    "a": "numerical",  # not this
}  # the kinds
computed = max(1, 2)
a, b = 1, 2
"""


def test_each_line_of_a_parameters_cell_is_read_whatever_its_value_holds(tmp_path):
    cell = nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "x.ipynb")

    assert {name: astuple(each)[1:] for name, each in notebook_parameters(str(tmp_path / "x.ipynb")).items()} == {
        "where": ("str", "which rows; a=b is one", "country=DE#1"),
        "limit": ("int", "how many", 3),
        "columns": ("dict[str, str]", "the kinds", {"a": "numerical"}),
        "computed": (None, "", None),
    }


def test_a_parameters_cell_that_is_not_python_is_refused_in_one_line(tmp_path):
    cell = nbformat.v4.new_code_cell("a = 1\nb = (", metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "x.ipynb")

    with pytest.raises(DriftMonitorError, match="the parameters cell is not plain Python; keep only assignments"):
        notebook_parameters(str(tmp_path / "x.ipynb"))


@pytest.mark.parametrize("content", ["", "not json", "[]", '{"cells": []}'])
def test_a_file_that_is_no_notebook_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "x.ipynb"
    path.write_text(content)

    with pytest.raises(DriftMonitorError, match=r"x\.ipynb: "):
        notebook_parameters(str(path))
    with pytest.raises(DriftMonitorError, match="no such notebook"):
        notebook_parameters(str(tmp_path / "missing.ipynb"))
