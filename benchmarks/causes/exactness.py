"""How exact the contributions are that are said of a mix and of a slice.

A mix is compared with the same split of the day's change at the true means of the plans, which a large table shows; a
slice that has the whole change with 1, whatever other rows did by chance.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from benchmarks.causes.worlds import CAUSES, PLANS, Planted, draw, raise_amount
from driftmonitor.analysis.columns import Column
from driftmonitor.analysis.where.measured import measure
from driftmonitor.analysis.where.of_column import Rows, find_of_column

REFERENCE, LARGE = 10_000, 300_000  # rows
MARGIN = 1.96  # standard errors
LARGER = (0.15, 0.35, 0.5)
AMOUNT = Column("amount", "numerical", "")
Day = Callable[[int, np.random.Generator], Planted]


def larger_mix(rows: int, dice: np.random.Generator) -> Planted:
    """The shares of the plans change by more, which raises the amounts by 0.58 SD instead of 0.27."""
    return draw(rows, dice, LARGER), "plan"


def mix_and_rise(rows: int, dice: np.random.Generator) -> Planted:
    """The shares change, and all amounts rise by 0.13 SD: a third of the change is within the plans."""
    frame, planted = CAUSES["mix"](rows, dice)
    return raise_amount(frame, np.ones(rows, bool), 0.13), planted


MIXES: dict[str, Day] = {
    "mix of 0.27 SD": CAUSES["mix"], "mix of 0.58 SD": larger_mix, "mix of 0.27 SD, and 0.13 SD within": mix_and_rise,
}  # fmt: skip


def print_exactness(trials: int, rows: list[int], seed: int) -> None:
    """Print how far contributions are from the true ones, and how often their margin contains these."""
    print("\n| contribution of | rows | mean | SD of its error | mean standard error | within the 95% margin |")
    print("|---|---|---|---|---|---|")
    for name, day in (*MIXES.items(), ("one source", CAUSES["unit in one source"])):
        of_plans = _true_means(day) if name in MIXES else None
        for number in rows:
            known = np.array([*_try(day, of_plans, trials, number, seed)])
            if len(known):
                said, errors, true = known.T
                inside = np.abs(said - true) <= MARGIN * errors
                told = f"{said.mean():.2f} | {(said - true).std():.3f} | {errors.mean():.3f} | {inside.mean():.2f}"
                print(f"| {name} | {number:,} | {told} |", flush=True)


def _try(
    day: Day, of_plans: np.ndarray | None, trials: int, rows: int, seed: int
) -> Iterator[tuple[float, float, float]]:
    """Yield the contribution that is said, its standard error, and the true one, of the days on which one is said."""
    for trial in range(trials):
        dice = np.random.default_rng([seed, trial])
        reference, (current, _) = draw(REFERENCE, dice), day(rows, dice)
        names = ("categorical" if reference[name].dtype.kind in "OU" else "numerical" for name in reference)
        columns = [Column(name, kind, "") for name, kind in zip(reference, names, strict=True)]
        where = find_of_column(Rows(reference, current, columns), "amount", ("level",))
        found = where and (where.slice if of_plans is None else where.mix)
        if found:
            true = 1.0 if of_plans is None else _split_truly(reference, current, of_plans)
            yield found.contribution, found.error, true


def _true_means(day: Day) -> np.ndarray:
    """Return the mean score of each plan, halfway between the reference's and that of such days."""
    dice = np.random.default_rng(0)
    frames = draw(LARGE, dice), day(LARGE, dice)[0]
    sides = zip(frames, _scores(*frames), strict=True)
    means: np.ndarray = np.mean([[score[frame["plan"] == plan].mean() for plan in PLANS] for frame, score in sides], 0)
    return means


def _split_truly(reference: pd.DataFrame, current: pd.DataFrame, of_plans: np.ndarray) -> float:
    shares = [np.array([(frame["plan"] == plan).mean() for plan in PLANS]) for frame in (reference, current)]
    before, now = (float(score.mean()) for score in _scores(reference, current))
    return float((shares[1] - shares[0]) @ of_plans) / (now - before)


def _scores(reference: pd.DataFrame, current: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    found = measure(reference, current, AMOUNT, "level")
    assert found is not None
    return found.reference, found.current
