"""One simulated scenario: a reference drawn from the population, days without drift, and shifts in the last days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

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
from driftmonitor.budget.column_signals import ColumnDays
from driftmonitor.budget.days import DailySignals, daily_signals
from driftmonitor.budget.policy import PAIR_COLUMNS

BLOCK_VALUES = 2_000_000  # drawn at a time
LAST_DAYS = 30  # whose rows are kept, so that shifts can be put into them

MEASURED = ("drifted", "counts", "missing", "tail")


@dataclass(frozen=True)
class Scenario:
    """The measured days, oldest first, and the rows of the last ones.

    columns: each column's measurements of all days. pairs: (days, pairs), the signals of pairs of numeric columns.
    numbers: (last days, rows, numeric columns). ranks: of the last days, one array for each column in pairs.
    correlations, variances: of the reference, one a pair.
    """

    population: Population
    references: Sequence[NumberReference | LevelReference]
    columns: Sequence[Measured]
    pairs: np.ndarray
    numbers: np.ndarray
    ranks: Sequence[np.ndarray]
    correlations: np.ndarray
    variances: np.ndarray
    reference_rows: int

    @cached_property
    def drifted(self) -> np.ndarray:
        """Which columns drifted by their own test: (days, columns)."""
        return np.column_stack([column.drifted for column in self.columns])

    @cached_property
    def daily_signals(self) -> DailySignals:
        """All signals of each day."""
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
                _tail(reference, column),
            )
            for i, (name, reference, column) in enumerate(zip(names, self.references, self.columns, strict=True))
        ]
        pairs = signals.pair_names(names[: len(self.ranks)]) if len(self.ranks) > 1 else []
        return daily_signals(columns, np.arange(len(self.pairs)), pairs, self.pairs)

    def shifted(self, column: int, shift_sd: float, random: np.random.Generator) -> "Scenario":
        """Return the scenario with the mean of a numeric column shifted on the last days, in standard deviations."""
        values = self.numbers[:, :, column]
        moved = self.references[column].measure(values + self.population.shift(column, shift_sd, random, values.shape))
        columns = [_with_last_days(old, moved) if i == column else old for i, old in enumerate(self.columns)]
        return replace(self, columns=columns, pairs=self._pairs_with(column, moved.ranks))

    def _pairs_with(self, column: int, ranks: np.ndarray | None) -> np.ndarray:
        """Return the signals of pairs if a column has other ranks on the last days."""
        if ranks is None or column >= len(self.ranks) or len(self.ranks) < 2:
            return self.pairs
        all_ranks = [ranks if i == column else old for i, old in enumerate(self.ranks)]
        return np.concatenate([self.pairs[:-LAST_DAYS], self.pair_signals(pair_correlations(all_ranks))])

    def pair_signals(self, correlations: np.ndarray) -> np.ndarray:
        """Return the signals of pairs, from their correlations, on several days (days, pairs)."""
        rows = self.reference_rows, self.numbers.shape[1]
        return signals.pair_signals(self.correlations, self.variances, correlations, *rows)


def _tail(reference: NumberReference | LevelReference, column: Measured) -> tuple[np.ndarray, np.ndarray] | None:
    if isinstance(reference, LevelReference):
        return None
    return np.array([reference.counts.sum(), *reference.tails.measure_reference()], dtype=float), column.tail


def _with_last_days(column: Measured, last: Measured) -> Measured:
    """Return a column's days with others in place of the last ones."""
    return replace(
        column, **{name: np.concatenate([getattr(column, name)[:-LAST_DAYS], getattr(last, name)]) for name in MEASURED}
    )


def make_scenario(
    population: Population, random: np.random.Generator, rows: tuple[int, int], days: int, limits: Limits
) -> Scenario:
    """Return a scenario of `days` days without drift; `rows` are those of the reference and of a day."""
    numbers, levels = population.draw_reference(random, rows[0])
    number_references = _number_references(numbers, limits)
    level_references = _level_references(levels, population, limits)
    references: list[NumberReference | LevelReference] = [*number_references, *level_references]
    paired = min(len(number_references), PAIR_COLUMNS)
    paired = paired if paired > 1 else 0
    ranks = _ranks([reference.measure(numbers[None, :, i]) for i, reference in enumerate(number_references[:paired])])
    correlations, variances = (pair_correlations(ranks)[0], _variances(ranks)) if paired else (np.empty(0),) * 2
    scenario = Scenario(
        population, references, (), np.empty((0, 0)), np.empty((0, 0, 0)), (), correlations, variances, rows[0]
    )
    blocks = _blocks(days, max(1, BLOCK_VALUES // (rows[1] * max(1, len(references)))))
    return _measure(scenario, random, rows[1], blocks, paired)


def _blocks(days: int, most: int) -> list[int]:
    """Return how many days are measured at a time; the last block is that of the last days."""
    before = days - LAST_DAYS
    return [*([most] * (before // most)), *([before % most] if before % most else []), LAST_DAYS]


def _measure(
    scenario: Scenario, random: np.random.Generator, rows: int, blocks: Sequence[int], paired: int
) -> Scenario:
    measured: list[list[Measured]] = []
    pairs = []
    for days in blocks:
        numbers, levels = scenario.population.draw_days(random, days, rows)
        values = [numbers[:, :, i] for i in range(numbers.shape[2])] + [levels[:, :, i] for i in range(levels.shape[2])]
        block = [reference.measure(column) for reference, column in zip(scenario.references, values, strict=True)]
        ranks = _ranks(block[:paired])
        scenario = replace(scenario, numbers=numbers, ranks=ranks)
        pairs.append(scenario.pair_signals(pair_correlations(ranks)) if paired else np.empty((days, 0)))
        measured.append([replace(column, ranks=None) for column in block])
    columns = [_joined(blocks_of_column) for blocks_of_column in zip(*measured, strict=True)]
    return replace(scenario, columns=columns, pairs=np.concatenate(pairs))


def _joined(blocks: Sequence[Measured]) -> Measured:
    return Measured(**{name: np.concatenate([getattr(block, name) for block in blocks]) for name in MEASURED})


def _number_references(numbers: np.ndarray, limits: Limits) -> list[NumberReference]:
    usable = [column[~np.isnan(column)] for column in numbers.T]
    return [NumberReference(np.sort(column), len(numbers) - len(column), limits) for column in usable]


def _level_references(levels: np.ndarray, population: Population, limits: Limits) -> list[LevelReference]:
    counts = population.levels.max(axis=0, initial=-1) + 2  # the last is of all other levels, of which there are none
    return [
        LevelReference(np.bincount(codes[codes >= 0], minlength=count), int((codes < 0).sum()), limits)
        for codes, count in zip(levels.T, counts, strict=True)
    ]


def _ranks(columns: Sequence[Measured]) -> list[np.ndarray]:
    return [column.ranks for column in columns if column.ranks is not None]


def _variances(ranks: Sequence[np.ndarray]) -> np.ndarray:
    """Return the variances of the pairs of columns, by the ranks of one day each."""
    return signals.pair_variances(np.column_stack([column[0] for column in ranks]).astype(float))
