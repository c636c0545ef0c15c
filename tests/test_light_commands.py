"""The commands that only say something import little, and each stage only what it uses."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = (
    "pydantic", "yaml", "sqlalchemy", "numpy", "pandas", "papermill", "nbconvert", "jinja2", "requests", "filelock",
    "IPython", "bs4", "debugpy",
)  # fmt: skip
RUN_NOTEBOOKS = """
from types import SimpleNamespace
from driftmonitor.pipeline.stages import execute
list(execute.run_tasks(SimpleNamespace(scheduler=None, jobs=1), [], publishes=False))
"""
FIND_KERNEL = """
import shutil
from driftmonitor.pipeline.notebooks import kernels
made = kernels._make()
assert made.manager.kernel_spec.language == "python"
shutil.rmtree(made.folder)
"""
RENDER = "from driftmonitor.pipeline.pages import render\nrender.warm()"
BARE_KERNEL = """
from driftmonitor.pipeline.notebooks import bare_ipykernel
assert not bare_ipykernel.debugger._is_debugpy_available
import importlib.util
assert importlib.util.find_spec("debugpy")  # a notebook can import it
"""


def imported(code: str, *arguments: str) -> set[str]:
    """Return which heavy libraries a process has imported after running this code."""
    code = f"import sys, runner\n{code}\nprint('heavy', *[name for name in {HEAVY} if name in sys.modules])"
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_the_help_imports_no_library_but_that_of_the_command_line():
    assert imported("") == set()


@pytest.mark.parametrize(
    ("code", "libraries"),
    [
        ("runner.cli(['heartbeat'], standalone_mode=False)", set()),
        ("import driftmonitor.pipeline.github.state", set()),
        ("import driftmonitor.pipeline.status", {"pydantic", "yaml"}),
        ("import driftmonitor.analysis.first_look", {"pydantic"}),
        ("import driftmonitor.pipeline.pages", {"pydantic", "yaml", "filelock"}),
        (FIND_KERNEL, set()),
        (BARE_KERNEL, {"IPython"}),
        (RENDER, {"pydantic", "yaml", "filelock", "nbconvert", "jinja2"}),
        (RUN_NOTEBOOKS, {"pydantic", "yaml", "papermill"}),
    ],
    ids=[
        "heartbeat",
        "state load",
        "validate",
        "a look at the data",
        "publish",
        "kernel",
        "in a kernel",
        "run pages",
        "execute",
    ],
)
def test_a_command_imports_only_the_libraries_that_it_uses(code, libraries, monkeypatch):
    monkeypatch.delenv("HEARTBEAT_URL", raising=False)

    assert imported(code) == libraries
