"""The first upgrade as the docs show it: this very repository, edited heavily, with a real run of both versions."""

import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from driftmonitor import __version__
from driftmonitor.pipeline.upgrades import upgrade as upgrade_room
from tests.jobs import ROOT, main
from tests.upgrade_template import NOTEBOOK, cells_of, commit, git, make_repository, shown

OLD, NEW = "98.0.0", "99.0.0"
TAGS = git(ROOT, "tag", "--list", "v*").split() if (ROOT / ".git").exists() else []
NEWS = f"## Unreleased\n\n## {NEW} - 2027-01-02\n\n- A new thing.\n"
ONE_LINER = re.search(
    r"\$ git clone -q --branch v0\.2\.0 \S+ (\S+)\n\$ (make -C \1 upgrade INTO=\S+)",
    (ROOT / "docs/upgrades.md").read_text(encoding="utf-8"),
)
QUICK = """
from driftmonitor.facts.record import RunRecord, Rows, emit
emit(RunRecord(monitor=monitor_name, run_date=run_date, status="healthy", drift_share=0.0, threshold=0.1, drifted=False,
               rows=Rows(reference=10, current=10, reference_total=10, current_total=10)))
"""


def release(seed, version, **more):
    package = (ROOT / "driftmonitor/__init__.py").read_text().replace(f'"{__version__}"', f'"{version}"')
    commit(seed, {"driftmonitor/__init__.py": package, **more})
    git(seed, "tag", f"v{version}")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A template with the repository's own tags and two versions more: as it is now, and with a change of each kind."""
    folder = tmp_path_factory.mktemp("template")
    git(folder, "clone", "-q", "--shared", ROOT, "seed")
    seed = folder / "seed"
    for name in git(ROOT, "ls-files", "-zco", "--exclude-standard").split("\0")[:-1]:  # as they are now
        if (ROOT / name).is_file():
            (seed / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, seed / name)
    release(seed, OLD)
    notebook = json.loads((seed / NOTEBOOK).read_text(encoding="utf-8"))
    next(cell for cell in notebook["cells"] if cell["id"] == "verdict")["source"].append("\nprint('new')")
    changelog = (seed / "CHANGELOG.md").read_text(encoding="utf-8").replace("## Unreleased\n", NEWS, 1)
    more = {NOTEBOOK: json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", "CHANGELOG.md": changelog}
    release(seed, NEW, **more, **{"params/new_example.yaml": "rows: 100\n", "docs/new.md": "New.\n"})
    git(folder, "clone", "-q", "--bare", seed, "template.git")
    return folder / "template.git"


def edit_heavily(folder):
    """Edit a repository as a team does that has watched its own data for a year."""
    shutil.rmtree(folder / "benchmarks")
    shutil.rmtree(folder / "params")
    notebook = nbformat.read(folder / NOTEBOOK, as_version=4)
    names = [cell.id for cell in notebook.cells]
    mine = nbformat.v4.new_code_cell("print('ours')")
    notebook.cells = [cell for cell in notebook.cells if not cell.id.startswith("shifts")]
    notebook.cells.insert(names.index("data"), notebook.cells.pop(names.index("look-text")))
    notebook.cells.insert(3, mine)
    nbformat.write(notebook, folder / NOTEBOOK)
    quick = nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_code_cell('run_date: str = ""\nmonitor_name: str = ""\noutput_dir: str = ""'),
        nbformat.v4.new_code_cell(QUICK),
    ])  # fmt: skip
    quick.cells[0].metadata["tags"] = ["parameters"]
    quick.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(quick, folder / "notebooks/ours.ipynb")
    workflow = (folder / ".github/workflows/drift_check.yml").read_text(encoding="utf-8")
    commit(folder, {
        "README.md": "# Ours\n", "params/ours.yaml": "monitor: {notebook: notebooks/ours.ipynb}\n",
        **dict.fromkeys(["data/weather.parquet", "data/rain.parquet", "data/make_rain.py"]),
        "data/orders.csv": "a,b\n1,2\n", "sql/orders.sql": "select 1\n",
        ".github/workflows/tests.yml": None, ".github/workflows/drift_check.yml": workflow.replace('"0 9', '"17 6'),
    })  # fmt: skip


def check_heavily_edited(folder, branch):
    """Hold that an upgrade kept the edits and brought the new version."""
    there = set(git(folder, "ls-tree", "-r", "--name-only", branch).splitlines())
    merged = cells_of(shown(folder, NOTEBOOK, branch))
    assert {name for name in there if name.startswith(("params/", "benchmarks/", "data/", "sql/"))} == {
        "params/ours.yaml", "data/README.md", "data/orders.csv", "sql/orders.sql"
    }  # fmt: skip
    assert ".github/workflows/tests.yml" not in there
    assert shown(folder, "README.md", branch) == "# Ours\n"
    assert '"17 6' in shown(folder, ".github/workflows/drift_check.yml", branch)
    assert f'__version__ = "{NEW}"' in shown(folder, "driftmonitor/__init__.py", branch)
    assert merged["verdict"].endswith("print('new')")
    assert "print('ours')" in merged.values()
    assert not any(name.startswith("shifts") for name in merged)
    nbformat.validate(nbformat.reads(shown(folder, NOTEBOOK, branch), as_version=4))


@pytest.mark.slow
def test_a_heavily_edited_repository_is_upgraded_as_the_docs_show(template, tmp_path):
    clone, command = ONE_LINER.groups()
    mine = make_repository(template, tmp_path / "mine", at=f"v{OLD}")
    edit_heavily(mine)
    git(mine, "clone", "-q", "--branch", f"v{NEW}", f"file://{template}", clone)
    ready = f"{sys.prefix}/ready"  # this environment, which has the packages of both locks

    done = subprocess.run(
        ["bash", "-c", f"{command} VENV={sys.prefix} --old-file={ready} --no-print-directory"],
        cwd=mine, capture_output=True, text=True, check=False,
        env={name: value for name, value in os.environ.items() if "MAKE" not in name and name != "MFLAGS"},
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "\n- A new thing.\n" in done.stdout
    assert "yours stay" not in done.stdout
    assert "new examples, which were not added: params/new_example.yaml\n" in done.stdout
    assert f"trying {OLD} and {NEW}\nrunning 1 before and 1 after the change\n" in done.stdout
    assert "the same verdict with both versions: 1 of 1 monitors\n" in done.stdout
    check_heavily_edited(mine, f"upgrade-{NEW}")
    assert git(mine, "status", "--porcelain") == ""


@pytest.mark.parametrize("tag", TAGS)
def test_a_heavily_edited_repository_is_upgraded_from_each_tag(template, tmp_path, capsys, monkeypatch, tag):
    monkeypatch.setattr(upgrade_room, "_try", lambda *_: True)
    mine = make_repository(template, tmp_path / "mine", at=tag)
    edit_heavily(mine)

    code, _, err = main(capsys, "upgrade", "--into", mine, "--template", f"file://{template}")

    assert (code, err) == (0, "")
    check_heavily_edited(mine, f"upgrade-{NEW}")
