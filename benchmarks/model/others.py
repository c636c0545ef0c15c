"""Models of three classes and of a number: false alerts, changes found, estimates; and what a day costs."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from benchmarks.model.figures import Figure, share
from benchmarks.model.with_labels import REFERENCE_ROWS, ROWS, TOLERATED, count_onsets
from benchmarks.model.without_labels import learn
from benchmarks.model.worlds import DAY_EFFECT, make_model
from driftmonitor.analysis.model.classes import measure_classes
from driftmonitor.analysis.model.estimate import learn_classifier
from driftmonitor.analysis.model.past_estimates import PastEstimate
from driftmonitor.analysis.model.performance import measure_binary, measure_regression
from driftmonitor.analysis.model.regression import RegressionReference, learn_regression
from driftmonitor.budget.harm.realised import LabelledDay, Terms, judge_days
from driftmonitor.budget.harm.verdict import judge_estimate

CLASS_SLOPES = np.array([[2.0, 0, 0], [0, 2.0, 0], [-1.0, -1.0, 1.5]])  # column, class
NAMES = ["a", "b", "c"]
Rows = tuple[np.ndarray, np.ndarray, pd.DataFrame]


def draw_classes(
    rows: int, random: np.random.Generator, effect: np.ndarray | float = 0.0, spread: float = 1.0, wrong: float = 0.0
) -> Rows:
    """Return labels, scores (rows, 3) and the table; a share of labels is any class."""
    x = random.standard_normal((rows, 3)) * [spread, spread, 1] + effect
    odds = np.exp(1.6 * x @ CLASS_SLOPES)
    p = odds / odds.sum(axis=1, keepdims=True)
    label = np.minimum((random.random(rows)[:, None] > p.cumsum(axis=1)).sum(axis=1), 2)
    label = np.where(random.random(rows) < wrong, random.integers(0, 3, rows), label)
    return label, p, pd.DataFrame(x, columns=NAMES)


def draw_numbers(
    rows: int, random: np.random.Generator, effect: np.ndarray | float = 0.0, shift: float = 0.0, wrong: float = 1.0
) -> Rows:
    """Return labels, predictions and the table; errors grow with the first column, and by a factor."""
    x = random.standard_normal((rows, 3)) + effect
    x[:, 0] += shift
    prediction = 10 + x @ [2.0, 1.0, 0.5]
    error = random.standard_normal(rows) * (1 + 0.5 * np.abs(x[:, 0])) * wrong
    return prediction + error, prediction, pd.DataFrame(x, columns=NAMES)


def others(years: int, trials: int) -> Iterator[Figure]:
    """Yield the figures of three classes and of numbers."""
    numbers_terms = Terms(
        0.1 * float(np.abs(np.subtract(*draw_numbers(100_000, np.random.default_rng(1))[:2])).mean()), -1
    )
    kinds = (
        ("three classes", draw_classes, measure_classes, Terms(TOLERATED), 0.25),
        ("regression", draw_numbers, measure_regression, numbers_terms, 1.4),
    )
    for name, draw, measure, terms, wrong in kinds:
        yield from _with_labels(name, draw, measure, terms, wrong, years, trials)
    yield from _classes_without_labels(trials)
    yield from _numbers_without_labels(trials, numbers_terms.tolerated_loss)


def _with_labels(
    name: str, draw: Callable, measure: Callable, terms: Terms, wrong: float, years: int, trials: int
) -> Iterator[Figure]:
    random = np.random.default_rng(21)
    onsets = 0
    for _ in range(years):
        reference = measure(*draw(REFERENCE_ROWS, random)[:2]).decisive
        effects = random.normal(0, DAY_EFFECT, (365, 3))
        days = [LabelledDay(measure(*draw(ROWS, random, effect)[:2]).decisive) for effect in effects]
        onsets += count_onsets(judge_days(days, reference, terms))
    yield Figure(
        f"{name}: alerts a model-year without change", "≤ 0.5", f"{onsets / years:.2f}", f"{years} model-years"
    )
    found = []
    for _ in range(trials):
        reference = measure(*draw(REFERENCE_ROWS, random)[:2]).decisive
        calm = [LabelledDay(measure(*draw(ROWS, random)[:2]).decisive) for _ in range(20)]
        changed = LabelledDay(measure(*draw(ROWS, random, wrong=wrong)[:2]).decisive)
        found.append(judge_days([*calm, changed], reference, terms)[-1].verdict == "harmful")
    what = "a quarter of the labels is any class" if name == "three classes" else "errors grow by 40%"
    yield Figure(f"{name}: {what}, day one", "≥ 95%", share(sum(found), trials), str(trials))


def _classes_without_labels(trials: int) -> Iterator[Figure]:
    random = np.random.default_rng(22)
    references = max(1, trials // 40)
    for what, spread in (("no change", 1.0), ("columns narrower by 40%", 0.6)):
        bias, covered, harmful, known = [], [], 0, 0
        for _ in range(references):
            learnt = learn_classifier(*draw_classes(REFERENCE_ROWS, random), NAMES)
            assert learnt is not None
            past = [_classes_day(learnt, random, 1.0) for _ in range(40)]
            for _ in range(trials // references):
                label, p, frame = draw_classes(ROWS, random, random.normal(0, DAY_EFFECT, 3), spread)
                found = learnt.estimate(p, frame, {"auc": past})
                realised, auc = measure_classes(label, p).decisive, found.metrics["auc"]
                if realised is None:
                    continue
                bias.append(auc.value - realised.value)
                harmful += judge_estimate(found, TOLERATED).verdict == "harmful"
                known += found.unknown is None
                covered.append(bool(auc.low <= realised.value <= auc.high))
        text = f"bias {np.mean(bias):+.4f}, coverage {100 * np.mean(covered):.1f}%, harmful {share(harmful, len(bias))}"
        yield Figure(
            f"three classes, {what}: estimate", "93–97%", f"{text}, known {share(known, len(bias))}", str(trials)
        )


def _classes_day(learnt: object, random: np.random.Generator, spread: float) -> PastEstimate:
    label, p, frame = draw_classes(ROWS, random, random.normal(0, DAY_EFFECT, 3), spread)
    each = learnt.estimate(p, frame).metrics["auc"]  # type: ignore[attr-defined]
    realised = measure_classes(label, p).decisive
    assert realised is not None
    return PastEstimate(realised.value, each.value, each.label_variance, each.calibration_variance)


def _numbers_without_labels(trials: int, tolerated_loss: float) -> Iterator[Figure]:
    random = np.random.default_rng(23)
    references = max(1, trials // 40)
    for what, shift, asked in (
        ("no change", 0.0, "≥ 85%"), ("shift of 0.5 SD", 0.5, "≥ 85%"), ("shift of 1 SD", 1.0, "≥ 85%"),
        ("shift of 3 SD", 3.0, "not known"),
    ):  # fmt: skip
        bias, covered, harmful, known = [], [], 0, 0
        for _ in range(references):
            learnt = learn_regression(*draw_numbers(REFERENCE_ROWS, random), NAMES)
            assert learnt is not None
            past = [_numbers_day(learnt, random) for _ in range(40)]
            for _ in range(trials // references):
                label, predicted, frame = draw_numbers(ROWS, random, random.normal(0, DAY_EFFECT, 3), shift)
                found = learnt.estimate(predicted, frame, past)
                mae, realised = found.metrics["mae"], float(np.abs(predicted - label).mean())
                bias.append(mae.value - realised)
                harmful += judge_estimate(found, tolerated_loss).verdict == "harmful"
                known += found.unknown is None
                covered.append(bool(mae.low <= realised <= mae.high))
        text = f"bias {np.mean(bias):+.3f}, coverage {100 * np.mean(covered):.1f}%, harmful {share(harmful, len(bias))}"
        yield Figure(f"regression, {what}: estimate", asked, f"{text}, known {share(known, len(bias))}", str(trials))


def _numbers_day(learnt: RegressionReference, random: np.random.Generator) -> PastEstimate:
    label, predicted, frame = draw_numbers(ROWS, random, random.normal(0, DAY_EFFECT, 3))
    each = learnt.estimate(predicted, frame).metrics["mae"]
    realised = float(np.abs(predicted - label).mean())
    return PastEstimate(realised, each.value, each.label_variance, each.calibration_variance)


def cost(times: int) -> Iterator[Figure]:
    """Yield the CPU seconds of a day's parts."""
    model, random = make_model("narrower column"), np.random.default_rng(24)
    for rows in (1_000, 100_000):
        day = model.draw(rows, random)
        seconds = _seconds(lambda day=day: measure_binary(day.label, day.score), times)
        yield Figure(f"metrics of {rows:,} rows, CPU seconds", "–", f"{seconds:.3f}", str(times))
    learnt, today = learn(model, random), model.draw(ROWS, random)
    seconds = _seconds(lambda: learn(model, random), times)
    yield Figure("learning from a reference of 10,000 rows, CPU seconds", "–", f"{seconds:.2f}", str(times))
    seconds = _seconds(lambda: learnt.estimate(today.score, today.frame), times)
    yield Figure("estimate of 1,000 rows, CPU seconds", "–", f"{seconds:.2f}", str(times))


def _seconds(run: Callable[[], object], times: int) -> float:
    started = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - started) / times
