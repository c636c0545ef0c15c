"""The cost benchmark runs; its numbers are for docs/performance.md, not for a test."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.cost import plots

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_benchmark_of_costs_prints_its_table():
    command = [sys.executable, "-m", "benchmarks.cost", "--quick", "--only", "long"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "| comparison of 1,000 rows x 3 columns | " in done.stdout


@pytest.mark.slow
def test_the_benchmark_of_growth_prints_an_exponent_for_each_line():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.growth", "--quick"], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^ +[a-z ,]+( +\d+\.\d\d){2} +-?\d+\.\d\d$", done.stdout, re.M)) == 14


def test_a_curve_is_a_small_picture(tmp_path):
    plots.draw([(1, 5.0, 6.0), (10, 12.0, 60.0)], "monitors", "as many plain scripts", tmp_path / "cost.svg")

    assert tmp_path.joinpath("cost.svg").stat().st_size < 60_000
