"""Judge a day by its evidence and that of earlier days, and return the judgement that the record keeps."""

import datetime as dt
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from driftmonitor.budget import anomaly
from driftmonitor.budget.causes import CauseFinder, levels_first, without_echoes
from driftmonitor.budget.evidence_table import EvidenceTable
from driftmonitor.budget.lasting import find_lasting_change
from driftmonitor.budget.policy import OLDEST, days_of_last_year, newest_that_count
from driftmonitor.budget.reference_days import earlier_days
from driftmonitor.budget.segments import KINDS as OF_SEGMENTS
from driftmonitor.budget.smallest_changes import smallest_changes
from driftmonitor.budget.special_days import NAMES, kind_of, kinds_of
from driftmonitor.facts.base import rounded
from driftmonitor.facts.earlier_days import EarlierDay, EarlierDays, ReferenceDays
from driftmonitor.facts.evidence import Evidence
from driftmonitor.facts.judgement import Judgement, Special
from driftmonitor.facts.record import ColumnScore, RunRecord

MOST_CAUSES = 10
MOST_DESCRIBED = 60  # signals, before those of one column become one cause
DayScores = list[tuple[dt.date, float]]


def judge_record(record: RunRecord, past: EarlierDays, current_days: int = 1) -> RunRecord:
    """Return the record with its judgement, which decides its status if the rule is budget.

    `current_days`: how many days the current data covers. Only single days are added up over several days; longer ones
    overlap. A record without evidence is returned unchanged.
    """
    return Judge(past, current_days).judge(record)


def judge_evidence(
    evidence: Evidence, past: EarlierDays, scores: Sequence[ColumnScore], run_date: dt.date, current_days: int = 1
) -> tuple[Judgement, DayScores]:
    """Return the judgement of a day, and the date and anomaly score of each day it was compared with, oldest first."""
    judgement, verdict, earlier = Judge(past, current_days).judge_evidence(evidence, scores, run_date)
    if not np.isfinite(verdict.score):
        return judgement, []
    compared = zip(verdict.compared, verdict.compared_scores, strict=True)
    return judgement, sorted((earlier[i].date, float(score)) for i, score in compared if np.isfinite(score))


class Judge:
    """Judges the days of one monitor in turn: each is an earlier day of the next, and nothing is computed twice.

    `past`: the rule, the days before the first one, and those of its reference. `current_days`: as in `judge_record`,
    which judges one day in the same way.
    """

    def __init__(self, past: EarlierDays, current_days: int = 1) -> None:
        self.past, self.current_days = past, current_days
        self._table: EvidenceTable | None = None  # of the day that was judged last

    def use_reference(self, days: ReferenceDays | None) -> None:
        """Compare the next days with these days of the reference, as long as there are too few others."""
        if days is not self.past.reference:
            self.past = self.past.model_copy(update={"reference": days})

    def judge(self, record: RunRecord, label: str = "") -> RunRecord:
        """Return the record with its judgement, as `judge_record` does; with its review it then is an earlier day."""
        if record.evidence is None:
            return record
        judgement, _, _ = self.judge_evidence(record.evidence, record.columns, record.run_date)
        drifted = judgement.alarm if judgement.decides else record.drifted
        status, where = ("drift", record.where) if drifted else ("healthy", ())
        judged = record.model_copy(update={"judgement": judgement, "status": status, "where": where})
        self.add(judged, label)
        return judged

    def add(self, record: RunRecord, label: str = "") -> None:
        """Make a day an earlier day of those that come after it, as it was judged."""
        if record.evidence is None:
            return
        alarm, changed = (record.judgement.alarm, record.judgement.changed) if record.judgement else (False, None)
        known = {"label": label, "changed": changed, "evidence": record.evidence}
        day = EarlierDay(date=record.run_date, alarm=alarm, **known)
        self.past = self.past.model_copy(update={"days": (*self.past.days, day)})

    def judge_evidence(
        self, evidence: Evidence, scores: Sequence[ColumnScore], run_date: dt.date
    ) -> tuple[Judgement, anomaly.Verdict, Sequence[EarlierDay]]:
        """Return the judgement and verdict of a day, and the days that the verdict's indices are of."""
        past, since = self._choose(run_date)
        earlier = earlier_days(past, evidence, run_date, self.current_days)
        kinds = {score.name: score.kind for score in scores}
        dates = [*(day.date for day in earlier), run_date]
        special = np.array(kinds_of(dates, self.past.holidays, self.current_days))
        table = EvidenceTable(evidence, earlier, run_date, kinds, self.current_days == 1, self._table, special > 0)
        self._table, daily = table, table.signals
        candidates = anomaly.Candidates(
            daily.values[:-1],
            table.days[:-1],
            np.array([day.alarm for day in earlier], dtype=bool),
            np.array([day.label for day in earlier], dtype=str),
            special[:-1],
            int(special[-1]),
        )
        terms = daily.terms(self.past.false_alarms_per_year)
        verdict = anomaly.judge_day(daily.values[-1], run_date.toordinal(), candidates, terms)
        chances = daily.p_values() if verdict.chances is None else verdict.chances
        finder = CauseFinder(scores, table, verdict)
        judgement = _make_judgement(self.past, NAMES[special[-1]], verdict, chances, finder)
        if judgement.decides:
            told: dict[str, Any] = {"smallest": smallest_changes(table.columns, daily.signals, table.windows, verdict)}
            if not judgement.alarm:
                told["changed"] = find_lasting_change(table, run_date, since)
            judgement = judgement.model_copy(update=told)
        return judgement, verdict, earlier

    def _choose(self, run_date: dt.date) -> tuple[EarlierDays, dt.date]:
        """Return the earlier days that can affect the verdict of a day, and the first that is not only of last year.

        Days that are too old for any later one are forgotten.
        """
        newest_first = [day for day in reversed(self.past.days) if day.date < run_date]
        rule = run_date, self.past.false_alarms_per_year, kind_of(self.past.holidays, self.current_days)
        left = iter(newest_first)
        newest = [*newest_that_count(left, _describe, *rule)]
        chosen = [*newest, *days_of_last_year(left, attrgetter("date"), run_date)]
        since = newest[-1].date if newest else run_date
        oldest = min(since, run_date - dt.timedelta(days=OLDEST))
        if newest_first and newest_first[-1].date < oldest:
            kept = tuple(day for day in self.past.days if day.date >= oldest)
            self.past = self.past.model_copy(update={"days": kept})
        return self.past.model_copy(update={"days": tuple(chosen[::-1])}), since


def _describe(day: EarlierDay) -> tuple[dt.date, str, bool]:
    return day.date, day.label, day.alarm


def _make_judgement(
    past: EarlierDays, kind: Special | None, verdict: anomaly.Verdict, chances: np.ndarray, finder: CauseFinder
) -> Judgement:
    full = not verdict.warm_up
    finite = chances[np.isfinite(chances)]
    of_others = [each.kind not in OF_SEGMENTS for each in finder.signals]
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
        excused=(verdict.excused and not verdict.drift) or None,
        rank=int((verdict.compared_scores >= verdict.score).sum()),
        special=kind,
        special_days=len(verdict.alike) if kind else None,
        p=None if full else rounded(finite.min(initial=1.0)),
        p_limit=None if full else rounded(p_limit),
        signals=max(1, int((np.isfinite(chances) & of_others).sum())),
        causes=tuple(without_echoes(causes[:over]))[:MOST_CAUSES] if verdict.drift else (),
        strongest=causes[0] if causes else None,
    )


def _rank(values: np.ndarray, limit: float) -> tuple[list[int], int]:
    """Return the indices of the finite values, the largest first, and how many of them reach the limit."""
    order = np.argsort(-np.nan_to_num(values, nan=-np.inf))
    order = order[np.isfinite(values[order])]
    return order.tolist(), int((values[order] >= limit).sum())
