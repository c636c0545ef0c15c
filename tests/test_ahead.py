"""A large table is compared on all CPUs, a few columns at a time, with the same result."""

import threading
import time

import numpy as np
import pandas as pd
import pytest

from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import ahead, score
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sources import Data


def test_results_come_in_order_and_no_more_are_described_than_there_are_threads():
    begun, most, lock = [], [], threading.Lock()

    def describe(item):
        with lock:
            begun.append(item)
        time.sleep(0.001 * (item % 3))
        return item

    for number in ahead.ahead(describe, range(30), threads=3):
        most.append(len(begun) - number)

    assert sorted(begun) == list(range(30))
    assert max(most) <= 3


def test_an_error_in_a_thread_is_that_of_the_comparison():
    with pytest.raises(ZeroDivisionError):
        list(ahead.ahead(lambda item: 1 / item, [2, 1, 0, 1], threads=2))


@pytest.mark.parametrize(("named", "threads"), [("1", 1), ("3", 3), ("", 8), ("0", 8), ("many", 8)])
def test_notebooks_of_the_runner_use_one_thread_and_others_all_cpus(named, threads, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", named)
    monkeypatch.setattr(ahead.os, "cpu_count", lambda: 8)

    assert ahead.count_threads(1_000_000) == threads
    assert ahead.count_threads(100_000) == 1


def test_threads_change_no_digit(monkeypatch):
    random = np.random.default_rng(0)
    frames = [
        pd.DataFrame(random.normal(size=(300, 6)), columns=list("abcdef")).assign(plan=random.choice(["x", "y"], 300))
        for _ in range(2)
    ]
    data = Data(*frames, 300, 300)

    def compare():
        return score(data, infer_columns(data), Settings()).record("shop", "2026-01-01").model_dump_json()

    alone = compare()
    monkeypatch.setattr(ahead, "LARGE", 1)
    monkeypatch.setenv("OMP_NUM_THREADS", "4")

    assert compare() == alone
