"""The notebook as an analyst uses it: short cells between question and reading, edits that count, monitors to open."""

import ast
import inspect
import json
import subprocess
import sys
from itertools import chain
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.drift import Comparison, compare, judge
from driftmonitor.analysis.model import find_model
from driftmonitor.analysis.sources import load_data
from driftmonitor.facts.record import RunRecord, read_notebook, read_report
from driftmonitor.notebook import BY_HAND, INJECTED, LOOK_UP, NO_MONITOR, open_monitor
from driftmonitor.pipeline.notebooks.environment import clean_environment
from driftmonitor.pipeline.notebooks.run_notebook import notebook_parameters
from driftmonitor.regular_files import Folder
from tests.jobs import DAY, Job

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks/drift_report.ipynb"
CELLS = nbformat.read(NOTEBOOK, as_version=4).cells
CODE = [place for place, cell in enumerate(CELLS) if cell.cell_type == "code" and cell.id != "parameters"]
pytestmark = pytest.mark.xdist_group("notebook")  # its clone is made once
DEFAULTS = {name: each.default for name, each in notebook_parameters("notebooks/drift_report.ipynb").items()}


@pytest.mark.parametrize("place", CODE, ids=lambda place: CELLS[place].id)
def test_cell_has_ten_lines_at_most_and_prose_on_both_sides(place):
    assert len(CELLS[place].source.splitlines()) <= 10
    around = [CELLS[place - 1], CELLS[place + 1]]
    if CELLS[place].id in ("setup", "imports"):  # one preparation in two cells
        around = [cell for cell in around if cell.id not in ("setup", "imports")]
    assert {cell.cell_type for cell in around} == {"markdown"}


def test_every_parameter_is_typed_and_explained():
    lines = next(cell for cell in CELLS if cell.id == "parameters").source.splitlines()

    for line in filter(None, lines):
        assert ": " in line.split("=")[0]
        assert "  # " in line


def test_no_cell_overwrites_a_parameter_so_that_any_can_be_run_again():
    nodes = [node for place in CODE for node in ast.walk(ast.parse(CELLS[place].source))]
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}

    assert stored & set(DEFAULTS) == {"run_date"}


def test_every_default_is_that_of_the_function_it_is_for():
    functions = (load_data, compare, judge, find_model, Comparison.figures)
    signatures = [inspect.signature(function).parameters.values() for function in functions]
    defaults = {each.name: each.default for each in chain(*signatures) if each.default is not each.empty}
    defaults |= {"run_date": "", "monitor_name": NO_MONITOR, "past": LOOK_UP, "output_dir": BY_HAND}
    defaults |= {"source": "simulate", "reference": "", "current": ""}

    assert set(DEFAULTS) == set(defaults) - {"save_first", "memory"}
    assert [name for name, value in DEFAULTS.items() if value != defaults[name] and (value or defaults[name])] == []


def run_notebook(folder: Path, parameters: str, **added: str) -> tuple[RunRecord, dict]:
    """Restart the notebook and run all of it in `folder`, with more lines in its cells; return its record and cells."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    for name, lines in {"parameters": parameters, **added}.items():
        cells[name].source += f"\n{lines}"
    resources = {"metadata": {"path": str(folder)}}
    client = nbclient.NotebookClient(notebook, kernel_name="python3", resources=resources)
    client.execute(env=clean_environment())
    return read_notebook(notebook), cells


def without_seconds(record: RunRecord) -> RunRecord:
    return record.model_copy(update={"duration_seconds": None})


def test_an_analyst_s_edit_is_seen_from_the_data_to_the_verdict(tmp_path):
    output_dir = f"output_dir = {str(tmp_path / 'a/b/c')!r}"
    edit = 'data.current["age"] += 30\ndata.reference = data.reference.query("plan != \'pro\'")'

    record, cells = run_notebook(NOTEBOOK.parent, output_dir, data=edit)

    data = load_data(source="simulate", reference="", current="", run_date=f"{record.run_date}")
    left = data.reference[data.reference["plan"] != "pro"]
    expected = stats.ks_2samp(left["age"], data.current["age"] + 30)
    age, plan = (next(score for score in record.columns if score.name == name) for name in ("age", "plan"))
    assert (age.status, age.distance, age.p_value) == ("drifted", pytest.approx(expected.statistic), expected.pvalue)
    assert (plan.status, record.rows.reference, record.rows.reference_total) == ("drifted", len(left), len(left))
    assert "age" in cells["verdict"].outputs[0].text
    assert "age" in cells["shifts"].outputs[0].metadata["image/png"]["alt"]
    assert (tmp_path / "a/b/c/shift.png").is_file()


def test_an_edit_of_a_sampled_table_counts_and_the_notebook_says_what_it_cost(tmp_path):
    draw = np.random.default_rng(5)
    for side in ("reference", "current"):
        regions = draw.choice(["north", "south", "west"], 3000, p=[0.5, 0.3, 0.2])
        pd.DataFrame({"region": regions, "age": draw.normal(40, 10, 3000)}).to_parquet(tmp_path / f"{side}.parquet")
    places = [f"{side} = {str(tmp_path / side)!r} + '.parquet'" for side in ("reference", "current")]
    parameters = "\n".join([*places, "source, max_rows = 'files', 1000", f"output_dir = {str(tmp_path / 'a/b/c')!r}"])
    edit = 'data.current.loc[data.current["region"] == "west", "region"] = "south"\nedited = data.current["region"]'

    record, cells = run_notebook(
        NOTEBOOK.parent, parameters, data=edit, questions="print(edited.value_counts().to_json())"
    )

    region, age = record.columns
    now = pd.Series(json.loads(cells["questions"].outputs[0].text)) / 1000
    before = pd.read_parquet(tmp_path / "reference.parquet")["region"].value_counts(normalize=True)
    assert region.distance == pytest.approx(before.sub(now, fill_value=0).abs().sum() / 2)
    assert (region.status, region.from_all_rows, age.from_all_rows) == ("drifted", (), ("missing_share",))
    said = "current: region was edited after reading, so it is counted in the sample of 1,000 rows, not in all 3,000."
    assert [finding.message for finding in record.quality if finding.kind == "edited"] == [said]
    assert said in cells["quality"].outputs[0].text


ORDERS = """
source: simulate
rows: 600
drift: {{salary: {{mean_shift: 0.6, ramp_days: 1, ramp_start: 2026-11-23}}}}
draw: [plan]
min_distance: 0.05
monitor: {{alert: {{rule: budget}}}}
"""
LATE = "source: files\nreference: {folder}/reference.csv\ncurrent: {folder}/{{date}}.csv\n"
EARLIER = ("2026-11-22", "2026-11-23")


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A folder like a clone, with a monitor of which three days were run."""
    folder = tmp_path_factory.mktemp("clone")
    job = Job(folder, orders=ORDERS, late=LATE)
    (folder / "reference.csv").write_text("x,y\n" + "".join(f"{i % 90},{i / 7}\n" for i in range(300)))
    for name in ("driftmonitor", "notebooks"):
        (folder / name).symlink_to(ROOT / name)
    job.run("backfill", "--monitor", "orders", "--from", EARLIER[0], "--to", EARLIER[1])
    job.run("--monitor", "orders")
    return job


def recorded(job: Job, day: str) -> RunRecord:
    return without_seconds(read_report(Folder(job.state / "reports/orders" / day)))


def test_a_monitor_opened_by_hand_gives_the_record_of_the_schedule(clone):
    record, cells = run_notebook(clone.folder, f"monitor_name, run_date = 'orders', '{DAY}'")

    assert without_seconds(record) == recorded(clone, DAY)
    assert (record.judgement.rule, record.judgement.pool_needed) == ("budget", 219)
    past = f"state/by_hand/orders/{DAY}/past.json"
    said = f"params/orders.yaml on {DAY}, with the earlier days in {past}.\n"
    assert cells["monitor"].outputs[0].text == said
    assert (clone.folder / past).read_bytes() == (clone.state / "reports/orders" / DAY / "past.json").read_bytes()
    assert (clone.folder / f"state/by_hand/orders/{DAY}/evidently.html").is_file()


def test_a_monitor_opened_by_papermill_has_the_days_before_that_date_alone_and_what_papermill_set(clone, tmp_path):
    out = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", clone.folder / "notebooks/drift_report.ipynb", out]
    options = ["-p", "monitor_name", "orders", "-p", "run_date", EARLIER[1], "-p", "output_dir", tmp_path / "a/b/c"]
    options += ["-p", "min_distance", "0.04"]  # its default
    done = subprocess.run(
        [*map(str, command + options)], cwd=clone.folder, env=clean_environment(), capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr[-2000:]
    record = without_seconds(read_notebook(nbformat.read(out, as_version=4)))
    assert record == recorded(clone, EARLIER[1]).model_copy(update={"min_distance": 0.04})
    days = json.loads((tmp_path / "a/b/c/past.json").read_text())["days"]
    assert [day["date"] for day in days] == [EARLIER[0]]


@pytest.fixture
def in_clone(clone, monkeypatch):
    monkeypatch.chdir(clone.folder)


def variables(**changed) -> dict:
    """Return the notebook's variables before a monitor is opened."""
    return {**DEFAULTS, "run_date": DAY, "monitor_name": "orders", **changed}


def test_what_was_set_by_hand_or_by_papermill_wins_over_the_params_file(in_clone):
    injected = f"{INJECTED}min_distance = 0.04\nrows = 600\n"
    opened = open_monitor(variables(draw=["age"], rows=600, In=["", "x = 1", injected]))

    assert set(opened.parameters) == {"source", "drift", "output_dir", "past"}
    assert str(opened).endswith("past.json; draw, min_distance as set above.")
    assert open_monitor(variables()).parameters["min_distance"] == 0.05


def test_the_report_s_own_earlier_days_are_used_where_there_is_no_history(clone, in_clone, tmp_path, monkeypatch):
    for name in ("params", "driftmonitor", "notebooks"):
        (tmp_path / name).symlink_to(clone.folder / name)
    (tmp_path / "state").mkdir()
    (tmp_path / "state/reports").symlink_to(clone.state / "reports")
    monkeypatch.chdir(tmp_path)

    assert open_monitor(variables()).parameters["past"] == f"state/reports/orders/{DAY}/past.json"
    first = open_monitor(variables(run_date="2026-01-01"))
    assert json.loads(Path(first.parameters["past"]).read_text())["days"] == []
    assert not (tmp_path / "state/history.db").exists()


def test_a_run_that_was_given_everything_reads_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert open_monitor(variables(past="")).parameters == {}
    assert open_monitor(variables(past="somewhere/past.json")).parameters == {}
    assert open_monitor(variables(monitor_name=NO_MONITOR)).parameters == {"past": ""}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"monitor_name": "order"}, "monitor_name 'order': no such monitor in params/; did you mean orders?"),
        ({"run_date": "yesterday"}, "run_date 'yesterday' is not a date; write it as 2026-01-31."),
        (
            {"monitor_name": "wrong"},
            "params/wrong.yaml: sourc: no such parameter in the notebook; did you mean source?",
        ),
    ],
)
def test_what_cannot_be_opened_is_one_clear_line(clone, in_clone, changed, message):
    (clone.folder / "params/wrong.yaml").write_text("sourc: files\n")

    with pytest.raises(DriftMonitorError) as error:
        open_monitor(variables(**changed))

    assert str(error.value).startswith(message)


def test_a_date_without_data_is_one_line_in_the_notebook_too(clone):
    with pytest.raises(nbclient.exceptions.CellExecutionError) as error:
        run_notebook(clone.folder, "monitor_name, run_date = 'late', '2026-02-01'")

    assert error.value.ename == "DataMissing"
    assert error.value.traceback.splitlines()[-1] == error.value.evalue
    assert "2026-02-01.csv: no such file" in error.value.evalue
