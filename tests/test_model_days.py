"""A model watched from day to day: its columns, its labels when they come, and whether a drift harms it."""

import datetime as dt
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator
from scipy import special

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.drift import compare
from driftmonitor.analysis.model import measure_model
from driftmonitor.analysis.model.looking_again import days_to_look_at
from driftmonitor.analysis.trying import try_on_data
from driftmonitor.analysis.without_notebook import Days, find, infer, load
from driftmonitor.config.notebook_parameters import check_parameters
from driftmonitor.facts.earlier_days import EarlierDays, write_earlier_days
from driftmonitor.facts.model import ModelDay, ModelRecord
from driftmonitor.facts.performance import Performance
from driftmonitor.facts.record import RunRecord
from driftmonitor.pipeline.notebooks.run_notebook import notebook_parameters
from driftmonitor.words.model import say_harm
from tests.schemas import read_schemas
from tests.test_notebook import run_notebook

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
    calm = [shop.run(shop.write(number, draw(1000, 10 + number))) for number in range(7)]

    record = shop.run(shop.write(7, draw(1000, 2, flipped=0.11)))

    assert [each.failed_checks for each in calm] == [()] * 7
    assert record.status == "healthy" or record.drifted_columns == []
    assert (record.model.harm.verdict, record.model.harm.by) == ("harmful", "day")
    assert record.failed_checks == ("model performance",)
    assert "below the reference's 0.941 (a loss of 0.02 is tolerated): harmful" in record.checks[0].words
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
    ({"score": "p", "label": "y", "weights": {"amount": -1}},
     "weights is {'amount': -1} (a mapping); give {column: number}, 0 or more, such as {amount: 3, country: 1}."),
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
    ({"weights": {"amounts": 1}}, "weights: amounts: no such column in reference; did you mean amount?"),
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


class Late(Shop):
    """A shop whose labels come 14 days late, into one file for each day."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, labels=f"{folder}/labels/*.csv", label_delay_days=14)
        (folder / "labels").mkdir()

    def score(self, number: int, frame: pd.DataFrame) -> RunRecord:
        """Run a day whose labels are not known."""
        return self.run(self.write(number, frame.drop(columns="fraud")))

    def label(self, number: int, frame: pd.DataFrame) -> None:
        """Write the labels of a day, in any order."""
        shuffled = frame[["order", "fraud"]].sample(frac=1, random_state=number)
        shuffled.to_csv(self.folder / "labels" / f"{number}.csv", index=False)


def test_a_fall_is_found_on_the_first_day_whose_labels_come_and_backfill_finds_the_same(tmp_path):
    shop = Late(tmp_path)
    days = {number: draw(1000, 10 + number, flipped=0.3 * (number == 2)) for number in (0, 1, 2)}
    first, _, third = [shop.score(number, frame) for number, frame in days.items()]
    later = []
    for number, frame in days.items():
        shop.label(number, frame)
        later.append(shop.score(number + 14, draw(1000, 30 + number)))

    assert say_harm(first.model, FIRST) == (
        "No loss is expected from the change of the columns; whether labels changed their meaning is known on "
        "15 Nov 2026."
    )
    assert third.failed_checks == () and third.model.days[0].estimate.metrics["auc"].value > 0.92
    assert [[f"{day.date:%d}" for day in record.model.days] for record in later] == [
        ["15", "01"],
        ["16", "02"],
        ["17", "03"],
    ]
    assert [record.model.harm.verdict == "harmful" for record in later] == [False, False, True]
    assert [record.failed_checks for record in later] == [(), (), ("model performance",)]
    assert later[2].checks[0].words.startswith("AUC of 3 Nov 2026 was 0.6")
    known = [shop.known[FIRST + dt.timedelta(days=number)] for number in days]
    assert [day.estimate is not None and day.performance.labelled for day in known] == [1000, 1000, 1000]
    filled_in = Days("shop", shop.parameters, [day.date for day in known])
    assert [filled_in.compare(day.date).model.days[0].performance for day in known] == [
        day.performance for day in known
    ]


def test_keys_that_repeat_contradict_or_are_missing_are_counted_and_never_quoted(tmp_path):
    shop, frame = Late(tmp_path), draw(1000, 3)
    labels = frame[["order", "fraud"]]
    against = labels.iloc[:7].assign(fraud=1 - labels["fraud"].iloc[:7])
    without, unknown = labels.iloc[:3].assign(order=None), labels.iloc[:5].assign(order=[f"other{n}" for n in range(5)])
    pd.concat([labels, labels.iloc[500:600], against, without, unknown]).to_csv(
        tmp_path / "labels/all.csv", index=False
    )

    record = shop.score(0, frame.assign(order=frame["order"].where(frame.index != 999)))

    assert record.model.days[0].performance.labelled == 1000 - 7 - 1
    assert [finding.message for finding in record.quality if finding.kind == "labels"] == [
        "labels: 7 keys with contradicting labels, left out.",
        "labels: 3 labels without a key, left out.",
        "current: 1 row without a key.",
    ]


def test_labels_that_are_corrected_weeks_later_change_what_is_known(tmp_path):
    shop, frame = Late(tmp_path), draw(1000, 3)
    shop.label(0, frame)
    early = shop.score(0, frame)
    shop.label(0, frame.assign(fraud=1 - frame["fraud"]))

    again = shop.score(21, draw(1000, 4))

    assert metric(early, "auc") == pytest.approx(0.94, abs=0.02)
    assert again.model.days[1].performance.metrics["auc"].value == pytest.approx(1 - metric(early, "auc"), abs=0.001)
    assert again.model.harm.verdict == "harmful"


def test_ten_labelled_rows_are_no_verdict(tmp_path):
    shop = Shop(tmp_path)

    record = shop.run(shop.write(0, draw(1000, 2, flipped=0.3), labelled=0.01))

    assert record.model.days[0].performance.labelled == 10
    assert (record.model.harm.verdict, record.failed_checks) == ("not_known_yet", ())


def test_labels_of_one_class_and_scores_outside_0_to_1_are_said_to_be_not_known(tmp_path):
    shop = Shop(tmp_path)
    frame = draw(1000, 2)

    record = shop.run(shop.write(0, frame.assign(fraud=0, score=special.logit(frame["score"].clip(0.001, 0.999)))))

    today = record.model.days[0].performance
    assert (today.unknown, today.metrics["auc"].value, today.metrics["log_loss"].value) == ("one_class", None, None)
    assert record.model.harm.verdict == "not_known_yet"
    assert say_harm(record.model, FIRST) == (
        "Not known yet whether it harms: the labels of the day do not have every class."
    )


def test_a_reversed_score_is_said_and_without_a_column_nothing_is_expected(tmp_path):
    (tmp_path / "other").mkdir()
    shop, other = Shop(tmp_path, positive=0), Shop(tmp_path / "other")
    unlabelled = draw(1000, 2).drop(columns=["amount", "fraud"])

    record, without = (each.run(each.write(0, unlabelled)) for each in (shop, other))

    assert [finding.message for finding in record.quality if finding.kind == "labels"] == [
        "reference: the score is lower for the positive label; check positive, or name the score of the other class."
    ]
    assert record.model.harm.unknown == "no_reference"
    assert (without.model.harm.unknown, without.model.days[0].estimate.outside_columns) == (
        "outside_reference",
        ("amount",),
    )


def classes(rows: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 3))
    p = special.softmax(2 * x, axis=1)
    kind = np.array(["ham", "spam", "scam"])[(random.random(rows)[:, None] > p.cumsum(axis=1)).sum(axis=1).clip(0, 2)]
    return pd.DataFrame({"x": x[:, 0], "a": p[:, 0], "b": p[:, 1], "c": p[:, 2], "kind": kind})


def test_several_classes_by_a_column_for_each_or_by_the_predicted_one(tmp_path):
    frames = [classes(1500, seed) for seed in (1, 2)]
    for frame in frames:
        frame["best"] = np.array(["ham", "spam", "scam"])[frame[["a", "b", "c"]].to_numpy().argmax(axis=1)]
        frame["sure"] = frame[["a", "b", "c"]].max(axis=1)
    (tmp_path / "one").mkdir(), (tmp_path / "each").mkdir()
    each = Shop(tmp_path / "each", frames[0], score={"ham": "a", "spam": "b", "scam": "c"}, label="kind", key="")
    one = Shop(tmp_path / "one", frames[0], score="sure", prediction="best", label="kind", key="")

    by_each, by_one = (shop.run(shop.write(0, frames[1])) for shop in (each, one))

    assert (by_each.model.kind, by_one.model.kind) == ("multiclass", "multiclass")
    assert metric(by_each, "auc") > metric(by_one, "auc") > 0.7
    assert metric(by_each, "accuracy") == metric(by_one, "accuracy")
    assert metric(by_one, "log_loss") is not None


def test_a_regression_tolerates_a_tenth_of_the_reference_s_error(tmp_path):
    random = np.random.default_rng(0)
    x = random.normal(10, 2, (2, 1500))
    noise = random.normal(0, 1, (2, 1500)) * np.array([[1.0], [4.0]])
    before, after = (pd.DataFrame({"x": x[n], "said": 3 * x[n], "sold": 3 * x[n] + noise[n]}) for n in (0, 1))
    shop = Shop(tmp_path, before, score="", prediction="said", label="sold", key="")

    record = shop.run(shop.write(0, after))

    assert (record.model.kind, record.model.metric) == ("regression", "mae")
    assert record.model.tolerated_loss == pytest.approx(0.08, abs=0.005)
    assert record.failed_checks == ("model performance",)
    assert record.checks[0].words.startswith("Mean absolute error of 1 Nov 2026 was 3.1")
    assert record.checks[0].words.endswith(" above the reference's 0.813 (a loss of 0.081 is tolerated): harmful")


def labelled_day(number: int, labelled: int) -> ModelDay:
    performance = Performance(kind="binary", rows=100, labelled=labelled, metrics={})
    return ModelDay(date=FIRST + dt.timedelta(days=number), performance=performance)


def test_days_whose_labels_never_come_keep_no_other_from_its_turn():
    never = [labelled_day(number, 60) for number in range(45)]
    looked = [days_to_look_at(never[:today], FIRST + dt.timedelta(days=today), 10) for today in range(1, 45)]
    turns = Counter(day for days in looked for day in days)

    assert max(map(len, looked)) == 5
    assert looked[39] == [FIRST + dt.timedelta(days=number) for number in (0, 16, 23, 28, 30)]
    assert turns[FIRST + dt.timedelta(days=3)] >= 5
    assert days_to_look_at([labelled_day(0, 99), labelled_day(1, 0)], FIRST + dt.timedelta(days=9), 3) == [
        FIRST + dt.timedelta(days=1)
    ]


def test_labels_by_a_query_of_one_table_are_joined_by_a_number(tmp_path):
    days = [FIRST - dt.timedelta(days=20), FIRST, FIRST + dt.timedelta(days=1)]
    frames = [draw(800, 5 + n).assign(order=range(n * 1000, n * 1000 + 800), at=f"{day}") for n, day in enumerate(days)]
    whole = pd.concat(frames)
    whole.drop(columns="fraud").to_parquet(tmp_path / "scored.parquet")
    whole[["order", "fraud"]].to_parquet(tmp_path / "labels.parquet")
    given = {"source": "sql", "reference": f"select * from '{tmp_path}/scored.parquet'", "time_column": "at",
             "reference_window": f"{days[0]}/{days[0]}", "score": "score", "label": "fraud", "key": "order",
             "labels": f"select * from '{tmp_path}/labels.parquet' where \"order\" < 1000 or '{{date}}' < '2026-11-02'",
             "label_delay_days": 1, "read": {"columns": {"at": {"date_format": "%Y-%m-%d"}}}}  # fmt: skip

    records = list(map(Days("shop", DEFAULTS | given, days[1:]).compare, days[1:]))

    assert [record.model.days[0].performance.labelled for record in records] == [800, 0]
    assert records[0].model.reference.labelled == 800
    assert records[1].model.labels_due == dt.date(2026, 11, 3)


@pytest.mark.slow
def test_the_notebook_gives_the_record_of_the_numbers(tmp_path):
    shop, frame = Late(tmp_path), draw(1000, 3, flipped=0.3)
    shop.score(0, frame)
    shop.label(0, frame)
    day = shop.write(14, draw(1000, 4).drop(columns="fraud"))
    past = EarlierDays(model=tuple(shop.known.values()))
    write_earlier_days(tmp_path / "past.json", past.model_dump(mode="json"))
    own = {name: value for name, value in shop.parameters.items() if value != DEFAULTS[name]}
    given = own | {"monitor_name": "shop", "run_date": f"{day}", "past": f"{tmp_path}/past.json"}
    lines = [f"{name} = {value!r}" for name, value in (given | {"output_dir": f"{tmp_path}/a/b/c"}).items()]

    record, cells = run_notebook(Path("notebooks").absolute(), "\n".join(lines))

    expected = shop.run(day)
    assert record.model == expected.model
    assert (record.checks, record.columns, record.quality) == (expected.checks, expected.columns, expected.quality)
    assert "Harmful: the AUC is 0." in cells["performance"].outputs[0].text
    assert "AUC of 1 Nov 2026 was 0.6" in cells["verdict"].outputs[0].text


def test_a_score_that_knew_the_label_is_said(tmp_path):
    shop = Late(tmp_path)
    frame = draw(400, 61)
    shop.score(0, frame.assign(score=0.1 + 0.8 * frame["fraud"]))
    shop.label(0, frame)

    (said,) = [each.message for each in shop.score(14, draw(400, 62)).quality if "far better" in each.message]

    assert said.startswith("labels: the AUC of 1 Nov 2026 is 1, far better than the reference's 0.9")
    assert said.endswith("check whether the score knew the label.")


def test_labels_of_one_class_are_said_once_they_are_due(tmp_path):
    shop = Late(tmp_path)
    frame = draw(400, 60)
    shop.score(0, frame)
    shop.label(0, frame.assign(fraud=0))

    said = "labels: all 400 of 1 Nov 2026 are of the negative class, so the AUC is not known; check labels."
    found = {
        number: [
            issue.message for issue in shop.score(number, draw(400, 60 + number)).quality if issue.kind == "labels"
        ]
        for number in (1, 20)
    }
    assert found == {1: [], 20: [said]}


def test_an_empty_file_among_labels_a_day_without_scores_and_labels_that_never_come_are_not_silent(tmp_path):
    shop = Late(tmp_path)
    frames = {number: draw(400, 60 + number) for number in range(3)}
    for number, frame in frames.items():
        shop.score(number, frame)
    shop.label(0, frames[0].assign(order=lambda each: each["order"].astype(str) + "x"))

    late = shop.score(29, draw(400, 80))

    assert late.model.harm.unknown == "labels_overdue"
    assert say_harm(late.model, late.run_date) == (
        "Not known whether it harms: labels that were due are missing; check labels and key."
    )
    assert [finding.message for finding in late.quality if finding.kind == "labels"] == [
        "labels: 2 days without any label, long after they were due; check labels and key."
    ]
    shop.label(1, frames[1])
    (tmp_path / "labels" / "2.csv").write_bytes(b"")
    with pytest.raises(DriftMonitorError, match=r"labels: .*2\.csv is empty \(0 bytes\); write it again"):
        shop.score(30, draw(400, 81))
    (tmp_path / "labels" / "2.csv").unlink()
    with pytest.raises(DriftMonitorError, match="current: score: no row has a usable score; check the data"):
        shop.score(31, draw(400, 82).assign(score=np.nan))


def test_a_monitor_that_paused_misses_no_labels(tmp_path):
    shop = Late(tmp_path)
    shop.score(0, draw(400, 60))
    shop.label(0, draw(400, 60))

    later = shop.score(44, draw(400, 80))

    assert later.model.harm.unknown == "loss_not_excluded"
    assert [finding for finding in later.quality if finding.kind == "labels"] == []


def test_what_columns_do_to_the_score_is_found_once_for_a_reference_or_given(tmp_path, monkeypatch):
    shop = Shop(tmp_path)
    first = shop.run(shop.write(0, draw(400, 2)))
    earlier = EarlierDays(importance=first.model.importance, model=first.model.days)
    write_earlier_days(tmp_path / "past.json", earlier.model_dump(mode="json"))
    monkeypatch.setattr("driftmonitor.analysis.model.importance.find_importance", None)  # would fail

    day = shop.write(1, draw(400, 3))
    again = run_measured(shop.parameters, day, tmp_path / "past.json")
    given = Shop(tmp_path, weights={"age": 3, "amount": 1}).run(day)

    parts = first.model.importance.parts
    assert list(parts) == ["amount", "age"] and 0.6 < parts["amount"] < 0.95
    assert again.importance == first.model.importance
    assert given.model.importance.parts == {"age": 0.75, "amount": 0.25}


def run_measured(parameters: dict, day: dt.date, past: Path) -> ModelRecord:
    """Return what a notebook finds of the model, with its cells' calls."""
    data = load(parameters, day)
    roles = find(data, parameters)
    comparison = compare(data, infer(data, parameters, roles.left_out))
    return measure_model(comparison, data, roles, past=str(past), run_date=f"{day}").model


def test_a_reference_of_the_rows_that_the_model_learnt_is_said_after_ten_labelled_days(tmp_path):
    learnt = draw(3000, 1).assign(fraud=lambda rows: (rows["score"] > 0.5).astype(int))  # as a model that knows them
    shop = Shop(tmp_path, learnt)

    records = [shop.run(shop.write(number, draw(400, 2 + number))) for number in range(10)]

    said = [[finding.message for finding in record.quality if finding.kind == "labels"] for record in records]
    assert said[:9] == [[]] * 9
    assert said[9] == [
        "reference: the model was never as good as here since labels are known; if it was trained on these rows, "
        "name others, and if not, it had lost before."
    ]
    assert records[9].model.reference_flatters is True
    check_schema(records[9])


def test_the_days_of_a_reference_with_times_say_how_much_a_model_s_days_differ(tmp_path):
    days = [draw(300, 50 + number, flipped=0.2 * (number % 2)) for number in range(16)]
    times = pd.date_range("2026-10-01", periods=16).repeat(300)
    reference = pd.concat(days, ignore_index=True).assign(at=times.astype(str))
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    given = {"label_delay_days": 14}
    with_times = Shop(tmp_path / "with", reference, time_column="at", **given)
    without = Shop(tmp_path / "without", reference.drop(columns="at"), **given)
    today = draw(900, 70)

    for shop, frame in ((with_times, today.assign(at=f"{FIRST}")), (without, today)):
        shop.write(0, frame, labelled=0)

    known, unknown = (shop.run(FIRST).model for shop in (with_times, without))
    assert known.estimated.loss == pytest.approx(unknown.estimated.loss, abs=0.01)
    assert known.estimated.error > 0.05 > 0.02 > unknown.estimated.error


def labels_findings(record: RunRecord) -> list[str]:
    return [finding.message for finding in record.quality if finding.kind == "labels"]


@pytest.mark.parametrize(
    ("edit", "said", "tried"),
    [
        (
            lambda frame: frame.assign(fraud=np.where(frame["fraud"] == 1, "yes", "no")),
            "400 labels of no class that the reference has; write them as it does.",
            "labels: fraud: 400 labels of no class that the reference has; write them as it does.",
        ),
        (
            lambda frame: frame.assign(order="A-" + frame["order"]),
            "no key of 400 labels is that of a row of 1 day whose labels are due; check key.",
            "labels: no key of 400 labels is that of a row of 2026-11-01, whose labels are due; check key.",
        ),
        (
            lambda frame: frame[:0],
            "there are none yet (labels/*.csv has no rows), although those of 1 day were due.",
            "There are no labels yet (labels/*.csv has no rows).",
        ),
    ],
)
def test_labels_that_cannot_be_used_say_why_by_validate_and_two_days_after_they_were_due(
    tmp_path, monkeypatch, edit, said, tried
):
    monkeypatch.chdir(tmp_path)
    shop = Late(tmp_path)
    shop.parameters["labels"] = "labels/*.csv"
    shop.score(0, draw(400, 3))
    shop.label(0, edit(draw(400, 3)))
    shop.write(15, draw(400, 4).drop(columns="fraud"))

    found = try_on_data(shop.parameters, FIRST + dt.timedelta(days=15))

    assert tried in " ".join((*found.problems, *found.notes))
    assert labels_findings(shop.score(16, draw(400, 5))) == [f"labels: {said}"]


def test_a_glob_of_labels_without_files_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shop = Late(tmp_path)
    shop.parameters["labels"] = "labels/*.csv"

    shop.score(0, draw(400, 3))

    assert "There are no labels yet (labels/*.csv: no such file)." in try_on_data(shop.parameters, FIRST).notes[0]


def test_a_reference_of_one_class_is_said_by_validate(tmp_path):
    shop = Shop(tmp_path, draw(3000, 1).assign(fraud=0))
    shop.write(0, draw(400, 2))

    (note,) = try_on_data(shop.parameters, FIRST).notes

    assert note.endswith(" All labels of the reference are of one class, so no day can be compared with it.")


def test_an_unknown_label_is_not_negative_where_the_positive_one_is_named(tmp_path):
    reference = draw(3000, 1)
    shop = Shop(tmp_path, reference.assign(fraud=np.where(reference["fraud"] == 1, "fraud", "ok")), positive="fraud")
    frame = draw(600, 2)

    record = shop.run(shop.write(0, frame.assign(fraud=np.where(frame["fraud"] == 1, "fraud", "0"))))

    assert record.model.days[0].performance.unknown == "one_class"
    assert labels_findings(record) == [
        f"current: {(frame['fraud'] == 0).sum()} labels of no class that the reference has; write them as it does."
    ]


def test_rows_that_share_a_key_and_scores_that_leave_0_to_1_are_counted(tmp_path):
    shop, frame = Late(tmp_path), draw(600, 2)
    shop.label(0, frame)
    frame.loc[5:9, "order"] = frame["order"][5]
    frame.loc[20:22, "score"] = 1.5

    record = shop.score(0, frame)

    assert labels_findings(record) == [
        "current: 5 rows that share their key with others; each takes its label.",
        "current: 3 scores outside 0 to 1, where the reference has none; the AUC alone is known.",
    ]
    metrics = record.model.days[0].performance.metrics
    assert (metrics["auc"].value > 0.8, metrics["accuracy"].value, metrics["f1"].value) == (True, None, None)
