"""Measure one large comparison, figures and Evidently's page included, against the tests of Frouros and Evidently."""

import json
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.cost.measure import ROOT, Row

FROUROS = "frouros==0.9.0"
# Each script runs in a process of its own, reads a file of data, and prints its CPU seconds without imports.
HEAD = """
import sys, time
import numpy as np
with np.load(sys.argv[1]) as data:
    reference, current = data["reference"], data["current"]
"""
OURS = (
    HEAD
    + """
import pandas as pd
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import compare, save_report
from driftmonitor.analysis.sources import Data
names = [f"c{number:03}" for number in range(reference.shape[1])]
sides = [pd.DataFrame({name: side[:, i].copy() for i, name in enumerate(names)}) for side in (reference, current)]
data = Data(*sides, len(reference), len(current))
started = time.process_time()
save_report(compare(data, infer_columns(data)), sys.argv[2])
print(time.process_time() - started)
"""
)
PRESET = (
    HEAD
    + """
import os
os.environ["DO_NOT_TRACK"] = "1"
import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset
names = [f"c{number:03}" for number in range(reference.shape[1])]
sides = [pd.DataFrame({name: side[:, i].copy() for i, name in enumerate(names)}) for side in (reference, current)]
started = time.process_time()
Report([DataDriftPreset(num_method="ks")]).run(sides[1], sides[0]).save_html(sys.argv[2] + ".html")
print(time.process_time() - started)
"""
)
BARE = (
    HEAD
    + """
from frouros.detectors.data_drift import KSTest
started = time.process_time()
for number in range(reference.shape[1]):
    detector = KSTest()
    detector.fit(X=reference[:, number])
    detector.compare(X=current[:, number])
print(time.process_time() - started)
"""
)


class Bench:
    """A folder for the data, and for an environment of Frouros, which needs an older numpy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def seconds(self, script: str, rows: int, columns: int, python: str = sys.executable) -> float:
        """Return the CPU seconds that a script needs for this much data, without its imports."""
        path = self.folder / f"{rows}x{columns}.npz"
        if not path.exists():
            rng = np.random.default_rng(0)
            reference, current = rng.normal(size=(rows, columns)), rng.normal(size=(rows, columns))
            current[:, ::10] += 0.1  # every tenth column drifts
            np.savez(path, reference=reference, current=current)
        command = [python, "-c", script, str(path), str(self.folder / "reports/monitor/day")]
        (self.folder / "reports/monitor").mkdir(parents=True, exist_ok=True)
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{rows} x {columns}: {done.stderr[-2000:]}")
        return float(json.loads(done.stdout.splitlines()[-1]))

    def frouros(self) -> str:
        """Install Frouros, and return its Python interpreter."""
        home = self.folder / "frouros"
        if not home.exists():
            venv.create(home, with_pip=True)
            subprocess.run(
                [home / "bin/python", "-m", "pip", "install", "-q", FROUROS], check=True, capture_output=True
            )
        return str(home / "bin/python")


def measure(quick: bool) -> Iterator[Row]:
    """Yield the table's rows for single comparisons."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        rows = 1_000 if quick else 100_000
        ours = statistics.median(bench.seconds(OURS, rows, 30) for _ in range(1 if quick else 5))
        yield Row(f"comparison of {rows:,} rows x 30 columns", ours, None, "", 3.0)
        if quick:
            return
        yield Row("the same", ours, bench.seconds(PRESET, rows, 30), "Evidently's preset", None)
        wide = bench.seconds(OURS, rows, 300)
        yield Row(f"comparison of {rows:,} rows x 300 columns", wide, ours, "drift-monitor with 30 columns", 10)
        broad = bench.seconds(OURS, 10_000, 1_000)
        yield Row("comparison of 10,000 rows x 1,000 columns", broad, None, "", 12.0)
        bare = bench.seconds(BARE, 1_000_000, 13, bench.frouros())
        long = bench.seconds(OURS, 1_000_000, 13)
        yield Row("comparison of 1,000,000 rows x 13 columns", long, bare, "Frouros' bare tests", 3)


def rows_curve(quick: bool) -> list[tuple[float, float, float]]:
    """Return (rows, CPU seconds of drift-monitor, of Evidently's preset) for 10 columns."""
    return _curve([(rows, 10) for rows in ((100, 1_000) if quick else (1_000, 10_000, 100_000, 300_000))], 0)


def columns_curve(quick: bool) -> list[tuple[float, float, float]]:
    """Return (columns, CPU seconds of drift-monitor, of Evidently's preset) for 10,000 rows."""
    return _curve([(10_000, columns) for columns in ((2, 4) if quick else (3, 10, 30, 100))], 1)


def _curve(sizes: list[tuple[int, int]], axis: int) -> list[tuple[float, float, float]]:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        return [(size[axis], bench.seconds(OURS, *size), bench.seconds(PRESET, *size)) for size in sizes]
