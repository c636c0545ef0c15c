"""Measure the main job against a plain script that makes the same Evidently report and nothing else.

Usage: .venv/bin/python benchmarks/main_job.py [--pairs 3]

Prints CPU and wall of both, side by side and in turn, and their ratio; then what a reader loads for a run page and
what a run adds to the site. Only ratios mean anything: the pairs are interleaved on one machine.
"""

import argparse
import gzip
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

PLAIN = """
import os
os.environ["DO_NOT_TRACK"] = "1"
import sys
sys.path.insert(0, {root!r})
from evidently import Report
from evidently.presets import DataDriftPreset
from driftmonitor.analysis.sources import load_data
shift = {{"salary": {{"mean_shift": 2.5}}}}
data = load_data(source="simulate", reference="", current="", run_date="2026-11-24", drift=shift)
report = Report([DataDriftPreset(drift_share=0.1, num_method="ks", cat_method="chisquare")])
report.run(data.current, data.reference).save_html(sys.argv[1])
"""  # the original script, with our simulated data


def measure(command: list[str]) -> tuple[float, float]:
    """Return (CPU, wall) seconds of a command and all its children."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - started


def site_bytes(site: Path, monitor: str) -> dict[str, int]:
    """Return the bytes a reader loads for a run page, and those a run adds to the site."""
    day = next(path for path in (site / monitor).iterdir() if path.is_dir())
    page = (day / "index.html").read_bytes()
    beside = [*(site / "assets").glob("*.css"), *day.glob("picture-*")]
    loaded = sum(path.stat().st_size for path in beside)
    return {
        "run page": len(page) + loaded,
        "run page, gzipped": len(gzip.compress(page)) + loaded,
        "added by a run": sum(path.stat().st_size for path in day.rglob("*") if path.is_file()),
        "of it Evidently's page": (day / "evidently.html").stat().st_size,
        "shared by all runs": sum(path.stat().st_size for path in (site / "assets").iterdir()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=3)
    pairs = parser.parse_args().pairs
    with tempfile.TemporaryDirectory() as folder:
        away = Path(folder)
        (away / "plain.py").write_text(PLAIN.format(root=str(ROOT)))
        plain = [sys.executable, str(away / "plain.py"), str(away / "plain.html")]
        places = ["--params", str(away / "params"), "--state", str(away / "state"), "--site", str(away / "site")]
        job = [sys.executable, "runner.py", *places]
        (away / "params").mkdir()
        shutil.copy(ROOT / "params/salary_shift.yaml", away / "params")
        rows = []
        for number in range(pairs + 1):  # the first pair warms the caches and is not counted
            shutil.rmtree(away / "state/reports", ignore_errors=True)  # an ordinary day: the history is there
            shutil.rmtree(away / "site", ignore_errors=True)
            pair = measure(plain), measure(job)
            if number:
                rows.append(pair)
        print(f"{os.cpu_count()} CPUs, {pairs} pairs; median seconds")
        for index, name in enumerate(("CPU", "wall")):
            base, ours = (statistics.median(pair[side][index] for pair in rows) for side in (0, 1))
            ratio = statistics.median(pair[1][index] / pair[0][index] for pair in rows)
            print(f"{name:5} plain {base:6.2f}   main job {ours:6.2f}   ratio {ratio:.2f}")
        for name, size in site_bytes(away / "site", "salary_shift").items():
            print(f"{name:24} {size / 1e6:6.3f} MB")


if __name__ == "__main__":
    main()
