"""Estimate and judge public tables of scores and labels: the shipped one, and those that NannyML's package brings.

Usage: python -m benchmarks.model.tables [FOLDER]

The shipped one is New York's weather twice, the second time with labels that changed their meaning. FOLDER is
`nannyml/datasets/data` of an installed NannyML (0.13.1, Apache 2.0). Each thousand rows are taken as a day, whose
labels are known on the next. Prints how near the estimates came, and on how many days both say harmful.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from driftmonitor import ROOT
from driftmonitor.analysis.model.classes import measure_classes
from driftmonitor.analysis.model.estimate import learn_classifier
from driftmonitor.analysis.model.past_estimates import PastEstimate
from driftmonitor.analysis.model.performance import measure_binary, measure_regression
from driftmonitor.analysis.model.regression import learn_regression
from driftmonitor.budget.harm.realised import LabelledDay, Terms, judge_days
from driftmonitor.budget.harm.verdict import judge_estimate
from driftmonitor.facts.performance import Estimate, Performance

ROWS = 1_000
HEAD = "| table | days | mean miss | known | coverage where known | harmful by labels | by estimate | by both |"
NOT_COLUMNS = ("id", "timestamp", "prediction", "year", "part", "rains_after_12h")


@dataclass(frozen=True)
class Table:
    """Two tables, the reference's and later rows; their scores (a class each, if several) and label."""

    reference: pd.DataFrame
    later: pd.DataFrame
    scores: list[str]
    label: str

    @property
    def columns(self) -> list[str]:
        """The model's columns."""
        others = {*self.scores, self.label, *NOT_COLUMNS}
        return [name for name in self.reference if name not in others and not name.startswith("y_")]

    @property
    def is_number(self) -> bool:
        """Whether the label is a number."""
        return self.reference[self.label].nunique() > 20

    def rows(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
        """Return label, scores and columns."""
        label = frame[self.label]
        if len(self.scores) > 1:
            label = label.map({name.removeprefix("y_pred_proba_"): code for code, name in enumerate(self.scores)})
        scores = frame[self.scores].to_numpy(dtype=float)
        return label.to_numpy(dtype=float), scores if len(self.scores) > 1 else scores[:, 0], frame[self.columns]


def read_shipped() -> Table:
    """Return the shipped table: eight days as the model was trained, and the same rows with other labels."""
    rows = pd.read_parquet(ROOT / "data/rain.parquet")
    reference, later = (rows[rows["part"] == part] for part in ("reference", "current"))
    later = later[: len(later) // ROWS * ROWS]
    changed = later.assign(rains_within_3h=later["rains_after_12h"])
    return Table(reference.reset_index(drop=True), pd.concat([later, changed]), ["p_rain"], "rains_within_3h")


def read_tables(folder: Path) -> Iterator[tuple[str, Table]]:
    """Yield each table with its name."""
    read, join = pd.read_parquet, "employment_MA_{}.pq"
    parts = [read(folder / join.format(name)) for name in ("reference", "analysis", "analysis_target")]
    yield "employment", Table(parts[0], parts[1].merge(parts[2], on="id"), ["predicted_probability"], "employed")
    for name, files, scores, label in (
        ("car loans", ("synthetic_car_loan_reference", "synthetic_car_loan_analysis",
                       "synthetic_car_loan_analysis_target"), ["y_pred_proba"], "repaid"),
        ("credit cards", ("mc_reference", "mc_analysis", "mc_analysis_gt"),
         [f"y_pred_proba_{each}_card" for each in ("prepaid", "highstreet", "upmarket")], "y_true"),
        ("car prices", ("regression_synthetic_reference", "regression_synthetic_analysis",
                        "regression_synthetic_analysis_targets"), ["y_pred"], "y_true"),
    ):  # fmt: skip
        reference, later, labels = (pd.read_csv(folder / f"{file}.csv") for file in files)
        yield name, Table(reference, later.assign(**{label: labels[label]}), scores, label)


def judge(name: str, table: Table) -> str:
    """Return the table's row."""
    decisive, tolerated, sign = ("mae", 0.0, -1) if table.is_number else ("auc", 0.02, 1)
    label, scores, frame = table.rows(table.reference)
    measure = measure_regression if table.is_number else measure_classes if scores.ndim > 1 else measure_binary
    reference = measure(label, scores).decisive
    assert reference is not None
    tolerated = tolerated or 0.1 * reference.value
    learnt = (learn_regression if table.is_number else learn_classifier)(label, scores, frame, table.columns)
    assert learnt is not None
    days = list(
        _days(table, measure, lambda s, f, past: learnt.estimate(s, f, past["mae"] if table.is_number else past))
    )
    labelled = [LabelledDay(each.decisive, each.unknown) for each, _ in days]
    found = judge_days(labelled, reference, Terms(tolerated, sign))
    by_labels = np.array([each.verdict == "harmful" for each in found])
    by_estimate = np.array([judge_estimate(each, tolerated).verdict == "harmful" for _, each in days])
    pairs = [(each.decisive, estimate) for each, estimate in days if each.decisive and estimate.metrics]
    miss = np.mean([abs(estimate.metrics[decisive].value - each.value) for each, estimate in pairs])
    known = [(each.value, estimate.metrics[decisive]) for each, estimate in pairs if not estimate.unknown]
    covered = np.mean([one.low <= value <= one.high for value, one in known if one.low is not None and one.high])
    counts = f"{by_labels.sum()} | {by_estimate.sum()} | {(by_labels & by_estimate).sum()}"
    missed = f"{miss:.4g} of {reference.value:.4g}"
    return f"| {name} | {len(days)} | {missed} | {len(known)} | {100 * covered:.1f}% | {counts} |"


def _days(
    table: Table, measure: Callable[..., Performance], estimate: Callable[..., Estimate]
) -> Iterator[tuple[Performance, Estimate]]:
    """Yield what labels and estimate say of each day; the labels of the days before are known."""
    past: dict[str, list[PastEstimate]] = defaultdict(list)
    for start in range(0, len(table.later) - ROWS + 1, ROWS):
        label, scores, frame = table.rows(table.later.iloc[start : start + ROWS])
        realised, found = measure(label, scores), estimate(scores, frame, past)
        yield realised, found
        for name, each in found.metrics.items():
            value = realised.metrics[name].value
            if value is not None:
                past[name].append(PastEstimate(value, each.value, each.label_variance, each.calibration_variance))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a row for each table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    options = parser.parse_args(arguments)
    print(f"{HEAD}\n|{'---|' * 8}", flush=True)
    print(judge("rain", read_shipped()), flush=True)
    for name, table in read_tables(options.folder) if options.folder else ():
        print(judge(name, table), flush=True)


if __name__ == "__main__":
    main()
