"""Find what is usual of a pair's correlation, and when enough baseline days are known to say what is usual."""

import numpy as np

from driftmonitor.budget.evidence_table import EvidenceTable
from driftmonitor.facts.evidence import PairEvidence
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
    errors = _errors(table)
    shifts = table.signals.values[:, number] * errors / errors[-1]  # in today's standard errors
    if not np.isfinite(shifts[-1]) or not is_known(shifts[baseline]):
        return Change(of_reference=not has_enough(baseline))
    usual = float(np.nanmedian(shifts[baseline])) if has_enough(baseline) else None
    if rose != bool(shifts[-1] > (usual or 0.0)):
        return Change(of_reference=usual is None)
    return Change(rose, _correlation(table, table.signals.signals[number].columns, usual), of_reference=usual is None)


def _correlation(table: EvidenceTable, names: tuple[str, ...], shift: float | None) -> Figure | None:
    """Return a pair's correlation if it is among those that are kept; `shift` is usual, None if that is not known."""
    pairs = table.today.pairs.strongest if table.today.pairs else ()
    known = next((pair for pair in pairs if pair.columns == names), None)
    if known is None or known.error is None:
        return None
    usual = None if shift is None else float(np.clip(known.reference + shift * known.error, -1, 1))
    first, second = map(one_line, names)
    return Figure(f"the correlation between {first} and {second}", known.current, usual, known.reference)


def _errors(table: EvidenceTable) -> np.ndarray:
    """Return what the standard errors of each day's signals of pairs are proportional to, NaN without its rows."""
    days = [(day.evidence.pairs, day.of_reference) for day in table.earlier]
    return np.array([_error(pairs, of_reference) for pairs, of_reference in [*days, (table.today.pairs, False)]])


def _error(pairs: PairEvidence | None, of_reference: bool) -> float:
    if pairs is None or pairs.rows is None or min(pairs.rows) == 0:
        return np.nan
    m, n = pairs.rows
    share = m / (m + n) if of_reference else 1.0  # such a day is compared with the rest of the reference
    return float(np.sqrt(1 / m + 1 / n)) * share
