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
from driftmonitor.analysis.model.days_of_reference import rows_by_day
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
    """Two tables, the reference's and later rows; their scores (a class each, if several) and label.

    `day`: the column of the days, in order; without it, each thousand rows are a day. `delay`: of the labels, in days.
    """

    reference: pd.DataFrame
    later: pd.DataFrame
    scores: list[str]
    label: str
    day: str = ""
    delay: int = 1

    @property
    def columns(self) -> list[str]:
        """The model's columns."""
        others = {*self.scores, self.label, self.day, *NOT_COLUMNS}
        return [name for name in self.reference if name not in others and not name.startswith("y_")]

    @property
    def is_number(self) -> bool:
        """Whether the label is a number."""
        return self.reference[self.label].nunique() > 20

    def later_days(self) -> Iterator[pd.DataFrame]:
        """Yield the rows of each later day."""
        if self.day:
            yield from (rows for _, rows in self.later.groupby(self.day))
        else:
            whole = range(0, len(self.later) - ROWS + 1, ROWS)
            yield from (self.later.iloc[start : start + ROWS] for start in whole)

    def rows(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
        """Return label, scores and columns."""
        label = frame[self.label]
        if len(self.scores) > 1:
            label = label.map({name.removeprefix("y_pred_proba_"): code for code, name in enumerate(self.scores)})
        scores = frame[self.scores].to_numpy(dtype=float)
        return label.to_numpy(dtype=float), scores if len(self.scores) > 1 else scores[:, 0], frame[self.columns]

    def reference_days(self) -> np.ndarray | None:
        """Return the number of each reference row's day (rows,), None without days."""
        return pd.factorize(self.reference[self.day], sort=True)[0] if self.day else None


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


@dataclass(frozen=True)
class Judged:
    """What labels and estimate say of each later day, and the metric that decides: the reference's, what is tolerated.

    `sign`: 1 where more is better. `by_labels`, `by_estimate`: whether each day is called harmful.
    """

    metric: str
    reference: float
    tolerated: float
    sign: int
    days: list[tuple[Performance, Estimate]]
    by_labels: np.ndarray
    by_estimate: np.ndarray

    @property
    def lost(self) -> np.ndarray:
        """Whether each day lost more than is tolerated by its own labels, chance included."""
        values = [each.decisive.value if each.decisive else self.reference for each, _ in self.days]
        return self.sign * (self.reference - np.array(values)) > self.tolerated


def judge(table: Table) -> Judged:
    """Judge the days of a table by their labels, and by what is estimated before these come."""
    metric, tolerated, sign = ("mae", 0.0, -1) if table.is_number else ("auc", 0.02, 1)
    label, scores, frame = table.rows(table.reference)
    measure = measure_regression if table.is_number else measure_classes if scores.ndim > 1 else measure_binary
    reference = measure(label, scores).decisive
    assert reference is not None
    tolerated = tolerated or 0.1 * reference.value
    day, learn = table.reference_days(), learn_regression if table.is_number else learn_classifier
    learnt = learn(label, scores, frame, table.columns, day)
    assert learnt is not None
    reference_days = [] if day is None else [measure(label[r], scores[r]).decisive for r in rows_by_day(day, 1)]
    days = list(
        _days(table, measure, lambda s, f, past: learnt.estimate(s, f, past["mae"] if table.is_number else past))
    )
    labelled = [LabelledDay(each.decisive, each.unknown) for each, _ in days]
    known = [each for each in reference_days if each]
    by_labels = [each.verdict == "harmful" for each in judge_days(labelled, reference, Terms(tolerated, sign), known)]
    by_estimate = [judge_estimate(each, tolerated).verdict == "harmful" for _, each in days]
    return Judged(metric, reference.value, tolerated, sign, days, np.array(by_labels), np.array(by_estimate))


def say_row(name: str, judged: Judged) -> str:
    """Return a table's row."""
    pairs = [(each.decisive, estimate) for each, estimate in judged.days if each.decisive and estimate.metrics]
    miss = np.mean([abs(estimate.metrics[judged.metric].value - each.value) for each, estimate in pairs])
    known = [(each.value, estimate.metrics[judged.metric]) for each, estimate in pairs if not estimate.unknown]
    inside = [one.low <= value <= one.high for value, one in known if one.low is not None and one.high]
    covered = f"{100 * np.mean(inside):.1f}%" if inside else "–"
    counts = [judged.by_labels, judged.by_estimate, judged.by_labels & judged.by_estimate]
    missed = f"{miss:.4g} of {judged.reference:.4g}"
    shown = " | ".join(f"{each.sum()}" for each in counts)
    return f"| {name} | {len(judged.days)} | {missed} | {len(known)} | {covered} | {shown} |"


def _days(
    table: Table, measure: Callable[..., Performance], estimate: Callable[..., Estimate]
) -> Iterator[tuple[Performance, Estimate]]:
    """Yield what labels and estimate say of each day; the labels of days that are `delay` or more before are known."""
    past: dict[str, list[PastEstimate]] = defaultdict(list)
    waiting: list[tuple[Performance, Estimate]] = []
    for rows in table.later_days():
        label, scores, frame = table.rows(rows)
        waiting.append((measure(label, scores), estimate(scores, frame, past)))
        yield waiting[-1]
        for realised, found in [waiting.pop(0)] if len(waiting) == table.delay else []:
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
    print(say_row("rain", judge(read_shipped())), flush=True)
    for name, table in read_tables(options.folder) if options.folder else ():
        print(say_row(name, judge(table)), flush=True)


if __name__ == "__main__":
    main()
