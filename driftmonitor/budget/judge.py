"""The false-alarm budget: a day's evidence judged by that of the days before it, and said in words.

The statistics stand in `signals.py` and `anomaly.py`. Here evidence becomes their arrays, and their numbers a
judgement.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from driftmonitor.budget import anomaly
from driftmonitor.budget.causes import CauseFinder, without_echoes
from driftmonitor.budget.evidence_table import EvidenceTable
from driftmonitor.budget.policy import baseline_days
from driftmonitor.facts.base import rounded
from driftmonitor.facts.earlier_days import EarlierDays
from driftmonitor.facts.evidence import Evidence
from driftmonitor.facts.judgement import Judgement
from driftmonitor.facts.record import ColumnScore, RunRecord

MOST_CAUSES = 10
MOST_TOLD = 60  # signals that are put in words, of which those of one column are one cause
Pool = list[tuple[dt.date, float]]


def judge_record(record: RunRecord, past: EarlierDays, single_days: bool = True) -> RunRecord:
    """Return the record with its judgement; with rule budget that decides its status.

    Rows that aren't of `single_days` are not added up: their days overlap. A record without evidence stays as it is.
    """
    if record.evidence is None:
        return record
    judgement, _ = judge_evidence(record.evidence, past, record.columns, record.run_date, single_days)
    drifts = judgement.alarm if judgement.decides else record.drifted
    return record.model_copy(update={"judgement": judgement, "status": "drift" if drifts else "healthy"})


def judge_evidence(
    evidence: Evidence, past: EarlierDays, scores: Sequence[ColumnScore], run_date: dt.date, single_days: bool = True
) -> tuple[Judgement, Pool]:
    """Return how strange the day was among the comparable days of the past, and why.

    Beside it the date and strangeness of each day that it was compared with, oldest first.
    """
    before = [day for day in past.days if day.date < run_date and _comparable(day.evidence, evidence)]
    table = EvidenceTable(evidence, before, run_date, {score.name: score.kind for score in scores}, single_days)
    daily = table.daily_signals()
    days = table.days[:-1]
    known = anomaly.Candidates(
        daily.values[:-1],
        days,
        np.array([day.alarm for day in before], dtype=bool),
        np.array([day.label for day in before], dtype=str),
    )
    terms = daily.terms(past.false_alarms_per_year)
    verdict = anomaly.judge_day(daily.values[-1], run_date.toordinal(), known, terms)
    chances = daily.p_values() if verdict.chances is None else verdict.chances
    compared = zip(verdict.compared, verdict.compared_strangeness, strict=True)
    pool = [(before[i].date, float(s)) for i, s in compared if np.isfinite(s) and np.isfinite(verdict.strangeness)]
    return _tell(past, verdict, chances, CauseFinder(evidence, scores, table, daily)), sorted(pool)


def _tell(past: EarlierDays, verdict: anomaly.Verdict, chances: np.ndarray, words: "CauseFinder") -> Judgement:
    """Return the judgement as the record keeps it."""
    full = verdict.mode == "pool"
    known = chances[np.isfinite(chances)]
    asked = max(1, len(known))
    p_limit = anomaly.chance_limit(chances, past.false_alarms_per_year)
    order, over = _order(verdict.z, verdict.limit) if full else _order(-chances, -p_limit)
    told = [words.cause(i, verdict.z[i], chances[i]) for i in order[:MOST_TOLD]]
    return Judgement(
        rule=past.rule,
        false_alarms_per_year=past.false_alarms_per_year,
        alarm=verdict.alarm,
        mode=verdict.mode,
        strangeness=rounded(verdict.strangeness),
        limit=rounded(verdict.limit) if full else None,
        pool_days=len(verdict.pool),
        pool_needed=baseline_days(past.false_alarms_per_year),
        rank=int((verdict.compared_strangeness >= verdict.strangeness).sum()) if full else None,
        p=None if full else rounded(known.min(initial=1.0)),
        p_limit=None if full else rounded(p_limit),
        signals=asked,
        causes=tuple(without_echoes(told[:over]))[:MOST_CAUSES] if verdict.alarm else (),
        strongest=told[0] if told else None,
    )


def _order(values: np.ndarray, limit: float) -> tuple[list[int], int]:
    """Return the places of the values there are, the largest first, and how many are at or over the limit."""
    order = [int(i) for i in np.argsort(-np.nan_to_num(values, nan=-np.inf)) if np.isfinite(values[i])]
    return order, sum(bool(values[i] >= limit) for i in order)


def _comparable(evidence: Evidence, today: Evidence) -> bool:
    """Return whether a day has a column whose reference was the same as today's."""
    known = {column.name: column.reference for column in today.columns}
    return any(known.get(column.name) == column.reference for column in evidence.columns)
