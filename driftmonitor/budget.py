"""The false-alarm budget: today's evidence judged against that of comparable days before, and said in words.

The statistics stand in `strangeness.py`. Here evidence becomes its arrays, and its numbers a judgement.
"""

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np

from driftmonitor import strangeness
from driftmonitor.cause_words import say_cause
from driftmonitor.evidence import Cause, Evidence, Judgement, Signal, rounded
from driftmonitor.past import Past, PastDay
from driftmonitor.record import ColumnScore, RunRecord
from driftmonitor.weeks import add_weeks

MOST_CAUSES = 10


def signals_of(evidence: Evidence) -> dict[Signal, float]:
    """Return every signal of a day that has a value, by family and column or columns."""
    found: dict[Signal, float] = {}
    for column in evidence.columns:
        for family in ("day", "week", "missing"):
            if (value := getattr(column, family)) is not None:
                found[family, column.name] = value
    pairs = evidence.pairs.items() if evidence.pairs else ()
    return found | {("pair", *names): value for names, value in pairs if value is not None}


def comparable(evidence: Evidence, today: Evidence) -> dict[Signal, float]:
    """Return the signals of an earlier day whose columns had the same reference as today."""
    known = {column.name: column.reference for column in evidence.columns}
    same = {column.name for column in today.columns if known.get(column.name) == column.reference}
    return {signal: value for signal, value in signals_of(evidence).items() if same.issuperset(signal[1:])}


def judge_record(record: RunRecord, past: Past, single_days: bool = True) -> RunRecord:
    """Return the record with its week and its judgement; with rule budget that decides its status.

    Of rows that aren't of `single_days` no week is pooled: their days overlap. One without evidence stays as it is.
    """
    if record.evidence is None:
        return record
    evidence = add_weeks(record.evidence, record.columns, past.week(record.run_date) if single_days else ())
    judgement, _ = judge(evidence, past, record.columns, record.run_date)
    drifts = judgement.alarm if judgement.decides else record.drifted
    told = {"evidence": evidence, "judgement": judgement, "status": "drift" if drifts else "healthy"}
    return record.model_copy(update=told)


def judge(
    evidence: Evidence, past: Past, scores: Sequence[ColumnScore], run_date: dt.date
) -> tuple[Judgement, list[tuple[dt.date, float]]]:
    """Return how strange the day was among the comparable days of the past, and why.

    Beside it the date and strangeness of each day that it was compared with, oldest first.
    """
    today = signals_of(evidence)
    names, values = list(today), np.array(list(today.values()))
    days = [day for day in past.days if day.date < run_date and comparable(day.evidence, evidence)]
    pool, returned = _choose(days, run_date, past.false_alarms_per_year)
    chances = _chances(names, values)
    p_limit = past.false_alarms_per_year / strangeness.DAYS_A_YEAR / max(1, len(names))
    answer = strangeness.judge(
        values,
        _matrix(pool, evidence, names),
        past.false_alarms_per_year,
        _matrix(returned, evidence, names),
        chances,
        least_sd=np.array([strangeness.LEAST_SD[family] for family, *_ in names]),
    )
    words = _Words(evidence, scores)
    full = answer.mode == "pool"
    order, over = _order(answer.z, answer.limit) if full else _order(-chances, -p_limit)
    causes = [words.cause(names[i], values[i], answer.z[i] if full else None, chances[i]) for i in order]
    judgement = Judgement(
        rule=past.rule,
        false_alarms_per_year=past.false_alarms_per_year,
        alarm=answer.alarm,
        mode=answer.mode,
        strangeness=rounded(answer.strangeness),
        limit=rounded(answer.limit) if full else None,
        pool_days=len(pool),
        pool_needed=strangeness.pool_days(past.false_alarms_per_year),
        rank=int((answer.pool_strangeness >= answer.strangeness).sum()) if full else None,
        p=None if full else rounded(min(chances, default=1.0)),
        p_limit=None if full else rounded(p_limit),
        signals=len(names),
        causes=tuple(_without_echoes(causes[:over]))[:MOST_CAUSES] if answer.alarm else (),
        strongest=causes[0] if causes else None,
    )
    dates = [day.date for day in (*pool, *returned)]
    return judgement, sorted(zip(dates, map(float, answer.pool_strangeness), strict=True))


def _choose(days: Sequence[PastDay], run_date: dt.date, budget: float) -> tuple[list[PastDay], list[PastDay]]:
    """Return the days of the pool, and the alarms that nobody judged and that return to it."""
    chosen = strangeness.choose_pool(
        np.array([day.date.toordinal() for day in days], dtype=int),
        run_date.toordinal(),
        np.array([day.alarm for day in days], dtype=bool),
        np.array([day.label for day in days], dtype=str),
        budget,
    )
    pool, returned = ([days[i] for i in places] for places in chosen)
    return pool, returned


def _matrix(days: Sequence[PastDay], today: Evidence, names: Sequence[Signal]) -> np.ndarray:
    """Return the signals that today has, of each day, NaN where it has none."""
    known = [comparable(day.evidence, today) for day in days]
    return np.array([[signals.get(name, np.nan) for name in names] for signals in known]).reshape(len(days), len(names))


def _chances(names: Sequence[Signal], values: np.ndarray) -> np.ndarray:
    """Return how often chance alone makes each signal as large, of values (..., signals)."""
    pairs = np.array([family == "pair" for family, *_ in names], dtype=bool)
    return np.where(pairs, strangeness.pair_p(values), strangeness.signal_p(values))


def _order(values: np.ndarray, limit: float) -> tuple[list[int], int]:
    """Return the places of the values there are, the largest first, and how many are at or over the limit."""
    order = [int(i) for i in np.argsort(-values) if np.isfinite(values[i])]
    return order, sum(bool(values[i] >= limit) for i in order)


def _without_echoes(causes: Sequence[Cause]) -> Iterator[Cause]:
    """Yield one cause a column, and the pairs that are stranger than what is said of either column alone."""
    named: set[str] = set()
    for cause in causes:
        if named.isdisjoint(cause.columns):
            yield cause
        if cause.signal != "pair":
            named.update(cause.columns)


class _Words:
    """What is known of the day's columns, to say a signal in words."""

    def __init__(self, evidence: Evidence, scores: Sequence[ColumnScore]) -> None:
        self.columns = {column.name: column for column in evidence.columns}
        self.scores = {score.name: score for score in scores}
        strongest = evidence.pairs.strongest if evidence.pairs else ()
        self.correlations = {pair.columns: pair for pair in strongest}

    def cause(self, signal: Signal, value: float, z: float | None, p: float) -> Cause:
        """Return one signal as a cause."""
        family, *names = signal
        column, score = self.columns[names[0]], self.scores[names[0]]
        change, distance = _CHANGES[family](column), None
        if family in ("day", "week"):
            distance = score.distance if family == "day" else column.week_distance
        told = Cause(
            signal=family,
            columns=tuple(names),
            value=float(value),
            z=rounded(z),
            p=rounded(p),
            distance=rounded(distance),
            change=change,
            words="",
        )
        words = say_cause(told, score, self.correlations.get(tuple(names)))
        return told.model_copy(update={"words": words})


_CHANGES = {
    "day": lambda column: column.change or "shape",
    "week": lambda column: column.week_change or "shape",
    "missing": lambda _: "missing",
    "pair": lambda _: "correlation",
}
