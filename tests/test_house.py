"""The code is laid out as CONTRIBUTING.md says, notebooks are committed clean, the README lists every option."""

import ast
import functools
import graphlib
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "driftmonitor"
SOURCES = sorted(PACKAGE.rglob("*.py"))

# The only room, a file or a folder, that may import each outside package.
ROOMS = {
    "sklearn": "analysis/model/importance.py",
    "evidently": "analysis/drift/with_evidently",
    "matplotlib": "analysis/plots",
    "ibis": "analysis/sources",
    "duckdb": "analysis/sources/with_duckdb.py analysis/schemas.py",  # the latter imports nothing else that is slow
    "fsspec": "analysis/sources/buckets.py",
    "openpyxl": "analysis/sources/workbooks.py",
    "papermill": "pipeline/notebooks",
    "jupyter_client": "pipeline/notebooks/kernels.py",
    "psutil": "pipeline/notebooks/kernels.py",
    "holidays": "config/public_holidays.py",
    "distributed": "pipeline/notebooks/cluster.py",
    "nbconvert": "pipeline/pages/render.py",
    "sqlalchemy": "pipeline/history",
    "alembic": "pipeline/history",
    "requests": "pipeline/channels/http.py",
    "boto3": "pipeline/channels/aws_lambda.py",
    "apprise": "pipeline/channels/apprise_urls.py",
}


@functools.cache
def imports(path: Path) -> set[str]:
    """Return the dotted names that a file imports, wherever in it they stand."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


# From the bottom up: what is on one floor imports only what is on lower ones.
FLOORS = [
    {"formats", "complaints", "foreign_errors", "lazy_packages", "postgres_errors", "regular_files", "stopping"},
    {"reports"},
    {"facts"}, {"config"}, {"words"}, {"budget"}, {"analysis", "pipeline"}, {"notebook"},
]  # fmt: skip
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names}


def part(path: Path) -> str:
    """Return the folder or module of driftmonitor/ that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_downward(path):
    parts = {name.split(".")[1] for name in imports(path) if name.startswith("driftmonitor.")}
    floor = FLOOR_OF.get(part(path), -1)  # driftmonitor/__init__.py is under them all

    assert {name for name in parts - {part(path)} if FLOOR_OF.get(name, -1) >= floor} == set()
    assert "runner" not in imports(path)


CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
LAYOUT = CONTRIBUTING.split("## How the code is laid out")[1].split("\n## ")[0]
NAMES = [name for row in re.findall(r"^\| (`.+`) \|", LAYOUT, re.MULTILINE) for name in re.findall(r"`(\S+)`", row)]


def test_contributing_names_every_folder_and_every_name_is_there():
    folders = {f"{path.parent.relative_to(PACKAGE)}/" for path in SOURCES if path.name == "__init__.py"} - {"./"}
    modules = {path.stem for path in PACKAGE.glob("[a-z]*.py")}

    assert set(NAMES) == folders | modules


def test_contributing_lists_the_floors_from_the_top():
    floors = [FLOOR_OF[name.split("/")[0]] for name in NAMES]

    assert floors == sorted(floors, reverse=True)


def test_contributing_draws_the_stages_and_names_the_commands_of_make():
    import runner

    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    stages = re.search(r"^ *(execute( --> \w+)+)$", LAYOUT, re.MULTILINE)[1].split(" --> ")

    assert set(stages) <= set(runner.cli.commands)
    assert set(re.findall(r"`make ([a-z-]+)`", CONTRIBUTING)) == set(phony) - {"run"}


def test_no_file_needs_itself_in_a_circle():
    files = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in SOURCES}
    needs = {
        path: {files.get(name) or files.get(name.rpartition(".")[0]) for name in imports(path)} for path in SOURCES
    }

    graphlib.TopologicalSorter({path: found - {None, path} for path, found in needs.items()}).prepare()


@pytest.mark.parametrize("outside", ROOMS)
def test_each_library_is_imported_in_one_place(outside):
    users = [path for path in SOURCES if any(name.split(".")[0] == outside for name in imports(path))]
    rooms = [PACKAGE / room for room in ROOMS[outside].split()]

    assert users
    assert [path for path in users if not any(path.is_relative_to(room) for room in rooms)] == []


WALL_CLOCK = re.compile(
    r"datetime\.(now|utcnow|today)\(|date\.today\(|\btime\.(time|localtime|gmtime)\(|Timestamp\.now\("
)


def test_one_module_reads_the_wall_clock():
    readers = [path for path in (*SOURCES, ROOT / "runner.py") if WALL_CLOCK.search(path.read_text(encoding="utf-8"))]

    assert [str(path.relative_to(PACKAGE)) for path in readers] == ["pipeline/clock.py"]


def test_the_runner_imports_no_heavy_library_before_it_is_needed():
    code = "import sys, runner; print(*{'pandas','evidently','papermill','nbconvert','matplotlib'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert out.stdout.strip() == ""


@pytest.mark.parametrize("path", sorted(ROOT.glob("notebooks/*.ipynb")), ids=lambda path: path.name)
def test_notebooks_are_committed_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)

    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


def test_readme_knows_every_option_and_command():
    import runner

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [name for name, command in runner.cli.commands.items() if not command.hidden]
    options = {
        option
        for command in runner.cli.commands.values()
        for p in command.params
        for option in p.opts
        if option[0] == "-"
    }

    assert [name for name in commands if not re.search(rf"`{name}\b", text)] == []
    assert sorted(option for option in options if not re.search(rf"`[^`\n]*{option}\b", text)) == []


def test_the_help_says_what_each_command_is_for_in_a_line():
    from click.testing import CliRunner

    import runner

    help_text = CliRunner().invoke(runner.cli, ["--help"], terminal_width=80).output
    commands = [name for name, command in runner.cli.commands.items() if not command.hidden]

    assert [name for name in commands if not re.search(rf"^  {name} +[A-Z][^\n]*\.$", help_text, re.MULTILINE)] == []
