"""The false-alarm budget: a day's evidence judged by that of the days before it, and said in words.

The statistics stand in `signals.py` and `strangeness.py`. Here evidence becomes their arrays, and their numbers a
judgement.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from driftmonitor import signals, strangeness
from driftmonitor.cause_words import say_cause
from driftmonitor.evidence import Cause, ColumnEvidence, Evidence, Judgement, even_counts, rounded
from driftmonitor.layout import ColumnDays, Layout, Signal, add_up, distance, lay_out
from driftmonitor.past import Past, PastDay
from driftmonitor.record import ColumnScore, RunRecord
from driftmonitor.units import unit_factor

MOST_CAUSES = 10
MOST_TOLD = 60  # signals that are put in words, of which those of one column are one cause
LEVEL_SHARE = 0.6  # of the strongest signal: a shift so large also changes what spread, shape and ranges say

Pool = list[tuple[dt.date, float]]


def judge_record(record: RunRecord, past: Past, single_days: bool = True) -> RunRecord:
    """Return the record with its judgement; with rule budget that decides its status.

    Rows that aren't of `single_days` are not added up: their days overlap. A record without evidence stays as it is.
    """
    if record.evidence is None:
        return record
    judgement, _ = judge(record.evidence, past, record.columns, record.run_date, single_days)
    drifts = judgement.alarm if judgement.decides else record.drifted
    return record.model_copy(update={"judgement": judgement, "status": "drift" if drifts else "healthy"})


def judge(
    evidence: Evidence, past: Past, scores: Sequence[ColumnScore], run_date: dt.date, single_days: bool = True
) -> tuple[Judgement, Pool]:
    """Return how strange the day was among the comparable days of the past, and why.

    Beside it the date and strangeness of each day that it was compared with, oldest first.
    """
    before = [day for day in past.days if day.date < run_date and _comparable(day.evidence, evidence)]
    table = _Table(evidence, before, run_date, {score.name: score.kind for score in scores}, single_days)
    layout = table.layout()
    days = table.days[:-1]
    known = strangeness.Past(
        layout.values[:-1],
        days,
        np.array([day.alarm for day in before], dtype=bool),
        np.array([day.label for day in before], dtype=str),
    )
    terms = layout.terms(past.false_alarms_per_year)
    verdict = strangeness.judge_day(layout.values[-1], run_date.toordinal(), known, terms)
    chances = layout.p_values() if verdict.chances is None else verdict.chances
    compared = zip(verdict.compared, verdict.compared_strangeness, strict=True)
    pool = [(before[i].date, float(s)) for i, s in compared if np.isfinite(s) and np.isfinite(verdict.strangeness)]
    return _tell(past, verdict, chances, _Words(evidence, scores, table, layout)), sorted(pool)


def _tell(past: Past, verdict: strangeness.Verdict, chances: np.ndarray, words: "_Words") -> Judgement:
    """Return the judgement as the record keeps it."""
    full = verdict.mode == "pool"
    known = chances[np.isfinite(chances)]
    asked = max(1, len(known))
    p_limit = strangeness.chance_limit(chances, past.false_alarms_per_year)
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
        pool_needed=strangeness.pool_days(past.false_alarms_per_year),
        rank=int((verdict.compared_strangeness >= verdict.strangeness).sum()) if full else None,
        p=None if full else rounded(known.min(initial=1.0)),
        p_limit=None if full else rounded(p_limit),
        signals=asked,
        causes=tuple(_without_echoes(told[:over]))[:MOST_CAUSES] if verdict.alarm else (),
        strongest=told[0] if told else None,
    )


def _order(values: np.ndarray, limit: float) -> tuple[list[int], int]:
    """Return the places of the values there are, the largest first, and how many are at or over the limit."""
    order = [int(i) for i in np.argsort(-np.nan_to_num(values, nan=-np.inf)) if np.isfinite(values[i])]
    return order, sum(bool(values[i] >= limit) for i in order)


def _without_echoes(causes: Sequence[Cause]) -> Iterator[Cause]:
    """Yield one cause a column, and the pairs that are stranger than what is said of either column alone."""
    named: set[str] = set()
    for cause in causes:
        if named.isdisjoint(cause.columns):
            yield cause
        if cause.signal != "pair":
            named.update(cause.columns)


def _comparable(evidence: Evidence, today: Evidence) -> bool:
    """Return whether a day has a column whose reference was the same as today's."""
    known = {column.name: column.reference for column in today.columns}
    return any(known.get(column.name) == column.reference for column in evidence.columns)


@dataclass(frozen=True)
class _Table:
    """Today and the days before it as arrays: of the columns that today has, where the reference was the same."""

    today: Evidence
    before: Sequence[PastDay]
    run_date: dt.date
    kinds: Mapping[str, str | None]
    single_days: bool

    @property
    def days(self) -> np.ndarray:
        """The day numbers, today's last."""
        return np.array([*(day.date.toordinal() for day in self.before), self.run_date.toordinal()])

    @property
    def apart(self) -> np.ndarray:
        """Which days an analyst has judged."""
        return np.array([*(bool(day.label) for day in self.before), False])

    def layout(self) -> Layout:
        """Return all signals of all days."""
        every = [*self._columns_of_days(), {column.name: column for column in self.today.columns}]
        columns = [self.column(column, every) for column in self.today.columns]
        pairs = self.today.pairs
        names = [pair for pair, _ in pairs.items()] if pairs else []
        windows = signals.WINDOWS if self.single_days else (1,)
        inside = np.array([*(day.of_reference for day in self.before), False])
        return lay_out(columns, self.days, names, self._pairs(names, every), self.apart, windows, inside)

    def _columns_of_days(self) -> list[dict[str, ColumnEvidence]]:
        return [{column.name: column for column in day.evidence.columns} for day in self.before]

    def column(self, today: ColumnEvidence, every: Sequence[Mapping[str, ColumnEvidence]]) -> ColumnDays:
        """Return one column over all days."""
        none = (0,) * len(today.counts)
        same = [_same(day.get(today.name), today) for day in every]
        return ColumnDays(
            today.name,
            self.kinds.get(today.name) == "categorical",
            np.array(today.reference_counts or even_counts(today.rows[0]), dtype=float),
            np.array([day.counts if day else none for day in same], dtype=float),
            _missing(today, same),
        )

    def _pairs(self, names: Sequence[tuple[str, str]], every: Sequence[Mapping[str, ColumnEvidence]]) -> np.ndarray:
        known = {column.name: column for column in self.today.columns}
        rows = []
        for day, columns in zip([*(day.evidence for day in self.before), self.today], every, strict=True):
            found = dict(day.pairs.items()) if day.pairs else {}
            same = {name for name, column in known.items() if _same(columns.get(name), column)}
            rows.append([found.get(pair) if same.issuperset(pair) else None for pair in names])
        return np.array(rows, dtype=float).reshape(len(rows), len(names))

    def moved(self, name: str, window: int) -> float:
        """Return the share of a column's rows that moved over a window that ends today."""
        today = next(column for column in self.today.columns if column.name == name)
        every = [*self._columns_of_days(), {name: today}]
        column = self.column(today, every)
        return distance(column, add_up(column.counts, self.days, window, self.apart)[-1])


def _same(day: ColumnEvidence | None, today: ColumnEvidence) -> ColumnEvidence | None:
    return day if day is not None and day.reference == today.reference else None


def _missing(today: ColumnEvidence, same: Sequence[ColumnEvidence | None]) -> tuple[np.ndarray, np.ndarray] | None:
    """Return rows without and with a value, of the reference and of each day; None where they are not known."""
    if today.missing is None:
        return None
    counted = [day.missing[2:] if day and day.missing else (0, 0) for day in same]
    days = np.array([(missing, rows - missing) for missing, rows in counted], dtype=float)
    missing, rows = today.missing[:2]
    return np.array([missing, rows - missing], dtype=float), days


class _Words:
    """What is known of the day's columns, to say a signal in words."""

    def __init__(self, evidence: Evidence, scores: Sequence[ColumnScore], table: _Table, layout: Layout) -> None:
        self.scores, self.table = {score.name: score for score in scores}, table
        self.signals, self.values = layout.signals, layout.values[-1]
        self.levels = {_place(signal): i for i, signal in enumerate(self.signals) if signal.kind == "level"}
        strongest = evidence.pairs.strongest if evidence.pairs else ()
        self.correlations = {pair.columns: pair for pair in strongest}

    def cause(self, place: int, z: float | None, p: float) -> Cause:
        """Return one signal as a cause."""
        signal = self.signals[place]
        shown, score = self._shown(place), self.scores[signal.columns[0]]
        told = Cause(
            signal=shown.kind,
            window=signal.window,
            columns=signal.columns,
            value=rounded(self.values[place] if shown is signal else self.values[self.levels[_place(signal)]]),
            z=rounded(z),
            p=rounded(p),
            distance=rounded(self._distance(signal, score)),
            change=_change(shown, score),
            words="",
        )
        return told.model_copy(update={"words": say_cause(told, score, self.correlations.get(signal.columns))})

    def _shown(self, place: int) -> Signal:
        """Return the signal that names the change: the level's wherever it is nearly as strong."""
        signal, level = self.signals[place], self.levels.get(_place(self.signals[place]))
        if signal.kind == "pair" or level is None or signal.kind == "missing":
            return signal
        strong = abs(self.values[level]) >= LEVEL_SHARE * abs(self.values[place])
        return self.signals[level] if strong else signal

    def _distance(self, signal: Signal, score: ColumnScore) -> float | None:
        if signal.kind in ("missing", "pair"):
            return None
        return score.distance if signal.window == 1 else self.table.moved(score.name, signal.window)


def _place(signal: Signal) -> tuple[str, int]:
    return signal.columns[0], signal.window


def _change(signal: Signal, score: ColumnScore) -> str:
    """Return the kind of change that a signal shows."""
    if signal.kind in ("missing", "pair"):
        return {"missing": "missing", "pair": "correlation"}[signal.kind]
    if score.kind == "categorical":
        return "category"
    return "unit" if unit_factor(score.effect) else signal.kind
