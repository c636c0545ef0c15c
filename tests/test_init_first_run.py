"""What `init` proposes for data with seasons, weeks and trends is healthy from the first run, until it breaks."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from driftmonitor.analysis.drift import judge, score
from driftmonitor.analysis.drift.rules import Settings
from driftmonitor.analysis.sources import Data
from driftmonitor.analysis.starting import propose
from driftmonitor.analysis.without_notebook import infer
from driftmonitor.facts.earlier_days import write_earlier_days
from driftmonitor.facts.record import RunRecord

TODAY = dt.date(2026, 11, 24)


def seasons(days: int, a_day: int, newest: str = "2026-07-31") -> pd.DataFrame:
    """Return a table such as of the weather: a season, mild and rainy weeks, and sales with a week."""
    rng = np.random.default_rng(4)
    at = pd.date_range(end=f"{newest} 23:00", periods=days * a_day, freq=f"{24 // a_day}h")
    day = (at - at[0]).days.to_numpy()
    spells = np.convolve(rng.normal(size=days + 20), np.ones(8) / 8**0.5, "same")[:days]
    degrees = 10 * np.sin(2 * np.pi * (at.dayofyear.to_numpy() - 110) / 365) + 4 * spells[day]
    sales = np.exp(rng.normal(3, 0.4, len(at)) - 0.3 * (at.dayofweek.to_numpy() > 4))
    return pd.DataFrame({
        "at": at, "degrees": (degrees + rng.normal(0, 2, len(at))).round(1), "sales": sales.round(2),
        "sky": np.where(spells[day] + rng.normal(0, 0.5, len(at)) > 0, "clear", "cloudy"),
        "meter": 1000 + np.cumsum(rng.integers(0, 9, len(at))),
    })  # fmt: skip


def first_run(table: pd.DataFrame, day: str | None = None, change=lambda today: today) -> tuple[RunRecord, dict]:
    """Return the record of the first run that `init` proposes for a table, and its parameters."""
    table.to_parquet("t.parquet")
    proposal = propose(["t.parquet"], {}, TODAY, lambda question, answers, default: default)
    parameters = dict(proposal.parameters) | {"columns": {c.name: "ignore" for c in proposal.columns if c.ignored}}
    run_date = dt.date.fromisoformat(day) if day else proposal.run_date
    first, last = map(dt.date.fromisoformat, parameters["reference_window"].split("/"))
    on, length = table["at"].dt.date, parameters["current_days"]
    today = change(table[(on > run_date - dt.timedelta(length)) & (on <= run_date)].copy())
    reference = table[(on >= first) & (on <= last)]
    data = Data(reference, today, len(reference), len(today))
    comparison = score(data, infer(data, parameters), Settings())
    write_earlier_days(Path("past.json"), {**parameters["monitor"]["alert"], "days": []})
    judged = judge(comparison, past="past.json", run_date=f"{run_date}", time_column="at", current_days=length)
    return judged.record("t", run_date), parameters


@pytest.mark.parametrize(("a_day", "current_days"), [(24, 1), (1, 14)], ids=["hourly", "daily"])
@pytest.mark.parametrize("newest", ["2026-01-31", "2026-04-30", "2026-07-31"])
def test_a_season_is_no_drift(tmp_path, monkeypatch, a_day, current_days, newest):
    monkeypatch.chdir(tmp_path)

    record, parameters = first_run(seasons(800, a_day, newest))

    assert parameters["current_days"] == current_days
    assert parameters["columns"] == {"meter": "ignore"}
    assert (record.judgement.mode, record.judgement.pool_days) == ("pool", 219)
    assert (record.status, record.judgement.causes) == ("healthy", ())


@pytest.mark.parametrize("a_day", [24, 1], ids=["hourly", "daily"])
def test_what_breaks_on_the_first_day_is_drift(tmp_path, monkeypatch, a_day):
    monkeypatch.chdir(tmp_path)

    record, _ = first_run(seasons(800, a_day), change=lambda today: today.assign(sales=today["sales"] * 10))

    assert record.status == "drift"
    assert record.judgement.causes[0].columns == ("sales",)


def test_numbers_that_only_rise_are_ignored_unless_nothing_else_is_left(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = seasons(300, 24).assign(debt=lambda t: -t["meter"] / 7)
    table.to_parquet("t.parquet")
    table[["at", "meter"]].to_parquet("meter.parquet")

    found = propose(["t.parquet"], {}, TODAY, lambda question, answers, default: default)
    alone = propose(["meter.parquet"], {}, TODAY, lambda question, answers, default: default)

    assert {c.name: c.note for c in found.columns if c.ignored} == {
        "meter": "ignored; rises with time", "debt": "ignored; falls with time",
    }  # fmt: skip
    assert "meter, debt rise or fall with time, so they always differ from the reference" in found.unsure[0]
    assert not any(column.ignored for column in alone.columns)
