"""A model's performance on labelled rows equals scikit-learn's, its intervals cover, and what is unknown is never 0."""

import time

import numpy as np
import pytest

from driftmonitor.analysis.model.auc import compute_auc
from driftmonitor.analysis.model.classes import measure_classes, spread_scores
from driftmonitor.analysis.model.performance import measure_binary, measure_regression
from driftmonitor.facts.performance import Performance

EXACT = 5e-4  # metrics are kept with four digits


def scored_rows(rows=600, seed=1, ties=False):
    random = np.random.default_rng([20, seed])
    logit = random.normal(-0.4, 2, rows)
    label = (random.random(rows) < 1 / (1 + np.exp(-logit))).astype(float)
    score = 1 / (1 + np.exp(-1.3 * logit - 0.2))
    return label, np.round(score, 1) if ties else score


def of_classes(rows=900, seed=2):
    random = np.random.default_rng([20, seed])
    logits = random.normal(0, 1.2, (rows, 3))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    label = (random.random(rows)[:, None] > p.cumsum(axis=1)).sum(axis=1)
    return label, p


@pytest.mark.parametrize("ties", [False, True])
def test_metrics_of_two_classes_are_those_of_scikit_learn(ties):
    metrics = pytest.importorskip("sklearn.metrics")
    y, s = scored_rows(ties=ties)

    found = {name: metric.value for name, metric in measure_binary(y, s, threshold=0.4).metrics.items()}

    assert found["auc"] == pytest.approx(metrics.roc_auc_score(y, s), rel=EXACT)
    assert found["log_loss"] == pytest.approx(metrics.log_loss(y, np.clip(s, 1e-6, 1 - 1e-6)), rel=EXACT)
    assert found["brier"] == pytest.approx(metrics.brier_score_loss(y, s), rel=EXACT)
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(y, s >= 0.4), rel=EXACT)
    assert found["f1"] == pytest.approx(metrics.f1_score(y, s >= 0.4), rel=EXACT)


def test_metrics_of_three_classes_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    y, p = of_classes()

    found = {name: metric.value for name, metric in measure_classes(y, p).metrics.items()}

    assert found["auc"] == pytest.approx(metrics.roc_auc_score(y, p, multi_class="ovr"), rel=EXACT)
    assert found["log_loss"] == pytest.approx(metrics.log_loss(y, p), rel=EXACT)
    assert found["brier"] == pytest.approx(((p - np.eye(3)[y]) ** 2).sum(axis=1).mean(), rel=EXACT)
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(y, p.argmax(axis=1)), rel=EXACT)
    assert found["f1"] == pytest.approx(metrics.f1_score(y, p.argmax(axis=1), average="macro"), rel=EXACT)


def test_metrics_of_a_number_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(3)
    y = random.normal(50, 10, 400)
    predicted = y + random.normal(1, 4, 400)

    found = {name: metric.value for name, metric in measure_regression(y, predicted).metrics.items()}

    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(y, predicted), rel=EXACT)
    assert found["rmse"] == pytest.approx(metrics.root_mean_squared_error(y, predicted), rel=EXACT)
    assert found["bias"] == pytest.approx((predicted - y).mean(), rel=EXACT)


def test_delongs_variance_is_that_of_a_loop_over_all_pairs():
    y, s = scored_rows(rows=90, ties=True)
    above, below = s[y == 1], s[y == 0]
    wins = np.array([[1.0 if a > b else 0.5 if a == b else 0.0 for b in below] for a in above])
    expected = wins.mean(axis=1).var(ddof=1) / len(above) + wins.mean(axis=0).var(ddof=1) / len(below)

    found = compute_auc(y == 1, s)

    assert found.value == pytest.approx(wins.mean(), rel=1e-12)
    assert found.variance == pytest.approx(expected, rel=1e-12)


def test_the_macro_auc_varies_as_its_variance_says():
    days = [measure_classes(*of_classes(400, seed)).decisive for seed in range(100, 300)]

    realised = np.var([day.value for day in days])
    assert np.mean([day.variance for day in days]) == pytest.approx(realised, rel=0.25)  # 200 days: 10% by chance


@pytest.mark.parametrize(("rows", "least"), [(40, 0.92), (600, 0.92)])
def test_intervals_cover_the_value_of_many_rows(rows, least):
    truth = measure_binary(*scored_rows(400_000, 9)).metrics
    days = [measure_binary(*scored_rows(rows, seed)).metrics for seed in range(1000, 1300)]

    covered = {name: np.mean([day[name].low <= truth[name].value <= day[name].high for day in days]) for name in truth}

    assert {name: share for name, share in covered.items() if share < least} == {}  # 95% less 2.4 standard errors


def test_a_day_of_one_class_has_no_auc_but_the_other_metrics():
    found = measure_binary(np.zeros(50), np.linspace(0.1, 0.6, 50))

    assert (found.unknown, found.decisive, found.metrics["auc"].value) == ("one_class", None, None)
    assert found.metrics["accuracy"].value == 0.8
    assert found.metrics["f1"].value == 0
    assert found.metrics["brier"].value > 0


def test_rows_without_a_label_are_counted_and_nothing_is_known_without_any():
    y, s = scored_rows(rows=100)
    some = np.where(np.arange(100) < 62, y, np.nan)

    partly, none = measure_binary(some, s), measure_binary(np.full(100, np.nan), s)

    assert (partly.rows, partly.labelled, partly.unknown) == (100, 62, None)
    assert (none.labelled, none.unknown) == (0, "no_labels")
    assert {metric.value for metric in none.metrics.values()} == {None}
    assert measure_classes(np.full(9, -1), np.full((9, 3), 1 / 3)).unknown == "no_labels"
    assert measure_regression(np.full(9, np.nan), np.ones(9)).unknown == "no_labels"


def test_scores_that_are_no_probabilities_rank_rows_and_say_no_more():
    y, s = scored_rows()

    found = measure_binary(y, 100 * s, threshold=50)

    assert found.metrics["auc"] == measure_binary(y, s).metrics["auc"]
    assert found.metrics["accuracy"] == measure_binary(y, s).metrics["accuracy"]
    assert [found.metrics[name].value for name in ("log_loss", "brier", "calibration_error")] == [None] * 3
    assert measure_binary(y, 100 * s).metrics["accuracy"].value is None


def test_errors_beyond_all_measure_are_not_known():
    found = measure_regression(np.array([1e200, 2.0]), np.array([-1e200, 2.0]))

    assert (found.metrics["rmse"].value, found.decisive, found.labelled) == (None, None, 2)


def test_separated_classes_have_an_interval_that_admits_less():
    found = measure_binary(np.repeat([0.0, 1.0], 5), np.linspace(0, 1, 10)).metrics["auc"]

    assert (found.value, found.high) == (1.0, 1.0)
    assert 0.2 < found.low < 0.8


def test_one_positive_row_has_an_auc_without_a_variance():
    found = measure_binary(np.repeat([0.0, 1.0], [20, 1]), np.linspace(0, 1, 21))

    assert (found.decisive.value, found.decisive.variance, found.decisive.weight) == (1.0, None, 1)


def test_well_calibrated_scores_have_the_error_that_chance_gives():
    random = np.random.default_rng(5)
    s = random.random(5_000)
    y = (random.random(5_000) < s).astype(float)

    found, skewed = measure_binary(y, s), measure_binary(y, s**2)

    error = found.metrics["calibration_error"]
    assert error.low == 0
    assert error.value == pytest.approx(error.by_chance, rel=0.6)
    assert sum(point.rows for point in found.curve) == 5_000
    assert skewed.metrics["calibration_error"].low > 0.1


def test_one_score_for_the_decided_class_leaves_the_rest_to_the_others():
    spread = spread_scores(np.array([2, 0]), np.array([0.5, 0.8]), 3)

    assert spread == pytest.approx(np.array([[0.25, 0.25, 0.5], [0.8, 0.1, 0.1]]))


def test_a_hundred_thousand_rows_take_well_under_a_second_and_what_is_kept_is_small():
    y, s = scored_rows(100_000)
    started = time.process_time()

    found = measure_binary(y, s)

    assert time.process_time() - started < 1
    text = found.model_dump_json()
    assert Performance.model_validate_json(text) == found
    assert len(text) < 1_500
