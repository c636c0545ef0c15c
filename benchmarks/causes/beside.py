"""What DoWhy's `distribution_change` (gcm, Budhathoki et al. 2021) says of the same planted causes.

It is given the true graph, which drift-monitor is not, and names the column whose own distribution or whose dependence
on its parents changed. So it can tell a mix from a change within, and names no rows.

Usage, where DoWhy is installed (`pip install dowhy`): python -m benchmarks.causes.beside [--trials 5] [--rows 1000]
"""

import argparse
import time
import warnings
from collections import Counter

import numpy as np
import pandas as pd

from benchmarks.causes.worlds import CAUSES, draw

REFERENCE = 10_000  # rows
PARENTS = ("plan", "country", "device", "source", "hour", "age")  # of amount; the others do not affect it


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1000, help="of the day")
    parser.add_argument("--seed", type=int, default=21)
    given = parser.parse_args()
    print("| planted | column that DoWhy names first, of the trials | CPU seconds a trial |")
    print("|---|---|---|")
    for cause in CAUSES:
        named, seconds = Counter(), []
        for trial in range(given.trials):
            dice = np.random.default_rng([given.seed, trial])
            reference, (current, _) = draw(REFERENCE, dice), CAUSES[cause](given.rows, dice)
            started = time.process_time()
            named[_ask(reference, current, given.seed + trial)] += 1
            seconds.append(time.process_time() - started)
        words = ", ".join(f"{name} {count}" for name, count in named.most_common())
        print(f"| {cause} | {words} | {np.mean(seconds):.1f} |", flush=True)


def _ask(reference: pd.DataFrame, current: pd.DataFrame, seed: int) -> str:
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
            return "(an error)"
    return max(found, key=lambda name: abs(found[name]))


if __name__ == "__main__":
    main()
