"""Invent the records of many days, evidence included, without comparing a row, to measure and test what judges."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from driftmonitor.budget.signals import pair_names
from driftmonitor.facts.earlier_days import EarlierDay, ReferenceDays
from driftmonitor.facts.evidence import BINS, ColumnEvidence, Evidence, PairEvidence, Tail, even_counts
from driftmonitor.facts.record import ColumnScore, Rows, RunRecord

FIRST_DAY = dt.date(2024, 1, 1)
LEVELS = np.array([0.4, 0.25, 0.15, 0.1, 0.06, 0.03, 0.008, 0.002])
QUARTILES = (-0.67, 0.0, 0.67)
MOST_PAIRED = 30  # columns


@dataclass(frozen=True)
class World:
    """A monitor with invented data: seven of ten columns are numbers, the others categories.

    rows: of a day, times the exponential of a normal deviate with the standard deviation `rows_sd`.
    """

    columns: int = 10
    rows: int = 1_000
    rows_sd: float = 0.0
    reference_rows: int = 1_000
    seed: int = 0

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kind of each column, by name."""
        return {f"column_{i:03}": "categorical" if i % 10 in (2, 5, 8) else "numerical" for i in range(self.columns)}

    def records(self, days: int, first: dt.date = FIRST_DAY) -> Iterator[RunRecord]:
        """Yield the records of so many days in a row, none of them judged."""
        for number in range(days):
            yield self.record(first + dt.timedelta(days=number))

    def record(self, day: dt.date, shift: float = 0.0, reference: str = "a", without: int = 0) -> RunRecord:
        """Return a day's record: its first column moved by `shift` SD, the last `without` columns are missing.

        `reference` is part of the fingerprint of every other column.
        """
        evidence = self._evidence(day, shift, reference, without)
        known = {"status": "stable", "method": "ks", "p_value": 0.5, "distance": 0.02, "threshold": 0.05}
        scores = [ColumnScore(name=each.name, kind=self.kinds[each.name], **known) for each in evidence.columns]
        own, rows = self.reference_rows, evidence.rows or 0
        return RunRecord(
            monitor="invented", run_date=day, status="healthy", drift_share=0.0, threshold=0.5, drifted=False,
            rows=Rows(reference=own, current=rows, reference_total=own, current_total=rows),
            columns=tuple(scores), evidence=evidence,
        )  # fmt: skip

    def reference_days(self, days: int, before: dt.date = FIRST_DAY, reference: str = "a") -> ReferenceDays:
        """Return so many days of the reference, which ends the day before `before`."""
        world = replace(self, seed=self.seed + 1)
        dates = [before - dt.timedelta(days=back) for back in range(days, 0, -1)]
        found = [
            EarlierDay(date=day, of_reference=True, evidence=world.record(day, 0, reference).evidence) for day in dates
        ]
        return ReferenceDays(days=tuple(found))

    def _evidence(self, day: dt.date, shift: float, reference: str, without: int) -> Evidence:
        dice = np.random.default_rng([self.seed, day.toordinal()])
        rows = int(self.rows * np.exp(dice.normal(0, self.rows_sd)))
        names = list(self.kinds)[: self.columns - without]
        columns = [
            self._column(name, f"{name}{reference if place % 2 else ''}", shift if place == 0 else 0.0, rows, dice)
            for place, name in enumerate(names)
        ]
        numbers = tuple(name for name in names if self.kinds[name] == "numerical")[:MOST_PAIRED]
        signals = np.round(dice.normal(size=len(pair_names(numbers))), 3).tolist()
        pairs = PairEvidence(columns=numbers, signals=tuple(signals), rows=(self.reference_rows, rows))
        return Evidence(rows=rows, columns=tuple(columns), pairs=pairs)

    def _column(
        self, name: str, reference: str, shift: float, all_rows: int, dice: np.random.Generator
    ) -> ColumnEvidence:
        missing, own = int(dice.binomial(all_rows, 0.02)), self.reference_rows
        rows = all_rows - missing
        known = {
            "name": name, "reference": reference, "rows": (own, rows), "missing": (own // 50, own, missing, all_rows),
        }  # fmt: skip
        if self.kinds[name] == "categorical":
            counts, usual = dice.multinomial(rows, LEVELS).tolist(), (LEVELS * own).astype(int).tolist()
            return ColumnEvidence(**known, counts=counts, reference_counts=usual, levels=tuple("abcdefg"))
        shares = np.array(even_counts(own)) / own
        tilted = shares * np.exp((shift + dice.normal(0, 0.02)) * np.linspace(-1.7, 1.7, BINS))
        beyond, usual_tail = dice.poisson(rows / 100, 2), (own * 0.002, own * 0.0008) * 2
        return ColumnEvidence(
            **known,
            counts=dice.multinomial(rows, tilted / tilted.sum()).tolist(),
            tail=Tail(excess=beyond * dice.uniform(0.1, 0.3, 2), rows=beyond.tolist(), same=int(dice.poisson(5))),
            reference_tail=(*usual_tail, own // 200),
            quartiles=np.sort(dice.normal(QUARTILES, 0.05) + shift).tolist(),
            reference_quartiles=QUARTILES,
        )
