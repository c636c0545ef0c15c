"""The false-alarm benchmark runs, and its short run already gives what the whole run measures."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.budget12 import evidence, worlds
from driftmonitor.budget.column_signals import ColumnDays
from driftmonitor.budget.days import daily_signals

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_short_benchmark_keeps_the_budget_and_sees_what_it_should(tmp_path):
    command = [sys.executable, "-m", "benchmarks.budget12", "--quick", "--out", tmp_path]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    lines = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    onsets = [line["onsets"] for line in lines if line.get("rule") == "budget" and "onsets" in line]
    assert len(onsets) == 4
    assert np.mean(onsets) <= 5
    seen = {line["drift"]: line for line in lines if line.get("rule") == "budget" and "drift" in line}
    assert len(seen) == 12
    for drift in ("mean_0.5", "unit", "pair", "missing"):
        assert (seen[drift]["day"], seen[drift]["column_first"]) == (1, True)
    assert "pair correlation 0.5 → 0.3 | 1.00 / 1.00 / 1.00" in run.stdout
    early = {rule: [line for line in lines if line.get("early") == rule] for rule in ("budget", "chance")}
    alerts = {rule: sum(line.get("alert", 0) for line in told) for rule, told in early.items()}
    assert alerts["budget"] < 100 < 1000 < alerts["chance"]  # false-alarm days in the first 196 days of 16 monitors
    assert all(line["alarm"][0] for line in early["budget"] if (line["world"], line.get("what")) == ("day", "mean_0.5"))
    assert {path.name for path in tmp_path.glob("*.png")} == {"false_alarms.png", "recall.png", "years.png"}


def test_the_benchmark_judges_by_the_products_own_signals():
    random, columns, ratio = np.random.default_rng(1), 10, 2
    days = worlds.draw_days(20, columns, 0.5, random)
    reference = worlds.draw_reference(ratio * worlds.ROWS, columns, 0.5, random)
    found, counts = evidence.gather(days, reference, worlds.add_by_day("day", 20, columns, random))

    product = daily_signals([as_product(j, reference, days, counts[j]) for j in range(columns)], np.arange(20))

    order = evidence.daily_signals(columns, reference.rows)
    alone = [i for i, kind in enumerate(order.kinds) if kind != "pair"]
    names = [(order.kinds[i], int(order.windows[i]), order.owners[i][0]) for i in alone]
    assert [(s.kind, s.window, int(s.columns[0])) for s in product.signals] == names
    assert product.values[6:] == pytest.approx(found.signals(columns)[6:, alone], rel=1e-9, nan_ok=True)
    assert product.one_sided.tolist() == order.one_sided[alone].tolist()
    assert product.least_sd == pytest.approx(order.least_sd[alone], rel=0.02)
    assert product.usual_sd == pytest.approx(order.usual_sd[alone], rel=0.02)


def as_product(column, reference, days, counts):
    other = np.zeros((len(counts), int(worlds.is_category(column))), dtype=int)  # the product's "all others"
    usual = np.append(reference.counts[column], other[0])
    missing = None
    if worlds.has_missing(column):
        gone = days.missing[:, column]
        rows = np.full(len(gone), worlds.ROWS)
        missing = (np.array([reference.missing[column], reference.rows]), np.column_stack([gone, rows]))
    return ColumnDays(str(column), worlds.is_category(column), usual, np.hstack([counts, other]), missing)
