"""Measure one large comparison, with and without Evidently's page, against scipy, Frouros, Evidently and bare sorts."""

import json
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cost.measure import ROOT, Row

FROUROS = "frouros==0.9.0"
LONG = 1_000_000
# Each script runs in a process of its own, draws its data, and prints what it cost without imports and data. A process
# can ask Linux for its peak memory since a moment.
HEAD = """
import json, resource, sys, time
from pathlib import Path
import numpy as np
rows, columns = int(sys.argv[1]), int(sys.argv[2])

def draw(side):
    rng = np.random.default_rng(side)
    return {f"c{i:03}": rng.normal(0.1 if side and i % 10 == 0 else 0, 1, rows) for i in range(columns)}

def now():
    return time.process_time(), time.monotonic()

def memory(which):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(which))

def forget_peak():
    if Path("/proc/self/clear_refs").exists():
        Path("/proc/self/clear_refs").write_text("5")
        return memory("VmRSS")

def tell(started, before=None, **also):
    cpu, wall = now()
    added = memory("VmHWM") - before if before else 0
    told = {"cpu": cpu - started[0], "wall": wall - started[1], "memory": 1 + added / (rows * columns * 16 / 1e6)}
    print(json.dumps(told | also))

reference, current = draw(0), draw(1)
"""
FRAMES = """
import os
os.environ["DO_NOT_TRACK"] = "1"
import pandas as pd
reference, current = pd.DataFrame(reference), pd.DataFrame(current)
"""
OURS = (
    HEAD
    + FRAMES
    + """
from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import compare, save_report, score
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sources import Data
few = Data(reference.head(300), current.head(300), 300, 300)
compare(few, infer_columns(few))  # imports what a comparison needs
data = Data(reference, current, rows, rows)
started, before = now(), forget_peak()
if sys.argv[3] == "tests":
    score(data, infer_columns(data), Settings())
else:
    save_report(compare(data, infer_columns(data)), sys.argv[4])
tell(started, before)
"""
)
PRESET = (
    HEAD
    + FRAMES
    + """
from evidently import Report
from evidently.presets import DataDriftPreset
started = now()
Report([DataDriftPreset(num_method="ks")]).run(current, reference).save_html(sys.argv[4] + ".html")
tell(started)
"""
)
FROUROS_TESTS = (
    HEAD
    + """
from frouros.detectors.data_drift import KSTest
started, before = now(), forget_peak()
for name in reference:
    detector = KSTest()
    detector.fit(X=reference[name])
    detector.compare(X=current[name])
tell(started, before)
"""
)
SCIPY = (
    HEAD
    + """
from scipy import stats
started, before = now(), forget_peak()
for name in reference:
    stats.ks_2samp(reference[name], current[name])
tell(started, before)
"""
)
SORTS = (
    HEAD
    + """
started, before = now(), forget_peak()
for name in reference:
    np.searchsorted(np.sort(reference[name]), np.sort(current[name]))
tell(started, before)
"""
)


@dataclass(frozen=True)
class Cost:
    """What a comparison cost: seconds of CPU and wall, and the peak memory in units of the data's."""

    cpu: float
    wall: float
    memory: float


class Bench:
    """A folder for the data, and for an environment of Frouros, which needs an older numpy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def cost(self, script: str, rows: int, columns: int, part: str = "all", python: str = sys.executable) -> Cost:
        """Return what a script needs for this much data, without imports."""
        (self.folder / "reports/monitor").mkdir(parents=True, exist_ok=True)
        command = [python, "-c", script, str(rows), str(columns), part, str(self.folder / "reports/monitor/day")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{rows} x {columns}: {done.stderr[-2000:]}")
        return Cost(**json.loads(done.stdout.splitlines()[-1]))

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
        ours = statistics.median(bench.cost(OURS, rows, 30).cpu for _ in range(1 if quick else 5))
        yield Row(f"comparison of {rows:,} rows x 30 columns", ours, None, "", 3.0)
        if quick:
            return
        yield Row("the same", ours, bench.cost(PRESET, rows, 30).cpu, "Evidently's preset", None)
        wide = bench.cost(OURS, rows, 300).cpu
        yield Row(f"comparison of {rows:,} rows x 300 columns", wide, ours, "drift-monitor with 30 columns", 10)


def measure_long(quick: bool) -> Iterator[Row]:
    """Yield the table's rows for a million rows: the whole comparison against tests, its tests against bare sorts."""
    rows = 1_000 if quick else LONG
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for columns in (3,) if quick else (13, 50):
            yield from _measure_long(bench, rows, columns, quick)


def _measure_long(bench: Bench, rows: int, columns: int, quick: bool) -> Iterator[Row]:
    peers = {"scipy's ks_2samp": (SCIPY, sys.executable)}
    if not quick:
        peers["Frouros' tests"] = FROUROS_TESTS, bench.frouros()
    size, ours = f"{rows:,} rows x {columns} columns", bench.cost(OURS, rows, columns)
    for name, (script, python) in peers.items():
        peer = bench.cost(script, rows, columns, python=python)
        yield Row(f"comparison of {size}", ours.cpu, peer.cpu, name, 1)
        yield Row(f"comparison of {size}", ours.wall, peer.wall, name, 1, "s wall")
    tests, sorts = bench.cost(OURS, rows, columns, "tests"), bench.cost(SORTS, rows, columns)
    yield Row(
        f"the same without Evidently's page, {columns} columns", tests.cpu, sorts.cpu, "np.sort, np.searchsorted", 1.3
    )
    yield Row("the same: peak memory", ours.memory, None, "", 1.3, "x the data")


def rows_curve(quick: bool) -> list[tuple[float, float, float]]:
    """Return (rows, CPU seconds of drift-monitor, of Evidently's preset) for 10 columns."""
    return _curve([(rows, 10) for rows in ((100, 1_000) if quick else (1_000, 10_000, 100_000, 300_000))], 0)


def columns_curve(quick: bool) -> list[tuple[float, float, float]]:
    """Return (columns, CPU seconds of drift-monitor, of Evidently's preset) for 10,000 rows."""
    return _curve([(10_000, columns) for columns in ((2, 4) if quick else (3, 10, 30, 100))], 1)


def _curve(sizes: list[tuple[int, int]], axis: int) -> list[tuple[float, float, float]]:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        return [(size[axis], bench.cost(OURS, *size).cpu, bench.cost(PRESET, *size).cpu) for size in sizes]
