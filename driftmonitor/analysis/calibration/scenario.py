"""One simulated scenario: a reference drawn from the population, days without drift, and shifts in the last days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from driftmonitor.analysis.calibration.measured_days import (
    LevelReference,
    Limits,
    Measured,
    NumberReference,
    pair_correlations,
)
from driftmonitor.analysis.calibration.population import Population
from driftmonitor.budget import signals
from driftmonitor.budget.days import ColumnDays, DailySignals, daily_signals
from driftmonitor.budget.policy import PAIR_COLUMNS

BLOCK_VALUES = 2_000_000  # drawn at a time
LAST_DAYS = 30  # of which the raw rows are kept, to put shifts into

MEASURED = ("drifted", "counts", "missing")


@dataclass(frozen=True)
class Scenario:
    """Measured days, oldest first, and what the last ones were measured from.

    columns: their measures over all days. pairs: (days, pairs). numbers: (last days, rows, numeric columns); ranks: the
    last days' of each numeric column that pairs are looked at.
    """

    population: Population
    references: Sequence[NumberReference | LevelReference]
    columns: Sequence[Measured]
    pairs: np.ndarray
    numbers: np.ndarray
    ranks: Sequence[np.ndarray]
    correlations: np.ndarray  # of the reference, a pair each
    reference_rows: int

    @property
    def drifted(self) -> np.ndarray:
        """Which columns the share rule calls drifted: (days, columns)."""
        return np.column_stack([column.drifted for column in self.columns])

    def daily_signals(self) -> DailySignals:
        """Return all signals of each day."""
        names, numeric = self.population.names, len(self.population.number_names)
        rows = self.numbers.shape[1]
        columns = [
            ColumnDays(
                name,
                i >= numeric,
                reference.counts,
                column.counts,
                (
                    np.array([reference.missing, self.reference_rows - reference.missing]),
                    np.column_stack([column.missing, rows - column.missing]),
                ),
            )
            for i, (name, reference, column) in enumerate(zip(names, self.references, self.columns, strict=True))
        ]
        pairs = signals.pair_names(names[: len(self.ranks)]) if len(self.ranks) > 1 else []
        return daily_signals(columns, np.arange(len(self.pairs)), pairs, self.pairs)

    def shifted(self, column: int, shift_sd: float, dice: np.random.Generator) -> "Scenario":
        """Return the scenario with a numeric column's mean shifted on the last days, in its standard deviations."""
        values = self.numbers[:, :, column]
        moved = self.references[column].measure(values + self.population.shift(column, shift_sd, dice, values.shape))
        columns = [_spliced(old, moved) if i == column else old for i, old in enumerate(self.columns)]
        return replace(self, columns=columns, pairs=self._pairs_with(column, moved.ranks))

    def _pairs_with(self, column: int, ranks: np.ndarray) -> np.ndarray:
        if column >= len(self.ranks) or len(self.ranks) < 2:
            return self.pairs
        every = [ranks if i == column else old for i, old in enumerate(self.ranks)]
        return np.concatenate([self.pairs[:-LAST_DAYS], self._pair_signals(pair_correlations(every))])

    def _pair_signals(self, correlations: np.ndarray) -> np.ndarray:
        rows = self.numbers.shape[1]
        return np.array(
            [signals.pair_signals(self.correlations, day, self.reference_rows, rows) for day in correlations]
        )


def _spliced(old: Measured, last: Measured) -> Measured:
    """Return a column's days with the last ones in place of its own."""
    return replace(
        old, **{name: np.concatenate([getattr(old, name)[:-LAST_DAYS], getattr(last, name)]) for name in MEASURED}
    )


def make_scenario(
    population: Population, dice: np.random.Generator, rows: tuple[int, int], days: int, limits: Limits
) -> Scenario:
    """Return a scenario of `days` days without drift; `rows` are those of the reference and of a day."""
    numbers, levels = population.draw(dice, rows[0])
    references = [*_number_references(numbers, limits), *_level_references(levels, population, limits)]
    paired = min(numbers.shape[1], PAIR_COLUMNS)
    paired = paired if paired > 1 else 0
    own = _rank_columns(references[:paired], numbers)
    correlations = pair_correlations(own)[0] if paired else np.empty(0)
    scenario = Scenario(population, references, (), np.empty((0, 0)), np.empty((0, 0, 0)), (), correlations, rows[0])
    blocks = _blocks(days, max(1, BLOCK_VALUES // (rows[1] * max(1, len(references)))))
    return _measure(scenario, dice, rows[1], blocks, paired)


def _blocks(days: int, most: int) -> list[int]:
    """Return how many days are measured at a time; the last block is of the last days."""
    before = days - LAST_DAYS
    return [*([most] * (before // most)), *([before % most] if before % most else []), LAST_DAYS]


def _measure(scenario: Scenario, dice: np.random.Generator, rows: int, blocks: Sequence[int], paired: int) -> Scenario:
    measured: list[list[Measured]] = []
    pairs = []
    for days in blocks:
        numbers, levels = scenario.population.draw(dice, days * rows)
        numbers, levels = numbers.reshape(days, rows, -1), levels.reshape(days, rows, -1)
        sides = [numbers[:, :, i] for i in range(numbers.shape[2])] + [levels[:, :, i] for i in range(levels.shape[2])]
        block = [reference.measure(side) for reference, side in zip(scenario.references, sides, strict=True)]
        ranks = [column.ranks for column in block[:paired]]
        scenario = replace(scenario, numbers=numbers, ranks=ranks)
        pairs.append(scenario._pair_signals(pair_correlations(ranks)) if paired else np.empty((days, 0)))
        measured.append([replace(column, ranks=None) for column in block])
    return replace(
        scenario, columns=[_joined(days) for days in zip(*measured, strict=True)], pairs=np.concatenate(pairs)
    )


def _joined(parts: Sequence[Measured]) -> Measured:
    return Measured(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in MEASURED})


def _number_references(numbers: np.ndarray, limits: Limits) -> list[NumberReference]:
    usable = [column[~np.isnan(column)] for column in numbers.T]
    return [NumberReference(np.sort(column), len(numbers) - len(column), limits) for column in usable]


def _level_references(levels: np.ndarray, population: Population, limits: Limits) -> list[LevelReference]:
    known = population.levels.max(axis=0, initial=-1) + 2  # and all others, of which there are none
    return [
        LevelReference(np.bincount(codes[codes >= 0], minlength=count), int((codes < 0).sum()), limits)
        for codes, count in zip(levels.T, known, strict=True)
    ]


def _rank_columns(references: Sequence[NumberReference], numbers: np.ndarray) -> list[np.ndarray]:
    return [reference.measure(numbers[None, :, i]).ranks for i, reference in enumerate(references)]
