"""Estimate the same days with NannyML, which needs an environment of its own.

Usage: python -m benchmarks.model.beside_nannyml PYTHON [--references 10] [--days 40]

PYTHON is an interpreter that can import nannyml: 0.13.1 was measured, with pandas < 2.3 and NumPy < 2. Prints how far
both estimates of the AUC are apart, theirs and ours by the same calibration, without reweighting, and how often the
interval of each covers.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.model.with_labels import REFERENCE_ROWS, ROWS
from benchmarks.model.without_labels import LABELLED, LOST, labelled_days, learn_from
from benchmarks.model.worlds import DAY_EFFECT, NUMBERS, RIGHT, Day, make_model
from driftmonitor.analysis.model.expected import expected_auc

THEIRS = """
import sys
import pandas as pd
from nannyml import CBPE
folder, rows = sys.argv[1], int(sys.argv[2])
frames = [pd.read_csv(f"{folder}/{name}.csv") for name in ("reference", "days")]
for frame in frames:
    frame["decision"] = (frame["score"] >= 0.5).astype(int)
cbpe = CBPE(
    y_pred_proba="score", y_pred="decision", y_true="label", problem_type="classification_binary",
    metrics=["roc_auc"], chunk_size=rows, calibration="isotonic",
)
cbpe.fit(frames[0])
found = cbpe.estimate(frames[1]).filter(period="analysis").to_df()["roc_auc"]
found[["value", "lower_confidence_boundary", "upper_confidence_boundary"]].to_csv(f"{folder}/found.csv", index=False)
"""


def main() -> None:
    """Print a row for each kind of days."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("python")
    parser.add_argument("--references", type=int, default=10)
    parser.add_argument("--days", type=int, default=40)
    options = parser.parse_args()
    print("| days | mean difference | largest | their coverage | ours |\n|---|---|---|---|---|", flush=True)
    for name, loss in [(RIGHT[0], 0.0), *((name, LOST) for name in RIGHT)]:
        parts = [compare(options.python, name, loss, options.days, seed) for seed in range(options.references)]
        apart, theirs, ours = (np.concatenate(each) for each in zip(*parts, strict=True))
        covered = f"{100 * theirs.mean():.1f}% | {100 * ours.mean():.1f}%"
        print(f"| {name}, loss of {loss:.2f} | {apart.mean():.5f} | {apart.max():.5f} | {covered} |", flush=True)


def compare(python: str, name: str, loss: float, days: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how far both estimates of each day are apart, and whether their interval and ours has the realised AUC."""
    random, model = np.random.default_rng([9, seed]), make_model(name)
    reference, strength = model.draw(REFERENCE_ROWS, random), model.strength_for(loss) if loss else 0.0
    learnt = learn_from(reference)
    past = labelled_days(model, learnt, LABELLED, random)
    drawn = [model.draw(ROWS, random, strength, random.normal(0, DAY_EFFECT, NUMBERS)) for _ in range(days)]
    theirs = _estimate_theirs(python, reference, drawn)
    ours = [learnt.estimate(day.score, day.frame, past).metrics["auc"] for day in drawn]
    realised = np.array([day.auc for day in drawn])
    (calibrate,) = learnt.calibrators
    plain = [expected_auc(calibrate(day.score), day.score) for day in drawn]
    apart = np.abs(theirs["value"].to_numpy() - [each.value for each in plain if each is not None])
    within = theirs["lower_confidence_boundary"].le(realised) & theirs["upper_confidence_boundary"].ge(realised)
    covered = [each.low <= auc <= each.high for each, auc in zip(ours, realised, strict=True)]
    return apart, within.to_numpy(), np.array(covered)


def _estimate_theirs(python: str, reference: Day, days: list[Day]) -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        tables = {"reference": [reference], "days": days}
        for name, parts in tables.items():
            frames = [pd.DataFrame({"score": day.score, "label": day.label.astype(int)}) for day in parts]
            pd.concat(frames).to_csv(Path(folder) / f"{name}.csv", index=False)
        subprocess.run([python, "-W", "ignore", "-c", THEIRS, folder, str(ROWS)], check=True, capture_output=True)
        return pd.read_csv(Path(folder) / "found.csv")


if __name__ == "__main__":
    main()
