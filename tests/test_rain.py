"""The shipped monitor of a model: a drift that does no harm, and later labels that change their meaning."""

import datetime as dt
import importlib.util

import numpy as np
import pandas as pd
import pytest
import yaml

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.sources.labels import fill_dates
from driftmonitor.analysis.without_notebook import Days
from driftmonitor.pipeline.notebooks.run_notebook import notebook_parameters
from driftmonitor.words.model import say_harm, say_model
from tests.jobs import DAY, ROOT, main

LAST_AS_BEFORE, FIRST_CHANGED = dt.date(2026, 8, 28), dt.date(2026, 8, 29)  # labels change their meaning
TWO_WEEKS = dt.timedelta(14)


def read_parameters() -> dict:
    """Return the parameters of the shipped file, the notebook's defaults among them."""
    defaults = {name: each.default for name, each in notebook_parameters(ROOT / "notebooks/drift_report.ipynb").items()}
    given = yaml.safe_load((ROOT / "params/rain.yaml").read_text())
    return defaults | {name: value for name, value in given.items() if name != "monitor"}


def test_a_harmless_drift_expects_no_loss_and_changed_labels_are_found_two_weeks_later(monkeypatch):
    monkeypatch.chdir(ROOT)
    before_any = dt.date(2026, 7, 15)
    days = [LAST_AS_BEFORE, FIRST_CHANGED, LAST_AS_BEFORE + TWO_WEEKS, FIRST_CHANGED + TWO_WEEKS]
    monitor = Days("rain", read_parameters(), days)

    calm = Days("rain", read_parameters(), [before_any]).compare(before_any)
    drifted, changed, before, after = [monitor.compare(day) for day in days]

    assert [each.status for each in (calm, drifted, changed, before, after)] == ["healthy"] + ["drift"] * 4
    assert [column.name for column in drifted.drifted_columns] == ["origin"]
    expected = "No loss is expected from the change of the columns; whether labels changed their meaning is known on"
    assert say_harm(drifted.model, LAST_AS_BEFORE, drifts=True) == f"{expected} 11 Sep 2026."
    assert say_model(drifted) == f"{expected} 11 Sep 2026. origin accounts for less than 1% of the score."
    assert say_harm(changed.model, FIRST_CHANGED, drifts=True) == f"{expected} 12 Sep 2026."
    assert (before.failed_checks, after.failed_checks) == ((), ("model performance",))
    assert say_harm(after.model, FIRST_CHANGED + TWO_WEEKS, drifts=True) == (
        "Harmful: the AUC is 0.23 below the reference's (a loss of 0.02 is tolerated). By the labels of 29 Aug 2026."
    )


def test_labels_are_those_of_a_day_that_are_known_on_the_day_of_the_run():
    day, run = dt.date(2026, 8, 29), dt.date(2026, 9, 12)

    assert fill_dates("labels/{run_date:%Y%m%d}/{date}.csv", day, run) == "labels/20260912/2026-08-29.csv"
    with pytest.raises(DriftMonitorError, match=r"\{run_date:'x'\} is no format of a day; use %Y, %m and %d"):
        fill_dates("select '{run_date:'x'}'", day, run)


def test_the_shipped_scores_are_what_their_script_makes():
    spec = importlib.util.spec_from_file_location("make_rain", ROOT / "data/make_rain.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)

    made, shipped = script.make(ROOT / "data/weather.parquet"), pd.read_parquet(ROOT / "data/rain.parquet")

    assert (
        np.abs(made.pop("p_rain") - shipped.pop("p_rain")).mean() < 0.001
    )  # other versions of scikit-learn round otherwise
    pd.testing.assert_frame_equal(made, shipped, check_dtype=False)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("key", "nope", "key: nope: no such column in current; choose one of: origin"),
        ("positive", "maybe", "positive: no label of the reference is that value; name another value."),
        ("labels", "", ""),
    ],
)
def test_validate_tries_the_model_on_the_data(tmp_path, capsys, key, value, said):
    text = (ROOT / "params/rain.yaml").read_text()
    settings = yaml.safe_load(text) | ({key: value} if value else {})
    (tmp_path / "rain.yaml").write_text(yaml.safe_dump(settings))

    code, out, err = main(capsys, "validate", "--params", str(tmp_path), "--state", str(tmp_path), "--date", DAY)

    assert (code, said in err) == ((2, True) if value else (0, True))
    assert value or "The model is a classifier of two classes: p_rain is compared with the label rain" in out
