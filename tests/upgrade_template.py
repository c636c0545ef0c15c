"""A small template with two versions in a real git repository, and repositories made from it as users make them."""

import json
import subprocess
from pathlib import Path

# What stands in for the runner: a verdict for each params file, which a version changes for `shop`.
RUNNER = """
import json, pathlib, sys, time
root, words = pathlib.Path(__file__).parent, sys.argv[1:]
if words[0] == "execute":
    time.sleep({pause})
    state, day = words[words.index("--state") + 1], words[words.index("--date") + 1]
    for path in sorted(root.glob("params/*.yaml")):
        status = "failed" if "broken" in path.read_text() else "{shop}" if path.stem == "shop" else "healthy"
        report = pathlib.Path(state, "reports", path.stem, day)
        report.mkdir(parents=True)
        rows = dict(reference=10, current=10, reference_total=10, current_total=10)
        result = dict(drift_share=0.5, threshold=0.1, drifted=status == "drift", rows=rows)
        record = dict(schema=1, monitor=path.stem, run_date=day, status=status, **result, error="It broke.")
        (report / "record.json").write_text(json.dumps(record))
if words[0] == "validate" and (root / "params/invalid.yaml").exists():
    sys.exit("error: params/invalid.yaml: rws: no such parameter.")
"""


def runner(shop: str, pause: int = 0, fails: str = '"broken" in path.read_text()') -> str:
    """Return the stand-in of a version."""
    text = RUNNER.replace("{shop}", shop).replace("{pause}", f"{pause}")
    return text.replace('"broken" in path.read_text()', fails)


USES = ["  - uses: actions/checkout@aaa # v1", "  - uses: actions/cache@bbb # v1"]
WORKFLOW = "\n".join(["name: drift check", "on:", "  schedule:", '    - cron: "0 9 * * *"', "jobs:", *(
    f"  step{n}: nothing" for n in range(20)), *USES]) + "\n"  # fmt: skip
CELLS = {
    "title": "# Has the data drifted?",
    "parameters": 'rows: int = 1000\ncurrent: str = ""\nseed: int = 1',
    "data": "data = load_data(rows)",
    "data-reading": "These are frames.",
    "comparison": "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6",
    "pictures": "draw(comparison)",
    "verdict": "print(verdict)",
}
OLD = {
    "driftmonitor/__init__.py": '__version__ = "0.1.0"\n',
    "driftmonitor/engine.py": "".join(f"line_{n} = {n}\n" for n in range(30)),
    "driftmonitor/old.py": "gone = 1\n",
    "CHANGELOG.md": "# Changelog\n\n## Unreleased\n\n## 0.1.0 - 2026-11-26\n\n- It began.\n",
    "README.md": "# drift-monitor\n\nHow to start.\n",
    "docs/page.md": "The page.\n",
    "params/healthy.yaml": "rows: 1000\n",
    "params/shop.yaml": "rows: 2000\n",
    "data/README.md": "How the data was made.\n",
    "requirements.txt": "",
    "requirements-dev.txt": "alpha==1.0\n    # via x\nbeta[all]==1.0 ; python_version > '3'\n    # via x\ngamma==1.0\n",
    "runner.py": runner("drift"),
    ".github/workflows/drift_check.yml": WORKFLOW,
}
NEW = {
    "driftmonitor/__init__.py": '__version__ = "0.2.0"\n',
    "driftmonitor/engine.py": OLD["driftmonitor/engine.py"].replace("line_3 = 3", "line_3 = 33"),
    "driftmonitor/old.py": None,
    "requirements-dev.txt": "alpha==2.0\n    # via x\nbeta[all]==2.0\n    # via x\ngamma==1.0\ndelta==2.0\n",
    "driftmonitor/fresh.py": "fresh = 1\n",
    "CHANGELOG.md": OLD["CHANGELOG.md"].replace(
        "## Unreleased\n", "## Unreleased\n\n- Later.\n\n## 0.2.0 - 2026-12-24\n\n- Tails are watched.\n"
    ),
    "README.md": "# drift-monitor\n\nHow to start, and more.\n",
    "docs/page.md": "The page, longer.\n",
    "docs/more.md": "More.\n",
    "params/healthy.yaml": "rows: 1500\n",
    "params/new_example.yaml": "rows: 3\n",
    "runner.py": runner("healthy"),
    ".github/workflows/drift_check.yml": WORKFLOW.replace("step15: nothing", "step15: something").replace(
        "checkout@aaa # v1", "checkout@ccc # v2"
    ),
}
NEW_CELLS = {
    "title": CELLS["title"],
    "parameters": 'rows: int = 1000\ncurrent: str = ""\nseed: int = 1\nscore: str = ""',
    "data": CELLS["data"],
    "data-reading": CELLS["data-reading"],
    "tails": "watch_tails(data)",
    "comparison": CELLS["comparison"].replace("f = 6", "f = 66"),
    "pictures": CELLS["pictures"],
    "verdict": CELLS["verdict"],
}
NOTEBOOK = "notebooks/drift_report.ipynb"


def git(folder, *arguments) -> str:
    """Run git in a folder and return what it printed."""
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    command = ["git", "-C", str(folder), *who, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def make_cell(name: str, text: str) -> dict:
    """Return a cell as Jupyter writes it."""
    if text.startswith("#") or " are " in text:
        return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text.splitlines(keepends=True)}
    return {"cell_type": "code", "execution_count": None, "id": name, "metadata": {}, "outputs": [],
            "source": text.splitlines(keepends=True)}  # fmt: skip


def make_notebook(cells: dict[str, str]) -> str:
    """Return a notebook as Jupyter writes it."""
    notebook = {
        "cells": [make_cell(*each) for each in cells.items()],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, sort_keys=True) + "\n"


def cells_of(text: str) -> dict[str, str]:
    """Return the text of each cell by id."""
    return {cell["id"]: "".join(cell["source"]) for cell in json.loads(text)["cells"]}


def write(folder: Path, files: dict[str, str | None]) -> None:
    """Write files, or remove those that are None."""
    for name, text in files.items():
        path = folder / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def commit(folder: Path, files: dict[str, str | None], message: str = "Change") -> None:
    """Write files and commit everything."""
    write(folder, files)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)


def make_template(folder: Path) -> Path:
    """Make a bare template with v0.1.0, later work, v0.2.0, and work that is not released; return its path."""
    seed = folder / "seed"
    git(folder, "init", "-q", "-b", "main", seed)
    commit(seed, {**OLD, NOTEBOOK: make_notebook(CELLS)})
    git(seed, "tag", "-a", "v0.1.0", "-m", "drift-monitor 0.1.0")
    commit(seed, {"docs/page.md": "The page, a little longer.\n"})
    commit(seed, {**NEW, NOTEBOOK: make_notebook(NEW_CELLS)})
    git(seed, "tag", "v0.2.0")
    commit(seed, {"docs/page.md": "Not released.\n"})
    git(folder, "clone", "-q", "--bare", seed, "template.git")
    return folder / "template.git"


def make_repository(template: Path, folder: Path, at: str = "v0.1.0") -> Path:
    """Make a repository as GitHub makes one from a template: its files at a commit, as one commit of its own."""
    folder.mkdir()
    files = subprocess.run(["git", "-C", template, "archive", at], check=True, capture_output=True).stdout
    subprocess.run(["tar", "x", "-C", folder], input=files, check=True)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, {}, "Initial commit")
    return folder


def shown(folder: Path, path: str, branch: str = "upgrade-0.2.0") -> str:
    """Return a file as a branch has it."""
    return subprocess.run(
        ["git", "-C", folder, "show", f"{branch}:{path}"], check=True, capture_output=True, text=True
    ).stdout


def snapshot(folder: Path) -> tuple[str, str, str]:
    """Return what an upgrade must leave alone: the branches, the files that git knows, and those it does not."""
    return (
        git(folder, "for-each-ref", "--format=%(refname) %(objectname)"),
        git(folder, "status", "--porcelain", "--ignored"),
        git(folder, "rev-parse", "--symbolic-full-name", "HEAD"),
    )
