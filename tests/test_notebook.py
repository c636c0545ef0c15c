"""The notebook's text: short cells, each after its question and before how to read the answer."""

from pathlib import Path

import nbclient
import nbformat
import pytest

from driftmonitor.facts.record import read_notebook

NOTEBOOK = Path(__file__).parents[1] / "notebooks/drift_report.ipynb"
CELLS = nbformat.read(NOTEBOOK, as_version=4).cells
CODE = [place for place, cell in enumerate(CELLS) if cell.cell_type == "code" and cell.id != "parameters"]


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


def test_an_analyst_s_edit_is_seen_from_the_data_to_the_verdict(tmp_path):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    cells["parameters"].source += f"\noutput_dir = {str(tmp_path / 'a/b/c')!r}"
    cells["data"].source += '\ndata.current["age"] += 30'
    resources = {"metadata": {"path": str(NOTEBOOK.parent)}}

    nbclient.NotebookClient(notebook, kernel_name="python3", resources=resources).execute()

    record = read_notebook(notebook)
    assert [(score.name, score.status) for score in record.columns if score.status != "stable"] == [("age", "drifted")]
    assert "age: mean rose from 40.1 to 70.1 (+3 SD of the reference)" in cells["verdict"].outputs[0].text
    assert "age: mean rose from" in cells["shifts"].outputs[0].metadata["image/png"]["alt"]
