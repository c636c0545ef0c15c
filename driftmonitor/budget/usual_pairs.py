"""Find what is usual of a pair's correlation, and when enough baseline days are known to say what is usual."""

import math

import numpy as np

from driftmonitor.budget.evidence_table import EvidenceTable
from driftmonitor.facts.evidence import Evidence
from driftmonitor.formats import one_line
from driftmonitor.words.causes import Change
from driftmonitor.words.figures import Figure

FEWEST_DAYS = 3  # baseline days; with fewer, a day is compared with the reference
ENOUGH_KNOWN = 7  # baseline days with a figure, if not half of them have it: records of older versions have none


def has_enough(baseline: np.ndarray) -> bool:
    """Return whether there are enough baseline days to say what is usual."""
    return len(baseline) >= FEWEST_DAYS


def is_known(figures: np.ndarray) -> bool:
    """Return whether the figure of enough baseline days is known, or too few of them exist at all."""
    return not has_enough(figures) or np.isfinite(figures).sum() >= min(ENOUGH_KNOWN, len(figures) / 2)


def pair_change(table: EvidenceTable, number: int, rose: bool | None, baseline: np.ndarray) -> Change:
    """Return the change of a correlation, from the signals and their standard errors where these are known.

    A day's signal depends on its number of rows; its shift, the difference from the reference's correlation, does not.
    """
    names = table.signals.signals[number].columns
    errors = _errors(table, names)
    shifts = table.signals.values[:, number] * errors / errors[-1]  # in today's standard errors
    if not np.isfinite(shifts[-1]) or not is_known(shifts[baseline]):
        return Change(of_reference=not has_enough(baseline))
    usual = float(np.nanmedian(shifts[baseline])) if has_enough(baseline) else None
    if rose != bool(shifts[-1] > (usual or 0.0)):
        return Change(of_reference=usual is None)
    return Change(rose, _correlation(table, names, usual), of_reference=usual is None)


def _correlation(table: EvidenceTable, names: tuple[str, ...], shift: float | None) -> Figure | None:
    """Return a pair's correlation if it is among those that are kept; `shift` is usual, None if that is not known."""
    pairs = table.today.pairs.strongest if table.today.pairs else ()
    known = next((pair for pair in pairs if pair.columns == names), None)
    if known is None or known.error is None:
        return None
    usual = None if shift is None else float(np.clip(known.reference + shift * known.error, -1, 1))
    first, second = map(one_line, names)
    return Figure(f"the correlation between {first} and {second}", known.current, usual, known.reference)


def _errors(table: EvidenceTable, names: tuple[str, ...]) -> np.ndarray:
    """Return what the standard errors of each day's signal of a pair are proportional to, NaN without its rows."""
    days = [(day.evidence, day.of_reference) for day in table.earlier]
    return np.array([_error(day, names, of_reference) for day, of_reference in [*days, (table.today, False)]])


def _error(day: Evidence, names: tuple[str, ...], of_reference: bool) -> float:
    if day.pairs is None or day.pairs.rows is None:
        return np.nan
    of_rest = day.pairs.rows[0] / sum(day.pairs.rows) if of_reference else 1.0  # it is compared with the others
    m, n = (rows * share for rows, share in zip(day.pairs.rows, _complete(day, names), strict=True))
    return float(np.sqrt(1 / m + 1 / n)) * of_rest if min(m, n) > 0 else np.nan


def _complete(day: Evidence, names: tuple[str, ...]) -> tuple[float, float]:
    """Return the share of rows with a value in both columns, of the reference and of the day: as if independent."""
    missing = [column.missing for name in names if (column := day.column(name)) and column.missing]
    shares = [(1 - known / total, 1 - now / rows) for known, total, now, rows in missing if total and rows]
    return math.prod(known for known, _ in shares), math.prod(now for _, now in shares)
