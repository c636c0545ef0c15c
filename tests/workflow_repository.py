"""A repository like a user's fork. Its notebook only emits a record: fast, and healthy or failing as asked."""

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
PARTS = (
    "runner.py",
    "Makefile",
    "requirements.txt",
    "requirements-dev.txt",
    "pyproject.toml",
    "driftmonitor",
    ".github",
)
PARAMETERS = (
    'run_date: str = ""\nmonitor_name: str = ""\noutput_dir: str = ""\npast: str = ""\n'
    'mode: str = "healthy"\nshare: float = 1.0'
)
CELL = """
import os
from driftmonitor.facts.evidence import ColumnEvidence, Evidence
from driftmonitor.facts.earlier_days import read_earlier_days
from driftmonitor.facts.record import ColumnScore, Rows, RunRecord, emit
assert not {name for name in os.environ if "TOKEN" in name or "WEBHOOK" in name or "DATABASE" in name}
if mode == "crash":
    raise RuntimeError("boom")
drifted = mode == "drift"
column = ColumnScore(name="salary", kind="numerical", status="drifted" if drifted else "stable", method="ks",
                     p_value=0.0 if drifted else 0.9, statistic=0.79, distance=0.79, effect={"mean_shift_sd": 2.5})
rows = Rows(reference=1000, current=1000, reference_total=1000, current_total=1000)
counts = (0,) * 49 + (1000,) if drifted else (20,) * 50
left = Evidence(columns=(ColumnEvidence(name="salary", reference="abc", rows=(1000, 1000), counts=counts),))
record = RunRecord(monitor=monitor_name, run_date=run_date, status=mode, drift_share=share if drifted else 0.0,
                   threshold=0.1, drifted=drifted, rows=rows, columns=(column,), evidence=left)
if known := read_earlier_days(past):
    from driftmonitor.budget.judge import judge_record
    record = judge_record(record, known)
emit(record)
"""


def make_repository(folder: Path, modes: dict[str, str], monitors_per_job: int = 1) -> Path:
    """Commit a repository with a monitor for each of `modes` (healthy, drift or crash) and return its folder."""
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            folder.mkdir(exist_ok=True)
            shutil.copy2(source, folder / part)
    _write_notebook(folder / "notebooks/drift_report.ipynb")
    (folder / "params").mkdir()
    for name, mode in modes.items():
        (folder / f"params/{name}.yaml").write_text(f"mode: {mode}\n")
    schedule = folder / "driftmonitor/pipeline/github/schedule.py"
    text = schedule.read_text(encoding="utf-8")
    schedule.write_text(text.replace("MONITORS_PER_JOB = 10", f"MONITORS_PER_JOB = {monitors_per_job}"))
    path = folder / "driftmonitor/pipeline/clock.py"
    clock = f'dt.datetime.fromisoformat(open("{folder}.clock").read())'
    path.write_text(path.read_text(encoding="utf-8").replace("dt.datetime.now(dt.UTC)", clock))
    set_clock(folder, "2026-11-24T09:07")
    project = folder / "pyproject.toml"
    mended = 'line-length = 120\nextend-exclude = ["notebooks", "clock.py"]'
    project.write_text(project.read_text(encoding="utf-8").replace("line-length = 120", mended))
    (folder / "README.md").write_text("# Ours\n\n<!-- monitors -->\n<!-- /monitors -->\n\nThe end\n")
    (folder / "tests").mkdir()
    for name in ("one", "spark"):  # what tests.yml names by itself is there too
        (folder / f"tests/test_{name}.py").write_text(f"def test_{name}():\n    assert True\n")
    (folder / ".gitignore").write_text(".venv/\n__pycache__/\n/state/\n/site/\n/artifacts/\n")
    commit(folder, "A fork", init=True)
    return folder


def set_clock(folder: Path, moment: str) -> None:
    """Let the runner of that repository believe that it is then, in UTC."""
    Path(f"{folder}.clock").write_text(f"{moment}+00:00")


def read_clock(folder: Path) -> dt.datetime:
    """Return the moment that the runner of that repository believes it is."""
    return dt.datetime.fromisoformat(Path(f"{folder}.clock").read_text())


def commit(folder: Path, message: str, init: bool = False) -> None:
    """Commit everything in a folder."""
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    if init:
        subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
    subprocess.run(["git", "-C", folder, "add", "-A"], check=True)
    subprocess.run(["git", "-C", folder, *who, "commit", "-q", "-m", message], check=True)


def _write_notebook(path: Path) -> None:
    parameters = nbformat.v4.new_code_cell(PARAMETERS)
    parameters.metadata["tags"] = ["parameters"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [parameters, nbformat.v4.new_code_cell(CELL)]
    path.parent.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
