"""The README's first screen shows what the shipped monitors print."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from driftmonitor.pipeline.notebooks.kernels import clean_environment
from tests.jobs import ROOT, Job


@pytest.mark.slow
def test_the_shipped_monitors_say_what_the_readme_shows(tmp_path):
    shown = re.search(r"\$ make\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1].splitlines()
    day = re.search(r"running healthy for (\S+)", "\n".join(shown))[1]
    job = Job(tmp_path)
    places = ["--state", str(job.state), "--site", str(job.site), "--date", day]

    done = subprocess.run(
        [sys.executable, "runner.py", *places],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=600,
    )

    said = done.stdout.replace(str(job.site), "site").splitlines()
    assert (
        sorted(said[:5]) == shown[1:6]
    )  # the first line is the set-up's; which of two kernels is ready first is chance
    assert said[5 : len(shown) - 1] == shown[6:]
    assert (done.returncode, done.stderr) == (0, "")
    assert all(line.startswith(("alert: ", "No alert channel")) for line in said[len(shown) - 1 :])
    assert sorted(path.name for path in Path(job.site).iterdir() if (path / day).is_dir()) == [
        "healthy", "rain", "salary_shift", "slow_ramp", "weather",
    ]  # fmt: skip
