"""What is said once labels are known: alerts of years without a change, and how soon changes are found."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from benchmarks.model.figures import Figure, share
from benchmarks.model.worlds import DAY_EFFECT, NUMBERS, Day, Model, make_model
from driftmonitor.budget.harm.realised import LabelledDay, Terms, judge_days
from driftmonitor.facts.performance import Decisive, Harm

ROWS, REFERENCE_ROWS, TOLERATED = 1_000, 10_000, 0.02
TERMS = Terms(TOLERATED)
BEFORE, AFTER = 60, 30  # days before a change, and since
WIDE, WIDE_YEARS = 0.06, 20  # standard deviation of days' AUC
CORRELATION = 0.9  # of a day's effect with that of the day before
Change = Callable[[Day, np.random.Generator, int], Day]


def reference_of(model: Model, random: np.random.Generator) -> Decisive | None:
    """Return the decisive metric of a reference of ten days' rows."""
    return model.draw(REFERENCE_ROWS, random).decisive


def effects_of(
    days: int, random: np.random.Generator, correlated: bool = False, size: float = DAY_EFFECT
) -> np.ndarray:
    """Return what each day adds to each number (days, 6)."""
    drawn = random.normal(0, size, (days, NUMBERS))
    for day in range(1, days if correlated else 1):
        drawn[day] = CORRELATION * drawn[day - 1] + (1 - CORRELATION**2) ** 0.5 * drawn[day]
    return drawn


def draw_days(
    model: Model, effects: np.ndarray, random: np.random.Generator, change: Change | None = None, start: int = 0
) -> list[LabelledDay]:
    """Return labelled days, changed from `start` on."""
    found = []
    for number, effect in enumerate(effects):
        day = model.draw(ROWS, random, effect=effect)
        if change is not None and number >= start:
            day = change(day, random, number - start)
        found.append(LabelledDay(day.decisive, None if day.decisive else "one_class"))
    return found


def count_onsets(found: Sequence[Harm]) -> int:
    """Return how often a loss began to be called harmful."""
    harmful = [each.verdict == "harmful" for each in found if each.verdict != "not_known_yet" or each.loss is not None]
    return sum(now and not before for before, now in zip([False, *harmful], harmful, strict=False))


def false_alerts(model: Model, years: int, seed: int, correlated: bool = False, size: float = DAY_EFFECT) -> int:
    """Return how many alerts there are in so many years without a change."""
    total = 0
    for year in range(years):
        random = np.random.default_rng([seed, year])
        reference = reference_of(model, random)
        days = draw_days(model, effects_of(365, random, correlated, size), random)
        total += count_onsets(judge_days(days, reference, TERMS))
    return total


def days_until(model: Model, trials: int, seed: int, change: Change) -> list[float]:
    """Return for each trial how many days after a change it is first called harmful; infinity if not within 30."""
    found = []
    for trial in range(trials):
        random = np.random.default_rng([seed, trial])
        reference = reference_of(model, random)
        days = draw_days(model, effects_of(BEFORE + AFTER, random), random, change, BEFORE)
        after = judge_days(days, reference, TERMS)[BEFORE:]
        found.append(next((number for number, each in enumerate(after) if each.verdict == "harmful"), np.inf))
    return found


def with_labels(years: int, trials: int) -> Iterator[Figure]:
    """Yield the figures of two classes with labels."""
    model, rare = make_model("narrower column"), make_model("narrower column", rare=True)
    many = f"{years} model-years"
    for name, each, correlated, size in (
        ("day effects", model, False, DAY_EFFECT),
        ("days of large effects that resemble their neighbours (0.15 SD, 0.9)", model, True, 0.15),
        ("1% positives, day effects", rare, False, DAY_EFFECT),
    ):
        alerts = false_alerts(each, years, 1, correlated, size) / years
        yield Figure(f"alerts a model-year without change, {name}", "≤ 0.5", f"{alerts:.2f}", many)
    for known in (0, 20):
        alerts = sum(wide_alerts(year, known) for year in range(WIDE_YEARS)) / WIDE_YEARS
        name = f"alerts a model-year without change, days differ by 0.06 AUC, {known} days of the reference known"
        yield Figure(name, "≤ 0.5", f"{alerts:.2f}", f"{WIDE_YEARS} first years")
    yield from _detected(model, rare, trials)


def wide_alerts(seed: int, known: int) -> int:
    """Return how many alerts there are in a year whose days differ much in their AUC, as of public flights."""
    random = np.random.default_rng([6, seed])
    values = random.normal(0.935, (0.0085**2 + WIDE**2) ** 0.5, known + 365)
    drawn = [Decisive(value=value, variance=0.0085**2, weight=420) for value in values]
    reference = Decisive(value=0.935, variance=0.0027**2, weight=4200)
    days = [LabelledDay(each) for each in drawn[known:]]
    return count_onsets(judge_days(days, reference, TERMS, reference_days=drawn[:known]))


def _detected(model: Model, rare: Model, trials: int) -> Iterator[Figure]:
    flips, moves = model.share_for(0.84), rare.share_for(0.84, relabel=True)
    small = model.share_for(model.true_auc(0.0) - 0.05)
    flip, move, lose = (
        days_until(model, trials, 2, lambda day, random, _: day.flipped(flips, random)),
        days_until(rare, trials, 3, lambda day, random, _: day.relabelled(moves, random)),
        days_until(model, trials, 4, lambda day, random, _: day.flipped(small, random)),
    )
    gradual = days_until(model, trials, 5, lambda day, random, number: day.flipped(flips * number / 29, random))
    number = str(trials)
    yield Figure("AUC .94 → .84, flipped labels, day one", "≥ 95%", share(sum(d == 0 for d in flip), trials), number)
    yield Figure(
        "AUC .94 → .84, 1% positives, within 30 days", "≥ 90%", share(sum(d < 30 for d in move), trials), number
    )
    yield Figure("the same, median days", "none", f"{np.median(move):.1f}", number)
    first, third = (share(sum(d < limit for d in lose), trials) for limit in (1, 3))
    yield Figure("AUC falls by .05, day one and within three", "none", f"{first}, {third}", number)
    cost = 0.1 * np.median(gradual) / 29
    found = f"{np.median(gradual):.0f} days, at a loss of {cost:.3f}"
    yield Figure("AUC .94 → .84 gradually over 30 days: median", "none", found, number)
