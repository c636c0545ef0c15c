"""Estimates without labels: each formula against a brute-force computation, and what is said where they cannot hold."""

import numpy as np
import pandas as pd
import pytest

from driftmonitor.analysis.model.calibrators import draw_counts, fit_calibrator
from driftmonitor.analysis.model.encode import fit_encoder
from driftmonitor.analysis.model.estimate import learn_classifier
from driftmonitor.analysis.model.expected import (
    expected_auc,
    expected_log_loss,
    expected_macro_auc,
    label_variance,
)
from driftmonitor.analysis.model.importance import find_importance
from driftmonitor.analysis.model.past_estimates import PastEstimate, learn_misses, make_estimated
from driftmonitor.analysis.model.regression import learn_regression
from driftmonitor.analysis.model.reweight import find_weights
from driftmonitor.facts.performance import Estimate

pytestmark = pytest.mark.xdist_group("model_estimates")


def slow_auc(p, s):
    """Return the expected AUC by a loop over all pairs of different rows."""
    wins = pairs = 0.0
    for i in range(len(s)):
        for j in range(len(s)):
            if i != j:
                pairs += p[i] * (1 - p[j])
                wins += p[i] * (1 - p[j]) * (1.0 if s[i] > s[j] else 0.5 if s[i] == s[j] else 0.0)
    return wins / pairs


def small_day(rows=60, seed=1):
    random = np.random.default_rng([21, seed])
    s = np.round(random.random(rows), 1)
    return np.clip(s + random.normal(0, 0.1, rows), 0.01, 0.99), s


def test_the_expected_auc_is_that_of_a_loop_over_pairs_and_so_is_its_derivative():
    p, s = small_day()

    found = expected_auc(p, s)

    assert found.value == pytest.approx(slow_auc(p, s), rel=1e-12)
    for row in (0, 17, 59):
        step = np.eye(60)[row] * 1e-6
        slope = (slow_auc(p + step, s) - slow_auc(p - step, s)) / 2e-6
        assert found.influence[row, 0] == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_drawn_labels_have_the_expected_auc_and_log_loss_and_their_variance():
    from driftmonitor.analysis.model.performance import measure_binary

    p, s = small_day(400, 2)
    s = np.clip(s, 0.05, 0.95)
    random = np.random.default_rng(3)
    days = [measure_binary((random.random(400) < p).astype(float), s) for _ in range(1500)]
    expected = {"auc": expected_auc(p, s), "log_loss": expected_log_loss(p[:, None], s[:, None])}

    for name, found in expected.items():
        drawn = np.array([day.metrics[name].value for day in days])
        variance = label_variance(p[:, None], found.influence)
        assert drawn.mean() == pytest.approx(found.value, abs=4 * drawn.std() / 1500**0.5)
        assert drawn.var() == pytest.approx(variance, rel=0.15)  # 1,500 draws: 3.7% by chance


def test_drawn_labels_of_three_classes_have_the_expected_macro_auc_and_its_variance():
    from driftmonitor.analysis.model.classes import measure_classes

    random = np.random.default_rng(4)
    p = random.dirichlet([0.7, 0.5, 0.4], 500)
    found = expected_macro_auc(p, p)
    labels = ((random.random((800, 500, 1)) > p.cumsum(axis=1)).sum(axis=2) for _ in range(1))
    drawn = np.array([measure_classes(each, p).decisive.value for each in next(labels)])

    assert drawn.mean() == pytest.approx(found.value, abs=4 * drawn.std() / 800**0.5)
    assert drawn.var() == pytest.approx(label_variance(p, found.influence), rel=0.2)


def test_calibration_is_scikit_learns_isotonic_regression():
    isotonic = pytest.importorskip("sklearn.isotonic").IsotonicRegression(out_of_bounds="clip")
    random = np.random.default_rng(5)
    s = np.round(random.random(800), 2)
    y, weights = random.random(800) < s**2, random.random(800)
    at = np.linspace(-0.1, 1.1, 50)

    found = fit_calibrator(s, y, draw_counts(800)[:3], weights)

    assert found(at) == pytest.approx(isotonic.fit(s, y, weights).predict(at), abs=1e-9)


def test_a_bootstrapped_calibration_moves_the_estimate_as_far_as_its_derivative_says():
    random = np.random.default_rng(6)
    s = random.random(5_000)
    y, counts = random.random(5_000) < s, draw_counts(5_000)
    today = random.random(1_000)
    base = fit_calibrator(s, y, counts)
    whole = expected_auc(base(today), today)

    moved = base.shift(today, whole.influence[:, 0])

    for number in range(5):
        again = fit_calibrator(s, y, counts[:0], counts[number].astype(float))
        assert expected_auc(again(today), today).value - whole.value == pytest.approx(moved[number], abs=4e-4)
    assert 0.001 < moved.std() < 0.01


def test_weighted_rows_of_the_reference_resemble_the_day():
    random = np.random.default_rng(7)
    reference, today = random.normal(0, 1, (8_000, 3)), random.normal([0.8, 0, 0], [1, 0.7, 1], (1_000, 3))

    found = find_weights(reference, today, np.arange(3))

    assert found.values @ reference / 8_000 == pytest.approx(today.mean(axis=0), abs=0.08)
    assert found.values @ reference**2 / 8_000 == pytest.approx((today**2).mean(axis=0), abs=0.15)
    exact = np.exp(0.8 * reference[:, 0] - 0.32 + (1 - 0.7**-2) / 2 * reference[:, 1] ** 2) / 0.7
    assert np.corrcoef(np.minimum(exact, 30), found.values)[0, 1] > 0.95
    assert 500 < found.effective_rows < 5_000


def table_of(random, rows, segment=0.2, missing=0.1):
    return pd.DataFrame(
        {
            "amount": np.where(random.random(rows) < missing, np.nan, np.exp(random.normal(3, 1, rows))),
            "country": random.choice(["DE", "FR", "XX"], rows, p=[0.8 - segment, 0.2, segment]),
            "same": 1,
            "flag": random.random(rows) < 0.5,
        }
    )


def test_columns_of_any_kind_become_numbers_and_values_that_are_new_are_counted():
    random = np.random.default_rng(8)
    reference, today = table_of(random, 2_000), table_of(random, 300, missing=0)
    today.loc[:29, "country"] = "NEW"
    today.loc[30:44, "amount"] = 1e9
    encoder = fit_encoder(reference, list(reference))

    found = encoder.encode(today)

    assert [column.name for column in encoder.columns] == ["amount", "country", "flag"]
    assert found.numbers.shape == (300, 6)  # amount and its indicator, three countries, flag
    assert np.isfinite(found.numbers).all()
    assert (found.outside, found.outside_columns) == (0.15, ("country", "amount"))
    assert encoder.encode(reference).outside == 0
    assert encoder.encode(today.drop(columns="flag")).outside_columns == ("flag", "country", "amount")
    assert encoder.encode(today.assign(amount="a word")).outside < 0.2  # the reference has missing values too


def test_dates_and_names_that_are_new_each_day_say_nothing():
    reference = pd.DataFrame({"at": pd.date_range("2026-01-01", periods=500), "name": [f"n{i}" for i in range(500)]})

    encoder = fit_encoder(reference, ["at", "name"])

    assert [column.name for column in encoder.columns] == ["name"]
    assert encoder.encode(reference.assign(name="new")).outside == 0


def test_an_integer_column_with_missing_values_and_one_of_pandas_own_types_are_numbers():
    reference = pd.DataFrame(
        {"n": pd.array([1, 2, None] * 200, dtype="Int64"), "c": pd.Categorical(["a", "b", None] * 200)}
    )

    encoded = fit_encoder(reference, ["n", "c"]).encode(reference)

    assert np.isfinite(encoded.numbers).all()
    assert encoded.outside == 0


@pytest.fixture(scope="module")
def reference():
    random = np.random.default_rng(9)
    return learn(*rows_of(random, 6_000)), random


def rows_of(random, rows, shift=0.0, slope=1.0):
    frame = table_of(random, rows)
    logit = 2.5 * random.normal(shift, 1, rows) - 0.5
    frame["x"] = logit / 2.5
    label = (random.random(rows) < 1 / (1 + np.exp(-slope * logit))).astype(float)
    return label, 1 / (1 + np.exp(-logit)), frame


def learn(label, score, frame):
    return learn_classifier(label, score, frame, list(frame))


def test_a_day_like_the_reference_is_estimated_as_it_is_and_expects_no_loss(reference):
    from driftmonitor.analysis.model.performance import measure_binary

    learnt, _ = reference
    label, score, frame = rows_of(np.random.default_rng(10), 1_500)

    found = learnt.estimate(score, frame)

    realised = measure_binary(label, score).metrics
    assert found.unknown is None
    for name, metric in found.metrics.items():
        assert metric.low < realised[name].value < metric.high
        assert metric.claimed is None  # no labelled days yet
    assert abs(found.loss.value) < 3 * found.loss.error < 0.03
    assert Estimate.model_validate_json(found.model_dump_json()) == found


def test_the_same_day_is_estimated_the_same_whatever_the_order_of_its_rows(reference):
    learnt, _ = reference
    _, score, frame = rows_of(np.random.default_rng(11), 800)
    order = np.random.default_rng(12).permutation(800)

    one, other = learnt.estimate(score, frame), learnt.estimate(score[order], frame.iloc[order])

    assert one.metrics["auc"].value == pytest.approx(other.metrics["auc"].value, abs=1e-5)


def test_nothing_is_known_of_few_rows_new_values_or_a_day_that_no_reference_row_resembles(reference):
    learnt, random = reference
    _, score, frame = rows_of(random, 600)
    _, far, far_frame = rows_of(random, 600, shift=2.6)
    new = frame.assign(country=np.where(np.arange(600) < 60, "NEW", frame["country"]))

    assert learnt.estimate(score[:50], frame[:50]).unknown == "few_rows"
    assert learnt.estimate(score, new).unknown == "outside_reference"
    assert learnt.estimate(far, far_frame).unknown in ("few_effective_rows", "outside_reference")


def test_a_reference_of_few_rows_or_of_one_class_teaches_nothing():
    label, score, frame = rows_of(np.random.default_rng(13), 500)

    assert learn(np.full(500, np.nan), score, frame) is None
    assert learn(1 - label, score, frame) is None  # the other class was meant
    assert learn(label[:200], score[:200], frame[:200]) is None
    assert learn(np.zeros(500), score, frame) is None
    assert learn(np.where(np.arange(500) < 250, label, np.nan), score, frame) is None


def past(random, number, miss=0.0, between=0.01):
    values = random.normal(miss, (0.008**2 + 0.002**2 + between**2) ** 0.5, number)
    return [PastEstimate(0.93 + value, 0.93, 0.008**2, 0.002**2) for value in values]


def test_95_percent_are_claimed_after_40_labelled_days_with_a_part_for_how_days_differ():
    random = np.random.default_rng(14)

    few, enough = (learn_misses(past(random, number)) for number in (39, 90))

    before, after = (make_estimated(0.93, 0.93, 0.008**2, 0.002**2, each) for each in (few, enough))
    assert (before.claimed, after.claimed) == (None, 0.95)
    assert enough.between_days**0.5 == pytest.approx(0.01, rel=0.25)
    assert after.high - after.low > 1.3 * (before.high - before.low)


def test_estimates_that_missed_on_labelled_days_are_found_and_chance_is_not():
    random = np.random.default_rng(15)

    assert learn_misses(past(random, 30, miss=-0.025)).missed  # a reference of training rows: 0.959 for 0.934
    assert [learn_misses(past(random, 30)).missed for _ in range(40)] == [False] * 40


def test_a_loss_is_certain_only_beyond_what_estimates_missed_on_labelled_days(reference):
    learnt, _ = reference
    _, score, frame = rows_of(np.random.default_rng(18), 1_500)
    random = np.random.default_rng(19)
    varied, calm = ([*past(random, 60, between=size)] for size in (0.06, 0.0))

    alone, after_varied, after_calm = (learnt.estimate(score, frame, {"auc": days}).loss for days in ([], varied, calm))

    assert alone.value == after_varied.value == after_calm.value
    assert after_varied.error == pytest.approx(0.05, abs=0.015)
    assert alone.error <= after_calm.error < 0.006


def test_the_days_of_a_reference_say_how_much_estimates_miss_before_any_label_comes():
    random = np.random.default_rng(20)
    day, slope = np.repeat(np.arange(20), 300), np.tile([0.3, 1.5], 10).repeat(300)  # what relates both is in no column
    label, score, frame = rows_of(random, 6_000, slope=slope)
    _, today, today_frame = rows_of(random, 1_500)

    known = learn_classifier(label, score, frame, list(frame), day).estimate(today, today_frame).loss
    shuffled = learn_classifier(label, score, frame, list(frame), random.permutation(day)).estimate(today, today_frame)

    assert known.error > 0.05 > 0.02 > shuffled.loss.error
    assert learn(label, score, frame).estimate(today, today_frame).loss.error < 0.02


def test_a_regressions_loss_is_certain_only_beyond_how_much_the_days_of_its_reference_differ():
    random = np.random.default_rng(21)
    x, day = random.normal(0, 1, 6_000), np.repeat(np.arange(20), 300)
    error = random.normal(0, 1, 6_000) * np.tile([0.5, 1.5], 10).repeat(300)
    frame = pd.DataFrame({"x": x})

    with_days, without = (
        learn_regression(3 * x + error, 3 * x, frame, ["x"], each).estimate(3 * x[:900], frame[:900]).loss
        for each in (day, None)
    )

    assert with_days.error > 0.3 > 0.1 > without.error


def test_the_mean_absolute_error_of_a_number_is_estimated_and_unknown_outside_the_reference():
    random = np.random.default_rng(16)

    def rows(number, shift=0.0):
        x = random.normal(shift, 1, number)
        prediction = 3 * x
        return prediction + random.normal(0, 1, number) * (1 + 0.5 * np.abs(x)), prediction, pd.DataFrame({"x": x})

    learnt = learn_regression(*rows(8_000), ["x"])
    label, prediction, frame = rows(2_000, shift=0.8)
    _, far, far_frame = rows(2_000, shift=3.0)

    near, away = learnt.estimate(prediction, frame), learnt.estimate(far, far_frame)

    realised = np.abs(label - prediction).mean()
    assert near.metrics["mae"].value == pytest.approx(realised, rel=0.06)
    assert near.loss.value > 3 * near.loss.error
    assert (near.unknown, away.unknown) == (None, "outside_reference")
    assert learn_regression(label[:100], prediction[:100], frame[:100], ["x"]) is None


def test_columns_are_ordered_by_what_they_do_to_the_score():
    pytest.importorskip("sklearn")
    random = np.random.default_rng(17)
    frame = table_of(random, 2_000)
    frame["x"] = random.normal(0, 1, 2_000)
    score = pd.Series(1 / (1 + np.exp(-2 * frame["x"] - 2 * (frame["country"] == "FR") + random.normal(0, 0.2, 2_000))))

    found = find_importance(frame, score, list(frame))

    assert list(found.parts)[:2] == ["x", "country"]
    assert found.parts["x"] > 0.5 > found.parts["country"] > 0.1 > found.parts["amount"]
    assert 0.9 < found.explained <= 1
    assert find_importance(frame, pd.Series(np.ones(2_000)), list(frame)) is None
