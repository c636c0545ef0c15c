"""Measure the whole job for one monitor and for many, against a script that only makes the same Evidently report."""

import datetime as dt
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.cost.measure import ROOT, Cost, Row, run

PEER, FLOOR = "plain Evidently script", "its imports alone"
RUNNER_IMPORTS = """
import runner
from driftmonitor.pipeline.notebooks.with_papermill import import_papermill
import_papermill()
import papermill.engines, sqlalchemy.dialects.sqlite
import driftmonitor.pipeline.history.store, driftmonitor.pipeline.stages.deliver
from driftmonitor.pipeline.notebooks import run_notebook
from driftmonitor.pipeline.pages import publish, render
render._exporter()
"""
KERNEL_IMPORTS = """
import importlib
from driftmonitor.pipeline.notebooks import preload
[importlib.import_module(name) for name in preload.ALWAYS]
"""
PLAIN = """
import os
os.environ["DO_NOT_TRACK"] = "1"
import sys
sys.path.insert(0, {root!r})
from evidently import Report
from evidently.presets import DataDriftPreset
from driftmonitor.analysis.sources import load_data
shift = {{"salary": {{"mean_shift": 2.5}}}}
data = load_data(source="simulate", reference="", current="", run_date="2026-11-24", drift=shift, rows=5000)
report = Report([DataDriftPreset(drift_share=0.1, num_method="ks", cat_method="chisquare")])
report.run(data.current, data.reference).save_html(sys.argv[1])
"""  # the original script, with drift-monitor's simulated data


WATCHED = "source: simulate\nrows: 1000\nmonitor: {alert: {rule: budget}}\n"
TODAY = dt.date(2026, 11, 24)


class Bench:
    """A folder with the plain script and any number of monitors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "plain.py").write_text(PLAIN.format(root=str(ROOT)))

    def plain(self) -> Cost:
        """Run the plain script."""
        return run([sys.executable, str(self.folder / "plain.py"), str(self.folder / "plain.html")])

    def floor(self) -> Cost:
        """Import in one process what the runner of a job imports, and in another what its kernel does."""
        runner, kernel = (run([sys.executable, "-c", code]) for code in (RUNNER_IMPORTS, KERNEL_IMPORTS))
        return Cost(runner.cpu + kernel.cpu, runner.wall + kernel.wall)

    def job(self, monitors: int, memory: bool = False) -> Cost:
        """Run the whole job for this many monitors, two at a time, on a typical day: the history already exists."""
        place = self.folder / f"{monitors}"
        (place / "params").mkdir(parents=True, exist_ok=True)
        for number in range(monitors):
            shutil.copy(ROOT / "params/salary_shift.yaml", place / f"params/monitor_{number:03}.yaml")
        for made in ("state/reports", "site"):
            shutil.rmtree(place / made, ignore_errors=True)
        places = [part for name in ("params", "state", "site") for part in (f"--{name}", str(place / name))]
        return run([sys.executable, "runner.py", "--jobs", "2", *places], memory)

    def remember(self, days: int) -> None:
        """Backfill a monitor with the budget rule by so many days, up to yesterday."""
        place = self.folder / f"past_{days}"
        (place / "params").mkdir(parents=True)
        (place / "params/salary.yaml").write_text(WATCHED)
        first, last = (f"{TODAY - dt.timedelta(days=number)}" for number in (days, 1))
        self._run_past(days, "backfill", "--pages", "none", "--from", first, "--to", last)

    def further_day(self, days: int, number: int) -> Cost:
        """Run the whole job of a day, with all days before it remembered."""
        return self._run_past(days, "--date", f"{TODAY + dt.timedelta(days=number)}")

    def _run_past(self, days: int, *command: str) -> Cost:
        places = [
            part for name in ("params", "state", "site") for part in (f"--{name}", f"{self.folder}/past_{days}/{name}")
        ]
        return run([sys.executable, "runner.py", *command, *places])


def measure(quick: bool) -> Iterator[Row]:
    """Yield the table's rows for one monitor and for many; compared runs are made alternately."""
    pairs, more, many = (1, 2, 3) if quick else (3, 10, 100)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        turns = []
        for number in range(pairs + (not quick)):
            turn = bench.plain(), bench.job(1), bench.job(1 + more, memory=True), bench.floor()
            if number or quick:  # the first turn warms the caches
                turns.append(turn)
        plain, one, several, floor = (_median([turn[i] for turn in turns]) for i in range(4))
        yield Row("one monitor, the whole job", one.cpu, plain.cpu, PEER, 0.60)
        yield Row("the same", one.cpu, floor.cpu, FLOOR, 1.5)
        yield Row("one monitor, the whole job", one.wall, plain.wall, PEER, 0.70, "s wall")
        yield Row("each further monitor", (several.cpu - one.cpu) / more, plain.cpu, PEER, 0.20)
        yield Row(f"{1 + more} monitors, two at a time: memory", several.memory, None, "", None, "MB")
        if not quick:
            all_ = bench.job(many, memory=True)
            yield Row(f"{many} monitors, two at a time", all_.cpu, many * plain.cpu, f"{many} {PEER}s", 0.20)
            yield Row(f"{many} monitors, two at a time", all_.wall, None, "", None, "s wall")
            yield Row(f"{many} monitors, two at a time: memory", all_.memory, None, "", None, "MB")


def measure_past(quick: bool) -> Iterator[Row]:
    """Yield what a day costs with a long past, and with a short one."""
    (few, many), pairs = ((2, 4), 1) if quick else ((60, 730), 5)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for days in (few, many):
            bench.remember(days)
        turns = [[bench.further_day(days, number) for days in (few, many)] for number in range(pairs + 1)][1:]
        short, long = (_median([turn[place] for turn in turns]) for place in range(2))
        yield Row(f"one monitor with {many} days of past, budget rule", long.cpu, short.cpu, f"with {few} days", 1.15)


def curve(quick: bool) -> list[tuple[float, float, float]]:
    """Return (monitors, CPU seconds of the job, CPU seconds of the same number of plain scripts)."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        plain = bench.plain().cpu
        return [(count, bench.job(count).cpu, count * plain) for count in ((1, 2) if quick else (1, 2, 5, 10, 20, 40))]


def _median(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("cpu", "wall", "memory")))
