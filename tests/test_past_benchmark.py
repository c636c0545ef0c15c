"""The benchmark of further days runs, and the days it judges in two ways have one verdict."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_benchmark_of_further_days_prints_its_table():
    done = subprocess.run([sys.executable, "benchmarks/past.py", "--quick"], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^ +([a-z ]+?) +\d+\.\d +\d+\.\d +-?\d+\.\d\d$", done.stdout, re.M)
    assert rows == ["judge", "record", "read", "hand over", "alone", "live"]
