"""Compare each column's level with what the other columns suggest, by how they moved together on the baseline days.

A hot day moves all columns of a weather station, and a holiday those of a shop. What columns usually do together is
taken away, and a smaller change of one of them shows. The signal is the level's partial residual: with the inverse P of
the correlations of the levels z, it is (P z) / diag(P) (Whittaker 1990, section 5.7). The correlations are shrunk
towards none (Ledoit and Wolf 2004), by how much they differ between blocks of 28 days. A baseline day is left out of
the correlations that it is compared by. A day far from all others says little of how columns go together there, so its
residual is divided by the root of 1 + its leverage, as for a prediction interval.
"""

import numpy as np

from driftmonitor.budget.baseline import Moments, Terms

FEWEST_COLUMNS = 2
MOST_COLUMNS = 100  # the first of a table; more columns than baseline days say little of one another
LEAST_SD = 0.1  # of a residual, in standard deviations of the level: copies of a column may differ a little
MOST_LEVERAGE = 0.9
BLOCK = 28  # days; columns that wander seem to do so together by chance, which blocks show and single days don't


class Beside:
    """How the levels of columns moved together on the baseline days with these signals (days, signals)."""

    def __init__(
        self, signals: np.ndarray, weekday: np.ndarray, terms: Terms, around_0: np.ndarray | None = None
    ) -> None:
        self.known = terms.beside is not None
        if terms.beside is None:
            return
        self.levels, self.places = terms.beside
        moments = Moments(signals[:, self.levels.ravel()], weekday)
        of_levels = False if around_0 is None else around_0[self.levels.ravel()]
        self.centre, squares = moments.around(moments.weekdays_differ(), of_levels)
        # A level that is the same every day, as of an hour's number, varies by rounding alone.
        least = np.broadcast_to(terms.least_sd, signals.shape[1:])[self.levels.ravel()]
        self.sd = np.maximum(np.sqrt(squares / np.maximum(moments.total, 1)), least)
        self.days = len(signals)
        self.inverse = _inverse(self._z(signals, weekday)[:, 0])

    def fill(self, signals: np.ndarray, weekday: np.ndarray | int) -> np.ndarray:
        """Return the signals (..., signals) of days that are not in the baseline with those of this module."""
        if not self.known:
            return signals
        z = self._z(signals, weekday)
        product = _times(z, self.inverse)
        leverage = (product * z).sum(axis=-1, keepdims=True) / self.days
        return self._place(signals, product / np.diag(self.inverse) / np.sqrt(1 + leverage))

    def fill_own(self, signals: np.ndarray, weekday: np.ndarray) -> np.ndarray:
        """Return the signals of the baseline days, each of which is left out (Sherman and Morrison 1950)."""
        if not self.known:
            return signals
        z = self._z(signals, weekday)
        product = _times(z, self.inverse)
        leverage = np.minimum((product * z).sum(axis=-1, keepdims=True) / self.days, MOST_LEVERAGE)  # with the day
        diagonal = np.diag(self.inverse) + product**2 / (self.days * (1 - leverage))
        return self._place(signals, product / np.sqrt(1 - leverage) / diagonal)

    def _z(self, signals: np.ndarray, weekday: np.ndarray | int) -> np.ndarray:
        """Return the levels in standard deviations (..., windows, columns), 0 where a column has none."""
        z = (signals[..., self.levels.ravel()] - self.centre[weekday]) / self.sd
        return np.nan_to_num(z, nan=0.0).reshape(*signals.shape[:-1], *self.levels.shape)

    def _place(self, signals: np.ndarray, residuals: np.ndarray) -> np.ndarray:
        filled, known = signals.copy(), np.isfinite(signals[..., self.levels])
        filled[..., self.places] = np.where(known, residuals, np.nan)
        return filled


def _inverse(z: np.ndarray) -> np.ndarray:
    """Return the inverse of the shrunk covariances of z (days, columns)."""
    days, columns = z.shape
    covariance = _times(z.T, z) / days
    variance = np.trace(covariance) / columns or 1.0
    apart = ((covariance - variance * np.eye(columns)) ** 2).sum()
    blocks = np.array_split(z, max(2, days // BLOCK))
    of_blocks = np.stack([_times(block.T, block) * len(blocks) / days for block in blocks])
    noise = ((of_blocks - covariance) ** 2).sum() / len(blocks) / (len(blocks) - 1)
    shrink = min(noise / apart, 1.0) if apart > 0 else 1.0
    return np.linalg.inv((1 - shrink) * covariance + shrink * variance * np.eye(columns))


def _times(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the product of matrices, the same to the last bit however many rows there are."""
    return np.einsum("...j,jk->...k", left, right)
