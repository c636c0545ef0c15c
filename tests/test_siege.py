"""A try or two of each attack of the siege: nobody else suffers, nothing is lost, and no secret is found anywhere."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_a_short_siege_loses_nothing_and_leaks_nothing():
    done = subprocess.run(
        [sys.executable, "benchmarks/siege.py", "--quick", "--seed", "7"],
        cwd=ROOT, capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("all "), done.stdout
