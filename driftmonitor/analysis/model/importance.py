"""Which columns the score depends on: a model of the score is learnt, and each column shuffled (Breiman 2001).

The model that gave the scores is not known here. What a column does to the score is what matters: a column that the
model ignores may drift without harm.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from driftmonitor.analysis.model.encode import Encoder, fit_encoder, to_numbers
from driftmonitor.facts.model import Importance

MOST_ROWS = 8_000
FEWEST_ROWS = 200
TREES = 50
SHUFFLES = 3
MOST_SHUFFLED = 30_000  # rows in all, as far as 500 of each column
FEWEST_SHUFFLED = 500


def find_importance(frame: pd.DataFrame, score: pd.Series, columns: Sequence[str]) -> Importance | None:
    """Return what columns do to a score, or a predicted number; None with too few rows, or if all have the same.

    If little is explained, the score depends on something that is not in the table.
    """
    values = to_numbers(score)
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < FEWEST_ROWS or np.ptp(values[known]) == 0:
        return None
    random = np.random.default_rng(0)
    known = random.permutation(known)[:MOST_ROWS]
    ranks = pd.Series(values[known]).rank(pct=True).to_numpy()
    encoder = fit_encoder(frame.iloc[known], columns)
    table, half = encoder.encode(frame.iloc[known]).numbers, len(known) // 2
    if not table.shape[1]:
        return None
    parts, explained = _shuffle_each(encoder, table, ranks, half, random)
    total = sum(parts.values()) or 1.0
    shares = {name: float(f"{part / total:.4g}") for name, part in parts.items()}
    return Importance(parts=dict(sorted(shares.items(), key=lambda each: -each[1])), explained=explained)


def _shuffle_each(
    encoder: Encoder, table: np.ndarray, ranks: np.ndarray, half: int, random: np.random.Generator
) -> tuple[dict[str, float], float]:
    """Return what is no longer explained if a column is shuffled, on rows by which nothing was learnt."""
    from sklearn.ensemble import HistGradientBoostingRegressor  # slow to import

    model = HistGradientBoostingRegressor(max_iter=TREES, random_state=0, early_stopping=False)
    model.fit(table[:half], ranks[:half])
    rows, wanted = table[half:], ranks[half:]
    error = float(((model.predict(rows) - wanted) ** 2).mean())
    explained = float(f"{max(1 - error / wanted.var(), 0.0):.4g}")
    kept = max(MOST_SHUFFLED // (SHUFFLES * len(encoder.columns)), FEWEST_SHUFFLED)
    rows, wanted = rows[:kept], wanted[:kept]
    error = float(((model.predict(rows) - wanted) ** 2).mean())
    parts, start = {}, 0
    for column in encoder.columns:
        place, start = slice(start, start + column.width), start + column.width
        errors = []
        for _ in range(SHUFFLES):
            shuffled = rows.copy()
            shuffled[:, place] = rows[random.permutation(len(rows)), place]
            errors.append(float(((model.predict(shuffled) - wanted) ** 2).mean()))
        parts[column.name] = max(float(np.mean(errors)) - error, 0.0)
    return parts, explained
