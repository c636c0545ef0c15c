"""The benchmark of the false-alarm budget runs, and its short run already shows what the whole one measures."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]


def test_the_short_benchmark_keeps_the_budget_and_sees_what_it_should(tmp_path):
    command = [sys.executable, "-m", "benchmarks.budget12", "--quick", "--out", tmp_path]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    onsets = [line["onsets"] for line in lines if line["rule"] == "budget" and "onsets" in line]
    assert len(onsets) == 4
    assert np.mean(onsets) <= 5
    seen = {line["drift"]: line for line in lines if line["rule"] == "budget" and "drift" in line}
    assert len(seen) == 12
    for drift in ("mean_0.5", "unit", "pair", "missing"):
        assert (seen[drift]["day"], seen[drift]["column_first"]) == (1, True)
    assert "a pair's correlation 0.5 → 0.3 | 1.00 / 1.00 / 1.00" in run.stdout
    assert {path.name for path in tmp_path.glob("*.png")} == {"false_alarms.png", "recall.png", "years.png"}
