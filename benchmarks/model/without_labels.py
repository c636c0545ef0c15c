"""What is said before labels come: of changes that cost much, little or nothing, and whether intervals cover."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.model.figures import Figure, share
from benchmarks.model.with_labels import REFERENCE_ROWS, ROWS, TOLERATED
from benchmarks.model.worlds import COLUMNS, DAY_EFFECT, NUMBERS, RIGHT, WORLDS, WRONG, Day, Model, make_model
from driftmonitor.analysis.model.estimate import ClassifierReference, learn_classifier
from driftmonitor.analysis.model.past_estimates import PastEstimate
from driftmonitor.analysis.model.performance import measure_binary
from driftmonitor.budget.harm.verdict import CERTAIN, judge_estimate
from driftmonitor.facts.performance import Estimate

LABELLED = 40  # days before
LOST, HALF, LARGE = 0.05, TOLERATED / 2, 0.08


@dataclass
class Trials:
    """What was found on days of one kind."""

    harmful: int = 0
    plain_harmful: int = 0
    unknown: dict[str, int] = field(default_factory=dict)
    bias: list[float] = field(default_factory=list)
    plain_bias: list[float] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)
    covered_loss: list[bool] = field(default_factory=list)

    def add(self, estimate: Estimate, day: Day, true_auc: float) -> None:
        """Count one day."""
        self.harmful += judge_estimate(estimate, TOLERATED).verdict == "harmful"
        if plain := estimate.plain_loss:
            self.plain_harmful += plain.value - CERTAIN * plain.error > TOLERATED
        if estimate.unknown:
            self.unknown[estimate.unknown] = self.unknown.get(estimate.unknown, 0) + 1
        metrics = measure_binary(day.label, day.score).metrics
        auc, loss = estimate.metrics["auc"], estimate.metrics["log_loss"]
        self.bias.append(auc.value - true_auc)
        self.plain_bias.append((auc.plain or np.nan) - true_auc)
        if not estimate.unknown:
            self.covered.append(bool(auc.low <= metrics["auc"].value <= auc.high))
            self.covered_loss.append(bool(loss.low <= metrics["log_loss"].value <= loss.high))


def learn(model: Model, random: np.random.Generator) -> ClassifierReference:
    """Return what is learnt from a reference of ten days' rows."""
    return learn_from(model.draw(REFERENCE_ROWS, random))


def learn_from(day: Day) -> ClassifierReference:
    """Return what is learnt from rows."""
    learnt = learn_classifier(day.label, day.score, day.frame, COLUMNS)
    assert learnt is not None
    return learnt


def labelled_days(
    model: Model, learnt: ClassifierReference, days: int, random: np.random.Generator
) -> Mapping[str, Sequence[PastEstimate]]:
    """Return past days without a change, whose labels are known."""
    found: dict[str, list[PastEstimate]] = {"auc": [], "log_loss": []}
    for _ in range(days):
        day = model.draw(ROWS, random, effect=random.normal(0, DAY_EFFECT, NUMBERS))
        estimate, metrics = learnt.estimate(day.score, day.frame), measure_binary(day.label, day.score).metrics
        for name, past in found.items():
            each = estimate.metrics[name]
            realised = metrics[name].value
            if realised is not None:
                past.append(PastEstimate(realised, each.value, each.label_variance, each.calibration_variance))
    return found


def try_days(
    name: str, losses: Sequence[float], references: int, days: int, seed: int, prior: float | None = None, past: int = 0
) -> dict[float, Trials]:
    """Return what was found for changes of so many losses, on so many days for each of so many references."""
    model, found = make_model(name), {loss: Trials() for loss in losses}
    strengths = {loss: model.strength_for(loss) if loss else 0.0 for loss in losses}
    for number in range(references):
        random = np.random.default_rng([seed, number])
        learnt = learn(model, random)
        known = labelled_days(model, learnt, past, random)
        for loss, trials in found.items():
            for _ in range(days):
                effect = random.normal(0, DAY_EFFECT, NUMBERS)
                day = model.draw(ROWS, random, strengths[loss], effect, prior)
                trials.add(learnt.estimate(day.score, day.frame, known), day, model.true_auc(strengths[loss]))
    return found


def without_labels(references: int, days: int) -> Iterator[Figure]:
    """Yield the figures of two classes without labels."""
    number = f"{references} × {days}"
    for name in WORLDS:
        losses = (0.0, HALF, LOST)
        found = try_days(name, losses, references, days, 7)
        total = references * days
        for loss, asked in zip(losses, ("≤ 2%", "≤ 2%", "≥ 95%" if name in RIGHT else "none"), strict=True):
            each = found[loss]
            text = f"{share(each.harmful, total)} (without reweighting {share(each.plain_harmful, total)})"
            yield Figure(f"{name}, loss of {loss:.2f}: called harmful", asked, text, number)
            unknown = ", ".join(f"{why} {share(times, total)}" for why, times in each.unknown.items()) or "never"
            yield Figure(f"{name}, loss of {loss:.2f}: not known", "none", unknown, number)
        biases = (f"{np.mean(found[loss].bias):+.4f} ({np.mean(found[loss].plain_bias):+.4f})" for loss in losses)
        yield Figure(f"{name}: bias (without reweighting)", "–", ", ".join(biases), number)
    for name in WRONG:
        each = try_days(name, (LARGE,), references, days, 8)[LARGE]
        yield Figure(
            f"{name}, loss of {LARGE:.2f}: called harmful", "none", share(each.harmful, references * days), number
        )


def coverage(references: int, days: int) -> Iterator[Figure]:
    """Yield how often intervals cover, after 40 labelled days."""
    number = f"{references} × {days}"
    kinds: list[tuple[str, float, float | None]] = [(name, 0.0, None) for name in ("narrower column", WRONG[0])]
    kinds += [(name, LOST, None) for name in RIGHT] + [("narrower column", 0.0, 0.6)]
    for name, loss, prior in kinds:
        each = try_days(name, (loss,), references, days, 8, prior, LABELLED)[loss]
        what = f"{name}, {'prior shift' if prior else f'loss of {loss:.2f}'}: coverage of AUC, log loss"
        covered = (
            f"{_mean(each.covered)}, {_mean(each.covered_loss)}; known on {share(len(each.covered), len(each.bias))}"
        )
        yield Figure(what, "93–97%" if prior is None else "unknown, or as measured", covered, number)


def _mean(covered: Sequence[bool]) -> str:
    return f"{100 * np.mean(covered):.1f}%" if covered else "–"
