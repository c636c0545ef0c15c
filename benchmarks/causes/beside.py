"""What DoWhy's `distribution_change` and shiftcheck's `diagnose` say of the same planted causes.

DoWhy (gcm, Budhathoki et al. 2021) is given the true graph, which drift-monitor is not, and names the column whose own
distribution or whose dependence on its parents changed. So it can tell a mix from a change within, and names no rows.
shiftcheck tests each column and each pair of columns, and says which differ; neither rows nor what came from what.

Usage, where both are installed (`pip install dowhy shiftcheck`):
python -m benchmarks.causes.beside [--trials 5] [--rows 1000]
"""

import argparse
import time
import warnings
from collections import Counter
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.causes.worlds import CAUSES, draw

REFERENCE = 10_000  # rows
PARENTS = ("plan", "country", "device", "source", "hour", "age")  # of amount; the others do not affect it
TIMES = 100  # that shiftcheck draws rows again, and shuffles them, instead of 300


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1000, help="of the day")
    parser.add_argument("--seed", type=int, default=21)
    given = parser.parse_args()
    asked = {"DoWhy names first": _ask_dowhy, "shiftcheck says of": _ask_shiftcheck}
    print(f"| planted | {' | '.join(f'{said} | CPU seconds' for said in asked)} |")
    print("|---|" + "---|---|" * len(asked))
    for cause in CAUSES:
        cells = [_try(cause, ask, given.trials, given.rows, given.seed) for ask in asked.values()]
        print(f"| {cause} | {' | '.join(cells)} |", flush=True)


Ask = Callable[[pd.DataFrame, pd.DataFrame, int], list[str]]


def _try(cause: str, ask: Ask, trials: int, rows: int, seed: int) -> str:
    """Return what is said, in how many of the trials, and the CPU seconds that a trial takes."""
    said, seconds = Counter[str](), []
    for trial in range(trials):
        dice = np.random.default_rng([seed, trial])
        reference, (current, _) = draw(REFERENCE, dice), CAUSES[cause](rows, dice)
        started = time.process_time()
        said.update(ask(reference, current, seed + trial))
        seconds.append(time.process_time() - started)
    words = ", ".join(f"{name} {count}" for name, count in said.most_common())
    return f"{words or 'nothing'} | {np.mean(seconds):.1f}"


def _ask_dowhy(reference: pd.DataFrame, current: pd.DataFrame, seed: int) -> list[str]:
    """Return the column to which DoWhy attributes most of the change of the logarithm of `amount`."""
    import networkx
    from dowhy import gcm

    sides = [
        frame[[*PARENTS]].assign(amount=np.log(frame["amount"].clip(lower=1e-9))).dropna()
        for frame in (reference, current)
    ]
    gcm.util.general.set_random_seed(seed)
    gcm.config.disable_progress_bars()
    gcm.config.set_default_n_jobs(1)  # so that all of its time is counted
    model = gcm.ProbabilisticCausalModel(networkx.DiGraph([(name, "amount") for name in PARENTS]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gcm.auto.assign_causal_mechanisms(model, sides[0])
        try:
            found = gcm.distribution_change(model, *sides, "amount", num_samples=1000)
        except TypeError:  # of DoWhy 0.14, where it adds to whole numbers
            return ["(an error)"]
    return [max(found, key=lambda name: abs(found[name]))]


def _ask_shiftcheck(reference: pd.DataFrame, current: pd.DataFrame, seed: int) -> list[str]:
    """Return the columns and pairs of columns in which shiftcheck detects a difference, without missing values."""
    from shiftcheck import diagnose

    both = pd.concat([reference, current], keys=[0, 1]).dropna()
    words = [name for name in both if not pd.api.types.is_numeric_dtype(both[name])]
    codes = both.assign(**{name: pd.factorize(both[name])[0] for name in words}).astype(float)
    report = diagnose(
        codes.loc[0].to_numpy(), codes.loc[1].to_numpy(), seed=seed, n_boot=TIMES, n_perm=TIMES,
        feature_names=[*both], categorical_features=[both.columns.get_loc(name) for name in words],
    )  # fmt: skip
    columns = [*report.marginals["features"], *report.categorical_marginals["features"]]
    pairs = [each for each in report.dependence["pairs"] if each["detected"]]
    return [each["feature"] for each in columns if each["detected"]] + [" with ".join(each["pair"]) for each in pairs]


if __name__ == "__main__":
    main()
