"""What a comparison found, as the notebook shows it and as the record keeps it."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from driftmonitor import DriftMonitorError
from driftmonitor.analysis.checks import taken
from driftmonitor.analysis.drift.collect_evidence import say_left_out
from driftmonitor.analysis.drift.late_edits import find_late_edits
from driftmonitor.analysis.drift.pairs import make_pair
from driftmonitor.analysis.drift.score_table import ScoreTable, score_table
from driftmonitor.analysis.drift.statistics import contingency
from driftmonitor.analysis.sides import Sides, clean_pair
from driftmonitor.analysis.sources import Data, Snapshot, nearest_column
from driftmonitor.budget.judge import judge_evidence
from driftmonitor.budget.share_rule import smallest_shift
from driftmonitor.config.segment_settings import Segmentation
from driftmonitor.facts.checks import Check, add_missing
from driftmonitor.facts.drift_since import date_drift
from driftmonitor.facts.earlier_days import EarlierDays, ReferenceDays
from driftmonitor.facts.evidence import CheckEvidence, Evidence
from driftmonitor.facts.judgement import Judgement
from driftmonitor.facts.model import ModelRecord
from driftmonitor.facts.reading import Reading
from driftmonitor.facts.record import ColumnScore, Finding, Rows, RunRecord, by_severity
from driftmonitor.facts.where import Where
from driftmonitor.formats import number, one_line
from driftmonitor.words.judgements import say_deciding, say_judgement
from driftmonitor.words.vanished import with_vanished
from driftmonitor.words.verdicts import say_verdict

if TYPE_CHECKING:
    from driftmonitor.analysis.plots import DescribedFigure


@dataclass(frozen=True)
class Judging:
    """What a day was judged by: the earlier days, its date, and how many days its data covers."""

    earlier: EarlierDays
    run_date: dt.date
    current_days: int = 1


@dataclass(frozen=True)
class Comparison:
    """One day's result: the score of every watched column, and the verdict. `comparison["salary"]` is one score.

    drift_share is drifted columns / all watched columns, including those that are not testable; drifted is whether it
    exceeds `threshold`. `evidently_html` is Evidently's own report, or None if `evidently_error` says why not.
    `evidence` is what later days need from this one. `judge` adds the `judgement`, with the anomaly score of each of
    its `baseline_days`, and the `reference_days` that the history does not have. `compared` is the `data` as it was
    compared. `judging` is what it was judged by: it is judged again if the notebook makes a check later.
    `measure_model` adds the `model`: its performance, and whether the drift harms it. `segmentations` are how the rows
    were divided. `find_where` adds `where` the changes of a drift day come from.
    """

    columns: tuple[ColumnScore, ...]
    threshold: float
    rows: Rows
    min_distance: float = 0.0
    quality: tuple[Finding, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    evidently_html: str | None = field(default=None, repr=False)
    evidently_error: str | None = None
    notes: tuple[str, ...] = ()  # what a reader of Evidently's pictures should know
    evidence: Evidence | None = field(default=None, repr=False)
    judgement: Judgement | None = None
    baseline_days: tuple[tuple[dt.date, float], ...] = field(default=(), repr=False)
    reference_days: ReferenceDays | None = field(default=None, repr=False)
    data: Data | None = field(default=None, repr=False, compare=False)
    compared: Snapshot | None = field(default=None, repr=False, compare=False)
    checks: tuple[Check, ...] = ()
    judging: Judging | None = field(default=None, repr=False, compare=False)
    model: ModelRecord | None = None
    where: tuple[Where, ...] = ()
    segmentations: tuple[Segmentation, ...] = field(default=(), repr=False)

    def __getitem__(self, name: str) -> ColumnScore:
        """Return the score of one column; KeyError with the nearest name if it is not watched."""
        scores = {score.name: score for score in self.columns}
        if name not in scores:
            raise KeyError(f"{name}: no such watched column{nearest_column(str(name), scores)}")
        return scores[name]

    def _ipython_key_completions_(self) -> list[str]:
        return [score.name for score in self.columns]

    @property
    def drift_share(self) -> float:
        """The share of watched columns that drifted, 0 to 1."""
        return sum(score.status == "drifted" for score in self.columns) / len(self.columns)

    @property
    def drifted(self) -> bool:
        """Whether the share is greater than the threshold."""
        return self.drift_share > self.threshold

    @property
    def reading(self) -> Reading | None:
        """What was read, before any edit; None if the source does not say."""
        return self.compared.reading if self.compared else None

    @property
    def unusual_columns(self) -> list[str]:
        """The columns that made the day a drift day, where the budget rule decides."""
        return list(self.judgement.columns) if self.judgement and self.judgement.decides else []

    @property
    def _named_by_rule(self) -> list[str] | None:
        """The unusual columns, or None if the share rule decides: a column has then drifted by its own test."""
        return self.unusual_columns if self.judgement and self.judgement.decides else None

    def table(self) -> ScoreTable:
        """Return a row for each column, the most severe first; the numbers are in full, and only displayed shorter."""
        return score_table(by_severity(self.columns))

    def values(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the values of one column that were compared, reference first: none is missing or infinite."""
        reference, current = clean_pair(self._compared(), self.tested(name))
        return reference.copy(), current.copy()

    def counts(self, name: str, pool_rare: bool = False) -> pd.DataFrame:
        """Return the rows of each category on each side, in all rows of a sampled side where they were counted.

        `pool_rare` puts together the categories that are too rare for a chi-squared test, if there are any.
        """
        score = self.tested(name)
        if score.kind != "categorical":
            raise DriftMonitorError(f"{one_line(name)} is {score.kind} and has no categories; use values({name!r}).")
        counts = make_pair(Sides(self._compared()), score).counts
        return contingency.pool_rare(counts) if pool_rare else counts

    def figures(
        self, draw: Sequence[str] = (), max_figures: int = 20, save_first: str | Path = ""
    ) -> "Iterator[DescribedFigure]":
        """Yield a figure of how each drifted column changed, the most severe first, `max_figures` in all.

        Before them come the columns that are unusual under the budget rule, and those in `draw`. A figure as the last
        line of a cell, or in `display(figure)`, is shown with a description. The first is also saved as `save_first`.
        """
        from driftmonitor.analysis.plots import describe_shifts

        wanted = [*self.unusual_columns, *draw]
        for figure in describe_shifts(
            self.columns, wanted, max_figures, lambda score: self.values(score.name), self._named_by_rule
        ):
            if save_first:
                figure.save(save_first)
                save_first = ""
            yield figure

    def overview(self) -> "DescribedFigure":
        """Return a figure of how far each column's distributions are apart."""
        from driftmonitor.analysis.plots import describe_overview

        return describe_overview(self.columns, self.threshold, self.min_distance, self._named_by_rule)

    def baseline_figure(self, run_date: str) -> "DescribedFigure | None":
        """Return a figure of the anomaly scores of the day and its baseline days, None if there are none."""
        from driftmonitor.analysis.plots import describe_baseline

        if self.judgement is None or not self.baseline_days:
            return None
        return describe_baseline(self.judgement, self.baseline_days, dt.date.fromisoformat(run_date))

    def sensitivity(self) -> str:
        """Return in one sentence the smallest mean shift that the K-S test detects at these row counts."""
        levels = [score.threshold for score in self.columns if score.method == "ks" and score.threshold]
        if not levels:
            return "No column is tested by K-S, so the smallest shift that is detected is not known."
        rows = f"{self.rows.reference:,} against {self.rows.current:,} rows"
        shift = smallest_shift(self.rows.reference, self.rows.current, min(levels), self.min_distance)
        if shift is None:
            return f"{rows} are too few for K-S to detect any mean shift in 90% of cases."
        return f"With {rows}, K-S detects 90% of mean shifts of {number(shift)} SD in a column of numbers."

    def anomaly(self) -> str:
        """Return in one sentence how unusual the day is, or why that is not known."""
        if self.judgement is None:
            for finding in self.quality:
                if finding.kind == "past":
                    return f"{finding.message} The runner computes the anomaly score when it records the run."
            none = "No earlier days are known here, so there is no anomaly score"
            return f"{none}; the runner computes it when it records the run."
        return f"{say_judgement(self.judgement)} {say_deciding(self.judgement)}"

    def harm(self) -> str:
        """Return in a sentence whether the drift harms the model, or why that is not known; "" without a model."""
        from driftmonitor.words.model import say_model

        if self.model is None:
            return ""
        return say_model(self.record("notebook", max(day.date for day in self.model.days)))

    def performance(self) -> "pd.DataFrame | None":
        """Return a table of the model's metrics with 95% intervals, beside the reference's; None without a model."""
        from driftmonitor.words.model import performance_table

        if self.model is None:
            return None
        return pd.DataFrame(performance_table(self.model)).T.fillna("").rename_axis("metric")

    def origins(self) -> str:
        """Return where the changes come from, a sentence a line, or why that is not known."""
        from driftmonitor.words.where import say_all

        causes = self.judgement.causes if self.judgement else ()
        segments = dict.fromkeys(cause.segment for cause in causes if cause.segment)
        return say_all(self.where, self.drifts, list(segments) if self.drifts else ())

    def where_figures(self, most: int = 1) -> "Iterator[DescribedFigure]":
        """Yield for each slice, or changed mix, up to `most`, a figure of its values beside those of the other rows."""
        from driftmonitor.analysis.plots import describe_where

        yield from islice(describe_where(self.where, self._compared(), self.columns), most)

    def issues(self) -> list[str]:
        """Return what is wrong with the data itself, then what to know of Evidently's report, a sentence each."""
        failed = self.evidently_error and f"Evidently drew no report ({one_line(self.evidently_error, 200)})."
        messages = [finding.message for finding in self.quality]
        return [*messages, *say_left_out(self.columns), *self.notes, *([failed] if failed else [])]

    def sentence(self) -> str:
        """Return the verdict in one sentence of plain words."""
        return say_verdict(self.record("notebook", dt.date.min))

    def judge_by(self, judging: Judging) -> "Comparison":
        """Return the comparison, judged by earlier days; without a judgement if it left no evidence."""
        if self.evidence is None:
            return replace(self, judging=judging)
        judged = judge_evidence(self.evidence, judging.earlier, self.columns, judging.run_date, judging.current_days)
        return replace(self, judging=judging, judgement=judged[0], baseline_days=tuple(judged[1]))

    def with_checks(self, checks: Sequence[Check]) -> "Comparison":
        """Return the comparison with these checks. Those without a limit are judged with everything else."""
        found = {each.name: each for each in [*self.checks, *checks]}
        earlier, run_date = (self.judging.earlier, self.judging.run_date) if self.judging else (None, dt.date.min)
        computed = [each for each in found.values() if each.missing_since is None]
        if earlier:
            before = earlier.newest, earlier.checks, earlier.label
            computed = with_vanished(computed, self.columns, self.rows.current, *before, self.evidence, earlier.named)
        every = add_missing(computed, earlier.checks if earlier else (), run_date)
        watched = tuple(CheckEvidence(name=each.name, value=each.value, rows=each.rows) for each in every
                        if each.must is None and each.value is not None)  # fmt: skip
        if self.evidence is None or watched == self.evidence.checks:
            return replace(self, checks=every)
        changed = replace(self, checks=every, evidence=self.evidence.model_copy(update={"checks": watched}))
        return changed.judge_by(self.judging) if self.judging and self.judgement else changed

    def record(self, monitor: str, run_date: str | dt.date, seconds: float | None = None) -> RunRecord:
        """Return the run record, with all checks; `run_date` is ISO text or a date, `seconds` how long the run took."""
        checked = self.with_checks(taken())
        judgement, drifts = checked.judgement, checked.drifts
        record = RunRecord(
            monitor=monitor,
            run_date=run_date,
            status="drift" if drifts else "healthy",
            drift_share=self.drift_share,
            threshold=self.threshold,
            drifted=self.drifted,
            min_distance=self.min_distance,
            rows=self.rows,
            columns=self.columns,
            quality=(*self.quality, *find_late_edits(self.data, self.compared)),
            versions=self.versions,
            duration_seconds=seconds,
            reading=self.reading,
            evidence=checked.evidence,
            judgement=judgement,
            model=self.model,
            checks=checked.checks,
            where=self.where if drifts else (),
        )
        return date_drift(record, self.judging.earlier.drift_since if self.judging else None)

    @property
    def drifts(self) -> bool:
        """Whether the day is a drift day by the rule that decides."""
        return self.judgement.alarm if self.judgement and self.judgement.decides else self.drifted

    def _compared(self) -> Snapshot:
        if self.compared is None:
            raise DriftMonitorError("this comparison has no data; make one with compare(data, columns).")
        return self.compared

    def tested(self, name: str) -> ColumnScore:
        """Return the score of one column; DriftMonitorError if it is not watched or was not compared."""
        score = self[name]
        if score.status == "not_testable":
            raise DriftMonitorError(f"{one_line(name)} was not compared: {one_line(score.reason or '', 200)}.")
        return score
