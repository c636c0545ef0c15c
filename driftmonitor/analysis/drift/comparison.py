"""What a comparison of two frames found, as the notebook shows it and as the record keeps it."""

import datetime as dt
from dataclasses import dataclass, field

import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.columns import Column, clean_pair
from driftmonitor.analysis.drift.collect_evidence import collect, say_left_out
from driftmonitor.analysis.drift.column_counts import MissingCounts, count_all, count_missing
from driftmonitor.analysis.drift.methods import Rule, is_tested
from driftmonitor.analysis.drift.quality import find_quality
from driftmonitor.analysis.drift.scores import Pair, adjust, score_column, untested
from driftmonitor.analysis.sources import Data
from driftmonitor.facts.evidence import Evidence
from driftmonitor.facts.judgement import Judgement
from driftmonitor.facts.record import ColumnScore, Finding, Rows, RunRecord, SidePair, by_severity
from driftmonitor.formats import one_line, p_value
from driftmonitor.words.judgements import say_deciding, say_judgement
from driftmonitor.words.verdicts import say_effect, say_verdict


@dataclass(frozen=True)
class Comparison:
    """One day's answer: the score of every watched column and the verdict.

    drift_share is drifted columns / all watched columns, those not testable included; drifted means it is greater than
    `threshold`. `evidently_html` is Evidently's own report, or None with `evidently_error` saying why there is none.
    `evidence` is what later days are judged by; `judgement` is there once `judge` was asked, with the strangeness of
    each day of its `pool`.
    """

    columns: tuple[ColumnScore, ...]
    threshold: float
    rows: Rows
    min_distance: float = 0.0
    quality: tuple[Finding, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    evidently_html: str | None = field(default=None, repr=False)
    evidently_error: str | None = None
    notes: tuple[str, ...] = ()  # what a reader of the pictures should know
    evidence: Evidence | None = field(default=None, repr=False)
    judgement: Judgement | None = None
    pool: tuple[tuple[dt.date, float], ...] = field(default=(), repr=False)

    @property
    def drift_share(self) -> float:
        """The share of watched columns that drifted, 0 to 1."""
        return sum(score.status == "drifted" for score in self.columns) / len(self.columns)

    @property
    def drifted(self) -> bool:
        """Whether the share is greater than the threshold."""
        return self.drift_share > self.threshold

    @property
    def causes(self) -> list[str]:
        """The columns that the false-alarm budget names, where it decides."""
        return list(self.judgement.columns) if self.judgement and self.judgement.decides else []

    def strangeness(self) -> str:
        """Return how strange the day was, in one sentence."""
        if self.judgement is None:
            none = "No days before it are known here: `past` names no file."
            why = next((each.message for each in self.quality if each.kind == "past"), none)
            return f"{why} The runner says how strange it is when it records the run."
        return f"{say_judgement(self.judgement)} {say_deciding(self.judgement)}"

    def table(self) -> pd.DataFrame:
        """Return a row a column for reading, the strongest evidence first; `.columns` has the numbers in full."""
        worst_first = by_severity(self.columns)
        return pd.DataFrame([_row(score) for score in worst_first]).set_index("column")

    def remarks(self) -> list[str]:
        """Return what is wrong with the data itself, then what to know of Evidently's page, a sentence each."""
        failed = self.evidently_error and f"Evidently drew no report ({one_line(self.evidently_error, 200)})."
        said = [finding.message for finding in self.quality]
        return [*said, *say_left_out(self.columns), *self.notes, *([failed] if failed else [])]

    def sentence(self) -> str:
        """Return the verdict in one sentence of plain words."""
        return say_verdict(self.record("notebook", dt.date.min))

    def record(self, monitor: str, run_date: str | dt.date, seconds: float | None = None) -> RunRecord:
        """Return the run record; `run_date` is ISO text or a date, `seconds` how long the run took."""
        decisive = self.judgement is not None and self.judgement.decides
        drifts = self.judgement.alarm if decisive else self.drifted
        return RunRecord(
            monitor=monitor,
            run_date=run_date,
            status="drift" if drifts else "healthy",
            drift_share=self.drift_share,
            threshold=self.threshold,
            drifted=self.drifted,
            min_distance=self.min_distance,
            rows=self.rows,
            columns=self.columns,
            quality=self.quality,
            versions=self.versions,
            duration_seconds=seconds,
            evidence=self.evidence,
            judgement=self.judgement,
        )


def _row(score: ColumnScore) -> dict:
    return {
        "column": one_line(score.name),
        "status": score.status.replace("_", " "),
        "what happened": one_line(say_effect(score).removeprefix(one_line(score.name)).lstrip(": "), 120),
        "method": score.method or "",
        "p": _say_p(score.p_value),
        "adjusted p": _say_p(score.adjusted_p_value),
        "distance": "" if score.distance is None else f"{score.distance:.3f}",
    }


def _say_p(value: float | None) -> str:
    return "" if value is None else p_value(value).removeprefix("p ").removeprefix("= ")


def compare_columns(
    data: Data, columns: list[Column], pairs: dict[str, Pair], rules: dict[str, Rule], drift_share: float
) -> Comparison:
    """Return the scores, the verdict and the findings, without Evidently's report.

    `pairs` and `rules` are those of the testable columns by name. DriftMonitorError when no column could be tested.
    """
    watched = [column for column in columns if not column.ignored]
    missing = {column.name: count_missing(data, column.name, pairs.get(column.name)) for column in watched}
    scores = adjust([_score(column, pairs, rules, missing[column.name]) for column in watched])
    scores = [_say_counted(score, missing[score.name]) for score in scores]
    _refuse_nothing_tested(scores)
    rows = Rows(
        reference=len(data.reference),
        current=len(data.current),
        reference_total=data.reference_total,
        current_total=data.current_total,
    )
    tested = {score.name: pairs[score.name] for score in scores if score.status != "not_testable"}
    quality = find_quality(data, columns, missing.values(), tested)
    evidence = collect(data, scores, tested, missing)
    return Comparison(
        columns=tuple(scores), threshold=float(drift_share), rows=rows, quality=quality, evidence=evidence
    )


def usable_pairs(data: Data, columns: list[Column]) -> dict[str, Pair]:
    """Return the usable values of each testable column by name."""
    pairs = {}
    for column in filter(is_tested, columns):
        reference, current = clean_pair(data, column)
        sides = pd.Series(reference, dtype=reference.dtype), pd.Series(current, dtype=current.dtype)
        pairs[column.name] = Pair(column.kind, *sides, count_all(data, column))
    return pairs


def _score(
    column: Column, pairs: dict[str, Pair], rules: dict[str, Rule], missing: MissingCounts | None
) -> ColumnScore:
    shares = missing and SidePair(reference=missing.shares[0], current=missing.shares[1])
    pair = pairs.get(column.name)
    if pair is None:
        return untested(column.name, column.kind, column.reason, shares)
    empty = [side for side in ("reference", "current") if getattr(pair, side).empty]
    if empty:
        return untested(column.name, column.kind, f"no usable value in {' or in '.join(empty)}", shares)
    return score_column(column.name, pair, rules[column.name], shares)


def _say_counted(score: ColumnScore, missing: MissingCounts | None) -> ColumnScore:
    """Return the score, saying that its missing share comes from all rows if it does though a sample was compared."""
    if not (missing and missing.in_all_rows):
        return score
    return score.model_copy(update={"from_all_rows": ("missing_share", *score.from_all_rows)})


def _refuse_nothing_tested(scores: list[ColumnScore]) -> None:
    if all(score.status == "not_testable" for score in scores):
        why = f"{one_line(scores[0].name)}: {scores[0].reason}" if scores else "none is watched"
        raise DriftMonitorError(f"data: no column can be tested ({why}); name columns and their kinds in `columns`.")
