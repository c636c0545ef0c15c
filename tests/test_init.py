"""`init` looks at a table that nobody has described, and writes a params file whose first run is sensible."""

import datetime as dt
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from driftmonitor.analysis.drift import judge, score
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.without_notebook import infer, load
from driftmonitor.config.params import read_monitor
from driftmonitor.config.yaml_text import read_yaml
from driftmonitor.facts.earlier_days import write_earlier_days
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.notebooks.notebook_file import effective_parameters
from driftmonitor.pipeline.notebooks.run_notebook import notebook_parameters
from tests.jobs import ROOT, Job, main

SECRET = "Jane Doe of 1 Elm Road"


@pytest.fixture
def init(tmp_path, monkeypatch, capsys):
    """Stand in an empty folder, and give a function that runs `init` there: it returns exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        done = main(capsys, "init", *arguments, "--params", "params")
        os.chdir(tmp_path)  # the command works in the repository
        return done

    return run


def text_of() -> str:
    return Path("params/t.yaml").read_text(encoding="utf-8")


def proposed() -> dict:
    return read_yaml(text_of(), "t")


def ignored() -> list[str]:
    return list(proposed().get("columns", {}))


def comment_on(column: str) -> str:
    lines = text_of().split("columns:\n")[-1].splitlines()
    return next(line for line in lines if line.lstrip("# ").startswith((f"{column} ", f"{column}:")))


def compare(day: str) -> RunRecord:
    """Return the record of the first run, judged by the days of the reference as the notebook does it."""
    monitor, run_date = read_monitor(Path("params/t.yaml"), notebook_parameters), dt.date.fromisoformat(day)
    parameters, alert = effective_parameters(monitor), monitor.settings.alert
    data = load(parameters, run_date)
    comparison = score(data, infer(data, parameters), Settings())
    budget = {"rule": alert.rule, "false_alarms_per_year": alert.false_alarms_per_year, "days": []}
    write_earlier_days(Path("past.json"), budget)
    time, length = parameters["time_column"], parameters["current_days"]
    found = judge(comparison, past="past.json", run_date=day, time_column=time, current_days=length)
    return found.record("t", run_date)


def days(first: str, rows: int, a_day: float) -> pd.DatetimeIndex:
    return pd.Timestamp(first) + pd.to_timedelta(np.arange(rows) / a_day, unit="D")


def hours(rows: int = 24 * 400) -> pd.DataFrame:
    """Return an hourly table such as of bikes: calendar parts in several codings, and some that only look like it."""
    rng, at = np.random.default_rng(5), pd.date_range("2011-01-01", periods=rows, freq="h")
    return pd.DataFrame({
        "instant": np.arange(1, rows + 1), "dteday": at.strftime("%Y-%m-%d"), "yr": at.year - 2011, "mnth": at.month,
        "month_name": at.strftime("%b"), "hr": at.hour, "weekday": (at.dayofweek + 1) % 7,
        "weekend": np.where(at.dayofweek > 4, "y", "n"), "plan": rng.choice(["a", "b"], rows),
        "temp": rng.normal(20, 5, rows).round(2), "day_of_service": rng.integers(1, 90, rows), "unit": "C",
    })  # fmt: skip


def test_calendar_parts_identifiers_and_constants_are_ignored_whatever_they_are_called(init, tmp_path):
    table = hours(24 * 731)
    table["season"] = pd.to_datetime(table["dteday"]).add(pd.Timedelta("11D")).dt.month % 12 // 3
    table["Customer ID"] = table["instant"] * 7 % 500
    table.to_csv(tmp_path / "t.csv", index=False)

    code, out, err = init("t.csv")

    assert (code, err) == (0, "")
    assert ignored() == ["instant", "yr", "mnth", "month_name", "weekday", "weekend", "unit", "season", "Customer ID"]
    assert "the weekday of dteday" in comment_on("weekday")
    assert "a function of the weekday of dteday" in comment_on("weekend")
    assert "identifier" in comment_on("instant")
    assert proposed()["time_column"] == "dteday"
    assert "the time column" in out


def test_the_windows_follow_from_the_rows_of_a_day(init, tmp_path):
    hours(24 * 100).to_csv(tmp_path / "t.csv", index=False)

    _, out, _ = init("t.csv")

    assert proposed()["reference_window"] == "2011-01-02/2011-04-09"
    assert proposed()["current_days"] == 1
    assert proposed()["monitor"] == {"alert": {"rule": "budget", "false_alarms_per_year": 4}}
    assert "reference  2011-01-02 to 2011-04-09, 98 days, 2,352 rows" in out
    assert "current    2011-04-10, 1 day, 24 rows" in out
    assert "alert      when a run is more unusual than earlier days; expect about 4 false alarms a year" in out
    assert "The newest data is of 2011-04-10. Try:" in out
    assert "python runner.py --monitor t --date 2011-04-10" in out


def test_what_may_be_a_models_score_and_label_is_said(init, tmp_path):
    table = hours(24 * 40).assign(weekend="x")
    rng = np.random.default_rng(6)
    scored = table.assign(p_return=rng.random(len(table)).round(4), returned=rng.random(len(table)) < 0.2, plan="a")
    scored.to_csv(tmp_path / "t.csv", index=False)
    init("t.csv")

    idea = "# If p_return is what a model said, name `score: p_return` and `label: returned`: docs/model.md."
    assert idea in text_of() and "segments" not in text_of()

    table.assign(p_return=rng.random(len(table)).round(4)).to_csv(tmp_path / "t.csv", index=False)
    init("t.csv", "--force")
    assert "name `score: p_return` and its `label`: docs/model.md." in text_of()

    table.to_csv(tmp_path / "t.csv", index=False)
    init("t.csv", "--force")
    assert "docs/model.md" not in text_of()


def test_many_rows_a_day_are_compared_day_by_day_and_an_unfinished_day_is_left_out(init, tmp_path):
    at = days("2026-01-01", 30 * 1000 + 40, 1000)
    pd.DataFrame({"at": at, "x": np.arange(len(at)) % 97 / 2}).to_parquet(tmp_path / "t.parquet")

    _, out, _ = init("t.parquet")

    assert proposed()["current_days"] == 1
    assert "unsure: the newest day has only 40 rows, so the day before is taken" in out
    assert "--date 2026-01-30" in out


def test_stand_ins_for_missing_values_are_found_and_read_as_missing(init, tmp_path):
    rng, rows = np.random.default_rng(2), 24 * 60
    table = pd.DataFrame(
        {"at": pd.date_range("2026-01-01", periods=rows, freq="h"), "co": rng.normal(3, 1, rows).round(1)}
    )
    table["size"] = rng.integers(1, 50, rows).astype(object)
    table["state"] = rng.choice(["on", "off", "unknown"], rows)
    table.loc[::9, "co"], table.loc[::9, "size"] = -200, "?"
    table.to_csv(tmp_path / "t.csv", index=False)

    _, out, _ = init("t.csv")

    assert proposed()["read"] == {"columns": {"co": {"missing": [-200]}, "size": {"missing": ["?"]}}}
    assert "whole numbers" in comment_on("size")
    assert "unsure: -200 is read as missing in co; change `read` if it is a value" in out
    assert "unsure: state: does unknown mean missing?" in out


def test_neither_the_file_nor_the_preview_quotes_a_row(init, tmp_path):
    rows = 300
    pd.DataFrame({
        "at": pd.date_range("2026-01-01", periods=rows, freq="4h"), "name": [f"{SECRET}{i}" for i in range(rows)],
        "note": [SECRET if i == 7 else "none" for i in range(rows)], "customer_id": 770_000 + np.arange(rows) * 7,
        "city": [f"{SECRET} {i % 40}" for i in range(rows)],
    }).to_csv(tmp_path / "t.csv", index=False)  # fmt: skip

    _, out, _ = init("t.csv")

    assert {"name", "customer_id"} <= set(ignored())
    for value in (SECRET, "Jane", "770000", "7700"):
        assert value not in text_of()
        assert value not in out


NAMES = [
    "plain", "yes", "null", "12", "a: b", "# x", "two\nlines", "##[error]x", "::error::x", "'\"", "{a}", "- x",
    " pad ", "é", "🦊", "\u202eevil", "\x1b[31mred", "%d", "&a", "*a", "!t", "x" * 1200, "~", "?", "0x1F",
    "2026-01-01", "a\\nb",
]  # fmt: skip


def test_any_name_of_a_column_survives_the_file_and_disturbs_no_terminal(init, tmp_path):
    rows = [dict.fromkeys(NAMES, "same") | {"at": f"2026-01-{i % 28 + 1:02}", "x": i % 50} for i in range(280)]
    (tmp_path / "t.json").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    code, out, err = init("t.json")

    assert (code, err) == (0, "")
    assert sorted(ignored()) == sorted(NAMES)
    assert not any(char in out + text_of() for char in ("\x1b", "\u202e"))


def test_three_hundred_columns_are_read_and_the_preview_stays_short(init, tmp_path):
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.normal(size=(300, 300)).round(3), columns=[f"c{i}" for i in range(300)])
    table.insert(0, "day", pd.date_range("2026-01-01", periods=300, freq="2h").astype(str))
    table["copy"], table["pad"] = table["c7"], None
    table.to_csv(tmp_path / "t.csv", index=False)

    code, out, err = init("t.csv", "-p", "read", "{missing: [-200, '?']}")  # words that each column is held against

    assert (code, err) == (0, "")
    assert ignored() == ["copy", "pad"]
    assert "a copy of c7" in comment_on("copy")
    assert "and 263 more columns" in out


def test_two_files_are_reference_and_current_and_the_day_in_a_name_is_the_run_date(init, tmp_path):
    table = hours(500)
    table.to_parquet(tmp_path / "training.parquet")
    table.to_csv(tmp_path / "orders-2026-11-20.csv", index=False)

    _, out, _ = init("orders-2026-11-20.csv", "training.parquet", "--name", "t")

    assert proposed()["reference"] == str(tmp_path / "training.parquet")
    assert proposed()["current"] == str(tmp_path / "orders-{date}.csv")
    assert f"python runner.py --monitor t --date 2026-11-20 --params {tmp_path}/params\n" in out
    assert "500 rows of" in out


def test_a_folder_of_daily_files_without_dates_inside_is_split_by_their_names(init, tmp_path):
    (tmp_path / "daily").mkdir()
    for day in pd.date_range("2026-10-30", periods=5):
        pd.DataFrame({"x": np.arange(50) % 9 / 2}).to_csv(tmp_path / f"daily/d-{day:%Y-%m-%d}.csv", index=False)

    _, out, _ = init("daily", "--name", "t")

    assert proposed()["reference"].endswith("daily/d-2026-10-??.csv")
    assert proposed()["current"].endswith("daily/d-{date}.csv")
    assert "--date 2026-11-03" in out


def test_a_table_without_dates_is_not_split(init, tmp_path):
    pd.DataFrame({"a": np.arange(50) / 2, "b": "x"}).to_csv(tmp_path / "t.csv", index=False)

    code, _, err = init("t.csv")

    assert code == 2
    assert "has no column of dates, so its rows cannot be split into reference and current" in err
    assert not (tmp_path / "params").exists()


def test_dates_that_fit_two_orders_are_asked_for(init, tmp_path):
    text = "".join(f"{i % 12 + 1:02}/{i % 7 + 1:02}/2026,{i % 50}\n" for i in range(400))
    (tmp_path / "t.csv").write_text("when,x\n" + text)

    code, _, err = init("t.csv")
    answered = init("t.csv", "-p", "read", '{date_format: "%d/%m/%Y"}')

    assert code == 2
    assert err == (
        "error: when has dates that fit %d/%m/%Y and %m/%d/%Y; say which with -p read '{date_format: \"%d/%m/%Y\"}'.\n"
    )
    assert answered[0] == 0
    assert proposed()["read"] == {"date_format": "%d/%m/%Y"}
    assert proposed()["time_column"] == "when"


@pytest.mark.parametrize("form", ["%Y/%m/%d %H:%M", "%Y%m%d", "%b %d %Y", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S+02:00"])
def test_a_time_column_is_found_in_many_formats(init, tmp_path, form):
    at = pd.date_range("2025-12-20", periods=700, freq="3h")
    pd.DataFrame({"created": at, "order_date": at.strftime(form), "x": np.arange(700) % 83})[
        ["order_date", "x"]
    ].to_csv(tmp_path / "t.csv", index=False)

    code, _, err = init("t.csv")

    assert (code, err) == (0, "")
    assert proposed()["time_column"] == "order_date"
    assert compare("2026-03-17").status == "healthy"


def test_of_two_times_one_is_chosen_and_the_other_named(init, tmp_path):
    at = pd.date_range("2026-01-01", periods=900, freq="h")
    pd.DataFrame({"birth_date": at.shift(-9000), "pickup": at, "dropoff": at.shift(1), "x": 1.5}).assign(
        x=np.arange(900) % 71
    ).to_csv(tmp_path / "t.csv", index=False)

    _, out, _ = init("t.csv")
    init("t.csv", "--force", "-p", "time_column", "dropoff")

    assert "unsure: dropoff, birth_date could be the time column, too; windows are cut by pickup" in out
    assert proposed()["time_column"] == "dropoff"


def test_a_person_on_a_terminal_is_asked_which_time_counts(init, tmp_path):
    at = pd.date_range("2026-01-01", periods=900, freq="h")
    pd.DataFrame({"pickup": at, "dropoff": at.shift(1), "x": np.arange(900) % 71}).to_csv(
        tmp_path / "t.csv", index=False
    )
    ours, theirs = pty.openpty()
    command = [sys.executable, "runner.py", "init", str(tmp_path / "t.csv"), "--params", str(tmp_path / "params")]

    with subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.write(ours, b"2\n")
        process.wait(60)

    assert proposed()["time_column"] == "dropoff"


def test_a_params_file_is_never_replaced_without_force(init, tmp_path):
    hours(600).to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "params").mkdir()
    (tmp_path / "params/t.yaml").write_text("mine: 1\n")

    code, _, err = init("t.csv")

    assert code == 2
    assert err.endswith("t.yaml exists; choose another --name, or replace it with --force.\n")
    assert text_of() == "mine: 1\n"
    assert init("t.csv", "--force")[0] == 0
    assert proposed()["source"] == "files"


def test_a_query_can_be_looked_at(init, tmp_path):
    hours(2400).to_parquet(tmp_path / "t.parquet")

    code, _, err = init(
        f"SELECT CAST(dteday AS DATE) AS d, temp FROM read_parquet('{tmp_path}/t.parquet')", "--name", "t"
    )

    assert (code, err) == (0, "")
    assert (proposed()["source"], proposed()["time_column"]) == ("sql", "d")
    assert compare("2011-04-10").status == "healthy"


def test_the_first_comparison_of_unchanged_data_is_healthy(init, tmp_path):
    hours().to_csv(tmp_path / "t.csv", index=False)
    init("t.csv")

    record = compare("2012-02-04")

    assert record.status == "healthy"
    assert [(column.name, column.status) for column in record.columns] == [
        (name, "stable") for name in ("hr", "plan", "temp", "day_of_service")
    ]


def test_a_run_after_the_newest_data_says_which_date_to_try(init, tmp_path):
    hours(24 * 100).to_csv(tmp_path / "t.csv", index=False)
    init("t.csv")

    with pytest.raises(Exception) as error:
        compare("2026-11-24")

    assert str(error.value) == (
        "current: no rows on 2026-11-24 (dteday, UTC); "
        "the newest data is of 2011-04-10; try --date 2011-04-10, or wait for the data."
    )


@pytest.mark.slow
def test_from_a_file_to_a_published_page(tmp_path):
    hours().to_csv(tmp_path / "bikes.csv", index=False)
    job = Job(tmp_path / "job")

    started = job.run("init", str(tmp_path / "bikes.csv"))
    checked = job.run("validate")
    done = subprocess.run([*job.command()[:-1], "2012-02-04"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (started.returncode, started.stderr) == (0, "")
    assert "--date 2012-02-04" in started.stdout
    assert (checked.returncode, checked.stderr) == (0, "")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^healthy  bikes: .*\(budget: 4 false alarms a year\)", done.stdout, re.MULTILINE)
    assert (job.site / "bikes" / "2012-02-04" / "index.html").is_file()


def test_a_hive_folder_is_one_table_with_the_names_of_its_folders_as_columns(init, tmp_path):
    for day in pd.date_range("2026-10-01", periods=40):
        for country in ("DE", "FR"):
            folder = tmp_path / f"lake/dt={day:%Y-%m-%d}/country={country}"
            folder.mkdir(parents=True)
            pd.DataFrame({"x": np.arange(300) % 41}).to_parquet(folder / "part.parquet")

    _, _, err = init("lake", "--name", "t")

    assert err == ""
    assert proposed()["reference"] == f"{tmp_path}/lake/**/*.parquet"
    assert (proposed()["time_column"], proposed()["current_days"]) == ("dt", 1)
    assert "DE, FR" in comment_on("country")
    assert compare("2026-11-09").status == "healthy"
