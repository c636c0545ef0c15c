"""`init` makes a date of columns such as year, month and day, and does not watch them: they change by nature."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from driftmonitor.analysis.sources import load_data
from driftmonitor.config.yaml_text import read_yaml
from tests.jobs import main

AT = pd.date_range("2025-01-01", periods=60 * 24, freq="h")
MONTH_STARTS = pd.date_range("2016-01-01", periods=120, freq="MS").repeat(12)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def table(at: pd.DatetimeIndex = AT, **parts: str) -> pd.DataFrame:
    """Return rows with the parts of their times, each in a format of strftime, a number with gaps, and a code."""
    values = np.random.default_rng(5).normal(20, 5, len(at)).round(2)
    made = {name: at.strftime(form) for name, form in parts.items()}
    made = {name: values.astype(int) if values[0].isdigit() else values for name, values in made.items()}
    gaps = np.where(np.arange(len(at)) % 9 == 0, np.nan, values)
    return pd.DataFrame({**made, "pm": gaps, "code": [f"{i % 5:03}" for i in range(len(at))]})


def init(capsys, folder: Path, *files: str) -> tuple[dict, str]:
    code, out, err = main(capsys, "init", *files, "--params", "params", "--name", "t")
    os.chdir(folder)
    assert (code, err) == (0, "")
    return read_yaml(Path("params/t.yaml").read_text(), "t"), out


CASES = {
    "three": (table(year="%Y", month="%m", day="%d"), "try(make_date(year, month, day))"),
    "hours": (table(yr="%Y", mnth="%m", mday="%d", hr="%H"), "try(make_timestamp(yr, mnth, mday, hr, 0, 0))"),
    "months": (table(MONTH_STARTS, Year="%Y", Month="%m"), "try(make_date(Year, Month, 1))"),
    "Unix": (table(event_ts="%s"), "to_timestamp(event_ts)"),
    "names": (table(arrival_year="%Y", arrival_month="%B", arrival_day="%d"), "'%Y %B %d') AS DATE)"),
}


@pytest.mark.parametrize("case", CASES)
def test_columns_of_a_date_become_one_and_are_not_watched(case, capsys, folder):
    data, made = CASES[case]
    data.to_csv("t.csv", index=False, na_rep="NA", sep=";" if case == "three" else ",")

    found, out = init(capsys, folder, "t.csv")

    parts = list(data.columns[:-2])
    assert f"date is made of {', '.join(parts)} by the query in `reference`" in out
    assert made in found["reference"]
    assert (found["source"], found["time_column"], list(found["columns"])) == ("sql", "date", parts)


def test_the_query_keeps_codes_and_reads_decimal_commas_and_the_run_reads_it(capsys, folder):
    table(year="%Y", month="%m", day="%d").to_csv("t.csv", index=False, na_rep="NA", sep=";", decimal=",")

    found, _ = init(capsys, folder, "t.csv")
    given = {name: value for name, value in found.items() if name not in ("monitor", "columns")}
    current = load_data(**given, current="", run_date="2025-03-01").current

    assert len(current) == 24
    assert current["pm"].dtype.kind == "f"
    assert sorted(current["code"].unique()) == ["000", "001", "002", "003", "004"]


def test_a_month_is_not_watched_in_two_tables_without_times(capsys, folder):
    both = table(month="%m", weekday="%a", hour="%H").assign(calls_per_day=np.arange(len(AT)) % 30 + 1)
    both.to_csv("training.csv", index=False)
    both.tail(200).to_csv("today.csv", index=False)

    found, out = init(capsys, folder, "training.csv", "today.csv")

    assert list(found["columns"]) == ["month", "weekday"]
    assert "unsure: month: it looks like the month, so it changes by nature and is ignored" in out
