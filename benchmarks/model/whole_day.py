"""What a model costs: the CPU of the notebook of a day whose labels are to come, with the model named and without."""

import resource
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import numpy as np

from benchmarks.model.figures import Figure
from benchmarks.model.worlds import make_model
from driftmonitor import ROOT
from driftmonitor.facts.earlier_days import EarlierDays, write_earlier_days
from driftmonitor.facts.record import read_notebook
from driftmonitor.pipeline.notebooks.environment import clean_environment

NOTEBOOK = ROOT / "notebooks/drift_report.ipynb"
DAY = "2026-11-24"


def whole_day(sizes: tuple[int, ...], times: int) -> Iterator[Figure]:
    """Yield how many times the CPU of a day without a model it takes: the median of `times` pairs.

    The first day with a reference finds what its columns do to the score; later ones read that from earlier days.
    """
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            given, model = _write(Path(folder), rows), {"score": "score", "label": "label", "key": "key"}
            model |= {"labels": f"{folder}/labels.csv"}
            model |= {"label_delay_days": 14}
            first = [_seconds(given | model)[0] / _seconds(given)[0] for _ in range(times)]
            given |= {"past": _write_past(Path(folder), given | model)}
            later = [_seconds(given | model)[0] / _seconds(given)[0] for _ in range(times)]
        for name, ratios, asked in (("a later day", later, "≤ 1.2x"), ("the first day", first, "none")):
            yield Figure(f"CPU of {name} of {rows:,} rows with a model", asked, f"{np.median(ratios):.2f}x", str(times))


def _write_past(folder: Path, parameters: Mapping[str, Any]) -> str:
    """Write what a day leaves for later ones, and return the path."""
    record = read_notebook(_seconds(parameters)[1])
    assert record is not None and record.model is not None
    earlier = EarlierDays(importance=record.model.importance)
    write_earlier_days(folder / "past.json", earlier.model_dump(mode="json"))
    return f"{folder}/past.json"


def _write(folder: Path, rows: int) -> dict[str, Any]:
    """Write the rows of both sides, and the labels of the reference; return the parameters."""
    model, random = make_model("narrower column"), np.random.default_rng(25)
    for number, side in enumerate(("reference", "current")):
        drawn = model.draw(rows, random)
        table = drawn.frame.assign(score=drawn.score, key=np.arange(rows) + number * rows)
        table.to_csv(folder / f"{side}.csv", index=False)
        if side == "reference":
            table[["key"]].assign(label=drawn.label.astype(int)).to_csv(folder / "labels.csv", index=False)
    sides = {side: f"{folder}/{side}.csv" for side in ("reference", "current")}
    return {"source": "files", "run_date": DAY, "past": "", "output_dir": f"{folder}/a/b/c", **sides}


def _seconds(parameters: Mapping[str, Any]) -> tuple[float, Any]:
    """Return the CPU of a notebook, and the notebook as it was executed."""
    notebook, before = nbformat.read(NOTEBOOK, as_version=4), _cpu()
    cell = next(cell for cell in notebook.cells if cell.id == "parameters")
    cell.source += "\n" + "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    client = nbclient.NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}})
    client.execute(env=clean_environment())
    return _cpu() - before, notebook


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
