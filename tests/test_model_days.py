"""A model watched from day to day: its columns, its labels when they come, and whether a drift harms it."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator
from scipy import special

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.without_notebook import Days
from driftmonitor.config.notebook_parameters import check_parameters
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.notebooks.run_notebook import notebook_parameters
from driftmonitor.words.model import say_harm
from tests.schemas import read_schemas

FIRST = dt.date(2026, 11, 1)
NOTEBOOK = notebook_parameters("notebooks/drift_report.ipynb")
DEFAULTS = {name: each.default for name, each in NOTEBOOK.items()}


def draw(rows: int, seed: int, flipped: float = 0.0, shift: float = 0.0) -> pd.DataFrame:
    """Return scored orders with their labels; the AUC is 0.94, and 0.84 if 11% of labels are flipped."""
    random = np.random.default_rng(seed)
    amount, age = random.normal(shift, 1, rows), random.normal(40, 10, rows)
    score = special.expit(3.2 * amount + 1.5 * (age - 40) / 10 - 0.5)
    fraud = (random.random(rows) < score) ^ (random.random(rows) < flipped)
    columns = {"order": [f"o{seed}-{n}" for n in range(rows)], "amount": amount, "age": age, "score": score}
    return pd.DataFrame(columns | {"fraud": fraud.astype(int)})


class Shop:
    """A folder with a reference, a file of each day, and labels that come later or are in the data."""

    def __init__(self, folder: Path, reference: pd.DataFrame | None = None, **parameters) -> None:
        self.folder = folder
        self.reference = draw(3000, 1) if reference is None else reference
        self.reference.to_csv(folder / "reference.csv", index=False)
        given = {"source": "files", "reference": f"{folder}/reference.csv", "current": f"{folder}/{{date}}.csv"}
        self.parameters = {**DEFAULTS, **given, "score": "score", "label": "fraud", "key": "order", **parameters}
        self.known = {}

    def write(self, number: int, frame: pd.DataFrame, labelled: float = 1.0) -> dt.date:
        """Write a day's rows, of which a share has a label, and return its date."""
        day = FIRST + dt.timedelta(days=number)
        shown = frame.copy()
        if "fraud" in shown:
            shown["fraud"] = shown["fraud"].astype(object).where(np.arange(len(shown)) < labelled * len(shown), None)
        shown.to_csv(self.folder / f"{day}.csv", index=False)
        return day

    def run(self, day: dt.date) -> RunRecord:
        """Compare a day as the schedule does: in a process of its own, with what is known of earlier days."""
        record = Days("shop", self.parameters, [day], model_days=self.known.values()).compare(day)
        self.known |= {each.date: each for each in record.model.days}
        return record


def metric(record: RunRecord, name: str) -> float | None:
    return record.model.days[0].performance.metrics[name].value


def check_schema(record: RunRecord) -> None:
    """Fail if a record is not as its schema says."""
    Draft202012Validator(read_schemas()["record.json"]).validate(record.to_dict())


def test_labels_in_the_data_give_the_day_s_performance_beside_the_reference_s(tmp_path):
    shop = Shop(tmp_path)

    record = shop.run(shop.write(0, draw(1000, 2)))

    assert record.model.reference.metrics["auc"].value == pytest.approx(0.94, abs=0.015)
    assert metric(record, "auc") == pytest.approx(0.94, abs=0.02)
    assert record.model.days[0].performance.labelled == 1000
    assert record.model.days[0].estimate is None
    assert [column.name for column in record.columns] == ["amount", "age", "score", "fraud"]
    assert record.failed_checks == ()
    check_schema(record)


def test_an_incomplete_label_is_not_compared_and_no_missing_value(tmp_path):
    shop = Shop(tmp_path)

    record = shop.run(shop.write(0, draw(1000, 2), labelled=0.62))

    assert [column.name for column in record.columns] == ["amount", "age", "score"]
    assert [finding.kind for finding in record.quality if finding.column == "fraud"] == []
    assert (record.model.days[0].performance.labelled, record.model.days[0].performance.rows) == (620, 1000)
    assert record.model.harm.verdict == "not_known_yet"
    assert record.model.harm.expects_no_loss
    check_schema(record)


def test_a_fall_of_the_auc_fails_a_check_although_no_column_drifts(tmp_path):
    shop = Shop(tmp_path)

    record = shop.run(shop.write(0, draw(1000, 2, flipped=0.11)))

    assert record.status == "healthy" or record.drifted_columns == []
    assert (record.model.harm.verdict, record.model.harm.by) == ("harmful", "day")
    assert record.failed_checks == ("model performance",)
    assert "below the reference's 0.94 (0.02 is tolerated): harmful" in record.checks[0].words
    assert record.checks[0].must == "a loss of at most 0.02 of AUC"
    assert say_harm(record.model, record.run_date).startswith("Harmful: the AUC is 0.1")


BAD = [
    ({"score": ["a"]}, "score is ['a'] (a list); give the name of a column, or a mapping ({class: column})."),
    ({"score": {"a": "x", "b": "y"}}, "score has 2 classes; name the column of the positive one."),
    ({"score": {"a": "x", "b": "y", "c": 3}}, "score.c is 3; name a column."),
    ({"score": "p"}, "the model has no label; name the column of the true outcome under label."),
    ({"label": "y"}, "the model has no score; name the column of score, or of prediction for a regression."),
    ({"score": "p", "label": "y", "labels": "l.csv", "source": "files"},
     "labels needs key; name the column by which labels are joined."),
    ({"score": "p", "label": "y", "key": "k", "labels": "l.csv"},
     "labels is for source: files or sql, and source is simulate; change one of them."),
    ({"score": "p", "label": "p"}, "label is 'p', and so is score; name another column."),
    ({"score": "p", "label": "y", "label_delay_days": -1},
     "label_delay_days is -1; give a whole number of days, 0 to 3650."),
    ({"score": "p", "label": "y", "tolerated_loss": 2},
     "tolerated_loss is 2; give a number between 0 and 1, such as 0.02 of AUC."),
    ({"prediction": "p", "label": "y", "positive": "1"}, "positive is for a score of two classes; remove it."),
    ({"scores": "p"}, "scores: no such parameter in the notebook; did you mean score?"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "said"), BAD, ids=lambda value: str(value)[:40])
def test_a_bad_parameter_is_refused_in_one_line(given, said):
    with pytest.raises(DriftMonitorError) as refused:
        check_parameters(given, NOTEBOOK, "params/shop.yaml: ")

    assert str(refused.value) == f"params/shop.yaml: {said}"


@pytest.mark.parametrize(("given", "said"), [
    ({"score": "scor"}, "score: scor: no such column in reference; did you mean score?"),
    ({"key": "orders"}, "key: orders: no such column in current; did you mean order?"),
    ({"positive": "yes"}, "positive: no label of the reference is that value; name another value."),
    ({"label": "age"}, "label has"),
])  # fmt: skip
def test_a_role_that_does_not_fit_the_data_is_refused_in_one_line(tmp_path, given, said):
    shop = Shop(tmp_path, **{"labels": f"{tmp_path}/labels-*.csv", **given})
    day = shop.write(0, draw(1000, 2))

    with pytest.raises(DriftMonitorError) as refused:
        shop.run(day)

    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)
