"""No error, warning or traceback publishes a value of a row, wherever it comes from."""

import datetime as dt
import json

import nbformat
import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources import load_data
from driftmonitor.config.params import Monitor
from driftmonitor.config.settings import MonitorSettings
from driftmonitor.foreign_errors import describe_error, may_be_told
from driftmonitor.pipeline.notebooks.error_outputs import hide_values
from driftmonitor.pipeline.notebooks.run_notebook import execute
from tests.jobs import ROOT, folders, main

DAY = dt.date(2026, 11, 24)
PERSON = "Zoe Quibble"  # never in a cell: the cells make it from its bytes
SET_UP = f"""
import json, logging, sys, threading, warnings
import pandas as pd
person = bytes.fromhex("{PERSON.encode().hex()}").decode()
rows = pd.DataFrame({{"name": [person, person], "age": [1, 2]}})
"""
QUOTING = {
    "a number": "int(person)",
    "a type": "rows.astype({'name': int})",
    "a date": "pd.to_datetime(rows.name)",
    "a key": "{}[person]",
    "a label": "rows.set_index('name').loc[person + '?']",
    "a merge": "rows.merge(rows, on='name', validate='one_to_one')",
    "a category": "pd.Categorical(rows.name, dtype=pd.CategoricalDtype(['a'])).rename_categories({person: 1})[person]",
    "an assertion": "assert not person, f'{person} is here'",
    "a chain": "try:\n    int(person)\nexcept ValueError as error:\n    raise RuntimeError('no number') from error",
    "bytes": "(person.encode() + bytes([255])).decode()",
    "code from data": "rows.query(person)",
    "a name from data": "eval(person.split()[0])",
    "a module from data": "import importlib\nimportlib.import_module(person.split()[0])",
    "an attribute": "getattr(rows, person)",
    "a model": "import pydantic\nclass Row(pydantic.BaseModel):\n    age: int\nRow(age=person)",
    "arrow": "import io, pyarrow.json\npyarrow.json.read_json(io.BytesIO(b'{\"a\": ' + person.encode() + b'}'))",
    "an array": "import pyarrow\npyarrow.array([person, 1])",
    "a note": "error = ValueError()\nerror.add_note(person)\nraise error",
    "a group": "raise ExceptionGroup(person, [ValueError(person)])",
    "an exit": "raise SystemExit(person)",
    "verbose": "%xmode Verbose\nrows['no such']",
    "duckdb": "import duckdb\nduckdb.sql('SELECT name::INT FROM rows').fetchall()",
}
WARNING = {
    "warned": "warnings.warn(person)",
    "logged": "logging.warning('saw %s', person)",
    "printed": "print(person, file=sys.stderr)",
    "in a thread": "thread = threading.Thread(target=int, args=[person])\nthread.start()\nthread.join()",
    "a progress bar": "from tqdm import tqdm\nlist(tqdm([1], desc=person))",
}


@pytest.fixture
def run(tmp_path):
    def run(*cells, go_on=False):
        parameters = nbformat.v4.new_code_cell('run_date: str = ""\nmonitor_name: str = ""\noutput_dir: str = ""')
        parameters.metadata["tags"] = ["parameters"]
        made = [nbformat.v4.new_code_cell(cell) for cell in cells]
        for cell in made:
            cell.metadata["tags"] = ["raises-exception"] if go_on else []
        nbformat.write(nbformat.v4.new_notebook(cells=[parameters, *made]), tmp_path / "x.ipynb")
        settings = MonitorSettings(notebook=str(tmp_path / "x.ipynb"), timeout_seconds=100)
        return execute(Monitor("x", tmp_path / "x.yaml", {}, settings), DAY, tmp_path / "reports")

    return run


HEAD = "name,age,day\n" + "Ann,30,2026-01-02\n" * 30_000  # more than the rows from which types are guessed
BAD_FILES = {
    "short.csv": (HEAD + f"{PERSON},41\n" * 400, "line 30002 has 2 fields, and 3 were expected"),
    "long.csv": (HEAD + f"{PERSON},41,2026-01-02,x\n" * 400, "line 30002 has 4 fields, and 3 were expected"),
    "latin.csv": (HEAD.encode() + f"{PERSON} \xe9,1,2\n".encode("latin-1"), "line 30002 is not UTF-8 text"),
    "huge.csv": (HEAD + f"{PERSON}{'x' * 3_000_000},1,2\n", "is longer than a line of a CSV can be"),
    "cut.json": ('{"a": 1}\n' * 30_000 + f'{{"a": "{PERSON}', "line 30001 is not valid JSON"),
    "late.json": ('{"a": 1}\n' * 30_000 + f'{{"a": {{"b": "{PERSON}"}}, "{PERSON}": 1}}\n{{', "is not valid JSON"),
    "not.parquet": (PERSON * 100, "not.parquet is text, not Parquet; rename it to .csv if it is a table"),
    "cut.parquet": (b"PAR1" + bytes(200), "cut.parquet is not a Parquet file, or is cut off"),
}
BAD_QUERIES = {
    "SELECT name::INT AS a FROM people": "current: column name has a value that is not a whole number; use TRY_CAST",
    "SELECT name::DATE AS a FROM people": "current: column name has a value that is not a date; use TRY_CAST, or fix",
    "SELECT strptime(name, '%d/%m/%Y') AS a FROM people": "current has text that does not fit the format of a date",
    "SELECT error(name) AS a FROM people": "current cannot be read (InvalidInputException); try it in DuckDB itself",
    "SELECT json_extract(name, '$.a') AS a FROM people": "current is not valid JSON; fix the query.",
    "SELECT nmae FROM people": "current: no such column: nmae; did you mean name?",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_read_is_named_with_its_line_and_no_value(tmp_path, name):
    content, problem = BAD_FILES[name]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(DriftMonitorError) as caught:
        load_data(source="files", reference=str(path), current=str(path), run_date="2026-11-24")

    assert str(caught.value).startswith(f"reference: {path}")
    assert problem in str(caught.value)
    assert not any(word in str(caught.value) for word in PERSON.split())


def test_a_line_that_is_left_out_is_named_with_its_number_and_no_value(tmp_path):
    path = tmp_path / "short.csv"
    path.write_text(HEAD + f"{PERSON},41\n" + "Ann,30,2026-01-02\n")

    data = load_data(source="files", reference=str(path), current=str(path), run_date="2026-11-24")

    said = " ".join(finding.message for finding in data.snapshot().findings)
    assert "(short.csv line 30002)" in said
    assert not any(word in said for word in PERSON.split())


@pytest.mark.parametrize("query", BAD_QUERIES)
def test_a_query_that_fails_says_why_and_quotes_no_value(tmp_path, query):
    people = tmp_path / "people.csv"
    people.write_text(f"name,age\n{PERSON},41\nAnn,30\n")
    query = query.replace("people", f"'{people}'")

    with pytest.raises(DriftMonitorError) as caught:
        load_data(source="sql", reference="SELECT 1 AS a", current=query, run_date="2026-11-24")

    assert str(caught.value).startswith(BAD_QUERIES[query.replace(f"'{people}'", "people")])
    assert not any(word in str(caught.value) for word in PERSON.split())


def files_with(folder, *words):
    """Return the files that have one of the words."""
    texts = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return [path.name for path, text in texts.items() if any(word.encode() in text for word in words)]


def test_no_error_and_no_warning_of_a_notebook_leaves_a_value_of_a_row(run, tmp_path):
    record = run(SET_UP, *QUOTING.values(), *WARNING.values(), go_on=True)

    outputs = json.loads((tmp_path / "reports/x/2026-11-24/notebook.ipynb").read_text())
    errors = [o["ename"] for cell in outputs["cells"] for o in cell.get("outputs", []) if o["output_type"] == "error"]
    assert len(errors) == len(QUOTING) - 1  # a group is only printed
    assert files_with(tmp_path, *PERSON.split()) == []
    assert record.error.startswith("ConversionException: cell [25], line 2; run the notebook in Jupyter to see the")


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("rows['salry']", "KeyError: 'salry'"),
        ("rows.salry", "AttributeError: 'DataFrame' object has no attribute 'salry'"),
        ("print(rwos)", "NameError: name 'rwos' is not defined"),
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("from os import nought", "ImportError: cannot import name 'nought' from 'os' (/usr/lib/python3/os.py)"),
        ("raise ValueError('fewer than 10 rows')", "ValueError: fewer than 10 rows"),
        ("open('data/none.csv')", "FileNotFoundError: [Errno 2] No such file or directory: 'data/none.csv'"),
    ],
)
def test_an_error_about_the_code_is_told(cell, error):
    kind, _, text = error.partition(": ")

    assert may_be_told(kind, text, cell)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("KeyError", "'Zoe'"),
        ("KeyError", "4711"),
        ("ValueError", "negative"),
        ("AssertionError", "no such name: Zoe"),
        ("NameError", "name 'Zoe' is not defined"),
        ("SyntaxError", "invalid syntax (<unknown>, line 1)"),
        ("IndexError", "index 4711 is out of range for axis"),
        ("TypeError", "can only be str, not 'Zoe"),
    ],
)
def test_an_error_that_may_be_about_a_row_is_not_told(kind, text):
    assert not may_be_told(kind, text, "rows[column] == 'zoe'")


def test_a_literal_of_the_code_that_raised_it_is_told_and_what_was_put_in_is_not():
    def fail(text):
        if text:
            raise ValueError(f"cannot use {text}")
        raise ValueError("needs at least 10 rows of each group")

    said = []
    for text in ("", PERSON):
        with pytest.raises(ValueError) as caught:
            fail(text)
        said.append(describe_error(caught.value))

    line = fail.__code__.co_firstlineno + 2
    assert said == ["ValueError: needs at least 10 rows of each group", f"ValueError in line {line} of test_leaks.py"]


def test_a_bug_in_the_runner_is_logged_with_its_place_and_without_its_text(monkeypatch, capsys):
    import runner

    monkeypatch.setattr(runner.console, "say", lambda text: {}[PERSON])

    with pytest.raises(SystemExit) as ended:
        runner.main(["validate"])

    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert "in validate" in said
    assert PERSON not in said
    assert "error: KeyError in line " in said
    assert said.endswith("; a bug in drift-monitor. Run the command in a terminal to see the whole error.\n")


def test_the_traceback_keeps_the_places_and_the_lines_of_the_cell(run, tmp_path):
    run("def halve(rows):\n    return rows / 2\n\nhalve('x' * 2)")

    cells = json.loads((tmp_path / "reports/x/2026-11-24/notebook.ipynb").read_text())["cells"]
    traceback = next(o["traceback"] for cell in cells for o in cell.get("outputs", []) if o["output_type"] == "error")
    assert traceback == [
        "Cell In[3], line 4",
        "        2     return rows / 2",
        "        3 ",
        "---->   4 halve('x' * 2)",
        "Cell In[3], line 2, in halve",
        "        1 def halve(rows):",
        "---->   2     return rows / 2",
        "        3 ",
        "        4 halve('x' * 2)",
        "TypeError: unsupported operand type(s) for /: 'str' and 'int'",
    ]


def test_a_package_that_a_package_lacks_is_named(run, tmp_path):
    (tmp_path / "theirs.py").write_text("import nothing_of_that_name")

    record = run(f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport theirs")

    assert record.error == "ModuleNotFoundError: No module named 'nothing_of_that_name'"


def test_a_warning_keeps_its_type_and_place():
    warning = "/lib/site-packages/pandas/core/frame.py:12: FutureWarning: Zoe is old\n  call(rows)\n"
    warning += "/tmp/ipykernel_1/2.py:1: UserWarning:\n\nZoe\n"  # as Plotly writes it
    output = nbformat.v4.new_output("stream", name="stderr", text=warning)
    widget = {"state": {"a": {"state": {"outputs": [dict(output)]}}}}
    cell = nbformat.v4.new_code_cell("call(rows)", outputs=[output], execution_count=1)
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {"state-json": widget}})

    hide_values(notebook)

    expected = (
        "pandas/core/frame.py:12: FutureWarning:\n  call(rows)\ncell:1: UserWarning:\n"
        "[2 lines left out, which may quote the data; run the notebook in Jupyter to see all.]\n"
    )
    assert notebook.cells[0].outputs[0].text == expected
    assert notebook.metadata["widgets"]["state-json"]["state"]["a"]["state"]["outputs"][0]["text"] == expected


@pytest.mark.parametrize("command", [[], ["execute"], ["status"], ["doctor"]])
def test_a_password_in_place_of_an_address_is_refused_and_named_nowhere(tiny, capsys, monkeypatch, tmp_path, command):
    monkeypatch.setenv("DRIFT_DATABASE_URL", "swordfish")
    monkeypatch.chdir(tmp_path)

    code, out, err = main(capsys, *folders(tiny, *command))

    assert code in (1, 2)
    assert "DRIFT_DATABASE_URL: not a PostgreSQL address; set postgresql://" in out + err
    assert "swordfish" not in out + err
    assert files_with(tiny.folder, "swordfish") + [path.name for path in tmp_path.rglob("*swordfish*")] == []
    assert not list(ROOT.glob("swordfish*"))
    assert "running" not in out
