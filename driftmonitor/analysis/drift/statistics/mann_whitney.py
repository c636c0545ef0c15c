"""The two-sided rank test of Mann and Whitney. Evidently's looks in one direction only."""

import numpy as np
from scipy import stats

from driftmonitor.analysis.drift.statistics import statistic


@statistic("numerical", name="mannw", label="two-sided Mann-Whitney U-rank test", replaces_evidently=True)
def mann_whitney(reference: np.ndarray, current: np.ndarray) -> tuple[float, float]:
    """Return (U, p-value): a shift up and a shift down count alike (Mann and Whitney 1947)."""
    result = stats.mannwhitneyu(reference, current, alternative="two-sided")
    return float(result.statistic), float(result.pvalue)
