"""The notebook as an analyst reads it: short cells, each between the question it answers and how to read the answer."""

from pathlib import Path

import nbformat
import pytest

CELLS = nbformat.read(Path(__file__).parents[1] / "notebooks/drift_report.ipynb", as_version=4).cells
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
