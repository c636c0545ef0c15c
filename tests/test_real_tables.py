"""Benchmarks on real tables: which tables there are, what is counted of them, and that they run."""

import datetime as dt
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from benchmarks.tables.figures import Figures
from benchmarks.tables.known import KNOWN, read_known
from benchmarks.tables.roads import differences
from driftmonitor.facts.record import Rows, RunRecord
from driftmonitor.pipeline.alerts.incidents import Event

ROOT = Path(__file__).parents[1]
ROWS = Rows(reference=10, current=10, reference_total=10, current_total=10)
SHOP = """
shop:
  kind: shop
  file: shop.csv
  days: 2026-01-21/2026-02-09
  changes: {2026-02-05: dearer}
  params: {source: files, time_column: at, reference_window: 2026-01-01/2026-01-20}
"""


def record(day, drifted):
    status = "drift" if drifted else "healthy"
    share = {"drift_share": float(drifted), "threshold": 0.1, "drifted": drifted, "rows": ROWS}
    return RunRecord(monitor="taxi", run_date=day, status=status, **share)


def test_the_docs_name_each_table_with_its_address_and_licence():
    docs = (ROOT / "docs/real_tables.md").read_text()
    rows = {row[1]: row[0] for row in re.finditer(r"^\| `(\S+?)/?` \|.*$", docs, re.MULTILINE)}
    known = yaml.load(KNOWN.read_text(), yaml.BaseLoader).values()

    assert {each["file"] for each in known} == set(rows)
    for each in known:
        first, last = each["params"]["reference_window"].split("/")
        for told in (each["from"].split()[0], each["licence"], each["kind"], f"{first} to {last}"):
            assert told in rows[each["file"]]


def test_a_table_that_is_not_in_the_folder_is_left_out(tmp_path):
    (tmp_path / "taxi.csv").touch()

    assert [table.name for table in read_known(tmp_path)] == ["taxi"]
    assert [*read_known(tmp_path, only=["steel"])] == []


def test_messages_are_counted_a_year_in_the_first_half_year_and_at_changes(tmp_path):
    (tmp_path / "taxi.csv").touch()
    (taxi,) = read_known(tmp_path)
    change = next(iter(taxi.changes))
    first = change - dt.timedelta(200)
    after = change + dt.timedelta(2)
    records = [
        record(first, True),
        record(change, False),
        record(after, True),
        record(first + dt.timedelta(364), False),
    ]
    messages = [Event(at, "drift_started", at) for at in (first, after, change + dt.timedelta(8))]

    figures = Figures(taxi, records, messages, budget=4)

    assert (figures.a_year, figures.at_changes, figures.early) == (3, 1, (1, pytest.approx(1.99, abs=0.01)))
    assert (figures.seen(change), figures.seen(change + dt.timedelta(3))) == (2, None)


def test_records_that_differ_are_told_field_by_field():
    one = {"status": "drift", "judgement": {"limit": 4.5, "causes": [{"z": 5}]}}
    other = {"status": "drift", "judgement": {"limit": 4.25, "causes": [{"z": 6}], "raised": 1}}

    assert [*differences(one, one)] == []
    assert [*differences(one, other)] == [
        "judgement.causes[0].z: 5 and 6", "judgement.limit: 4.5 and 4.25", "judgement.raised: null and 1",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_table_of_ones_own_is_compared_once_and_judged_each_time(tmp_path):
    random, hours = np.random.default_rng(3), pd.date_range("2026-01-01", "2026-02-09 23:00", freq="h")
    price = random.normal(10, 1, len(hours)) + 5 * (hours >= "2026-02-05")
    pd.DataFrame({"at": hours, "price": price.round(2)}).to_csv(tmp_path / "shop.csv", index=False)
    (tmp_path / "known.yaml").write_text(SHOP)
    words = ("-m", "benchmarks.tables", tmp_path, "--known", tmp_path / "known.yaml", "--messages")

    first, again = (subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True) for _ in "12")

    assert (first.returncode, first.stderr) == (0, "")
    *_, row, message = first.stdout.splitlines()
    assert row == "| shop | shop | 20 | 24 | 1 | 5 | 18.2 | 1 | 1 of 0.2 | 2026-02-05: 0 |"
    assert message.startswith("    2026-02-05 drift_started: price: ")
    assert "comparing 20 days of shop" in first.stdout and "comparing" not in again.stdout
    assert row in again.stdout and message in again.stdout
