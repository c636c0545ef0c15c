"""`init` finds the day in the names of daily files, however it is written, and a run reads its day's file."""

import datetime as dt
import os
from pathlib import Path

import pytest

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.starting.daily_files import split_daily
from driftmonitor.analysis.starting.dated_names import find_dated
from driftmonitor.analysis.starting.tables import name_tables
from driftmonitor.config.data_settings import fill_date
from driftmonitor.config.yaml_text import read_yaml
from tests.jobs import main

FIRST, NEWEST = dt.date(2026, 10, 20), dt.date(2026, 11, 25)


def files(names: str, first: dt.date = FIRST, newest: dt.date = NEWEST) -> list[str]:
    return [(first + dt.timedelta(days=i)).strftime(names) for i in range((newest - first).days + 1)]


WRITTEN = {
    "d/day-%Y%m%d.csv": "d/day-{date:%Y%m%d}.csv",
    "d/%Y/%m/%d.csv": "d/{date:%Y/%m/%d}.csv",
    "d/sales_%d-%m-%Y.csv": "d/sales_{date:%d-%m-%Y}.csv",
    "d/sales_%m-%d-%Y.csv": "d/sales_{date:%m-%d-%Y}.csv",
    "d/orders_%Y_%m_%d.csv.gz": "d/orders_{date:%Y_%m_%d}.csv.gz",
    "d/%Y-%m-%d/orders.csv": "d/{date}/orders.csv",
    "d/%Y-%m/orders-%Y-%m-%d.csv": "d/{date:%Y-%m}/orders-{date}.csv",
    "d/%Y/%m/orders-%Y%m%d.csv": "d/{date:%Y}/{date:%m}/orders-{date:%Y%m%d}.csv",
    "d/%Y-%m/%d.csv": "d/{date:%Y-%m/%d}.csv",
    "d/year=%Y/month=%m/day=%d/part-0.parquet": "d/year={date:%Y}/month={date:%m}/day={date:%d}/part-0.parquet",
    "v2/d/ev-%Y-%m-%dT%d:00.csv": "v2/d/ev-{date}T*:00.csv",
    "v2/d/ev-%Y%m%d%d.csv": "v2/d/ev-{date:%Y%m%d}*.csv",
    "s3://lake/dt=%Y-%m-%d/x.parquet": "s3://lake/dt={date}/x.parquet",
    "d/orders-%d-%b-%Y.csv": "d/orders-{date:%d-%b-%Y}.csv",
    "d/s%y%m%d.csv": "d/s{date:%y%m%d}.csv",
    "d/log_%Y%m%dT060000Z.csv": "d/log_{date:%Y%m%d}T060000Z.csv",
    "d/log-%Y-%m-%d-06%d00.csv": "d/log-{date}-*.csv",
    "d/%j-log_%Y%m%d0600.csv": "d/*-log_{date:%Y%m%d}0600.csv",
}


@pytest.mark.parametrize("names", WRITTEN)
def test_the_day_in_a_name_becomes_a_date_in_its_own_format(names):
    found = find_dated(files(names))

    assert found.written == WRITTEN[names]
    assert found.newest == (NEWEST, NEWEST.strftime(names))
    if "*" not in found.written:
        assert fill_date(found.written, dt.date(2027, 1, 2)) == dt.date(2027, 1, 2).strftime(names)


@pytest.mark.parametrize(
    "names", [["d/part-000101.csv", "d/part-000102.csv"], ["a-2026-01-01.csv", "b-2026-01-02.csv"], ["v1.2.3.csv"],
              ["2026-01-01-to-2026-01-31.csv"], ["data-20261301.csv"]]
)  # fmt: skip
def test_other_digits_are_no_day(names):
    assert find_dated(names) is None


@pytest.mark.parametrize(
    ("first", "newest", "reference", "days"),
    [
        ("2026-10-01", "2026-11-25", "d/2026-10-??.csv", 31),
        ("2026-10-20", "2026-12-05", "d/2026-11-??.csv", 30),  # the first month is not whole
        ("2026-10-05", "2026-11-09", "d/2026-10-??.csv", 27),
        ("2026-10-29", "2026-11-25", "d/2026-11-[01]?.csv", 19),
        ("2026-11-03", "2026-11-17", "d/2026-11-0?.csv", 7),
        ("2026-11-03", "2026-11-04", "d/2026-11-03.csv", 1),
    ],
)
def test_the_reference_is_a_whole_month_or_the_most_days(first, newest, reference, days):
    found = split_daily(find_dated(files("d/%Y-%m-%d.csv", *map(dt.date.fromisoformat, (first, newest)))))

    assert found.looked_at == {"reference": reference, "current": f"d/{newest}.csv"}
    assert len(found.reference_days) == days


def test_a_glob_beside_a_reference_is_one_file_a_day_and_init_says_how_it_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "days").mkdir()
    for name in ["training.csv", *files("days/day-%Y%m%d.csv", dt.date(2026, 11, 22))]:
        Path(name).write_text("x,y\n" + "".join(f"{i % 9}.5,{'ab'[i % 2]}\n" for i in range(60)))

    _, out, _ = main(capsys, "init", "training.csv", "days/*.csv", "--params", "params", "--name", "t")
    os.chdir(tmp_path)

    written = f"{tmp_path}/days/day-{{date:%Y%m%d}}.csv"
    assert read_yaml(Path("params/t.yaml").read_text(), "t")["current"] == written
    assert "each day   " in out
    assert "day-{date:%Y%m%d}.csv, where {...} is the run date" in out
    assert "--date 2026-11-25" in out


def test_of_a_folder_with_files_of_several_kinds_it_is_said_which_are_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for name in ("a.csv", "b.csv", "c.parquet", "notes.md"):
        Path("data", name).write_text("x\n1\n")

    found = name_tables(["data"], lambda question, answers, default: default)

    assert found.looked_at == {"reference": "data/*.csv"}
    assert found.question == "only *.csv is read in data, not .parquet"


def test_a_format_that_is_none_of_a_day_is_refused():
    with pytest.raises(DriftMonitorError, match=r"^\{date:%H'\} is no format of a day; use %Y, %m and %d"):
        fill_date("days/{date:%H'}.csv", NEWEST)
