"""A backfill that is stopped, killed or fails on the way keeps what it has, and leaves no process behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.notebooks import linux
from tests.jobs import ROOT, Job

ENDLESS = """
source: sql
reference: SELECT i AS x FROM range(300) t(i)
current: >
  SELECT count(*) + r.i AS x FROM range(3000000) a, range(1000000) b, range(100) r(i)
  WHERE hash(a.range, b.range) % 7 = 3 GROUP BY r.i
"""
SPAN = ("backfill", "--from", "2026-02-14", "--to", "2026-02-16")
on_linux = pytest.mark.skipif(not linux.POSSIBLE, reason="needs Linux")


def processes_of(parent):
    """Return the ids of a process's descendants."""
    children = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            children.setdefault(int(path.read_bytes().rpartition(b")")[2].split()[1]), []).append(int(path.parent.name))
        except OSError:
            continue
    found, waiting = [], [parent]
    while waiting:
        own = children.get(waiting.pop(), [])
        found, waiting = found + own, waiting + own
    return found


def wait_until(holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.05)


@on_linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_query_without_end_ends_with_the_runner(tmp_path, number):
    job = Job(tmp_path, endless=ENDLESS)
    runner = subprocess.Popen(
        job.command(*SPAN), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: len(processes_of(runner.pid)) >= 2, 60)  # the keeper and what it keeps
    children = processes_of(runner.pid)

    runner.send_signal(number)

    _, errors = runner.communicate(timeout=20)
    assert (runner.returncode, errors.count("stopped; finished work is kept")) in ((130, 1), (-signal.SIGKILL, 0))
    wait_until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))


SPY = """
import os, sys
try:
    open(f"/proc/{sys.argv[-1]}/environ").read()
    print("read")
except OSError:
    print("refused")
try:
    os.kill(int(sys.argv[-1]), 0)
    print("signalled")
except OSError:
    print("refused")
"""


@on_linux
def test_what_compares_the_days_can_neither_read_nor_signal_the_runner(tmp_path):
    (tmp_path / "spy.py").write_text(SPY)
    module = "driftmonitor.pipeline.notebooks.kept_module"

    done = subprocess.run(
        [sys.executable, "-m", module, str(os.getpid()), "spy", str(os.getpid())], cwd=ROOT, text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, timeout=60,
    )  # fmt: skip

    read, signalled = done.stdout.split()
    assert read == "refused", done.stderr
    assert signalled == "refused" or "Landlock" not in Path("/sys/kernel/security/lsm").read_text()


def test_a_day_whose_page_fails_keeps_its_verdict_and_says_so(tmp_path):
    dice, days = np.random.default_rng(2), pd.date_range("2026-01-01", "2026-02-16")
    frames = [pd.DataFrame({"day": str(day.date()), "x": dice.normal(4 * (day.month == 2), 1, 60)}) for day in days]
    pd.concat(frames).to_csv(tmp_path / "table.csv", index=False)
    text = (
        "source: files\nreference: '{folder}/../table.csv'\ntime_column: day\nreference_window: 2026-01-01/2026-01-30\n"
    )
    job = Job(tmp_path / "job", shop=text + "draw: [no_such_column]\n")

    done = job.run(*SPAN)

    with open_history(job.state / "history.db") as history:
        assert [run.status for run in history.runs("shop")] == ["drift"] * 3
    assert done.returncode == 1 and "3 runs recorded" in done.stdout
    assert "error: shop 2026-02-14: its verdict is kept, but has no page: params/shop.yaml: draw: " in done.stderr
    assert not list(job.site.glob("shop/*/index.html"))
