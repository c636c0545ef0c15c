"""A day has one verdict, by whatever road it comes: live, by backfill, by a backtest, or after a day was forgotten.

The first days of a monitor are those in question: they are compared with days of its reference.
"""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from driftmonitor.analysis.columns import infer_columns
from driftmonitor.analysis.drift import judge, save_report, score
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sources import load_data
from driftmonitor.config.params import read_monitor
from driftmonitor.facts.backtest import Backtest
from driftmonitor.facts.earlier_days import NAME, REFERENCE_NAME, write_earlier_days
from driftmonitor.pipeline import earlier_days
from driftmonitor.pipeline.history import open_history
from driftmonitor.pipeline.notebooks.notebook_file import effective_parameters, notebook_parameters
from driftmonitor.regular_files import Folder
from tests.jobs import Job, folders, main

REFERENCE_DAYS, ROWS, LIVE = 60, 60, 3
FIRST = dt.date(2026, 9, 23)  # the last of the three days is the tests' own
NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
MONITOR = """
source: files
reference: {folder}/visits.parquet
time_column: day
reference_window: 2026-09-23/2026-11-21
max_rows: {rows}
current_days: {length}
monitor: {{alert: {{rule: RULE}}}}
"""
DAYS = [FIRST + dt.timedelta(REFERENCE_DAYS + number) for number in range(LIVE)]


def visits() -> pd.DataFrame:
    """Return sixty days of a reference and three days after it; on the last one `seconds` has risen."""
    dice, days = np.random.default_rng(7), []
    for number in range(REFERENCE_DAYS + LIVE):
        rise = 0.8 * (number == REFERENCE_DAYS + LIVE - 1)
        seconds = np.exp(dice.normal(3 + rise + dice.normal(0, 0.1), 1, ROWS))
        member = dice.integers(0, 2, ROWS)
        plan = dice.choice(["free", "pro"], ROWS, p=[0.8, 0.2])
        day = str(FIRST + dt.timedelta(number))
        days.append(pd.DataFrame({"day": day, "seconds": seconds, "member": member, "plan": plan}))
    table = pd.concat(days, ignore_index=True)
    gone = np.random.default_rng(8).random((3, len(table))) < 0.1
    return table.assign(
        vip=table["member"].astype(bool), stars=table["member"].astype("Int64").mask(gone[0]),
        note=table["plan"].mask(gone[1]), weight=table["seconds"].rank(pct=True).mask(gone[2]),
    )  # fmt: skip


class Road:
    """A monitor's history in a folder of its own, and what its runs find."""

    def __init__(self, folder: Path, text: str):
        self.folder, self.job = folder, Job(folder, visits=text)
        (folder / "state").mkdir()
        path = folder / "params/visits.yaml"
        self.monitor = read_monitor(path, lambda _: notebook_parameters("notebooks/drift_report.ipynb"))
        self.parameters = effective_parameters(self.monitor)
        self.history = open_history(folder / "state/history.db")

    def _compare(self, day, past):
        """Compare a day as the notebook does, and return its record."""
        keys = ("source", "reference", "time_column", "reference_window", "max_rows", "current_days")
        given = {name: self.parameters[name] for name in keys}
        data = load_data(run_date=f"{day}", current="", **given)
        comparison = score(data, infer_columns(data, {}, "day"), Settings())
        write_earlier_days(self.folder / NAME, past)
        judged = judge(
            comparison, past=str(self.folder / NAME), run_date=f"{day}", time_column="day",
            current_days=self.parameters["current_days"],
        )  # fmt: skip
        if judged.reference_days:
            save_report(judged, self.folder / "a/b/c")
            text = (self.folder / "a/b/c" / REFERENCE_NAME).read_text()
            self.history.keep_reference_days("visits", text, NOW)
        return judged.record("visits", day)

    def live(self, day):
        """Record a day that its notebook judges."""
        past = earlier_days.earlier_days_of(self.history, self.monitor, day)
        self.history.record(self._compare(day, past), None, NOW)

    def backfilled(self, day):
        """Record a day whose notebook did not know the days before it."""
        (file,) = earlier_days.write_incomplete_files(self.history, [self.monitor], self.folder).values()
        record = self._compare(day, earlier_days.parse_reference_days(file.read_text()))
        assert record.judgement is None
        self.history.record(earlier_days.judge_recorded(self.history, self.monitor, record), None, NOW)

    def judgements(self):
        return [record.judgement for record in self.history.records("visits")]


@pytest.fixture(params=[("share", 3, 100_000), ("budget", 1, 2_500)])
def roads(request, tmp_path):
    """Two monitors of one table; the last one compares a sample of the reference."""
    rule, length, rows = request.param
    text = MONITOR.replace("RULE", rule).replace("{length}", str(length)).replace("{rows}", str(rows))
    made = [Road(tmp_path / name, text) for name in ("one", "two")]
    for road in made:
        visits().to_parquet(road.folder / "visits.parquet")
    yield made
    for road in made:
        road.history.close()


def test_a_new_monitors_days_have_the_same_verdict_by_every_road(roads, capsys):
    one, two = roads
    for day in DAYS:
        one.live(day)
        two.backfilled(day)

    judged = one.judgements()
    assert judged == two.judgements()
    assert [day for day, found in zip(DAYS, judged, strict=True) if found and found.alarm] == DAYS[-1:]
    assert judged[-1].pool_days > 40
    before = earlier_days.earlier_days_of(one.history, one.monitor, DAYS[-1])
    assert len(before["days"]) == LIVE - 1 and len(before["reference"]["days"]) > 40
    records = list(one.history.records_before("visits", dt.date.max))
    assert earlier_days.judge_anew(one.monitor, DAYS[0], before["reference"], records) == []
    if one.parameters["max_rows"] < 3_000:
        _backtest_agrees(one, judged, capsys)


def _backtest_agrees(road, judged, capsys):
    """Replay the recorded days, the last one of them, and then all days without a history."""
    first, last = f"{DAYS[0]}", f"{DAYS[-1]}"
    asked = ([], ["--from", last, "--to", last], ["--from", first, "--to", last])
    found = []
    for arguments in asked:
        if arguments and arguments[1] == first:
            road.history.close()
            for path in road.folder.glob("state/history.db*"):
                path.unlink()
        code, _, err = main(capsys, *folders(road.job, "backtest", "--rule", "budget", *arguments))
        assert (code, err) == (0, "")
        found.append(Backtest.read(Folder(road.folder / "state/reports/visits"), "backtest.json").rules[0])
    assert [[alarm.date for alarm in rule.alarms] for rule in found] == [[DAYS[-1]]] * 3
    assert [rule.waiting for rule in found] == [len(judged), 1, len(judged)]


@pytest.mark.slow
def test_the_notebook_by_schedule_and_by_backfill_leaves_one_judgement_and_no_file(tmp_path):
    text, found = MONITOR.replace("RULE", "budget").replace("{length}", "1").replace("{rows}", "100000"), []
    for name, command in {
        "live": ["run"],
        "past": ["backfill", "--from", str(DAYS[-1]), "--to", str(DAYS[-1])],
    }.items():
        job = Job(tmp_path / name, visits=text)
        visits().to_parquet(job.folder / "visits.parquet")
        done = job.run(*command)
        assert done.returncode == 0, done.stderr
        with open_history(job.state / "history.db") as history:
            found.append((history.record_of("visits", DAYS[-1]).judgement, history.reference_days("visits")))
        assert not list(job.state.rglob(REFERENCE_NAME))
    assert found[0] == found[1]
    assert found[0][0].alarm and found[0][0].pool_days > 50


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"days": 3}', '{"days": [{"date": "soon"}]}'])
def test_damaged_days_of_a_reference_count_as_none(text):
    assert earlier_days.parse_reference_days(text) is None
