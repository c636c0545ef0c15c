"""Judge a day by its evidence and that of earlier days, and return the judgement that the record keeps."""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from driftmonitor.budget import anomaly
from driftmonitor.budget.causes import CauseFinder, levels_first, without_echoes
from driftmonitor.budget.evidence_table import EvidenceTable
from driftmonitor.budget.lasting import find_lasting_change
from driftmonitor.budget.reference_days import earlier_days
from driftmonitor.facts.base import rounded
from driftmonitor.facts.earlier_days import EarlierDays
from driftmonitor.facts.evidence import Evidence
from driftmonitor.facts.judgement import Judgement
from driftmonitor.facts.record import ColumnScore, RunRecord

MOST_CAUSES = 10
MOST_DESCRIBED = 60  # signals, before those of one column become one cause
DayScores = list[tuple[dt.date, float]]


def judge_record(record: RunRecord, past: EarlierDays, current_days: int = 1) -> RunRecord:
    """Return the record with its judgement, which decides its status if the rule is budget.

    `current_days`: how many days the current data covers. Only single days are added up over several days; longer ones
    overlap. A record without evidence is returned unchanged.
    """
    if record.evidence is None:
        return record
    judgement, _ = judge_evidence(record.evidence, past, record.columns, record.run_date, current_days)
    drifted = judgement.alarm if judgement.decides else record.drifted
    return record.model_copy(update={"judgement": judgement, "status": "drift" if drifted else "healthy"})


def judge_evidence(
    evidence: Evidence, past: EarlierDays, scores: Sequence[ColumnScore], run_date: dt.date, current_days: int = 1
) -> tuple[Judgement, DayScores]:
    """Return the judgement of a day, and the date and anomaly score of each day it was compared with, oldest first."""
    earlier = earlier_days(past, evidence, run_date, current_days)
    kinds = {score.name: score.kind for score in scores}
    table = EvidenceTable(evidence, earlier, run_date, kinds, single_days=current_days == 1)
    daily = table.daily_signals()
    candidates = anomaly.Candidates(
        daily.values[:-1],
        table.days[:-1],
        np.array([day.alarm for day in earlier], dtype=bool),
        np.array([day.label for day in earlier], dtype=str),
    )
    terms = daily.terms(past.false_alarms_per_year)
    verdict = anomaly.judge_day(daily.values[-1], run_date.toordinal(), candidates, terms)
    chances = daily.p_values() if verdict.chances is None else verdict.chances
    judgement = _make_judgement(past, verdict, chances, CauseFinder(scores, table, daily, verdict))
    if judgement.decides and not judgement.alarm:
        lasting = find_lasting_change(earlier, run_date, table, daily)
        judgement = judgement.model_copy(update={"changed": lasting})
    if not np.isfinite(verdict.score):
        return judgement, []
    compared = zip(verdict.compared, verdict.compared_scores, strict=True)
    return judgement, sorted((earlier[i].date, float(score)) for i, score in compared if np.isfinite(score))


def _make_judgement(past: EarlierDays, verdict: anomaly.Verdict, chances: np.ndarray, finder: CauseFinder) -> Judgement:
    full = not verdict.warm_up
    finite = chances[np.isfinite(chances)]
    p_limit = verdict.chance_limit
    order, over = _rank(verdict.z, verdict.threshold) if full else _rank(-chances, -p_limit)
    described = order[: min(max(over, 1), MOST_DESCRIBED) if verdict.drift else 1]  # else only the strongest is named
    in_sd = verdict.z * verdict.scale
    causes = [finder.cause(i, in_sd[i], chances[i]) for i in described]
    causes[:over] = levels_first(causes[:over], verdict.z[described[:over]].tolist())
    return Judgement(
        rule=past.rule,
        false_alarms_per_year=past.false_alarms_per_year,
        alarm=verdict.drift,
        mode="pool" if full else "early",
        strangeness=rounded(verdict.score),
        limit=rounded(verdict.threshold) if full else None,
        pool_days=len(verdict.baseline_days),
        pool_needed=verdict.needed,
        raised=verdict.raised or None,
        rank=int((verdict.compared_scores >= verdict.score).sum()) if full else None,
        p=None if full else rounded(finite.min(initial=1.0)),
        p_limit=None if full else rounded(p_limit),
        signals=max(1, len(finite)),
        causes=tuple(without_echoes(causes[:over]))[:MOST_CAUSES] if verdict.drift else (),
        strongest=causes[0] if causes else None,
    )


def _rank(values: np.ndarray, limit: float) -> tuple[list[int], int]:
    """Return the indices of the finite values, the largest first, and how many of them reach the limit."""
    order = [int(i) for i in np.argsort(-np.nan_to_num(values, nan=-np.inf)) if np.isfinite(values[i])]
    return order, sum(bool(values[i] >= limit) for i in order)
