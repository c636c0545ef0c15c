"""Of columns that say the same in another coding, `init` watches one and names it."""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from driftmonitor.config.yaml_text import read_yaml
from tests.jobs import main


def test_of_columns_that_are_one_to_one_only_one_is_watched(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rng, rows = np.random.default_rng(5), 24 * 90
    country = pd.Series(rng.choice(["DE", "FR", "IT"], rows, p=[0.6, 0.3, 0.1]))
    answer = pd.Series(rng.choice(["yes", "no"], rows))
    rare = pd.Series(np.where(np.arange(rows) % 100 == 0, "x", "y"))  # 22 rows: they may agree by chance
    at = pd.Series(pd.date_range("2026-08-01", periods=rows, freq="h"))
    table = pd.DataFrame({
        "at": at, "country_code": country.map({"DE": 1, "FR": 2, "IT": 3}), "country": country,
        "name": country.map({"DE": "Germany", "FR": "France"}), "flag": answer == "yes", "answer": answer,
        "rare": rare, "rare_code": rare.map({"x": 0, "y": 1}), "nearly": country.where(at.index != 7, "FR"),
        "month": at.dt.month, "month_name": at.dt.strftime("%B"), "amount": rng.normal(9, 2, rows).round(2),
    }).assign(copy=lambda table: table["amount"])  # fmt: skip
    table.to_csv("t.csv", index=False)

    code, out, err = main(capsys, "init", "t.csv", "--params", "params")
    os.chdir(tmp_path)

    ignored = read_yaml(Path("params/t.yaml").read_text(), "t")["columns"]
    assert (code, err) == (0, "")
    assert list(ignored) == ["country_code", "name", "flag", "month", "month_name", "copy"]
    assert "country_code: its values and those of country are one-to-one, so only country is watched" in out
    assert "flag: its values and those of answer are one-to-one, so only answer is watched" in out
    assert "the month of at" in out
    assert "a copy of amount" in out
