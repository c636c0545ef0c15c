"""A damaged file or row of one monitor costs that monitor at most; a line says which, and what to do."""

import datetime as dt
import re
import sqlite3

import pytest
import sqlalchemy as sa
from page_samples import NOW, TODAY, failed_record, good_record, healthy_record, watched

from driftmonitor import DriftMonitorError
from driftmonitor.pipeline import pages
from driftmonitor.pipeline.alerts.delivery import Context, deliver
from driftmonitor.pipeline.alerts.planning import planner
from driftmonitor.pipeline.clock import Clock
from driftmonitor.pipeline.history import open_history
from tests.jobs import DAY, folders, main
from tests.test_odd_files import ODD, add_notebook

DAMAGE = {
    "no UTF-8": b"\xff\xfe{",
    "UTF-16": '{"schema": 1}'.encode("utf-16"),
    "100,000 brackets": b"[" * 100_000,
    "100,000 objects": b'{"a":' * 100_000,
    "5,000 digits": b'{"schema": ' + b"1" * 5000 + b"}",
    "NaN": b'{"schema": NaN}',
    "cut": b'{"schema": 1, "monitor": "ca',
    "empty": b"",
    "NUL": b"\0" * 1000,
    "a list": b"[]",
    "another monitor": failed_record("other").to_json().encode(),
    "a deep effect": good_record("calm", TODAY)
    .to_json()
    .encode()
    .replace(b'"sd"', b'"x": ' + b"[" * 400 + b"]" * 400 + b', "sd"'),
}


def damage(path, kind):
    ODD[kind](path) if kind in ODD else path.write_bytes(DAMAGE[kind])


def test_a_record_that_is_damaged_fails_its_monitor_and_no_other(tiny, capsys):
    kinds = {f"m{number}": kind for number, kind in enumerate([*DAMAGE, *ODD])}
    for name, kind in kinds.items():
        add_notebook(tiny, name, "")
        report = tiny.state / "reports" / name / DAY
        report.mkdir(parents=True)
        damage(report / "record.json", kind)
    (tiny.state / "reports/calm" / DAY).mkdir(parents=True)
    (tiny.state / "reports/calm" / DAY / "record.json").write_text(healthy_record("calm").to_json())

    _, out, err = main(capsys, "record", *folders(tiny))
    code, _, told = main(capsys, "publish", *folders(tiny))

    assert "healthy  calm" in out and "Traceback" not in out + err
    for name in kinds:
        assert re.search(rf"FAILED   {name}: .*reports/{name}/{DAY}/record\.json.*; run ", out)
    assert code == 1
    assert [kind for name, kind in kinds.items() if f"error: {name} {DAY}: " in told] == [*ODD]
    assert (tiny.site / "calm/index.html").is_file()
    assert all((tiny.site / name / DAY / "index.html").is_file() for name in kinds)


def test_a_record_damaged_after_it_was_recorded_is_told_and_the_history_keeps_the_run(tiny, capsys):
    main(capsys, *folders(tiny))
    damage(tiny.state / f"reports/calm/{DAY}/record.json", "no UTF-8")

    code, out, err = main(capsys, "record", *folders(tiny))

    assert (code, out) == (0, "")
    assert err.endswith("record.json: invalid JSON; run `python runner.py execute` again. "
                        "The history keeps the run that it has.\n")  # fmt: skip


def break_column(history, table, column, value, monitor):
    with history._database._engine.begin() as connection:
        query = sa.text(f"UPDATE {table} SET {column} = :value WHERE monitor = :monitor")
        connection.execute(query, {"value": value, "monitor": monitor})


def test_of_several_damaged_records_the_oldest_is_named_first_because_the_later_need_it(place):
    days = [dt.date(2026, 11, number) for number in (20, 21, 22)]
    with open_history(place) as history:
        for day in days:
            history.record(good_record("shop", run_date=day), planner(), NOW)
        break_column(history, "runs", "record", "[]", "shop")

        for day in days[:2]:
            with pytest.raises(DriftMonitorError, match=f"{day}: damaged; run `python runner.py --monitor shop"):
                list(history.records_before("shop", days[2]))
            history.record(good_record("shop", run_date=day), planner(), NOW)

        assert [day for day, *_ in history.records_before("shop", days[2])] == days[1::-1]


JSON_COLUMNS = [("runs", "drifted_columns"), ("runs", "record"), ("events", "payload")]
BROKEN = ["", "{", "[" * 100_000, "1" * 5000, '"text"', "null", '{"columns": 5, "evidence": 5}']


@pytest.mark.parametrize(("table", "column"), JSON_COLUMNS)
def test_a_row_that_is_damaged_costs_its_monitor_alone(place, tmp_path, table, column):
    names = [f"m{number}" for number in range(len(BROKEN))]
    monitors = [watched(name) for name in [*names, "whole"]]
    with open_history(place) as history:
        for monitor in monitors:
            history.record(good_record(monitor.name), planner(), NOW)
        for name, value in zip(names, BROKEN, strict=True):
            break_column(history, table, column, value, name)

        published = pages.publish(history, tmp_path / "reports", tmp_path / "site", monitors, NOW)
        index = (tmp_path / "site/index.html").read_text()
        delivered = deliver(history, [], Context(), Clock(lambda: NOW))
        for name in names:
            history.record(good_record(name), planner(), NOW)  # the same day again: its row is whole again
        repaired = pages.publish(history, tmp_path / "reports", tmp_path / "site", monitors, NOW)

    assert (tmp_path / "site/whole/index.html").is_file()
    assert "whole" in [message.monitor for message in delivered.printed]
    if table == "runs":
        for name in names:
            assert f"damaged; run `python runner.py --monitor {name} --date 2026-11-24`" in index
    if column == "payload":
        assert {(each.monitor, each.reason.partition(":")[2]) for each in delivered.refused} == {
            (name, " damaged; run that day again.") for name in names
        }
    assert len(published.failures) == (len(names) if column == "record" else 0)
    assert repaired == ([], [])


@pytest.mark.parametrize("column", ["recorded_at", "run_date", "drift_share", "status"])
def test_a_row_whose_value_is_of_another_kind_costs_its_monitor_alone(world, column):
    world.run(good_record(), healthy_record("other"))
    world.history.close()
    with sqlite3.connect(world.root / "state/history.db") as connection:
        connection.execute(f"UPDATE runs SET {column} = 'garbage' WHERE monitor = 'salary'")
    connection.close()

    with open_history(world.root / "state/history.db") as world.history:
        published = world.publish(watched("salary"), watched("other"))

    assert "Healthy" in world.text("other/index.html")
    assert (world.site / "salary/index.html").is_file()
    assert "garbage" not in "".join(published.failures)


@pytest.mark.parametrize("kind", ["no UTF-8", "100,000 brackets", "a list", "a named pipe", "a folder", "a link"])
@pytest.mark.parametrize("name", ["calibration.json", "backtest.json"])
def test_a_damaged_calibration_or_backtest_costs_only_what_it_shows(world, name, kind):
    world.run(good_record(), healthy_record("other"))
    damage(world.reports / "salary" / name, kind)

    published = world.publish(watched("salary"), watched("other"))

    assert "1 of 3 columns" in world.text("salary/index.html")
    assert len(published.failures) == 1 and f"salary/{name}: " in published.failures[0]


@pytest.mark.parametrize("kind", ["no UTF-8", "100,000 brackets", "a list", "a named pipe", "a folder", "a link"])
def test_a_damaged_cache_of_the_site_only_costs_time(world, kind):
    world.run(good_record())
    world.publish(watched("salary"))
    damage(world.site / ".drift-monitor.json", kind)

    assert world.publish(watched("salary")) == ([], [])
    assert "1 of 3 columns" in world.text("salary/index.html")


def test_an_effect_that_cannot_be_described_fails_its_monitor_and_no_other(tiny, capsys):
    code = """
from driftmonitor.facts.record import ColumnScore, RunRecord, Rows, emit
effect = {"mean_shift_sd": "a", "mean": 3}
column = ColumnScore(name="x", kind="numerical", status="drifted", distance=0.5, effect=effect)
emit(RunRecord(monitor=monitor_name, run_date=run_date, status="drift", drift_share=1, threshold=0.1, drifted=True,
               rows=Rows(reference=1, current=1, reference_total=1, current_total=1), columns=(column,)))
raise SystemExit(0)
"""
    add_notebook(tiny, "odd", code)

    code, out, err = main(capsys, *folders(tiny))

    assert code == 1 and "Traceback" not in out + err
    assert "healthy  calm" in out and "FAILED   odd" in out
